import { expect, test } from 'vitest';
import { ApiProblem, asProblem, OFFLINE, problemOf } from './problem.ts';

test('what the API says is kept: sentence, code, field, id', () => {
  const error = { type: 'x', code: 'invalid_value', message: 'No.', param: 'name', requestId: 'req_1' };
  expect(problemOf(400, { error }, 'req_0')).toEqual({
    status: 400,
    code: 'invalid_value',
    message: 'No.',
    param: 'name',
    requestId: 'req_1',
  });
});

test('an answer of another shape still becomes a sentence with an id', () => {
  for (const body of ['<html>', null, { error: 'text' }, []])
    expect(problemOf(502, body, 'req_0')).toMatchObject({
      status: 502,
      code: 'http_502',
      message: 'The gateway could not answer.',
      requestId: 'req_0',
    });
});

test('faults of the page are told apart from those of the gateway', () => {
  expect(asProblem(new ApiProblem(OFFLINE))).toBe(OFFLINE);
  expect(asProblem(new TypeError('x')).message).toContain('This page failed');
});
