import { expect, test } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { unnamedPlan } from './unnamed-model.ts';

const speaking = (dialect: DialectName) => [{ dialect, path: '', auth: { kind: 'none' } }] as const;
const quirks = { streamUsage: true, legacyMaxTokens: false, keepsResponses: true };
const providers = [
  makeProvider('plain', { speaks: speaking('openai-responses') }),
  makeProvider('chat', { speaks: speaking('openai-chat'), quirks }),
  makeProvider('first', { speaks: speaking('openai-responses'), quirks }),
  makeProvider('second', { speaks: speaking('openai-responses'), quirks }),
  makeProvider('pp', { speaks: [{ ...speaking('openai-responses')[0], hosted: 'perplexity' }] }),
];

/** The provider that is asked; null = none is. */
function askedOf(
  dialect: DialectName,
  header: string | null,
  prefix: string | null,
  body: object = {},
): string | null {
  const { call } = fakeCall(dialect, { input: 'x', ...body }, []);
  const at = (name: string) => ({ name });
  const snapshot = { config: { providers }, models: { at } } as unknown as Snapshot;
  Object.assign(call, { snapshot, prefix });
  if (header !== null) call.head.headers.add('x-headgate-provider', header);
  return unnamedPlan(call)?.name ?? null;
}

test.each<[string, DialectName, string | null, string | null, string | null]>([
  ['the first that keeps responses', 'openai-responses', null, null, 'first'],
  ['the one that a header names', 'openai-responses', 'second', null, 'second'],
  ['the one that the path names', 'openai-responses', null, 'second', 'second'],
  ['a vendor’s name, which is no provider', 'openai-responses', null, 'openai', 'first'],
  ['nobody who keeps nothing', 'openai-responses', 'plain', null, null],
  ['nobody who speaks another dialect', 'openai-responses', null, 'chat', null],
  ['nobody unknown', 'openai-responses', 'nobody', null, null],
  ['nobody in another dialect', 'openai-chat', null, null, null],
])('a request without a model goes to %s', (_to, dialect, header, prefix, expected) => {
  expect(askedOf(dialect, header, prefix)).toBe(expected);
});

test('a preset in the place of a model is Perplexity’s, whatever else keeps responses', () => {
  const preset = { preset: 'pro-search' };
  const asked = (header: string | null, prefix: string | null) =>
    askedOf('openai-responses', header, prefix, preset);
  expect([asked(null, null), asked('pp', null), asked(null, 'pp')]).toEqual(['pp', 'pp', 'pp']);
  expect([asked('first', null), asked(null, 'second')]).toEqual([null, null]);
  expect(askedOf('openai-responses', 'pp', null)).toBeNull();
});
