// Sums over calls: made of rows, added to each other, told to people. The one place that says what counts as what.
import type { Histogram, StatCell, StatHistograms, StatSums } from '../../contracts/log-store.ts';
import type { LogRow } from '../../contracts/request-log.ts';
import { bucketOf, mergeInto } from './buckets.ts';

export const HISTOGRAMS = ['ttftMs', 'totalMs', 'overheadMs', 'tokensPerSecond'] as const;

/** Sums of a cell, in the order they are kept in: `requests` first, which is read alone where only calls are counted. New ones come last: cells that are kept have none. */
export const SUMS = [
  'requests',
  'ok',
  'cancelled',
  'caller',
  'policy',
  'provider',
  'gateway',
  'attempts',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'costNano',
  'unpriced',
  'savedNano',
  'cacheHits',
  'cacheMisses',
  'savedMs',
] as const satisfies readonly (keyof StatSums)[];

const newHistograms = (): StatHistograms => ({
  ttftMs: new Map(),
  totalMs: new Map(),
  overheadMs: new Map(),
  tokensPerSecond: new Map(),
});
/** Of all cells without any: nobody writes to them. */
const NO_HISTOGRAMS = Object.freeze(newHistograms());

/** @param timed false: only its sums count (`addSumsOf`) */
export function emptyCell(timed = true): StatCell {
  return {
    requests: 0,
    ok: 0,
    cancelled: 0,
    caller: 0,
    policy: 0,
    provider: 0,
    gateway: 0,
    attempts: 0,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    costNano: 0,
    unpriced: 0,
    savedNano: 0,
    savedMs: 0,
    cacheHits: 0,
    cacheMisses: 0,
    histograms: timed ? newHistograms() : NO_HISTOGRAMS,
  };
}

/** Whether an attempt is charged: it used something, with a price or without. */
export function isCharged(row: LogRow): boolean {
  return row.attempt > 0 && (row.costNano !== 0 || USES.some((use) => (row[use] ?? 0) > 0));
}

const USES = ['inputTokens', 'outputTokens', 'images', 'characters', 'seconds', 'searches', 'pages'] as const;

/** Calls are counted by their final rows; attempts, what they used and what it cost by each. */
export function addRow(cell: StatCell, row: LogRow): void {
  addRowSums(cell, row);
  const buckets = bucketsOf(row);
  if (buckets !== null) addBuckets(cell, buckets);
}

/** As `addRow`, without the histograms. */
export function addRowSums(cell: StatCell, row: LogRow): void {
  if (row.attempt > 0) cell.attempts += 1;
  cell.inputTokens += row.inputTokens ?? 0;
  cell.cacheReadTokens += row.cacheReadTokens ?? 0;
  cell.cacheWriteTokens += row.cacheWriteTokens ?? 0;
  cell.outputTokens += row.outputTokens ?? 0;
  cell.reasoningTokens += row.reasoningTokens ?? 0;
  cell.costNano += row.costNano ?? 0;
  if (row.costNano === null && isCharged(row)) cell.unpriced += 1;
  if (!row.final) return;
  cell.requests += 1;
  if (row.outcome === 'ok') cell.ok += 1;
  else if (row.outcome === 'cancelled') cell.cancelled += 1;
  else if (row.owner !== '') cell[row.owner] += 1;
  cell.savedNano += row.savedNano ?? 0;
  cell.savedMs += row.savedMs ?? 0;
  if (row.cache === 'hit' || row.cache === 'stale') cell.cacheHits += 1;
  else if (row.cache === 'miss') cell.cacheMisses += 1;
}

/** Of each of HISTOGRAMS; NaN = nothing was measured. */
export type Buckets = readonly [ttftMs: number, totalMs: number, overheadMs: number, tokensPerSecond: number];

/** Where a row counts in histograms, found once for all cells it counts in; null = nowhere. */
export function bucketsOf(row: LogRow): Buckets | null {
  if (!row.final) return null;
  return [
    row.ttftMs === null ? Number.NaN : bucketOf(row.ttftMs),
    bucketOf(row.totalMs),
    bucketOf(row.overheadMs),
    row.tokensPerSecond === null ? Number.NaN : bucketOf(row.tokensPerSecond),
  ];
}

export function addBuckets({ histograms }: StatCell, [ttft, total, overhead, rate]: Buckets): void {
  if (!Number.isNaN(ttft)) addOne(histograms.ttftMs, ttft);
  addOne(histograms.totalMs, total);
  addOne(histograms.overheadMs, overhead);
  if (!Number.isNaN(rate)) addOne(histograms.tokensPerSecond, rate);
}

function addOne(histogram: Histogram, bucket: number): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
}

/** As `addCell`, without the histograms. By name, not by SUMS: a row is added thirty times, and keys that are looked up cost most of it. */
export function addSumsOf(to: StatSums, from: StatSums): void {
  to.requests += from.requests;
  to.ok += from.ok;
  to.cancelled += from.cancelled;
  to.caller += from.caller;
  to.policy += from.policy;
  to.provider += from.provider;
  to.gateway += from.gateway;
  to.attempts += from.attempts;
  to.inputTokens += from.inputTokens;
  to.cacheReadTokens += from.cacheReadTokens;
  to.cacheWriteTokens += from.cacheWriteTokens;
  to.outputTokens += from.outputTokens;
  to.reasoningTokens += from.reasoningTokens;
  to.costNano += from.costNano;
  to.unpriced += from.unpriced;
  to.savedNano += from.savedNano;
  to.savedMs += from.savedMs;
  to.cacheHits += from.cacheHits;
  to.cacheMisses += from.cacheMisses;
}

export function addCell(to: StatCell, from: StatCell): void {
  addSumsOf(to, from);
  for (const name of HISTOGRAMS) mergeInto(to.histograms[name], from.histograms[name]);
}

/** As text, for a column: the sums, then each histogram as bucket, count, bucket, count. */
export function packCell(cell: StatCell): string {
  return JSON.stringify([
    SUMS.map((name) => cell[name]),
    ...HISTOGRAMS.map((name) => [...cell.histograms[name]].flat()),
  ]);
}

export function unpackCell(text: string): StatCell {
  const [sums, ...histograms] = JSON.parse(text) as number[][]; // only written by packCell
  const cell = emptyCell();
  for (const [at, name] of SUMS.entries()) cell[name] = sums![at] ?? 0;
  for (const [at, name] of HISTOGRAMS.entries()) fill(cell.histograms[name], histograms[at] ?? []);
  return cell;
}

function fill(histogram: Histogram, pairs: readonly number[]): void {
  for (let at = 0; at + 1 < pairs.length; at += 2) histogram.set(pairs[at]!, pairs[at + 1]!);
}
