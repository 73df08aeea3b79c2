import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../contracts/json.ts';
import { countPromptTokens } from './prompt.ts';
import { MAX_COUNTED_CHARS } from './tally.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer();
});

/** One token a character: shows what is counted and what is not. */
const letters: Tokenizer = { count: (text) => text.length };
const openai = (request: JsonObject): number => countPromptTokens(request, 'openai-chat', letters);
const anthropic = (request: JsonObject): number => countPromptTokens(request, 'anthropic', letters);
const user = (content: JsonObject['x']): JsonObject => ({ messages: [{ role: 'user', content: content! }] });
const BASE = 3 + 3 + 'user'.length;

describe('countPromptTokens', () => {
  it("counts OpenAI's own example as OpenAI does", () => {
    // From OpenAI's cookbook "How to count tokens": 124 prompt tokens for gpt-4o.
    const system = (name: string, content: string): JsonObject => ({ role: 'system', name, content });
    const request: JsonObject = {
      messages: [
        {
          role: 'system',
          content:
            'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
        },
        system('example_user', 'New synergies will help drive top-line growth.'),
        system('example_assistant', 'Things working well together will increase revenue.'),
        system(
          'example_user',
          "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        ),
        system('example_assistant', "Let's talk later when we're less busy about how to do better."),
        {
          role: 'user',
          content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
        },
      ],
    };
    expect(countPromptTokens(request, 'openai-chat', tokenizer)).toBe(124);
  });

  it('counts text in strings and in parts alike', () => {
    expect(openai(user('hello'))).toBe(BASE + 5);
    expect(
      openai(
        user([
          { type: 'text', text: 'hel' },
          { type: 'text', text: 'lo' },
        ]),
      ),
    ).toBe(BASE + 5);
    expect(anthropic({ system: 'hello', messages: [] })).toBe(3 + 3 + 5);
    expect(
      anthropic({ system: [{ type: 'text', text: 'hello', cache_control: { type: 'ephemeral' } }] }),
    ).toBe(11);
  });

  it('takes media by a fixed estimate and never counts their bytes as text', () => {
    const data = 'A'.repeat(400_000);
    expect(openai(user([{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }]))).toBe(
      BASE + 765,
    );
    expect(openai(user([{ type: 'image_url', image_url: { url: 'x', detail: 'low' } }]))).toBe(BASE + 85);
    expect(anthropic(user([{ type: 'image', source: { type: 'base64', data } }]))).toBe(BASE + 1400);
    expect(anthropic(user([{ type: 'document', source: { type: 'base64', data } }]))).toBe(BASE + 6 * 2000);
    expect(openai(user([{ type: 'input_audio', input_audio: { data, format: 'wav' } }]))).toBe(BASE + 94);
  });

  it('counts calls of tools, their results and their definitions', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'fn', arguments: '{"a":1}' } };
    expect(openai({ messages: [{ role: 'x', content: null, tool_calls: [call] }] })).toBe(
      3 + 3 + 1 + 3 + 2 + 7,
    );
    const use = { type: 'tool_use', id: 'c1', name: 'fn', input: { a: 1 } };
    expect(anthropic({ messages: [{ role: 'x', content: [use] }] })).toBe(3 + 3 + 1 + 3 + 2 + 7);
    const result = { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'four' }] };
    expect(anthropic({ messages: [{ role: 'x', content: [result] }] })).toBe(3 + 3 + 1 + 3 + 4);
    expect(openai({ tools: [{ a: 1 }, { b: 2 }] })).toBe(3 + 9 + 2 * (4 + 7));
  });

  it('counts what it does not know as JSON and survives any shape', () => {
    expect(openai(user([{ type: 'new', x: 'y' }]))).toBe(BASE + '{"type":"new","x":"y"}'.length);
    for (const odd of [
      null,
      5,
      'text',
      [],
      {},
      [[null]],
      [{ type: 'image' }, 7, null],
    ] as JsonObject['x'][]) {
      const request: JsonObject = { system: odd!, messages: odd!, tools: odd!, functions: odd! };
      expect(openai(request)).toBeGreaterThanOrEqual(3);
      expect(anthropic(user(odd))).toBeGreaterThanOrEqual(BASE);
    }
  });

  it('extrapolates beyond a bound instead of counting on', () => {
    let seen = 0;
    const spy: Tokenizer = {
      count(text) {
        seen += text.length;
        return text.length / 4;
      },
    };
    const text = 'abcd'.repeat(MAX_COUNTED_CHARS);
    expect(countPromptTokens(user(text), 'openai-chat', spy)).toBe(6 + 'user'.length / 4 + MAX_COUNTED_CHARS);
    expect(seen).toBe(MAX_COUNTED_CHARS);
  });
});

describe('countPromptTokens of a request in the shape of Gemini', () => {
  const gemini = (request: JsonObject): number => countPromptTokens(request, 'gemini', letters);
  const said = (...parts: JsonObject[]): JsonObject => ({ contents: [{ role: 'user', parts }] });
  const PART = 2 + 3;

  it('counts text however it is written', () => {
    const expected = PART + 5;
    expect(gemini(said({ text: 'hello' }))).toBe(expected);
    expect(gemini(said({ text: 'hel' }, { text: 'lo' }))).toBe(expected);
    expect(gemini({ contents: 'hello' })).toBe(expected);
    expect(gemini({ contents: { parts: [{ text: 'hello' }] } })).toBe(expected);
    expect(gemini({ generateContentRequest: { model: 'models/m', ...said({ text: 'hello' }) } })).toBe(
      expected,
    );
    expect(gemini({ ...said({ text: 'he' }), system_instruction: { parts: [{ text: 'llo' }] } })).toBe(
      expected + 3,
    );
  });

  it('counts functions, their calls and results', () => {
    const declaration = { name: 'f' };
    const more = JSON.stringify(declaration).length;
    expect(
      gemini({ ...said({ text: 'hello' }), tools: [{ functionDeclarations: [declaration, declaration] }] }),
    ).toBe(PART + 5 + 12 + 2 * (8 + more));
    expect(gemini(said({ functionCall: { name: 'f', args: { a: 1 } } }))).toBe(
      PART + 4 + 1 + '{"a":1}'.length,
    );
    expect(gemini(said({ function_response: { name: 'f', response: { a: 1 } } }))).toBe(
      PART + 4 + '{"a":1}'.length,
    );
  });

  it('counts media by their size, not as text', () => {
    const blob = (mimeType: string, bytes: number): JsonObject => ({
      inlineData: { mimeType, data: 'A'.repeat((bytes * 4) / 3) },
    });
    expect(gemini(said(blob('image/png', 30_000)))).toBe(PART + 1032);
    expect(gemini(said(blob('audio/wav', 32_100)))).toBe(PART + 11);
    expect(gemini(said(blob('application/pdf', 120_000)))).toBe(PART + 3 * 2_000);
    expect(gemini(said({ fileData: { fileUri: 'gs://x' } }))).toBe(PART + 2_000);
  });

  it.each<JsonObject>([
    { contents: [null, 7, {}] },
    { contents: [{ parts: [null, 7, {}] }], tools: [7, null] },
    { contents: 7 },
  ])('survives %j', (request) => {
    expect(gemini(request)).toBeGreaterThan(0);
  });
});
