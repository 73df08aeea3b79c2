// What a worker process (or a test) gets from the composition root, src/gateway/.
import type { BatchWatch } from './batch-watch.ts';
import type { BudgetUse } from './budget.ts';
import type { CachePurge } from './cache.ts';
import type { CacheNews, CacheNewsPort, RemoteAnswers } from './cache-ports.ts';
import type { Call } from './call.ts';
import type { Claims } from './claims.ts';
import type { CacheTold } from './cache-view.ts';
import type { Config } from './config.ts';
import type { Credentials } from './credential.ts';
import type { Directory } from './directory.ts';
import type { MetricDelta, Shares } from './ipc.ts';
import type { ShareBroker, ShareHolder } from './lane.ts';
import type { LimitAuthority, LimitAuthorityObserver } from './limits.ts';
import type { Journal } from './journal.ts';
import type { KeptBody } from './log-store.ts';
import type { Heard, Machines } from './machines.ts';
import type { Names } from './names.ts';
import type { OwnerRecords } from './objects.ts';
import type { Once } from './once.ts';
import type { CreateRunner, PluginView } from './plugin-port.ts';
import type { Clock, LogPort, Offload } from './ports.ts';
import type { SharedTurns, Siblings, SiblingWish } from './response-ports.ts';
import type { Rest } from './rests.ts';
import type { WorkerLook } from './worker-look.ts';
import type { VectorIndex } from './vectors.ts';

/** Takes settled calls for the request log, and never waits for anything. */
export interface RequestSpool {
  take(call: Call): void;
  body(body: KeptBody): void;
  /** Resolves when what was taken until now can be read, or is lost and counted. */
  flush(): Promise<void>;
  /** Calls whose rows were lost so far, and bytes that wait to be read. */
  readonly counts: { readonly dropped: number; readonly bytes: number };
}

/** What the gateway needs from its process. */
export interface GatewayPorts {
  clock: Clock;
  offload: Offload | null;
  log: LogPort;
  /** Who presents which key; whole before the gateway listens. */
  directory: Directory;
  /** What keys that expire stand for; absent = there are none. */
  credentials?: Credentials;
  /** For connections by name; follows the configuration that is applied. */
  names: Names;
  /** Label of this worker: its index. */
  worker: string;
  /** Running total of log lines that were dropped. */
  droppedLogLines(): number;
  shares: ShareBroker;
  /** Who owns the counters of the limits, as this configuration says. Asked again after a reload. */
  limitAuthority(config: Config, observer: LimitAuthorityObserver): LimitAuthority;
  /** What tickets for the chat socket are sealed with: the same for all workers; absent = this worker is alone. */
  ticketSecret?: string | undefined;
  /** The other workers of this machine. */
  siblings: Siblings;
  /** Workers of other machines, as this configuration says; null or absent = there are none. Asked again after a reload, with the same `heard`. */
  machines?(config: Config, heard: Heard): Machines | null;
  /** The Redis that keeps turns of Responses, as this configuration says; null = there is none. Asked again after a reload. */
  sharedTurns(config: Config): SharedTurns | null;
  /** The Redis that keeps answers, as this configuration says; null or absent = there is none. Asked again after a reload. */
  sharedAnswers?(config: Config): RemoteAnswers | null;
  /** Where workers and nodes tell each other of kept answers; null or absent = nowhere. Asked again after a reload, with the same `heard`. */
  cacheNews?(config: Config, heard: (news: CacheNews) => void): CacheNewsPort | null;
  /** The store of vectors that this configuration names; null or absent = the memory of this worker. Asked again after a reload. */
  vectors?(config: Config, failed: () => void): VectorIndex | null;
  /** A key rests or a target cools down here: so that the other workers know it too. */
  rested(rest: Rest): void;
  /** Who makes answers that several ask for, as this configuration says; absent = this worker is alone. Asked for each such call. */
  claims?(config: Config): Claims;
  /** Whose objects at providers are; absent = this worker is alone. */
  owners?: OwnerRecords;
  /** What is done once over all workers and gateways; absent = this worker is alone. */
  once?: Once;
  /** A batch was begun that is to be asked after. Absent = nobody asks. */
  batchBegun?(watch: BatchWatch): void;
  /** Where settled calls are left for the request log; null = none is kept at the moment. Absent = never. */
  requestSpool?(): RequestSpool | null;
  /** Keeps what calls cost until others have heard of it; sealed for the calls of a turn that settle. Absent = a killed worker takes it along. */
  journal?: Pick<Journal, 'noted' | 'seal'>;
  /** How plugins are, whenever that changed. */
  pluginsAre?(plugins: readonly PluginView[]): void;
  /** What calls did with budgets, about once a second. */
  budgets?(uses: BudgetUse[]): void;
  /** Runs plugins that are to have a thread of their own; absent = they run in this one. */
  pluginThread?: CreateRunner;
  /** Text of /metrics, asked from the primary. */
  scrape(): Promise<string>;
  /** Details of /health from the primary. */
  health(): Record<string, unknown>;
  /** Unix socket that `/api/` is answered on, null while there is none; `off`: not by this gateway, or on another port. */
  admin(): { readonly socket: string | null } | 'off';
}

export interface Gateway {
  /** Compiles the config and swaps it in; running calls keep theirs. @throws when it cannot be compiled: nothing changed. */
  apply(config: Config, version: number, shares: Shares): void;
  /** Opens the listener with the applied config. Resolves to the port. */
  listen(): Promise<number>;
  /** Readiness red; answers from now on say `connection: close`. */
  beginDrain(): void;
  /** Closes the listener once its accept queue is seen empty (or after a short while). */
  stopListening(): Promise<void>;
  /** Resolves when no call is open, at the latest after `timeoutMs`, when what remains got its in-dialect error event. Returns how many were cut. */
  drain(timeoutMs: number): Promise<number>;
  /** The lane's side of the share protocol; undefined when this config has no such lane. */
  shareHolder(lane: string): ShareHolder | undefined;
  /** What another worker was refused. What this configuration does not hold is passed over. */
  learnRest(rest: Rest): void;
  /** Ends cool-downs and rests of keys of a provider; `model` null = of all its models. */
  unrest(provider: string, model: string | null): void;
  /** What people ask. @throws when it cannot be answered. */
  look(what: WorkerLook): unknown;
  /** What another worker wants of turns that are kept here. In the order of `ids`; null where there is nothing. */
  sought(wish: SiblingWish, owner: string, ids: readonly string[]): (string | null)[];
  /** Kept answers; those that fit `wanted` go, null = none. `shared`: in Redis too. Never rejects. */
  cached(wanted: CachePurge | null, shared: boolean): Promise<CacheTold>;
  /** Gauges refreshed and increments since the last call taken. */
  takeMetrics(): MetricDelta;
  openCalls(): number;
  /** Memory of answers that are kept, in bytes, without V8's own. */
  keptBytes(): number;
  close(): Promise<void>;
}
