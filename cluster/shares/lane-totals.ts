// What the lanes of a configuration may hold in the whole gateway, of which each worker gets a share.
import type { Config } from '../../src/contracts/config.ts';
import type { LaneTotals } from './shares.ts';

export function laneTotals({ providers }: Config): LaneTotals {
  return new Map(providers.map(({ name, lane }) => [name, { run: lane.concurrency, wait: lane.queue }]));
}
