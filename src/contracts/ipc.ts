// Every message between primary and worker, both directions. The far side of each fits one screen:
// cluster/primary/link.ts in the primary, workers/link.ts in the worker. Packed by msgpackr (src/ipc/codec.ts). What primary and
// gatehouse say to each other is in gatehouse-ipc.ts.
// A worker's life: hello -> (config -> applied | rejected)+ -> listening -> drain -> closed -> drained -> exit.
import type { BatchWatch } from './batch-watch.ts';
import type { BudgetUse } from './budget.ts';
import type { CachePurge } from './cache.ts';
import type { CacheTold } from './cache-view.ts';
import type { Claimed } from './claims.ts';
import type { Config } from './config.ts';
import type { Credential } from './credential.ts';
import type { KeyDelta } from './directory.ts';
import type { LimitDimension } from './limits.ts';
import type { ObjectOwner } from './objects.ts';
import type { PluginView } from './plugin-port.ts';
import type { SiblingWish } from './response-ports.ts';
import type { Rest } from './rests.ts';
import type { WorkerLook } from './worker-look.ts';

export type ShareKind = 'run' | 'wait';

/** Share of each lane's gateway-wide numbers, by provider name. */
export type Shares = Record<string, { run: number; wait: number }>;

/** Metric increments since the last push: series id -> value; see observability/metrics. */
export interface MetricDelta {
  /** New series first seen in this push: numeric id (per worker life), family name, label values in family order, true when callers chose them. */
  series: [id: number, family: string, labels: string[], modest?: true][];
  /** Counter increments [id, value]. */
  counters: [number, number][];
  /** Histogram increments [id, sum, count, bucket counts]. */
  histograms: [number, number, number, number[]][];
  /** Gauge values now [id, value]; a dead worker's gauges are dropped. */
  gauges: [number, number][];
}

/** A bucket and the numbers of its rule: a worker may be a configuration ahead of or behind the primary. */
export type BucketWire = [
  id: string,
  dimension: LimitDimension,
  limit: number,
  spacingMs: number,
  burst: number,
  version: number,
  /** Of a window of a budget, ms since 1970; 0 = never, and of all else. */
  endsAtMs?: number,
];

/** A folder of files that wait to be read, and what they may come to in sum. */
export interface SpoolPlace {
  readonly folder: string;
  readonly maxBytes: number;
}

/** One question of a worker: all its parts or none. */
export interface LimitAsk {
  id: number;
  token: string;
  parts: [bucket: BucketWire, need: number, want: number][];
}

/** Everything a worker has to say about limits at one moment, in this order: what came back, what is spent, what it wants. */
export interface LimitBatch {
  /** By which its worker's journal names it; absent: it keeps none. */
  number?: number;
  back: [bucket: BucketWire, amount: number][];
  spent: [bucketId: string, amount: number][];
  asks: LimitAsk[];
}

/** Units of a bucket that its worker reserved and nobody used; absolute. */
export type EstateRow = [bucket: BucketWire, units: number];

/** Charges were corrected: counters that the primary has, and by how much each changes; those in Redis the worker has told already. */
export type RechargedCounters = readonly (readonly [bucket: BucketWire, nano: number])[];

/** Of an ask: one row per part. */
export interface LimitAnswer {
  id: number;
  /** `spent` of budgets alone. */
  grants: [
    granted: number,
    retryAfterMs: number,
    remaining: number,
    resetMs: number,
    lifeMs: number,
    spent?: number,
  ][];
}

