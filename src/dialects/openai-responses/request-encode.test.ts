import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkResponses } from '../../../tests/kit/mock-responses-check.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type { ChatRequest, Part, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { decodeRequest as decodeMessages } from '../anthropic/request-decode.ts';
import { decodeRequest as decodeChat } from '../openai-chat/request-decode.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';

const target = (more: Partial<EncodeTarget> = {}): EncodeTarget => ({
  model: 'gpt-x',
  provider: 'openai',
  maker: 'openai',
  capabilities: UNKNOWN_CAPABILITIES['openai-responses'],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
  ...more,
});
const known = (model: string) =>
  target({ model, capabilities: capabilitiesOf({ vendor: 'openai', dialect: 'openai-responses', model }) });

function encoded(request: ChatRequest, to = target()) {
  const result = encodeRequest(request, to);
  const body = JSON.parse(result.body) as JsonObject;
  expect(checkResponses(body)).toEqual([]);
  return { ...result, body };
}

const user = { role: 'user', content: 'hi' };

describe('a request for Responses', () => {
  test('of a Chat client: instructions, items, flat tools that are not strict unless they said so, and nothing kept', () => {
    const request = decodeChat({
      model: 'x',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          ],
        },
        {
          role: 'assistant',
          content: 'Calling.',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'four' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'F', parameters: { type: 'object', properties: {} } },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
      max_completion_tokens: 50,
      temperature: 0.5,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'r', schema: { type: 'object' }, strict: false },
      },
      metadata: { a: 'b' },
      verbosity: 'low',
      stream: true,
    });
    expect(encoded(request).body).toEqual({
      model: 'gpt-x',
      instructions: 'Be brief.',
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'look' },
            { type: 'input_image', image_url: 'https://example.com/a.png' },
          ],
        },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Calling.' }] },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
        { type: 'function_call_output', call_id: 'c1', output: 'four' },
      ],
      max_output_tokens: 50,
      temperature: 0.5,
      tools: [
        {
          type: 'function',
          name: 'f',
          description: 'F',
          parameters: { type: 'object', properties: {} },
          strict: false,
        },
      ],
      tool_choice: { type: 'function', name: 'f' },
      text: {
        format: { type: 'json_schema', name: 'r', schema: { type: 'object' }, strict: false },
        verbosity: 'low',
      },
      store: false,
      metadata: { a: 'b' },
      stream: true,
    });
  });

  test('of a Messages client: thinking is asked for as an effort with a summary, proofs come with the answer', () => {
    const request = decodeMessages({
      model: 'x',
      max_tokens: 9000,
      thinking: { type: 'enabled', budget_tokens: 8192 },
      messages: [user],
    });
    expect(encoded(request, known('gpt-5')).body).toMatchObject({
      reasoning: { effort: 'medium', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 9000,
    });
  });

  test('reasoning goes back with its proof and without an id; what has no proof stays out', () => {
    const parts: Part[] = [
      { kind: 'reasoning', text: 'hm', signature: 'gAA', redacted: null },
      { kind: 'reasoning', text: 'lost', signature: null, redacted: null },
      { kind: 'text', text: 'a', cache: null },
    ];
    const turns: Turn[] = [{ role: 'assistant', parts, name: null }];
    const { body, adapted } = encoded({ ...decodeRequest({ model: 'x', input: 'q' }), turns });
    expect(body['input']).toEqual([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'gAA' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] },
    ]);
    expect(adapted).toEqual(['messages[0].content[1]']);
  });

  test('tools and effort go together, as far as the model knows it', () => {
    const request = decodeChat({
      model: 'x',
      messages: [user],
      reasoning_effort: 'max',
      tools: [{ type: 'function', function: { name: 'f' } }],
      temperature: 0.3,
    });
    const { body, dropped, adapted } = encoded(request, known('gpt-5.4'));
    expect(body).toMatchObject({ reasoning: { effort: 'xhigh' }, tools: [{ name: 'f' }] });
    expect(body['temperature']).toBeUndefined();
    expect({ dropped, adapted }).toEqual({ dropped: ['temperature'], adapted: ['reasoning_effort'] });
  });

  test('custom tools of Chat stay custom at OpenAI, with their grammar, their calls and their outputs', () => {
    const grammar = { syntax: 'lark', definition: 'start: "x"' };
    const request = decodeChat({
      model: 'x',
      messages: [
        user,
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'a', type: 'custom', custom: { name: 'patch', input: 'x' } },
            { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'done' },
        { role: 'tool', tool_call_id: 'b', content: 'ok' },
      ],
      tools: [
        {
          type: 'custom',
          custom: { name: 'patch', description: 'Patches.', format: { type: 'grammar', grammar } },
        },
        { type: 'function', function: { name: 'f' } },
      ],
      tool_choice: { type: 'custom', custom: { name: 'patch' } },
    });
    const { body, tools } = encoded(request);
    expect(body).toMatchObject({
      tools: [
        {
          type: 'custom',
          name: 'patch',
          description: 'Patches.',
          format: { type: 'grammar', ...grammar },
        },
        { type: 'function', name: 'f' },
      ],
      tool_choice: { type: 'custom', name: 'patch' },
    });
    expect((body['input'] as JsonObject[]).slice(1)).toEqual([
      { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: 'x' },
      { type: 'function_call', call_id: 'b', name: 'f', arguments: '{}' },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'done' },
      { type: 'function_call_output', call_id: 'b', output: 'ok' },
    ]);
    // Calls in the answer are told as custom ones.
    expect(tools?.custom).toEqual(['patch']);
    const elsewhere = encoded(request, target({ legacyMaxTokens: true })).body;
    expect(elsewhere['tools']).toMatchObject([{ type: 'function', name: 'patch' }, { name: 'f' }]);
  });

  test('stop sequences, which Responses has not, are the gateway’s to find', () => {
    const stop = ['x', '\n'];
    const chat = decodeChat({ model: 'x', messages: [user], stop });
    const { body, tools, adapted, dropped } = encoded(chat, target({ strict: true }));
    expect(body).not.toHaveProperty('stop');
    expect([tools?.stops, adapted, dropped]).toEqual([stop, ['stop_sequences'], []]);
  });

  test('what Responses has not is dropped and named, or refused', () => {
    const chat = (more: JsonObject) => decodeChat({ model: 'x', messages: [user], ...more });
    expect(encoded(chat({ seed: 1, frequency_penalty: 1, logit_bias: { a: 1 } })).dropped).toEqual([
      'logit_bias',
      'seed',
      'frequency_penalty',
    ]);
    expect(() => encodeRequest(chat({ seed: 1 }), target({ strict: true }))).toThrow(/seed/);
    const audio = [{ type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }];
    expect(() => encodeRequest(chat({ messages: [{ role: 'user', content: audio }] }), target())).toThrow(
      /audio/,
    );
  });

  test('the beginning of a conversation is said the same in every turn', () => {
    const texts = fc.array(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.string({ minLength: 1 }), (said, system) => {
        const prefix = (count: number): string => {
          const messages = said.slice(0, count).map((content, index) => ({
            role: index % 2 === 0 ? 'user' : 'assistant',
            content,
          }));
          const request = decodeChat({
            model: 'x',
            messages: [{ role: 'system', content: system }, ...messages],
          });
          const { body } = encodeRequest(request, target());
          return body.slice(0, body.indexOf('],"store"'));
        };
        for (let count = 1; count < said.length; count++)
          expect(prefix(count + 1).startsWith(prefix(count))).toBe(true);
      }),
    );
  });

  test('there and back keeps the conversation, its ids and its order', () => {
    const input = [
      { role: 'user', content: [{ type: 'input_text', text: 'a' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'gAA' },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call', call_id: 'c2', name: 'g', arguments: '{"x":[1,2]}' },
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      {
        type: 'function_call_output',
        call_id: 'c2',
        output: [
          { type: 'input_text', text: 'p' },
          { type: 'input_text', text: 'q' },
        ],
      },
      { role: 'assistant', content: [{ type: 'output_text', text: 'done' }] },
      { role: 'user', content: 'b' },
    ];
    const first = decodeRequest({ model: 'x', instructions: 'S', input });
    const again = decodeRequest(encoded(first).body);
    expect(again.turns.flatMap(({ parts }) => parts)).toEqual(first.turns.flatMap(({ parts }) => parts));
    expect(again.system).toEqual(first.system);
  });
});
