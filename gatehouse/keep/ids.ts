// Ids that sort by the time of their making, as lists are paged by them.
import { randomBytes } from 'node:crypto';
import type { ObjectKind } from '../../src/contracts/store.ts';

const PREFIX: Readonly<Record<ObjectKind, string>> = {
  organization: 'org',
  team: 'team',
  user: 'user',
  customer: 'cust',
  project: 'proj',
  key: 'key',
  limit: 'lim',
  budget: 'bud',
  credit: 'cred',
  provider: 'prov',
  'provider-key': 'pkey',
  model: 'model',
  config: 'conf',
  admin: 'adm',
  device: 'dev',
  'edge-item': 'item',
  'edge-find': 'find',
  'edge-policy': 'epol',
  'edge-authority': 'eca',
  session: 'sess',
  token: 'tok',
  setting: 'set',
};

/** 36^9 ms reach the year 5188. */
const TIME_LETTERS = 9;

/** @param now ms since 1970 */
export function createIds(now: () => number): (kind: ObjectKind) => string {
  let last = 0;
  return (kind) => {
    // Two of one millisecond keep their order.
    last = Math.max(now(), last + 1);
    return `${PREFIX[kind]}_${last.toString(36).padStart(TIME_LETTERS, '0')}${randomBytes(6).toString('hex')}`;
  };
}
