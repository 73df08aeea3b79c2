import { expect, test } from 'vitest';
import { readAsked } from './asked.ts';
import { inspectBody } from './inspect.ts';

const of = (body: object) => {
  const bytes = Buffer.from(JSON.stringify(body));
  return readAsked(bytes, inspectBody(bytes));
};

test.each([
  [
    'Chat',
    {
      ...{
        model: 'a/b',
        temperature: 0.5,
        top_p: 1,
        frequency_penalty: 0.1,
        presence_penalty: -1,
        seed: 7,
        n: 2,
      },
      ...{ stop: 'END', response_format: { type: 'json_schema', json_schema: {} }, messages: [] },
    },
    {
      ...{ temperature: 0.5, topP: 1, frequencyPenalty: 0.1, presencePenalty: -1, seed: 7, choices: 2 },
      ...{ stops: ['END'], json: true },
    },
  ],
  ['Responses', { model: 'a/b', input: 'x', text: { format: { type: 'json_object' } } }, { json: true }],
  [
    'Messages',
    { model: 'a/b', top_k: 40, stop_sequences: ['a', 'b'], messages: [], max_tokens: 1 },
    { topK: 40, stops: ['a', 'b'] },
  ],
  [
    'Gemini',
    {
      contents: [],
      generationConfig: { topP: 0.9, topK: 3, candidateCount: 2, responseMimeType: 'application/json' },
    },
    { topP: 0.9, topK: 3, choices: 2, json: true },
  ],
  [
    'Bedrock',
    { messages: [], inferenceConfig: { temperature: 0, topP: 0.5, stopSequences: ['x'] } },
    { temperature: 0, topP: 0.5, stops: ['x'] },
  ],
  ['Cohere', { model: 'a/b', messages: [], k: 5, p: 0.75 }, { topK: 5, topP: 0.75 }],
  ['what is none', { model: 'a/b', temperature: '1', stop: [1, null], n: null, text: 'hello', k: {} }, {}],
])('of %s', (_dialect, body, asked) => {
  expect(of(body)).toEqual(asked);
});
