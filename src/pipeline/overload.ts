// What a worker that cannot keep up refuses, before it reads a body: the lower classes first, then all, so that what it takes is
// served in bounded time. It goes by how long what it took waits for its core (backlog), by how late its own timers are and by the
// memory of the container, where one is set.
//
//   level 0 ── late or full ──► 1: low, batch refused ──► 2: only high taken ──► 3: nothing taken
//      ▲ down again only when well below the step (hysteresis)
//
// Before it refuses anybody it leaves out what it could do without: repeats and second attempts, then what the cache costs.
import type { Call } from '../contracts/call.ts';
import type { OverloadConfig } from '../contracts/server-config.ts';
import { type GatewayError, StandingError } from '../contracts/errors.ts';
import { PRIORITIES, type Priority } from '../contracts/holder.ts';
import type { Offload } from '../contracts/ports.ts';
import type { Backlog } from './backlog.ts';
import { rankOf } from './overrides.ts';
import { StandingWait } from './standing-wait.ts';

/** Lowest rank that is refused at a level: low and batch, all but high, all. */
const REFUSED_FROM = [4, 2, 1, 0] as const;
/** Steps of lateness next to the first; of memory, between the first and full (0.85, 0.92, 0.95). */
const DELAY_STEPS = [1, 2, 4] as const;
const MEMORY_STEPS = [0, 0.47, 0.67] as const;
/** What is left out goes before the first step, by so much of it. */
const DELAY_EASES = [0.6, 0.8] as const;
const MEMORY_EASES = [0.92, 0.96] as const;
/** A step is left when its measure is so much below it. */
const HYSTERESIS = 0.97;
const DELAY_HYSTERESIS = 0.7;
/** Weight of the newest lateness: one long pause is no overload, four in a row are. */
const WEIGHT = 0.2;
/** For the primary and the gatehouse, bytes of the container's memory. */
const RESERVED_BYTES = 96 * 1024 * 1024;
const RETRY_AFTER_MS = 1_000;

/** What is said at a level, to everybody the same. */
const BUSY = REFUSED_FROM.map(
  (_, level) => new StandingError('GW_GATEWAY_BUSY', { retryAfterMs: RETRY_AFTER_MS * level }),
);

export interface Load {
  /** How much later than it should this sample came, ms. */
  lateMs: number;
  /** Resident memory of this worker, bytes; null = not known. */
  residentBytes: number | null;
}

/** Why calls are refused; `wait`: too much work waits for the core already, `thread`: for the threads that read large bodies. */
export type OverloadCause = 'wait' | 'thread' | 'loop' | 'memory';

export interface OverloadDeps {
  backlog: Pick<Backlog, 'follow' | 'size' | 'level' | 'standing' | 'tick' | 'refuses'>;
  /** What reads large bodies; null: nothing does. */
  threads: Pick<Offload, 'waitMs'> | null;
  /** One of its class was refused. */
  refused(priority: Priority, cause: OverloadCause): void;
}

export class Overload {
  readonly #forThreads = new StandingWait();
  /** When it was told last. */
  #toldAt = 0;
  #config: OverloadConfig = { waitMs: 0, loopDelayMs: 0, memory: 0 };
  readonly #deps: OverloadDeps;
  #workers = 1;
  readonly #limitBytes: number | null;
  #lateMs = 0;
  #level = 0;
  #cause: OverloadCause = 'loop';
  #eased = 0;

  /** @param limitBytes of the container; null = there is none. */
  constructor(limitBytes: number | null, deps: OverloadDeps) {
    this.#limitBytes = limitBytes;
    this.#deps = deps;
  }

  follow(config: OverloadConfig, workers: number): void {
    this.#config = config;
    this.#workers = workers;
    this.#deps.backlog.follow(config.waitMs);
    this.#forThreads.follow(config.waitMs);
  }

  /** 0 nothing is refused, 1 of low and batch, 2 of all but high, 3 of all. */
  get level(): number {
    return Math.max(this.#level, this.#deps.backlog.level);
  }

  /** What is left out: 0 nothing, 1 repeats and second attempts, 2 new entries of the cache and questions that are alike too. */
  get eased(): number {
    return this.#deps.backlog.standing ? 2 : this.#eased;
  }

  /** Takes a sample, a few times a second. @returns the level from now on. */
  sample({ lateMs, residentBytes }: Load): number {
    this.#lateMs += (Math.max(0, lateMs) - this.#lateMs) * WEIGHT;
    const { loopDelayMs, memory } = this.#config;
    const delays = loopDelayMs === 0 ? [] : DELAY_STEPS.map((times) => loopDelayMs * times);
    const shares = memory === 0 ? [] : MEMORY_STEPS.map((part) => memory + (1 - memory) * part);
    const share = this.#share(residentBytes);
    const byMemory = stepOf(share, shares, HYSTERESIS, this.#level);
    this.#level = Math.max(stepOf(this.#lateMs, delays, DELAY_HYSTERESIS, this.#level), byMemory);
    this.#cause = byMemory === this.#level ? 'memory' : 'loop';
    const eases = loopDelayMs === 0 ? [] : DELAY_EASES.map((part) => loopDelayMs * part);
    const fills = memory === 0 ? [] : MEMORY_EASES.map((part) => memory * part);
    this.#eased = Math.max(
      stepOf(this.#lateMs, eases, DELAY_HYSTERESIS, this.#eased),
      stepOf(share, fills, HYSTERESIS, this.#eased),
    );
    return this.level;
  }

  /** A call is begun. Null: it is taken. */
  refusal(call: Call): GatewayError | null {
    const { backlog } = this.#deps;
    const threadsMs = this.#deps.threads?.waitMs ?? 0;
    if (this.#level === 0 && backlog.size === 0 && threadsMs === 0) return null;
    backlog.tick(call.startedAt);
    const rank = rankOf(call);
    if (rank >= REFUSED_FROM[this.#level]!) return this.#busy(rank, this.#cause, this.#level);
    if (backlog.refuses(rank)) return this.#busy(rank, 'wait', 1);
    return this.#waitsForThreads(call, rank, threadsMs) ? this.#busy(rank, 'thread', 1) : null;
  }

  #waitsForThreads({ head, snapshot, startedAt }: Call, rank: number, waitMs: number): boolean {
    this.#forThreads.note(waitMs, startedAt - this.#toldAt);
    this.#toldAt = startedAt;
    if (!this.#forThreads.refuses(rank, waitMs)) return false;
    return Number(head.headers.get('content-length')) >= snapshot.config.server.offloadBytes;
  }

  #busy(rank: number, cause: OverloadCause, level: number): GatewayError {
    this.#deps.refused(PRIORITIES[rank]!, cause);
    return BUSY[level]!;
  }

  #share(residentBytes: number | null): number {
    const limit = this.#limitBytes;
    if (limit === null || residentBytes === null) return 0;
    return (residentBytes * this.#workers) / Math.max(limit / 2, limit - RESERVED_BYTES);
  }
}

/** @param before the step that is left only below its hysteresis. */
function stepOf(measure: number, steps: readonly number[], hysteresis: number, before: number): number {
  let level = 0;
  for (const [at, step] of steps.entries())
    if (measure >= (at < before ? step * hysteresis : step)) level = at + 1;
  return level;
}
