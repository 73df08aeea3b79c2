// What the gatehouse asks of the log, whichever database it lies in: pages of rows, one call whole, sums over time, the
// ledger. Every question is answered from an index or from sums that were made when rows were written; nothing scans.
import type { CountedHeaders, LoggedUse, LogRow } from './request-log.ts';

/** Fields of a row that a filter may name, each with any of several values. */
export const LOG_FACETS = [
  'model',
  'provider',
  'key',
  'team',
  'user',
  'customer',
  'organization',
  'project',
  'operation',
  'outcome',
  'owner',
  'errorType',
  'status',
  'stop',
  'cache',
  'stream',
  'tag',
  'guardrail',
] as const;
export type LogFacet = (typeof LOG_FACETS)[number];
/** Those of which a row has any number of values. */
export type LogListFacet = 'tag' | 'guardrail';

/** Fields of exact values that are too many to list. */
export const LOG_IDS = ['call', 'session', 'parent', 'requestedModel', 'upstreamModel', 'keyAlias'] as const;
export type LogIdField = (typeof LOG_IDS)[number];

/** Fields with a range, both ends inclusive. */
export const LOG_RANGES = ['costNano', 'totalMs', 'ttftMs', 'tokens'] as const;
export type LogRange = (typeof LOG_RANGES)[number];

export interface LogFilter {
  /** ms since 1970; `since` inclusive, `until` exclusive. */
  readonly since?: number;
  readonly until?: number;
  /** Any of the values; all of the fields. */
  readonly values: Readonly<Partial<Record<LogFacet | LogIdField, readonly string[]>>>;
  readonly ranges: Readonly<Partial<Record<LogRange, readonly [min: number | null, max: number | null]>>>;
  /** Only what has no price. */
  readonly unpriced?: boolean;
  /** Attempts each by itself; else one row a call. */
  readonly attempts?: boolean;
}

export interface LogQuery extends LogFilter {
  /** `next` of the page before. */
  readonly cursor?: string | null;
  readonly limit: number;
}

/** A row with its place in the log. */
export interface LoggedRow extends LogRow {
  /** Sorts by time: newest is highest. */
  readonly id: number;
}

export interface LogPage {
  readonly rows: readonly LoggedRow[];
  /** Null: there are no more. A page may hold fewer rows than were asked for, and go on all the same. */
  readonly next: string | null;
}

/** Sums over some calls. Costs are whole nanodollars. */
export interface StatSums {
  requests: number;
  ok: number;
  cancelled: number;
  /** Errors by owner. */
  caller: number;
  policy: number;
  provider: number;
  gateway: number;
  attempts: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  costNano: number;
  /** Charges of which nobody knows the price. */
  unpriced: number;
  savedNano: number;
  /** Whole ms. */
  savedMs: number;
  cacheHits: number;
  cacheMisses: number;
}

/** Sums on their way into the database; percentiles are made of `histograms`. */
export interface StatCell extends StatSums {
  histograms: StatHistograms;
}

/** Count by number of the bucket (src/observability/requests/buckets.ts). */
export type Histogram = Map<number, number>;

export interface StatHistograms {
  ttftMs: Histogram;
  totalMs: Histogram;
  overheadMs: Histogram;
  tokensPerSecond: Histogram;
}

/** Width of the points of a series. */
export type StatStep = 'minute' | 'hour' | 'day';
export const STEP_MS: Readonly<Record<StatStep, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * Pairs of fields by which calls are told apart, too: one of them filtered while the other is the group. Not all there could be: of two
 * fields with many values there would be as many sums as calls.
 */
export const STAT_PAIRS = [
  ['model', 'provider'],
  ['model', 'key'],
  ['model', 'team'],
  ['model', 'user'],
  ['model', 'customer'],
  ['provider', 'key'],
  ['provider', 'team'],
  ['provider', 'user'],
  ['provider', 'customer'],
  ['team', 'key'],
  ['team', 'user'],
  ['team', 'customer'],
] as const satisfies readonly (readonly [LogFacet, LogFacet])[];

