// Gives back to Redis what a process that died had reserved: for the primary, which knows who died. Its connection lasts
// as long as there is something to say. Whatever Redis does meanwhile, each return is done once or, when Redis is away for
// too long, not at all: then it drains.
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { Bucket } from '../../contracts/limits.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { behindTurns } from '../../ipc/behind-reads.ts';
import { mostUnits } from '../../limits/meter.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { KeyNames } from './limit-keys.ts';
import { RETURN_SCRIPT } from './limit-scripts.ts';

const KEYS_A_CALL = 32;
/** Calls that wait for Redis; beyond them what comes is dropped. */
const MAX_CALLS = 400;
/** So long it is tried; most debts have drained by then. */
const KEEP_MS = 600_000;
/** Redis remembers for longer what it did. */
const RECORD_MS = 2 * KEEP_MS;
const RETRY_MS = 250;

export interface RedisReturns {
  giveBack(rows: readonly (readonly [bucket: Bucket, units: number])[]): void;
  /** Returns that Redis has not confirmed. */
  readonly waiting: number;
  /** Resolves when all is said, or after `withinMs`; then nothing is said any more. */
  close(withinMs: number): Promise<void>;
}

export interface RedisReturnsDeps {
  clock: Clock;
  log: LogPort;
  /** For connections by name; own look-ups by default. */
  lookup?: LookupFunction | undefined;
  /** 0 <= x < 1; makes the names of returns unlike any others. */
  random: () => number;
}

interface Return {
  readonly keys: string[];
  readonly args: (string | number)[];
  readonly by: number;
}

class Returns implements RedisReturns {
  readonly #deps: RedisReturnsDeps;
  readonly #config: RedisConfig;
  readonly #names: KeyNames;
  readonly #gate: LineGate;
  readonly #queue: Return[] = [];
  #client: RedisClient | null = null;
  #retry: NodeJS.Timeout | null = null;
  #busy = false;
  #closed = false;
  #empty: (() => void) | null = null;

  constructor(config: RedisConfig, deps: RedisReturnsDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#names = new KeyNames(redisPlace(config).prefix ?? 'headgate');
    this.#gate = new LineGate(deps.log, deps.clock);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  giveBack(rows: readonly (readonly [bucket: Bucket, units: number])[]): void {
    const { clock, random } = this.#deps;
    const by = clock.now() + KEEP_MS;
    let call: Return | null = null;
    for (const [bucket, amount] of rows) {
      const { key, pace } = this.#names.wire(bucket);
      const units = Math.min(mostUnits(pace), Math.floor(amount));
      if (pace === null || !(units > 0)) continue;
      if (call === null || call.keys.length > KEYS_A_CALL) {
        if (this.#queue.length >= MAX_CALLS || this.#closed) break;
        const token = `back-${clock.wall().toString(36)}-${Math.floor(random() * 2 ** 48).toString(36)}`;
        call = { keys: [this.#names.record + token], args: [RECORD_MS], by };
        this.#queue.push(call);
      }
      call.keys.push(key);
      call.args.push(units, pace.spacingUs, pace.spacingFrac, pace.burst);
    }
    this.#next();
  }

  async close(withinMs: number): Promise<void> {
    if (this.#queue.length > 0 && !this.#closed) {
      const late = behindTurns(withinMs, () => this.#empty?.());
      await new Promise<void>((resolve) => (this.#empty = resolve));
      late.clear();
    }
    this.#closed = true;
    this.#queue.length = 0;
    this.#disconnect();
    this.#gate.close();
  }

  #next(): void {
    const now = this.#deps.clock.now();
    while (this.#queue.length > 0 && this.#queue[0]!.by <= now) this.#queue.shift();
    const first = this.#queue[0];
    if (first === undefined) {
      this.#disconnect();
      this.#empty?.();
      return;
    }
    if (this.#busy || this.#closed) return;
    this.#client ??= this.#connect();
    if (!this.#client.ready) {
      // `ready` says when; this only sees to it that what waits for too long is dropped.
      this.#later();
      return;
    }
    this.#busy = true;
    this.#client.run('hgReturn', first.keys, first.args).then(
      () => {
        this.#busy = false;
        this.#queue.shift();
        this.#next();
      },
      (error: unknown) => {
        this.#busy = false;
        this.#failed(faultOf(error), error instanceof Error ? error.message.slice(0, 200) : String(error));
        this.#later();
      },
    );
  }

  #later(): void {
    if (this.#closed) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.#next();
    }, RETRY_MS).unref();
  }

  #connect(): RedisClient {
    return createBackgroundClient(
      this.#config,
      { name: 'hgReturn', lua: RETURN_SCRIPT },
      {
        ready: () => this.#next(),
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      this.#deps.lookup,
    );
  }

  #disconnect(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#client?.close();
    this.#client = null;
  }

  #failed(fault: string, reason: string): void {
    const calls = this.#queue.length;
    this.#gate.say('warn', { fault, reason, calls }, 'redis: what a worker left cannot be given back yet');
  }
}

/** Connects when there is something to say. */
export function createRedisReturns(config: RedisConfig, deps: RedisReturnsDeps): RedisReturns {
  return new Returns(config, deps);
}
