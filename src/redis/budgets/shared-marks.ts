// What is spent of budgets over all gateways that share a Redis, for what is told of it: who adds the call that passes a mark is told
// so, and nobody else. Asked by the primary, a second behind the calls.
import { redisPlace } from '../../config/redis-url.ts';
import type { BudgetMark, BudgetUse } from '../../contracts/budget.ts';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { BackgroundDeps } from '../background.ts';
import { BackgroundScript } from '../background-script.ts';
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

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedMarks(config: RedisConfig, deps: BackgroundDeps): SharedMarks {
  const prefix = marksPrefix(redisPlace(config).prefix);
  const script = new BackgroundScript(config, deps, {
    script: { name: 'hgMarks', lua: MARKS_SCRIPT },
    failed: 'redis: marks of budgets are told late',
  });
  return {
    async add({ id, nano, refused, amountNano, softNano, endsAtMs }) {
      const lifeMs = endsAtMs === 0 ? 0 : Math.max(1, endsAtMs - deps.clock.wall()) + SETTLED_MS;
      const told = await script.run(
        [prefix + id],
        [nano, refused, amountNano, Math.ceil(softNano), Math.ceil(lifeMs)],
      );
      if (told === null) return null;
      const [spent, sum, soft, hard] = told as [string, number, number, number]; // as the script answers
      const marks: BudgetMark[] = [];
      if (soft === 1) marks.push('soft');
      if (hard === 1) marks.push('hard');
      return { marks, spentNano: Number(spent), refused: sum };
    },
    close: () => script.close(),
  };
}
