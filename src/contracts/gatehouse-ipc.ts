// Every message between the primary and the gatehouse, both directions; packed like those of workers (src/ipc/codec.ts).
// A gatehouse's life: hello -> setup -> (opened | bare) -> anything -> end -> exit.
import type { AdminConfig } from './admin.ts';
import type { CachePurge } from './cache.ts';
import type { ManagedConfig } from './managed-config.ts';
import type { Recharge } from './recharge.ts';
import type { WorkerLook } from './worker-look.ts';

/** What the file manages, as the gatehouse shows it beside its own: never a secret. */
export interface FileObjects {
  readonly keys: readonly FileKey[];
  readonly providers: readonly FileObject[];
  readonly models: readonly FileObject[];
  readonly limits: readonly FileObject[];
  /** Names of `prices`. */
  readonly prices: readonly string[];
  /** `priceChanges` are the file's. */
  readonly priceChanges: boolean;
}

export interface FileObject {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** `prefix` and `lastFour`: all that is shown of the key. */
export interface FileKey extends FileObject {
  readonly prefix: string;
  readonly lastFour: string;
}

/** A limit or a budget that the store has (but those of single keys), as an entry of the file's `limits` or `budgets` says it. */
export interface ManagedLimit {
  readonly name: string;
  readonly per: string | readonly string[];
  readonly match: Readonly<Record<string, string>>;
  readonly requests?: string;
  readonly tokens?: string;
  readonly concurrent?: number;
  readonly burst?: number;
  /** It is a budget, as an entry of the file's `budgets` says it. */
  readonly budget?: Readonly<Record<string, unknown>>;
}

/** A credential that was issued, by its hash, and its holder as JSON: a worker that never meets the key reads neither. */
export type IssuedRow = readonly [hash: string, holder: string];

/** What people ask of the primary through the gatehouse. Each is answered by `answer` with the same id, always. */
export type GatehouseAsk =
  /** How the gateway does: ClusterView. */
  | { do: 'look' }
  /** Kept answers: CacheTold. Those that fit `wanted` go; null = none. */
  | { do: 'cache'; wanted: CachePurge | null }
  /** What would be wrong with this: ConfigProblem[]. */
  | { do: 'check'; managed: ManagedConfig }
  /** Answered when what was told before is in force on every worker: `{ version, workersBehind, problems }`. */
  | { do: 'settle' }
  /** Answered when every worker has heard what was told before, or cannot: null. */
  | { do: 'heard' }
  /** Answered when every worker has left the charges of calls that ended until now where they are read: `{ behind }`, those that did not. */
  | { do: 'written' }
  /** The configuration in force, defaults included and without secrets. */
  | { do: 'effective' }
  /** A worker knows: ProbeResult or PlanView. */
  | { do: 'worker'; what: WorkerLook }
  /** Ends cool-downs, rests of keys and open circuits: `{ ended }`. `model` null = of all. */
  | { do: 'reset'; provider: string; model: string | null }
  /** Charges were corrected, and budgets follow; once, however often it is asked with one `token`: `null`. */
  | { do: 'recharge'; token: string; charges: readonly Recharge[] };

export type GatehouseAnswer =
  | { ok: true; value: unknown }
  /** In words for people. */
  | { ok: false; message: string };

export type ToGatehouse =
  /** Answers `hello`. */
  | { t: 'setup'; admin: AdminConfig; version: string; url: string }
  /** What stands in the file, and how the group of processes is; told whenever it changes. */
  | { t: 'state'; file: FileObjects; health: Record<string, unknown>; configVersion: number }
  /** Keys that calls came with, and when last: ms since 1970 by id. */
  | { t: 'used'; used: [id: string, at: number][] }
  | { t: 'answer'; id: number; answer: GatehouseAnswer }
  /** Another gateway may have written to the store. */
  | { t: 'rung' }
  /** Close what is open and exit. */
  | { t: 'end' };

export type FromGatehouse =
  | { t: 'hello'; pid: number }
  | { t: 'ask'; id: number; ask: GatehouseAsk }
  /** The store is open and the API listens on this Unix socket. */
  | { t: 'opened'; socket: string; shared: boolean }
  /** There is no place for a store: nothing is managed here. The gatehouse exits after this. */
  | { t: 'bare'; reason: string }
  /**
   * Keys that were issued. `reset`: what was told before and is not told again counts no longer, once `last` has come.
   * `frame`: rows (governance/issued-frame.ts); those of an id, which stand together, replace those it had. `drop`: ids that
   * have none any more. `secret`: of the hashes, base64.
   */
  | {
      t: 'issued';
      reset: boolean;
      frame: Uint8Array;
      drop: string[];
      last: boolean;
      secret: string;
    }
  /** Objects of the store were changed from here. */
  | { t: 'committed' }
  /** Rows of the log that a receiver got, or never will, since the last time. */
  | { t: 'handed'; sink: string; sent: number; dropped: number }
  /** Charges that were corrected since the last time. */
  | { t: 'corrected'; count: number }
  /**
   * All limits of the store but those of single keys, which come with these; what comes behind is in force with them. `ofKeys`: some
   * key has limits of its own.
   */
  | { t: 'limits'; limits: ManagedLimit[]; ofKeys: boolean }
  /** All of the configuration that the store has; what comes behind is in force with it. */
  | { t: 'managed'; managed: ManagedConfig }
  /** False: the store cannot be asked, so that a key that is not known may be one all the same. */
  | { t: 'whole'; whole: boolean };
