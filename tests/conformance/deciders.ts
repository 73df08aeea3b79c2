// Those who decide limits, as the suite asks them. The one that needs a server is in tests/integration/redis.
import { LimitLedger } from '../../src/limits/ledger.ts';
import { meterPace } from '../../src/limits/meter.ts';
import { LocalLimits } from '../../src/redis/limits/local-limits.ts';
import { type ModelAsk, ScriptModel } from '../../src/redis/limits/script-model.ts';
import type { Decider, Pace } from './authority.ts';

/** The books of the embedded authority. */
export function ledger(): Decider {
  const books = new LimitLedger();
  let asked = 0;
  const ref = (id: string, { burst, spacingMs }: Pace) => ({
    id,
    dimension: 'requests' as const,
    limit: burst,
    burst,
    spacingMs,
    version: 1,
  });
  return {
    ask: (asks, now) =>
      books
        .ask(
          1,
          asks.map(({ bucket, pace, need }) => ({ bucket: ref(bucket, pace), need, want: need })),
          `t${asked++}`,
          now,
        )
        .map(({ granted, retryAfterMs }) => ({ granted, waitMs: retryAfterMs })),
    back: (bucket, pace, units, now) => books.giveBack(1, ref(bucket, pace), units, now),
  };
}

/** What Redis is to answer, in TypeScript. */
export function redisModel(): Decider {
  const model = new ScriptModel();
  let asked = 0;
  return {
    ask: (asks, now) =>
      model
        .ask(
          asks.map(
            ({ bucket, pace, need }): ModelAsk => ({
              kind: 'rate',
              key: bucket,
              need,
              want: need,
              pace: meterPace(pace),
              share: 1e9,
            }),
          ),
          `t${asked++}`,
          1,
          now * 1000,
        )
        .map(([granted, waitUs]) => ({ granted, waitMs: waitUs / 1000 })),
    back: (bucket, pace, units, now) => model.back(bucket, units, meterPace(pace), now * 1000),
  };
}

/** A gateway whose Redis is away. */
export function localPolicy(): Decider {
  const limits = new LocalLimits(1_000);
  return {
    ask(asks, now) {
      const rows = asks.map(({ bucket, pace, need }) =>
        limits.standing(bucket, meterPace(pace), need, 1, now * 1000),
      );
      const refused = rows.some(({ waitUs }) => waitUs > 0);
      return asks.map(({ bucket, pace, need }, at) => {
        if (!refused) limits.take(bucket, meterPace(pace), need, 1, true, now * 1000);
        return { granted: refused ? 0 : need, waitMs: rows[at]!.waitUs / 1000 };
      });
    },
    back: (bucket, pace, units, now) => void limits.back(bucket, meterPace(pace), units, now * 1000),
  };
}
