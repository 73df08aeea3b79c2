// Arguments as servers really write them, in both directions, whole and streamed: what means an object becomes that object.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoded } from '../../tests/kit/told.ts';
import { parseLossless } from '../body/lossless.ts';
import type { Delta } from '../contracts/chat.ts';
import type { JsonObject } from '../contracts/json.ts';
import { anthropic } from './anthropic/dialect.ts';
import { ArgumentPieces, argumentsText } from './argument-shape.ts';
import { openaiChat } from './openai-chat/dialect.ts';
import { openaiResponses } from './openai-responses/dialect.ts';

const CONTEXT = { requestId: 'r', model: 'm', now: 1, includeUsage: false };

/** What an upstream wrote for `arguments`, as JSON -> the `input` a Messages client must see, as JSON. */
const SHAPES: [written: string, input: string][] = [
  ['{"city":"A"}', '{"city":"A"}'],
  ['{"n":1.0,"id":12345678901234567890}', '{"n":1.0,"id":12345678901234567890}'],
  ['"{\\"city\\":\\"A\\"}"', '{"city":"A"}'],
  ['"\\"{\\\\\\"city\\\\\\":\\\\\\"A\\\\\\"}\\""', '{"city":"A"}'],
  ['"null"', '{}'],
  ['null', '{}'],
  ['""', '{}'],
  ['" "', '{}'],
  ['"\\"\\""', '{}'],
  ['"[]"', '{}'],
  ['[]', '{}'],
  ['{}', '{}'],
  ['"{}"', '{}'],
  ['"[1]"', '{"_raw":"[1]"}'],
  ['"\\"Paris\\""', '{"_raw":"\\"Paris\\""}'],
  ['"5"', '{"_raw":"5"}'],
];

