// The steps sums are kept in, and a window cut into as few of them as there can be.
import { STEP_MS, type StatStep } from '../../contracts/log-store.ts';

/** Numbers that stand for steps. */
export const STEPS: Readonly<Record<StatStep, number>> = { minute: 0, hour: 1, day: 2 };

/** Four weeks: days added up (blocks.ts), of which nobody sees more than how much it was. */
export const BLOCK = 3;
export const BLOCK_MS = 28 * STEP_MS.day;

/** Number of a step, and from when to when, ms since 1970. */
export interface Span {
  readonly step: number;
  readonly since: number;
  readonly until: number;
}

/** By number of the step. */
export const STEP_WIDTHS_MS = [STEP_MS.minute, STEP_MS.hour, STEP_MS.day, BLOCK_MS] as const;

/** What of a window is whole blocks; `since` is not below `until` where there is none. */
export function wholeBlocks(since: number, until: number): { since: number; until: number } {
  return {
    since: Math.ceil(since / BLOCK_MS) * BLOCK_MS,
    until: Math.floor(until / BLOCK_MS) * BLOCK_MS,
  };
}

/**
 * Hours are there for as long as minutes, and days as hours: what is within one of them is read as one.
 * @param step the narrowest, of STEPS @param since, until whole steps of it @param blocks starts of those that may be read
 */
export function spansOf(step: number, since: number, until: number, blocks: ReadonlySet<number>): Span[] {
  if (since >= until) return [];
  const width = STEP_WIDTHS_MS[step + 1];
  if (width === undefined) return [{ step, since, until }];
  const first = Math.ceil(since / width) * width;
  const last = Math.floor(until / width) * width;
  if (first >= last) return [{ step, since, until }];
  const within =
    step + 1 === BLOCK ? blockSpans(first, last, blocks) : spansOf(step + 1, first, last, blocks);
  return [
    ...(since < first ? [{ step, since, until: first }] : []),
    ...within,
    ...(last < until ? [{ step, since: last, until }] : []),
  ];
}

/** Neighbours of the same kind as one. */
function blockSpans(since: number, until: number, blocks: ReadonlySet<number>): Span[] {
  const spans: Span[] = [];
  for (let at = since; at < until; at += BLOCK_MS) {
    const step = blocks.has(at) ? BLOCK : STEPS.day;
    const before = spans.at(-1);
    const from = before?.step === step ? spans.pop()!.since : at;
    spans.push({ step, since: from, until: at + BLOCK_MS });
  }
  return spans;
}
