import { expect, test } from 'vitest';
import type { Call } from '../contracts/call.ts';
import { HeaderBag } from '../contracts/headers.ts';
import type { Priority } from '../contracts/holder.ts';
import { rankOf } from './overrides.ts';

function callOf(priority: Priority | null, header?: string): Call {
  const headers = new HeaderBag();
  if (header !== undefined) headers.add('x-headgate-priority', header);
  return { principal: priority === null ? null : { priority }, head: { headers } } as unknown as Call;
}

test.each<[Priority | null, string | undefined, number]>([
  ['high', undefined, 0],
  [null, undefined, 1],
  ['high', 'batch', 3],
  ['normal', 'low', 2],
  ['normal', 'high', 1],
  ['batch', 'high', 3],
  ['low', 'urgent', 2],
])('a key of class %s that asks for %s is of rank %s: its own class is the highest', (own, asked, rank) => {
  expect(rankOf(callOf(own, asked))).toBe(rank);
});
