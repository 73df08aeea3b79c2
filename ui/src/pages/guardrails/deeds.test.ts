import { expect, test } from 'vitest';
import type { Group } from '../../api/stats.ts';
import { deedsOf } from './deeds.ts';

const group = (value: string | null, requests: number) =>
  ({ value, total: { requests } }) as unknown as Pick<Group, 'value' | 'total'>;

test('deeds are told by name, with what was done most first; others and nothing are left out', () => {
  expect(
    deedsOf([
      group('words:answer:block', 2),
      group('pii:request:mask', 3),
      group('a:b:request:flag', 1),
      group('pii:request:pass', 90),
      group('pii:answer:mask', 0),
      group(null, 7),
    ]),
  ).toEqual([
    { name: 'a:b', at: 'request', action: 'flag', count: 1, value: 'a:b:request:flag' },
    { name: 'pii', at: 'request', action: 'pass', count: 90, value: 'pii:request:pass' },
    { name: 'pii', at: 'request', action: 'mask', count: 3, value: 'pii:request:mask' },
    { name: 'words', at: 'answer', action: 'block', count: 2, value: 'words:answer:block' },
  ]);
});
