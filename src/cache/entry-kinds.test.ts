import { expect, it } from 'vitest';
import { type EntryKind, EntryKinds } from './entry-kinds.ts';

const kind = (change: Partial<EntryKind> = {}, labels: Partial<EntryKind['labels']> = {}): EntryKind => ({
  ...{ operation: 'chat', dialect: 'openai-chat', form: 'whole', contentType: 'application/json' },
  ...{ includeUsage: false, provider: 'p', upstreamModel: 'u', answerModel: 'a', translated: false },
  ...{ dropped: [], adapted: [], stop: 'end' },
  labels: {
    ...{ key: 'k', organization: null, team: null, user: null, customer: null, project: null },
    ...{ tags: ['t'], model: 'm', ...labels },
  },
  ...change,
});

it('one that is the same is one, whatever differs makes another', () => {
  const kinds = new EntryKinds();
  const first = kinds.take(kind());
  expect(kinds.take(kind())).toBe(first);
  const others = [
    ...[kind({ operation: 'rerank' }), kind({ dialect: 'anthropic' }), kind({ form: 'events' })],
    ...[kind({ contentType: 'text/plain' }), kind({ includeUsage: true }), kind({ provider: 'q' })],
    ...[kind({ upstreamModel: 'v' }), kind({ answerModel: null }), kind({ translated: true })],
    ...[kind({ dropped: ['seed'] }), kind({ adapted: ['n'] }), kind({ stop: null })],
    ...[
      kind({}, { key: 'l' }),
      kind({}, { organization: 'o' }),
      kind({}, { team: 'o' }),
      kind({}, { user: 'o' }),
    ],
    ...[kind({}, { customer: 'o' }), kind({}, { project: 'o' }), kind({}, { tags: ['t', 's'] })],
    ...[kind({}, { tags: ['s'] }), kind({}, { model: 'n' })],
  ];
  const numbers = new Set([first, ...others.map((other) => kinds.take(other))]);
  expect(numbers.size).toBe(others.length + 1);
  for (const other of others) expect([...numbers].map((number) => kinds.of(number))).toContainEqual(other);
});

it('one goes with the last entry of it, and its number is taken again', () => {
  const kinds = new EntryKinds();
  const taken = Array.from({ length: 40 }, (_, at) => kinds.take(kind({ upstreamModel: `u${at}` })));
  const again = kinds.take(kind({ upstreamModel: 'u39' }));
  expect(again).toBe(taken[39]);
  for (const number of taken) kinds.giveBack(number);
  expect(kinds.of(again).upstreamModel).toBe('u39');
  kinds.giveBack(again);
  for (let at = 0; at < 40; at++) kinds.take(kind({ provider: `q${at}` }));
  expect(kinds.numbers).toBe(40);
});
