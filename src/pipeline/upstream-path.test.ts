import { expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Target } from '../contracts/plan.ts';
import { dialectByName } from '../registry/dialects.ts';
import { upstreamPath } from './upstream-path.ts';

function pathOf(dialect: DialectName, operation: OperationName, query = '', below = '', translated = false) {
  const { target } = fakeProvider('p', dialectByName(dialect));
  const { call } = fakeCall(dialect, {}, [], {}, operation);
  (call.head as { query: string }).query = query;
  call.translated = translated;
  return upstreamPath(call as Call, { ...target, below, operation } as Target);
}

test.each<[DialectName, OperationName, string]>([
  ['openai-chat', 'chat', '/chat/completions'],
  ['anthropic', 'chat', '/v1/messages'],
  ['anthropic', 'token-count', '/v1/messages/count_tokens'],
])('%s %s goes to %s', (dialect, operation, path) => {
  expect(pathOf(dialect, operation)).toBe(path);
});

test('lies below the path of its dialect where a provider has several', () => {
  expect(pathOf('openai-chat', 'chat', '', '/v1')).toBe('/v1/chat/completions');
});

test('goes where the provider has it, if that is elsewhere', () => {
  const { target } = fakeProvider('p', dialectByName('anthropic'), {
    endpoints: { 'token-count': { path: '/count' } },
  });
  const { call } = fakeCall('anthropic', {}, [], {}, 'token-count');
  expect(upstreamPath(call, { ...target, operation: 'token-count' })).toBe('/count');
  expect(upstreamPath(call, target)).toBe('/v1/messages');
});

test.each([
  ['beta=true', true],
  ['x=1&beta=true', true],
  ['beta=true&x=1', true],
  ['beta=truely', false],
  ['alpha-beta=true', false],
  ['beta=false', false],
])('Claude Code’s mark of a beta call goes on with it: %s: %s', (query, goesOn) => {
  const path = '/v1/messages';
  expect(pathOf('anthropic', 'chat', query)).toBe(goesOn ? `${path}?beta=true` : path);
  expect(pathOf('anthropic', 'chat', query, '', true)).toBe(path);
});

test('what Google’s clients say of the form of an answer goes nowhere: it is read, and told as they ask', () => {
  const query = 'fields=candidates&%24alt=proto&prettyPrint=true&$.xgafv=2';
  expect(pathOf('gemini', 'chat', query)).not.toMatch(/fields|proto|pretty|xgafv/);
  expect(pathOf('gemini', 'embeddings', query)).not.toMatch(/fields|proto|pretty|xgafv/);
});