/** Whether sums are kept of both together. */
export function arePaired(one: LogFacet, other: LogFacet): boolean {
  return STAT_PAIRS.some(([a, b]) => (a === one && b === other) || (a === other && b === one));
}

/** Fields of which percentiles are kept. */
export const STAT_TIMED: ReadonlySet<LogFacet> = new Set(STAT_PAIRS.flat());

/** Field by which calls are told apart, with the values that count; null = each. */
export interface StatField {
  readonly field: LogFacet;
  readonly values: readonly string[] | null;
}

export interface StatQuery {
  readonly step: StatStep;
  /** ms since 1970, whole steps; `until` exclusive. */
  readonly since: number;
  readonly until: number;
  /** None: all calls. Two: one of STAT_PAIRS. */
  readonly fields: readonly [] | readonly [StatField] | readonly [StatField, StatField];
}

/** Sums of the calls of one group in one step. */
export interface StatPoint {
  readonly start: number;
  /** Of each field asked for, in that order. */
  readonly values: readonly string[];
  /** As it is kept (packCell): a year is thousands of them, read by `Tally`. */
  readonly cell: string;
}

/** A charge: one for each attempt that used something. */
export interface LedgerRow extends LoggedUse {
  /** That of the attempt's row in the log. */
  readonly id: number;
  readonly call: string;
  readonly attempt: number;
  readonly at: number;
  readonly key: string;
  readonly keyId: string;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly customer: string;
  readonly project: string;
  readonly tags: readonly string[];
  /** As in the row of the log; null = there were none. */
  readonly countedHeaders: CountedHeaders | null;
  readonly operation: string;
  readonly provider: string;
  readonly model: string;
  readonly upstreamModel: string;
  /** What it comes to now, corrections included. */
  readonly costNano: number | null;
  readonly priceVersion: string;
  readonly estimated: boolean;
  /** As it was made: this never changes. */
  readonly originalNano: number | null;
  readonly originalVersion: string;
  /** ms since 1970 of the last correction; null = there is none. */
  readonly recalculatedAt: number | null;
  /** In the order they were made. */
  readonly corrections: readonly Correction[];
}

/** What a charge comes to since a price was mended. */
export interface Correction {
  /** ms since 1970. */
  readonly at: number;
  /** Job that made it: one job corrects a charge once. */
  readonly job: string;
  /** Null: it had no price. */
  readonly fromNano: number | null;
  readonly toNano: number;
  readonly priceVersion: string;
}

/** Corrections that are made as one, together with how far their job is. */
export interface CorrectionBatch {
  readonly job: LogJob;
  /** The job's `updatedAt` as it was known. */
  readonly before: number;
  /** ms since 1970. */
  readonly at: number;
  readonly corrections: readonly {
    readonly charge: LedgerRow;
    readonly toNano: number;
    readonly priceVersion: string;
  }[];
  /** Sums of minutes and of hours that begin before are forgotten, ms since 1970. */
  readonly minutesFrom: number;
  readonly hoursFrom: number;
}

/** One correction of a charge, with whose it is. */
export interface LoggedCorrection
  extends Pick<
    LedgerRow,
    | 'call'
    | 'attempt'
    | 'at'
    | 'key'
    | 'keyId'
    | 'organization'
    | 'team'
    | 'user'
    | 'customer'
    | 'project'
    | 'tags'
    | 'provider'
    | 'model'
    | 'upstreamModel'
  > {
  /** Number of the charge, which its row of the log has as well. */
  readonly id: number;
  readonly correctedAt: number;
  /** The recalculation. */
  readonly job: string;
  /** Whole nanodollars; null = it had no price. */
  readonly fromNano: number | null;
  readonly toNano: number;
  readonly priceVersion: string;
}

