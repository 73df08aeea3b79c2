// The embedded books of limits for tests of who asks them, with what each bucket granted and got back kept beside them.
import type { Ask, Bucket, Grant, LimitAuthority, LimitRule } from '../../src/contracts/limits.ts';
import { LimitLedger } from '../../src/limits/ledger.ts';
import { paceOf } from '../../src/limits/pace.ts';

/** A rule of one bucket, of a minute and its whole limit at once. @param provider null = of the call itself. */
export function limitRule(
  name: string,
  dimension: LimitRule['dimension'],
  limit: number,
  provider: string | null,
): LimitRule {
  const counts = dimension === 'concurrent' ? { spacingMs: 0, burst: 0 } : paceOf(limit, 60_000, limit);
  const periodMs = dimension === 'concurrent' ? 0 : 60_000;
  return {
    name,
    dimension,
    per: [],
    match: { key: null, model: null, provider },
    limit,
    periodMs,
    ...counts,
  };
}

/** The embedded books, with what each bucket granted and got back kept beside them. */
export class LimitBooks implements LimitAuthority {
  readonly ledger = new LimitLedger();
  /** Granted and not given back, with what was booked beyond: used, once all is settled and leases are back. */
  readonly out = new Map<string, number>();
  /** Granted and neither given back nor committed. */
  readonly uncommitted = new Map<string, number>();
  healthy = true;
  now = 1_000;

  async ask(asks: readonly Ask[], token: string): Promise<readonly Grant[]> {
    await Promise.resolve();
    if (!this.healthy) {
      const none = {
        granted: 0,
        retryAfterMs: 0,
        remaining: 0,
        resetMs: 0,
        lifeMs: 0,
        degraded: true as const,
      };
      return asks.map(() => none);
    }
    const parts = asks.map(({ bucket, need, want }) => ({ bucket: refOf(bucket), need, want }));
    const grants = this.ledger.ask(1, parts, token, this.now);
    for (const [at, { granted }] of grants.entries()) this.#move(asks[at]!.bucket.id, granted, granted);
    return grants;
  }

  giveBack(bucket: Bucket, amount: number): void {
    this.#move(bucket.id, -amount, Math.min(0, -amount));
    this.ledger.giveBack(1, refOf(bucket), amount, this.now);
  }

  commit(bucket: Bucket, amount: number): void {
    this.#move(bucket.id, 0, -amount);
    this.ledger.commit(1, bucket.id, amount);
  }

  #move(id: string, out: number, uncommitted: number): void {
    this.out.set(id, (this.out.get(id) ?? 0) + out);
    this.uncommitted.set(id, (this.uncommitted.get(id) ?? 0) + uncommitted);
  }
}

const refOf = ({ id, rule, version = 0 }: Bucket) => ({ id, version, ...rule });
