import { describe, expect, test } from 'vitest';
import type { ChatAnswer, Part } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { decision } from './decision.ts';

const questions = [
  { type: 'choice', name: 'craft', choices: [{ value: 'boat', description: 'floats' }, { value: true }] },
  { type: 'predicate', instructions: { is: 'it wet?' }, criteria: { true: 'wet' } },
  { type: 'score', levels: [{ label: 'bad' }, { label: 'good', description: 'fine' }] },
];
const body: JsonObject = { model: 'm', input: 'evidence', questions };
const context = { requestId: 'r', model: 'm', now: 9, includeUsage: true };

function answer(part: Partial<Part>): JsonObject {
  const parts = [{ cache: null, ...part } as Part];
  const given: ChatAnswer = {
    id: '',
    model: '',
    created: null,
    parts,
    stop: 'end',
    stopSequence: null,
    usage: null,
  };
  const remembered = decision.remember(body);
  return JSON.parse(decision.encodeAnswer(given, { ...context, remembered })) as JsonObject;
}
const called = (given: object): JsonObject['x'] | undefined =>
  answer({ kind: 'tool_call', id: 't', name: 'decide', arguments: JSON.stringify(given) })['answers'];

test('what an agent did is evidence too', () => {
  const input = [
    { role: 'user', content: [{ type: 'input_text', text: 'look' }] },
    { type: 'function_call', call_id: 'c', name: 'look', arguments: '{"at":"it"}' },
    { type: 'function_call_output', call_id: 'c', output: 'wet' },
  ];
  expect(decision.decodeRequest({ ...body, input }).turns).toMatchObject([
    { role: 'user', parts: [{ text: 'look' }] },
    { role: 'assistant', parts: [{ kind: 'tool_call', id: 'c', name: 'look', arguments: '{"at":"it"}' }] },
    { parts: [{ kind: 'tool_result', callId: 'c', content: [{ text: 'wet' }] }] },
  ]);
});

test('its questions are one function that must be called', () => {
  const request = decision.decodeRequest({ ...body, safety_identifier: 'u', odd: 1 });
  expect(request).toMatchObject({
    toolChoice: { kind: 'tool', name: 'decide' },
    user: 'u',
    dropped: ['odd'],
    turns: [{ role: 'user', parts: [{ text: 'evidence' }] }],
  });
  const [tool] = request.tools;
  expect(tool).toMatchObject({
    strict: true,
    schema: {
      required: ['q0', 'q1', 'q2'],
      additionalProperties: false,
      properties: {
        q0: {
          type: ['string', 'boolean'],
          enum: ['boat', true],
          description: expect.stringContaining('"boat": floats'),
        },
        q1: { type: 'number', description: expect.stringContaining('{"is":"it wet?"}') },
        q2: { type: 'number', description: expect.stringContaining('1 = good: fine') },
      },
    },
  });
});

describe('its answers', () => {
  test('are the arguments, in the order of the questions and within bounds', () => {
    expect(called({ q2: 7, q1: '0.5', q0: true })).toEqual([
      { type: 'choice', name: 'craft', choice: true },
      { type: 'predicate', probability: 0.5 },
      { type: 'score', score: 1 },
    ]);
  });

  test('may be words that are the same', () => {
    const said = answer({ kind: 'text', text: '{"q0":"boat","q1":-1,"q2":0}' });
    expect(said['answers']).toMatchObject([{ choice: 'boat' }, { probability: 0 }, { score: 0 }]);
  });

  test('are refusals where the model refuses', () => {
    expect(answer({ kind: 'refusal', text: 'no' })['answers']).toEqual([
      { type: 'refusal', name: 'craft' },
      { type: 'refusal' },
      { type: 'refusal' },
    ]);
  });

  test.each([
    { q0: 'raft', q1: 1, q2: 1 },
    { q0: 'boat', q2: 1 },
    { q0: 'boat', q1: 'much', q2: 1 },
  ])('are none when the model says %j', (given) => {
    expect(() => called(given)).toThrow(expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }));
  });

  test('are none when it says something else', () => {
    expect(() => answer({ kind: 'text', text: 'A boat.' })).toThrow(
      expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }),
    );
  });
});

test.each<[JsonObject, string]>([
  [{ questions }, 'input'],
  [{ questions, input: 7 }, 'input'],
  [{ questions, input: ['x'] }, 'input[0]'],
  [
    { questions, input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: 7 }] },
    'input[0].arguments',
  ],
  [{ input: 'x' }, 'questions'],
  [{ input: 'x', questions: [] }, 'questions'],
  [{ input: 'x', questions: [{ type: 'choice' }] }, 'questions[0].choices'],
  [{ input: 'x', questions: [{ type: 'choice', choices: [{ value: 'a' }] }] }, 'questions[0].choices'],
  [
    { input: 'x', questions: [{ type: 'score', levels: [{ label: 1 }, { label: 2 }] }] },
    'questions[0].levels[0].label',
  ],
])('%j is refused by name', (wrong, param) => {
  expect(() => decision.decodeRequest({ model: 'm', ...wrong })).toThrow(expect.objectContaining({ param }));
});

test('what a model made for it answers is read, and nothing else is asked in its words', () => {
  expect(decision.readAnswer({ id: 'd', model: 'm', answers: [] })).toMatchObject({ id: 'd', model: 'm' });
  for (const none of [{}, { error: { message: 'no' } }]) expect(() => decision.readAnswer(none)).toThrow();
  expect(decision.encodeRequest).toThrow();
  expect(decision.decodeAnswer).toThrow();
});