export type ToWorker =
  /**
   * Compile and swap in; `shares` are absolute and replace what the worker holds. `keys`: those that changed along with it,
   * in force in the same moment, so that no key is without its limits; they hold even if the configuration is rejected. The
   * first one opens the listener: by then all keys are known.
   */
  | { t: 'config'; version: number; config: Config; shares: Shares; keys: KeyDelta | null }
  /** Keys came or went, and nothing else did. */
  | { t: 'keys'; keys: KeyDelta }
  /**
   * Keys that the gatehouse issued: hashes that are nobody's now, one behind the other, then rows that are new or say something
   * else (governance/issued-frame.ts). `secret`: of the hashes, base64.
   */
  | { t: 'issued'; frame: Uint8Array; drop: Uint8Array; secret: string }
  /** Whether a key that is not known is nobody's: not while the store cannot be asked. */
  | { t: 'whole'; whole: boolean }
  /**
   * Unix socket that `/api/` is answered on; null = there is none now. `on`: whether it is to be on this port at all. `spool`:
   * where rows of the request log are left for the gatehouse; null = none is kept.
   */
  | { t: 'gatehouse'; socket: string | null; on: boolean; spool: SpoolPlace | null }
  | { t: 'grant'; lane: string; kind: ShareKind; count: number }
  /** Give idle share back; answered by `yielded` with the same id, always and at once. */
  | { t: 'reclaim'; lane: string; kind: ShareKind; count: number; id: number }
  /** `shutdown`: readiness red and `connection: close` from now on; the listener closes after preStopMs, streams end by
   *  drainTimeoutMs. `roll`: the same, but the listener closes first, since another worker is ready on the same port. */
  | { t: 'drain'; reason: 'shutdown' | 'roll'; preStopMs: number; drainTimeoutMs: number }
  /** Push metrics now, as `metrics` with `answers: id`. */
  | { t: 'collect'; id: number }
  | { t: 'scraped'; id: number; text: string }
  /** Another worker, or node, was refused: the key rests, or the target cools down, here too. */
  | { t: 'rest'; rest: Rest }
  /** Cool-downs and rests of keys are over: somebody says so. `model` null = of all. */
  | { t: 'unrest'; lane: string; model: string | null }
  /** People ask; answered by `looked` with the same id. */
  | { t: 'look'; id: number; what: WorkerLook }
  | { t: 'granted'; answers: LimitAnswer[] }
  /** A credential is there, or another in its place. Those that are held come before the first `config`. */
  | { t: 'credential'; credential: Credential }
  /** Another worker looks for turns of Responses, or wants one stopped: answered by `sought` with the same number, at once. */
  | { t: 'seek'; ask: number; wish: SiblingWish; owner: string; ids: string[] }
  /** Kept answers: those that fit `wanted` go, null = none; `shared`: in Redis too. Answered by `cache-told`, always. */
  | { t: 'cache'; ask: number; wanted: CachePurge | null; shared: boolean }
  /** What the other workers had for a `seek`, in the order of its ids. */
  | { t: 'found'; id: number; found: (string | null)[] }
  /** Answers `whose`, in the order of its ids. */
  | { t: 'owners'; ask: number; owners: (ObjectOwner | null)[] }
  /** Answers `take`. */
  | { t: 'taken'; ask: number; mine: boolean }
  /** Answers `claim`. */
  | { t: 'claimed'; id: number; claimed: Claimed }
  | { t: 'health'; ready: boolean; detail: Record<string, unknown> };

export type ToPrimary =
  | { t: 'hello'; index: number; pid: number }
  | { t: 'applied'; version: number }
  | { t: 'rejected'; version: number; reason: string }
  | { t: 'listening'; port: number }
  /** The listener could not be opened; the worker exits after this. */
  | { t: 'failed'; reason: string }
  | { t: 'beat' }
  | { t: 'want'; lane: string; kind: ShareKind; count: number }
  | { t: 'yielded'; lane: string; kind: ShareKind; count: number; id: number }
  /** `answers`: id of the `collect` it answers; 0 = the push of each second. */
  | { t: 'metrics'; delta: MetricDelta; answers: number }
  | { t: 'scrape'; id: number }
  /** A provider refused a key or a model: the other workers, and nodes, should know. */
  | { t: 'rested'; rest: Rest }
  /** Of a `look`: its value, or why there is none. */
  | { t: 'looked'; id: number; value: unknown; fault: string }
  /** A provider would not take what stands for a key: it may have been revoked before its end. */
  | { t: 'credential-refused'; id: string }
  | { t: 'limits'; batch: LimitBatch }
  | { t: 'seek'; id: number; wish: SiblingWish; owner: string; ids: string[] }
  | { t: 'sought'; ask: number; found: (string | null)[] }
  | { t: 'cache-told'; ask: number; told: CacheTold }
  /** An object was made at a provider. `anew`: it counts only where nobody knows another owner. */
  | { t: 'owns'; id: string; owner: ObjectOwner; anew?: true }
  /** A batch was begun. */
  | { t: 'batch'; watch: BatchWatch }
  /** Who made these? Answered by `owners`. */
  | { t: 'whose'; ask: number; ids: string[] }
  /** May I do what is done once (once.ts)? Answered by `taken`. */
  | { t: 'take'; ask: number; id: string; way: string | null }
  /** Who makes the answer of this name? Answered by `claimed`, when it is made if somebody does. */
  | { t: 'claim'; id: number; name: string; print: string }
  /** What came of a claim that was `mine`. `madeAt`: of an answer, in ms of the machine (workers/machine-clock.ts). */
  | { t: 'claim-over'; name: string; answer: Uint8Array | null; ttlMs: number; madeAt?: number }
  /** Issued keys that calls came with, and when last: ms since 1970 by id. */
  | { t: 'used'; used: [id: string, at: number][] }
  /** What calls did with budgets since it was told last. */
  | { t: 'budgets'; uses: BudgetUse[] }
  /** How its plugins are, whenever that changed. */
  | { t: 'plugins'; plugins: readonly PluginView[] }
  /** What goes back to Redis if this worker dies. `place`: the Redis it is of (config/redis-print.ts). */
  | { t: 'estate'; place: string; rows: EstateRow[] }
  /** The listener is closed: no new connection comes to this worker. */
  | { t: 'closed' }
  /** All calls have ended; `open` of them had to be cut. The worker exits after this. */
  | { t: 'drained'; open: number };
