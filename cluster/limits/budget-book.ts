// What is spent of budgets and whom they kept out, as workers tell it, and which marks were passed. Kept here where the gateway keeps
// its counters itself, over a restart too (marks.json of the data folder); else in Redis, for all gateways.
import type { LookupFunction } from 'node:net';
import { addUse, type MarkRow, newMarkRow } from '../../src/budgets/marks.ts';
import type { BudgetAlert, BudgetMark, BudgetUse } from '../../src/contracts/budget.ts';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { Clock, LogPort } from '../../src/contracts/ports.ts';
import type { SharedMarks } from '../../src/redis/budgets/shared-marks.ts';
import { Followed } from '../config/followed-redis.ts';
import { createKeptText, keptRows } from './kept-text.ts';

/** Name of the file in the data folder. */
export const MARKS_FILE = 'marks.json';
/** Rows of windows that are over go when there are so many, and at the start. */
const MAX_ROWS = 100_000;
/** Uses that wait for Redis. */
const MAX_WAITING = 20_000;
const AGAIN_MS = 1_000;

export interface BudgetBook {
  heard(uses: readonly BudgetUse[]): void;
  /** Shares with other gateways as the configuration now says; null = with none. */
  follow(redis: RedisConfig | null): void;
  /** Nobody says anything any more: writes what is left to write. */
  close(): void;
}

export interface BudgetBookDeps {
  readonly clock: Clock;
  readonly log: LogPort;
  readonly lookup?: LookupFunction | undefined;
  /** Nanodollars of a budget whose counters are kept here. */
  booked(id: string): { spent: number; held: number };
  tell(alert: BudgetAlert): void;
}

export function createBudgetBook(
  { clock, log, lookup, booked, tell }: BudgetBookDeps,
  folder: string,
): BudgetBook {
  const rows = new Map<string, MarkRow>();
  const waiting = new Map<string, BudgetUse>();
  const followed = new Followed<SharedMarks>({
    async open(redis) {
      const { createSharedMarks } = await import('../../src/redis/budgets/shared-marks.ts');
      return createSharedMarks(redis, { clock, log, lookup });
    },
    opened: () => void addShared(),
    failed: (err) => log.error({ err }, 'marks of budgets cannot be shared'),
  });
  let adding = false;
  let timer: NodeJS.Timeout | null = null;
  const kept = createKeptText(folder, MARKS_FILE, {
    text: () => JSON.stringify([...rows]),
    empty: '[]',
    failed: (err, file) =>
      log.warn({ err, file }, 'budgets: what was told of them cannot be kept over a restart'),
  });
  for (const [id, row] of keptRows(kept.read(), isRow)) if (!isOver(row, clock.wall())) rows.set(id, row);
  kept.start();

  function say(use: BudgetUse, marks: readonly BudgetMark[], spentNano: number, refused: number): void {
    const { id, budget, owner, window, amountNano, endsAtMs } = use;
    const atMs = clock.wall();
    const counted = { ...standing(id, amountNano, spentNano), refused };
    for (const mark of marks)
      tell({ id, budget, owner, window, amountNano, endsAtMs, mark, atMs, ...counted });
  }

  /** One worker may tell of a refusal before another has told what it spent: the books, which refused, have both. */
  function standing(
    id: string,
    amount: number,
    told: number,
  ): Pick<BudgetAlert, 'spentNano' | 'reservedNano'> {
    if (followed.wanted) return { spentNano: told, reservedNano: null };
    const { spent, held } = booked(id);
    const spentNano = Math.max(told, spent);
    return {
      spentNano,
      reservedNano: Math.min(Math.max(0, amount - spentNano), Math.max(0, spent + held - spentNano)),
    };
  }

  function addHere(use: BudgetUse): void {
    let row = rows.get(use.id);
    if (row === undefined) {
      if (rows.size >= MAX_ROWS) for (const [id, one] of rows) if (isOver(one, clock.wall())) rows.delete(id);
      if (rows.size >= MAX_ROWS) return;
      rows.set(use.id, (row = newMarkRow(use.endsAtMs)));
    }
    // Of what workers spent that were killed the books alone heard, by their journals.
    const marks = addUse(row, use, booked(use.id).spent);
    if (marks.length > 0) say(use, marks, row.nano, row.refused);
  }

  function wait(use: BudgetUse): void {
    const before = waiting.get(use.id);
    if (before === undefined && waiting.size >= MAX_WAITING) return;
    waiting.set(
      use.id,
      before === undefined
        ? use
        : { ...use, nano: use.nano + before.nano, refused: use.refused + before.refused },
    );
  }

  /** One after the other: what Redis does not take now waits with what comes. */
  async function addShared(): Promise<void> {
    if (adding) return;
    adding = true;
    for (const [id, use] of waiting) {
      const shared = followed.here;
      if (shared === null) break;
      waiting.delete(id);
      const told = await shared.add(use);
      if (told !== null) {
        say(use, told.marks, told.spentNano, told.refused);
        continue;
      }
      wait(use);
      timer ??= setTimeout(() => {
        timer = null;
        void addShared();
      }, AGAIN_MS).unref();
      break;
    }
    adding = false;
  }

  return {
    heard(uses) {
      if (!followed.wanted) {
        for (const use of uses) addHere(use);
        return;
      }
      for (const use of uses) wait(use);
      void addShared();
    },
    follow: (redis) => followed.follow(redis),
    close() {
      if (timer !== null) clearTimeout(timer);
      followed.close();
      kept.close();
    },
  };
}

const isOver = ({ endsAtMs }: MarkRow, wall: number): boolean => endsAtMs !== 0 && endsAtMs < wall;

function isRow(row: unknown): row is [string, MarkRow] {
  return (
    Array.isArray(row) &&
    typeof row[0] === 'string' &&
    typeof row[1] === 'object' &&
    row[1] !== null &&
    ['nano', 'refused', 'softFor', 'hardFor', 'endsAtMs'].every((field) =>
      Number.isSafeInteger((row[1] as Record<string, unknown>)[field]),
    )
  );
}
