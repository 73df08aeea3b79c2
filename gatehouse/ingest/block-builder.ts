// Adds days up to blocks once they are over: a page at a time with rests between, so that nobody who reads or writes waits long. The
// same makes those of a log that an older version wrote, and makes anew what is no longer right.
import {
  addTo,
  type BlockSum,
  type DaySum,
  daysPage,
  putBlockSums,
  sealBlock,
  type Sums,
  unsoundBlocks,
} from '../../src/stores/log/blocks.ts';
import { ALL, DIMENSIONS, valuesKey } from '../../src/stores/log/sum-book.ts';
import { wholeBlocks } from '../../src/stores/log/sum-steps.ts';
import type { SqlDriver } from '../../src/stores/sql-driver.ts';

/** Cells of a page: a few ms. */
const PAGE = 1_000;

export interface BlockDeps {
  readonly driver: SqlDriver;
  /** Between two pages. */
  rest(): Promise<void>;
  /** Nobody waits for the others. */
  stopped(): boolean;
}

/** @param since, until ms since 1970: blocks within are made, where they are not as they should be */
export async function buildBlocks(deps: BlockDeps, since: number, until: number): Promise<void> {
  const within = wholeBlocks(since, until);
  const unsound = await deps.driver.read(() => unsoundBlocks(within.since, within.until));
  for (const [start, sums] of unsound) await build(deps, start, sums);
}

async function build(deps: BlockDeps, start: number, sums: Sums): Promise<void> {
  for (const dim of DIMENSIONS) {
    if (dim === ALL) continue;
    const made = await addedUp(deps, dim, start);
    for (let at = 0; at < made.length; at += PAGE) {
      if (deps.stopped()) return;
      await deps.driver.write(() => putBlockSums(dim, start, made.slice(at, at + PAGE)));
      await deps.rest();
    }
  }
  // Where its days changed meanwhile it is begun again by the next round.
  if (!deps.stopped()) await deps.driver.write(() => sealBlock(start, sums));
}

async function addedUp(
  { driver, rest, stopped }: BlockDeps,
  dim: string,
  start: number,
): Promise<BlockSum[]> {
  const made = new Map<string, { a: string; b: string; sums: number[] }>();
  for (let after: DaySum | null = null; !stopped(); ) {
    const page: readonly DaySum[] = await driver.read(() => daysPage(dim, start, after, PAGE));
    for (const { a, b, sums } of page) {
      const own = made.get(valuesKey(a, b));
      if (own === undefined) made.set(valuesKey(a, b), { a, b, sums: [...sums] });
      else addTo(own.sums, sums);
    }
    if (page.length < PAGE) break;
    after = page.at(-1)!;
    await rest();
  }
  return [...made.values()];
}