function messagesInput(deltas: readonly Delta[]): string {
  const encoder = anthropic.chat.createEncoder(CONTEXT);
  const text = encoded(encoder, ...deltas);
  const pieces = [...text.matchAll(/"partial_json":("(?:[^"\\]|\\.)*")/g)];
  // A call without a piece keeps the `input: {}` it began with.
  return pieces.map((piece) => JSON.parse(piece[1]!) as string).join('') || '{}';
}

function chatStream(...fns: string[]): Delta[] {
  const decoder = openaiChat.chat.createDecoder();
  const chunk = (delta: string, finish: string): string =>
    `{"id":"c","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]}`;
  return [
    ...fns.flatMap((fn) =>
      decoder.decode('', chunk(`{"tool_calls":[{"index":0,"id":"c1","function":${fn}}]}`, 'null')),
    ),
    ...decoder.decode('', chunk('{}', '"tool_calls"')),
    ...decoder.finish(),
  ];
}

describe('arguments of a chat completion for a client of Messages', () => {
  it.each(SHAPES)('%s, whole', (written, input) => {
    const answer = `{"id":"a","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"w","arguments":${written}}}]},"finish_reason":"tool_calls"}]}`;
    const decoded = openaiChat.chat.decodeAnswer(parseLossless(answer, true) as JsonObject);
    expect(anthropic.chat.encodeAnswer(decoded, CONTEXT)).toContain(`"input":${input}}`);
  });

  it.each(SHAPES)('%s, streamed', (written, input) => {
    expect(messagesInput(chatStream(`{"name":"w","arguments":${written}}`))).toBe(input);
  });

  it('that came before the name, or as an object of its own', () => {
    expect(messagesInput(chatStream('{"arguments":{"a":2.0}}', '{"name":"w"}'))).toBe('{"a":2.0}');
    expect(messagesInput(chatStream('{"name":"w"}', '{"arguments":{"a":1.0}}'))).toBe('{"a":1.0}');
    expect(messagesInput(chatStream('{"name":"w","arguments":"nu"}', '{"arguments":"ll"}'))).toBe('{}');
  });

  it('of an old function_call', () => {
    const decoder = openaiChat.chat.createDecoder();
    const data =
      '{"id":"c","choices":[{"index":0,"delta":{"function_call":{"name":"w","arguments":{"a":1.50}}},"finish_reason":"function_call"}]}';
    expect(messagesInput([...decoder.decode('', data), ...decoder.finish()])).toBe('{"a":1.50}');
  });
});

describe('input of a Messages answer for a chat client', () => {
  const SEEN: [string, string][] = [
    ['{"city":"A"}', '{"city":"A"}'],
    ['{"n":1.0}', '{"n":1.0}'],
    ['null', '{}'],
    ['"{\\"city\\":\\"A\\"}"', '{"city":"A"}'],
    ['""', '{}'],
  ];

  it.each(SEEN)('%s, whole', (written, text) => {
    const body = `{"id":"a","content":[{"type":"tool_use","id":"c","name":"w","input":${written}}],"stop_reason":"tool_use"}`;
    const decoded = anthropic.chat.decodeAnswer(parseLossless(body, true) as JsonObject);
    expect(decoded.parts[0]).toMatchObject({ arguments: text });
  });

  it.each(SEEN)('%s, told at the start of its block', (written, text) => {
    const decoder = anthropic.chat.createDecoder();
    const deltas = [
      `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"w","input":${written}}}`,
      '{"type":"content_block_stop","index":0}',
    ].flatMap((data) => decoder.decode('', data));
    expect(deltas.filter((delta) => delta.kind === 'arguments')).toEqual([
      { kind: 'arguments', index: 0, text },
    ]);
  });
});

// Clients parse them without looking: nothing at all would be no JSON.
describe('arguments of a tool without parameters', () => {
  const called = (parts: readonly { kind: string }[]): unknown[] =>
    parts.filter(({ kind }) => kind === 'tool_call' || kind === 'arguments');

  it.each(['""', 'null', '" "'])('%s, in answers', (written) => {
    const fn = `{"name":"w","arguments":${written}}`;
    const call = `{"id":"c1","type":"function","function":${fn}}`;
    const whole = `{"id":"a","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[${call}]},"finish_reason":"tool_calls"}]}`;
    const chat = openaiChat.chat.decodeAnswer(JSON.parse(whole) as JsonObject);
    expect(called(chat.parts)).toMatchObject([{ arguments: '{}' }]);
    expect(called(chatStream(fn))).toMatchObject([{ text: '{}' }]);
    const item = `{"type":"function_call","call_id":"c1","name":"w","arguments":${written}}`;
    const response = `{"object":"response","status":"completed","output":[${item}]}`;
    const responses = openaiResponses.chat.decodeAnswer(JSON.parse(response) as JsonObject);
    expect(called(responses.parts)).toMatchObject([{ arguments: '{}' }]);
  });

  it('in a history', () => {
    const call = { id: 'c', type: 'function', function: { name: 'w', arguments: '' } };
    const messages = [
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'x' },
    ];
    const chat = openaiChat.chat.decodeRequest({ model: 'm', messages });
    expect(called(chat.turns[0]!.parts)).toMatchObject([{ arguments: '{}' }]);
    const item = { type: 'function_call', call_id: 'c', name: 'w', arguments: '' };
    const input = [item, { type: 'function_call_output', call_id: 'c', output: 'x' }];
    const responses = openaiResponses.chat.decodeRequest({ model: 'm', input });
    expect(called(responses.turns[0]!.parts)).toMatchObject([{ arguments: '{}' }]);
  });
});

describe('arguments in a history', () => {
  it('may be the object itself from a chat client, and no input or a text of one from a Messages client', () => {
    const chat = openaiChat.chat.decodeRequest({
      model: 'm',
      messages: [
        { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'w', arguments: { a: 1 } } }] },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
      ],
    });
    expect(chat.turns[0]!.parts[0]).toMatchObject({ arguments: '{"a":1}' });
    for (const [input, text] of [
      [null, '{}'],
      ['{"a":1}', '{"a":1}'],
    ] as const) {
      const messages = anthropic.chat.decodeRequest({
        model: 'm',
        max_tokens: 1,
        messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'w', input }] }],
      });
      expect(messages.turns[0]!.parts[0]).toMatchObject({ arguments: text });
    }
  });
});

describe('pieces of arguments', () => {
  it('say the same however they are cut', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.array(fc.nat(8)), (text, cuts) => {
        const pieces = new ArgumentPieces();
        let said = '';
        let at = 0;
        for (const size of cuts) {
          said += pieces.take(text.slice(at, at + size));
          at += size;
        }
        said += pieces.take(text.slice(at));
        expect(said + pieces.end()).toBe(argumentsText(text));
      }),
    );
  });
});
