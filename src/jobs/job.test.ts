// From a payload to a request, and from what a model said to an answer.
import { expect, test } from 'vitest';
import type { JobConfig } from '../contracts/job.ts';
import { dialectByName } from '../registry/dialects.ts';
import { compileJob } from './job.ts';

const base: JobConfig = {
  name: 'classify',
  path: '/jobs/classify',
  model: 'small',
  dialect: 'openai-chat',
  input: {
    type: 'object',
    required: ['text'],
    additionalProperties: false,
    properties: {
      text: { type: 'string', minLength: 1, pattern: '^[^<]*$' },
      labels: { type: 'array', items: { type: 'string' }, default: ['good', 'bad'] },
      top: { type: 'integer' },
    },
  },
  normalise: { text: true, defaults: true, coerce: false, dropUnknown: false },
  request: {
    messages: [
      { role: 'system', content: 'One of {{payload.labels | json}}.' },
      { role: 'user', content: '{{payload.text}}' },
    ],
    metadata: { labels: '{{payload.labels}}', first: '{{ payload.labels.0 }}', none: '{{payload.none}}' },
    temperature: 0,
  },
  from: 'json',
  schema: { type: 'object', required: ['label'], properties: { label: { enum: ['good', 'bad'] } } },
  body: { label: '{{answer.label}}', of: '{{payload.text}}', by: 'model {{model}}' },
};
const job = (change: Partial<JobConfig> = {}) =>
  compileJob({ ...base, ...change }, dialectByName(change.dialect ?? 'openai-chat'), false);
const note = () => ({ payload: {} });
const ask = (payload: unknown, change: Partial<JobConfig> = {}, kept = note()) =>
  JSON.parse(
    job(change)
      .request(Buffer.from(JSON.stringify(payload)), kept)
      .toString(),
  );
const said = (content: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm-1',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    }),
  );

test('a payload is normalised, gets its defaults and becomes the request', () => {
  expect(ask({ text: '  cafe\u0301 {{payload.labels}} ' })).toEqual({
    messages: [
      { role: 'system', content: 'One of ["good","bad"].' },
      // What a value says is never read as a template.
      { role: 'user', content: 'café {{payload.labels}}' },
    ],
    metadata: { labels: ['good', 'bad'], first: 'good', none: null },
    temperature: 0,
    model: 'small',
    stream: false,
  });
});

test.each([
  ['text', {}, "must have required property 'text'"],
  ['labels.1', { text: 'x', labels: ['a', 7] }, 'must be string'],
  ['text', { text: '<b>' }, 'must match pattern'],
  ['more', { text: 'x', more: 1 }, 'must NOT have additional properties: more'],
  ['top', { text: 'x', top: '3' }, 'must be integer'],
  ['', [], 'must be an object'],
])('a payload that does not fit is refused by its place: %s', (place, payload, message) => {
  expect(() => ask(payload)).toThrow(
    expect.objectContaining({
      code: 'GW_CLIENT_BAD_REQUEST',
      publicMessage: expect.stringContaining(message),
    }),
  );
  if (place.includes('.') || place === 'top')
    expect(() => ask(payload)).toThrow(expect.objectContaining({ param: place }));
});

test('text becomes a number and unknown members go where that is wanted', () => {
  const normalise = { ...base.normalise, coerce: true, dropUnknown: true };
  const kept = note();
  ask({ text: 'x', top: '3', more: 1 }, { normalise }, kept);
  expect(kept.payload).toMatchObject({ text: 'x', top: 3 });
  expect(kept.payload).not.toHaveProperty('more');
});

test('no JSON is told as that, and what stands on every object is no value', () => {
  expect(() => job().request(Buffer.from('{"text":'), note())).toThrow(
    expect.objectContaining({ code: 'GW_CLIENT_BAD_JSON' }),
  );
  const asked = ask(
    {},
    { input: null, request: { a: '{{payload.constructor.name}}', b: '{{payload.__proto__}}' } },
  );
  expect(asked).toMatchObject({ a: null, b: null });
});

test('what the model said becomes the answer, out of a fence too', () => {
  const kept = { payload: { text: 'hi' } };
  const answer = (content: string) => JSON.parse(job().answer(said(content), kept, { id: 'req_1' }));
  expect(answer('{"label":"good"}')).toEqual({ label: 'good', of: 'hi', by: 'model m-1' });
  expect(answer('```json\n{"label":"bad"}\n```')).toMatchObject({ label: 'bad' });
  for (const wrong of ['{"label":"ugly"}', 'good', '{}'])
    expect(() => answer(wrong)).toThrow(expect.objectContaining({ code: 'GW_JOB_ANSWER', status: 502 }));
});

test('without more to say of it an answer is what the model said', () => {
  const plain = { schema: null, body: null };
  const answer = (change: Partial<JobConfig>, content: string) =>
    JSON.parse(job(change).answer(said(content), note(), { id: 'r' }));
  expect(answer({ ...plain, from: 'text' }, 'hello')).toEqual({ text: 'hello' });
  expect(answer({ ...plain, from: 'json' }, '[1]')).toEqual([1]);
});

test.each([
  ['request', { request: { a: '{{payload.x()}}' } }],
  ['request', { request: { a: '{{process.env}}' } }],
  ['request', { request: { a: '{{payload.x | eval}}' } }],
  ['answer.body', { body: '{{secret}}' }],
  ['input.schema', { input: { type: 'strin' } }],
  ['answer.schema', { schema: { $ref: '#/nowhere' } }],
])('what cannot be compiled is told with its place: %s', (place, change) => {
  expect(() => job(change as Partial<JobConfig>)).toThrow(place);
});
