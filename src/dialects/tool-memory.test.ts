import { describe, expect, it } from 'vitest';
import { encoded } from '../../tests/kit/told.ts';
import type { EncodeTarget, ToolMemory } from '../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { ChatAnswer, Delta } from '../contracts/chat.ts';
import type { StreamEncoder } from '../contracts/dialect.ts';
import { dialectByName } from '../registry/dialects.ts';
import { restoreAnswer, restoringEncoder } from './tool-memory.ts';

const openai = dialectByName('openai-chat');
const anthropic = dialectByName('anthropic');
const TARGET: EncodeTarget = {
  model: 'm',
  provider: 'p',
  capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};
const CONTEXT = { requestId: 'r', model: 'm', now: 1, includeUsage: false };
const user = [{ role: 'user', content: 'hi' }];

function answerWith(name: string, args: string): ChatAnswer {
  return {
    id: 'a',
    model: 'm',
    created: 1,
    parts: [{ kind: 'tool_call', id: 'c', name, arguments: args, cache: null }],
    stop: 'tool_use',
    stopSequence: null,
    usage: null,
  };
}

function streamed(name: string, pieces: string[], memory: ToolMemory): Delta[] {
  const seen: Delta[] = [];
  const recorder: StreamEncoder = {
    encode(delta) {
      seen.push(delta);
    },
  };
  encoded(
    restoringEncoder(recorder, memory),
    { kind: 'open', index: 0, block: 'tool_call', id: 'c', name },
    ...pieces.map((text): Delta => ({ kind: 'arguments', index: 0, text })),
    { kind: 'close', index: 0 },
  );
  return seen;
}

describe('a custom tool sent as a function', () => {
  const tools = [
    { type: 'custom', custom: { name: 'code' } },
    { type: 'function', function: { name: 'f', parameters: { type: 'object' } } },
  ];
  const request = openai.chat.decodeRequest({ model: 'm', messages: user, tools });
  const memory = anthropic.chat.encodeRequest(request, TARGET).tools!;

  it('is remembered, the others are not', () => {
    expect(memory).toEqual({ custom: ['code'], renamed: {} });
    const plain = openai.chat.decodeRequest({ model: 'm', messages: user, tools: tools.slice(1) });
    expect(anthropic.chat.encodeRequest(plain, TARGET)).not.toHaveProperty('tools');
  });

  it('comes back as a call of a custom tool with its text', () => {
    const answer = restoreAnswer(answerWith('code', '{"input":"print(\\"h\\u00e9\\")"}'), memory);
    const body = JSON.parse(openai.chat.encodeAnswer(answer, CONTEXT));
    expect(body.choices[0].message.tool_calls).toEqual([
      { id: 'c', type: 'custom', custom: { name: 'code', input: 'print("hé")' } },
    ]);
  });

  it.each(['{"inp', '{"other":1}', 'print()'])(
    'keeps the words %s of a model that ignored the schema',
    (text) => {
      expect(restoreAnswer(answerWith('code', text), memory).parts[0]).toMatchObject({ arguments: text });
    },
  );

  it('streams its text whole, split wherever its JSON was', () => {
    const deltas = streamed('code', ['{"in', 'put":"\\u00', 'e9"', '}'], memory);
    expect(deltas).toEqual([
      { kind: 'open', index: 0, block: 'tool_call', id: 'c', name: 'code', custom: true },
      { kind: 'arguments', index: 0, text: 'é' },
      { kind: 'close', index: 0 },
    ]);
    const encoder = openai.chat.createEncoder(CONTEXT);
    const text = encoded(encoder, ...deltas);
    expect(text).toContain('{"index":0,"id":"c","type":"custom","custom":{"name":"code","input":""}}');
    expect(text).toContain('{"index":0,"custom":{"input":"é"}}');
  });

  it('leaves the pieces of other tools as they come', () => {
    expect(streamed('f', ['{"a"', ':1}'], memory).slice(1, 3)).toEqual([
      { kind: 'arguments', index: 0, text: '{"a"' },
      { kind: 'arguments', index: 0, text: ':1}' },
    ]);
  });
});

describe('a tool name longer than OpenAI takes', () => {
  const name = `mcp__server__${'x'.repeat(80)}`;
  const history = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name, input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: 'ok' }] },
  ];
  const request = anthropic.chat.decodeRequest({
    model: 'm',
    max_tokens: 5,
    messages: history,
    tools: [
      { name, input_schema: { type: 'object' } },
      { name: `${name}y`, input_schema: { type: 'object' } },
    ],
    tool_choice: { type: 'tool', name },
  });
  const encoded = openai.chat.encodeRequest(request, TARGET);
  const body = JSON.parse(encoded.body);
  const sent: string = body.tools[0].function.name;

  it('is shortened alike wherever it stands, and differs from its neighbours', () => {
    expect(sent).toMatch(/^mcp__server__x+_[0-9a-f]{8}$/);
    expect(sent).toHaveLength(64);
    expect(body.tool_choice.function.name).toBe(sent);
    expect(body.messages[1].tool_calls[0].function.name).toBe(sent);
    expect(body.tools[1].function.name).not.toBe(sent);
    expect(encoded.adapted).toContain('tools[0].name');
  });

  it('comes back whole, in an answer and in a stream', () => {
    const memory = encoded.tools!;
    expect(restoreAnswer(answerWith(sent, '{}'), memory).parts[0]).toMatchObject({ name });
    expect(streamed(sent, ['{}'], memory)[0]).toMatchObject({ name });
    expect(restoreAnswer(answerWith('constructor', '{}'), memory).parts[0]).toMatchObject({
      name: 'constructor',
    });
  });
});