/** Corrections in the order in which they were made. */
export interface CorrectionQuery {
  /** When they were made, ms since 1970, `until` exclusive. */
  readonly since: number;
  readonly until: number;
  /** `next` of the page before; null = the first. */
  readonly cursor: string | null;
  readonly limit: number;
}

export interface CorrectionPage {
  readonly rows: readonly LoggedCorrection[];
  readonly next: string | null;
}

/** Charges in the order of their numbers. */
export interface ChargeQuery {
  /** ms since 1970, `until` exclusive. */
  readonly since: number;
  readonly until: number;
  /** Number of the last one that was read; null = from the first. */
  readonly after: number | null;
  readonly limit: number;
}

/** Body of a call as it was kept. */
export interface KeptBody {
  readonly call: string;
  readonly at: number;
  readonly kind: 'request' | 'answer';
  /** Of the whole body. */
  readonly bytes: number;
  readonly truncated: boolean;
  readonly sha256: string;
  readonly encoding: 'utf8' | 'base64';
  readonly text: string;
}

export interface LedgerPage {
  readonly items: readonly LedgerRow[];
  readonly next: string | null;
}

/** What ledger, sums and log say of one hour. */
export interface HourReport {
  readonly charges: number;
  readonly costNano: number;
  readonly unpriced: number;
  /** As the sums have it. */
  readonly summedNano: number;
  readonly summedUnpriced: number;
  /** Charges whose row was deleted, by age or by hand. */
  readonly withoutRow: number;
  /** Charges whose row says another cost. */
  readonly otherCost: number;
  /** Charges that are not what they were made as and corrected to. */
  readonly miscorrected: number;
  /** Rows of the log that cost something and are no charge. */
  readonly withoutCharge: number;
}

/** Work on the log that goes on over restarts. */
export interface LogJob {
  readonly id: string;
  readonly kind: string;
  readonly done: boolean;
  /** ms since 1970, another one with each change. */
  readonly updatedAt: number;
  /** Plain values, of its kind alone. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** Every method rejects with StoreDown when the database cannot be reached. */
export interface LogReads {
  page(query: LogQuery): Promise<LogPage>;
  /** Rows of a call in the order of its attempts; [] = nobody knows it. */
  call(call: string): Promise<readonly LoggedRow[]>;
  bodies(call: string): Promise<readonly KeptBody[]>;
  charges(call: string): Promise<readonly LedgerRow[]>;
  ledger(query: LogQuery): Promise<LedgerPage>;
  /**
   * One sum of the whole window by value of the first field, `''` where none is asked for: what `points` has, without the rest of it,
   * and read from the widest steps that fit.
   * @param by calls, if absent
   */
  counts(query: StatQuery, by?: keyof StatSums): Promise<ReadonlyMap<string, number>>;
  /** In the order of their start. */
  points(query: StatQuery): Promise<readonly StatPoint[]>;
  /** Whether ledger, sums and log agree on an hour. @param start ms since 1970, a whole hour */
  reconcile(start: number): Promise<HourReport>;
  /** Charges of a window, oldest first. */
  chargesOf(query: ChargeQuery): Promise<readonly LedgerRow[]>;
  correctionsOf(query: CorrectionQuery): Promise<CorrectionPage>;
  /** All of a batch, with all sums that follow, or nothing. @returns false: somebody else changed the job, or one of the charges */
  correct(batch: CorrectionBatch): Promise<boolean>;
  /** Newest first, 100 at most. */
  jobs(kind: string): Promise<readonly LogJob[]>;
  /** @param before its `updatedAt` as it was known; null = it is new. @returns false: somebody else changed it */
  putJob(job: LogJob, before: number | null): Promise<boolean>;
  /** Takes rows out of the log, never out of the ledger or the sums. */
  remove(rows: readonly Pick<LoggedRow, 'id' | 'call'>[]): Promise<void>;
}
