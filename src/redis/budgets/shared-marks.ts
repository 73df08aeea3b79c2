// What is spent of budgets over all gateways that share a Redis, for what is told of it: who adds the call that passes a mark is told
// so, and nobody else. Asked by the primary, a second behind the calls.
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { BudgetMark, BudgetUse } from '../../contracts/budget.ts';
import type { RedisConfig } from '../../contracts/config.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { marksPrefix } from './marks-prefix.ts';
import { MARKS_SCRIPT } from './marks-script.ts';

/** Calls that began in a window may end so long behind it. */
const SETTLED_MS = 3_600_000;

export interface SharedMark {
  readonly marks: readonly BudgetMark[];
  readonly spentNano: number;
  readonly refused: number;
}

export interface SharedMarks {
  /** Null: it was not added, and is to be said again. Never rejects. */
  add(use: BudgetUse): Promise<SharedMark | null>;
  close(): void;
}

export interface SharedMarksDeps {
  readonly clock: Clock;
  readonly log: LogPort;
  readonly lookup?: LookupFunction | undefined;
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedMarks(config: RedisConfig, { clock, log, lookup }: SharedMarksDeps): SharedMarks {
  const prefix = marksPrefix(redisPlace(config).prefix);
  const gate = new LineGate(log, clock);
  const failed = (fault: string, reason: string): void =>
    gate.say('warn', { fault, reason }, 'redis: marks of budgets are told late');
  const client: RedisClient = createBackgroundClient(
    config,
    { name: 'hgMarks', lua: MARKS_SCRIPT },
    { ready: () => undefined, down: () => undefined, error: failed },
    lookup,
  );
  return {
    async add({ id, nano, refused, amountNano, softNano, endsAtMs }) {
      if (!client.ready) return null;
      const lifeMs = endsAtMs === 0 ? 0 : Math.max(1, endsAtMs - clock.wall()) + SETTLED_MS;
      try {
        const told = await client.run(
          'hgMarks',
          [prefix + id],
          [nano, refused, amountNano, Math.ceil(softNano), Math.ceil(lifeMs)],
        );
        const [spent, sum, soft, hard] = told as [string, number, number, number]; // as the script answers
        const marks: BudgetMark[] = [];
        if (soft === 1) marks.push('soft');
        if (hard === 1) marks.push('hard');
        return { marks, spentNano: Number(spent), refused: sum };
      } catch (error) {
        failed(faultOf(error), (error instanceof Error ? error.message : String(error)).slice(0, 200));
        return null;
      }
    },
    close() {
      client.close();
      gate.close();
    },
  };
}
