// A conversation grows turn by turn. What was sent of it stays the same bytes behind translation: prompt caches and checks of
// signed thinking live on equal prefixes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import type { Json, JsonObject } from '../../src/contracts/json.ts';
import { parseLossless, stringifyJson } from '../../src/body/lossless.ts';
import { anthropic } from '../../src/dialects/anthropic/dialect.ts';
import { openaiChat } from '../../src/dialects/openai-chat/dialect.ts';
import { capabilitiesOf } from '../../src/models/lookup.ts';

const target = (vendor: string, dialect: 'anthropic' | 'openai-chat', model: string): EncodeTarget => ({
  model,
  provider: vendor,
  capabilities: capabilitiesOf({ vendor, dialect, model }),
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: vendor !== 'openai',
  strict: false,
});

const word = fc.oneof(fc.constantFrom(' ', 'a \n', ''), fc.string({ maxLength: 8 }).filter((text) => text.isWellFormed()));
const id = fc.oneof(fc.constantFrom('call_0', 'call_0_2', 'functions.w:0', 'AbCdEf123'), fc.string({ minLength: 1, maxLength: 70 }).filter((text) => text.isWellFormed()));
const args = fc.constantFrom('{}', '', 'null', '{"b":1.0,"a":12345678901234567890}', '"{\\"a\\":1}"', '{"a', '[]');
const PNG = 'iVBORw0KGgo=';
const tools = ['a', 'b'].map((name) => ({ name, schema: { type: 'object', properties: { z: {}, a: { type: 'array' } } } }));

/** One question and all that follows until the next, for each dialect. */
const exchange = fc.record({
  question: word,
  picture: fc.boolean(),
  thought: fc.constantFrom(null, '', 'SIG'),
  calls: fc.array(fc.record({ id, text: args, failed: fc.boolean() }), { maxLength: 3 }),
  answer: word,
  late: fc.boolean(),
});
type Exchange = typeof exchange extends fc.Arbitrary<infer T> ? T : never;

function chatMessages({ question, picture, thought, calls, answer, late }: Exchange): Json[] {
  const messages: Json[] = [
    {
      role: 'user',
      content: picture
        ? [{ type: 'text', text: question }, { type: 'image_url', image_url: { url: `data:image/jpg;base64,${PNG}` } }]
        : question,
    },
  ];
  const reasoning: JsonObject =
    thought === null
      ? {}
      : { reasoning_content: 'hm', ...(thought === '' ? {} : { reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: thought }] }) };
  if (calls.length > 0) {
    const tool_calls = calls.map(({ id: name, text }) => ({ id: name, type: 'function', function: { name: 'a', arguments: text } }));
    messages.push({ role: 'assistant', content: null, ...reasoning, tool_calls });
    for (const call of calls) messages.push({ role: 'tool', tool_call_id: call.id, content: 'x' });
  }
  messages.push({ role: 'assistant', content: answer });
  if (late) messages.push({ role: 'system', content: 'now' });
  return messages;
}

function claudeMessages({ question, picture, thought, calls, answer }: Exchange): Json[] {
  const content: Json[] = [{ type: 'text', text: question }];
  if (picture) content.push({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } });
  const messages: Json[] = [{ role: 'user', content }];
  if (calls.length > 0) {
    const blocks: Json[] = thought === null ? [] : [{ type: 'thinking', thinking: 'hm', signature: thought }];
    for (const call of calls) blocks.push({ type: 'tool_use', id: call.id, name: 'a', input: { b: 1, a: call.text } });
    messages.push({ role: 'assistant', content: blocks });
    messages.push({
      role: 'user',
      content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: 'x', is_error: call.failed })),
    });
  }
  messages.push({ role: 'assistant', content: [{ type: 'text', text: answer }] });
  return messages;
}

const ask: Json = { role: 'user', content: 'go on' };

function chatBody(exchanges: readonly Exchange[]): JsonObject {
  return {
    model: 'm',
    messages: [{ role: 'system', content: 's' }, ...exchanges.flatMap(chatMessages), ask],
    tools: tools.map(({ name, schema }) => ({ type: 'function', function: { name, parameters: schema } })),
  };
}

function claudeBody(exchanges: readonly Exchange[]): JsonObject {
  return {
    model: 'm',
    max_tokens: 9,
    system: 's',
    messages: [...exchanges.flatMap(claudeMessages), ask],
    tools: tools.map(({ name, schema }) => ({ name, input_schema: schema })),
  };
}

/** What a provider's cache reads, in its order: tools, system, messages; the last question is not yet history. */
function prefix(body: string): { head: string; blocks: string[] } {
  const { tools: offered, system, messages } = parseLossless(body, true) as JsonObject;
  // A string and its one text block are the same words, and so are neighbours of one role and one message.
  const blocks = (messages as JsonObject[]).flatMap(({ content, ...message }): Json[] =>
    (Array.isArray(content) ? content : [typeof content === 'string' ? { type: 'text', text: content } : null]).map(
      (block) => ({ ...message, block }),
    ),
  );
  return { head: stringifyJson([offered ?? null, system ?? null]), blocks: blocks.map(stringifyJson).slice(0, -1) };
}

const encode = {
  'anthropic to openai': (of: readonly Exchange[]) =>
    openaiChat.chat.encodeRequest(anthropic.chat.decodeRequest(claudeBody(of)), target('openai', 'openai-chat', 'gpt-4.1')),
  'anthropic to mistral': (of: readonly Exchange[]) =>
    openaiChat.chat.encodeRequest(anthropic.chat.decodeRequest(claudeBody(of)), target('mistral', 'openai-chat', 'mistral-large')),
  'anthropic to deepseek': (of: readonly Exchange[]) =>
    openaiChat.chat.encodeRequest(anthropic.chat.decodeRequest(claudeBody(of)), target('deepseek', 'openai-chat', 'deepseek-chat')),
  'openai-chat to anthropic': (of: readonly Exchange[]) =>
    anthropic.chat.encodeRequest(openaiChat.chat.decodeRequest(chatBody(of)), target('anthropic', 'anthropic', 'claude-sonnet-4-5')),
};

describe('a conversation that grows', () => {
  it.each(Object.entries(encode))('%s keeps the bytes of every earlier turn', (_, run) => {
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 8 }), (exchanges) => {
        const steps = exchanges.map((__, index) => prefix(run(exchanges.slice(0, index + 1)).body));
        for (const [index, step] of steps.entries()) {
          const before = steps[index - 1];
          if (before === undefined) continue;
          expect(step.head).toBe(before.head);
          expect(step.blocks.slice(0, before.blocks.length)).toEqual(before.blocks);
        }
      }),
    );
  });

  it.each(Object.entries(encode))('%s says the same twice', (_, run) => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 4 }), (exchanges) => {
        expect(run(exchanges).body).toBe(run(exchanges).body);
      }),
    );
  });
});
