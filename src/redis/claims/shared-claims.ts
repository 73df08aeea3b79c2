// Answers that several ask for, over all gateways of one Redis: who makes one holds a key that it renews, and writes the answer into
// it; who waits looks again. A Redis that is away is nobody to ask: each makes its own then.
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { Claimed, Claims } from '../../contracts/claims.ts';
import type { RedisConfig } from '../../contracts/config.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { taggedPrefix } from '../key-prefix.ts';

/**
 * KEYS: the name. ARGV: `claim`, own mark, ms it holds | `hold`, own mark, ms | `made`, own mark, text, ms | `over`, own mark.
 * Answers what stands there; '' = it is mine now.
 */
const SCRIPT = `
local there = redis.call('GET', KEYS[1])
if ARGV[1] == 'claim' then
  if there then return there end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return ''
end
if there ~= ARGV[2] then return 0 end
if ARGV[1] == 'hold' then return redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
if ARGV[1] == 'over' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
`;
/** A maker that does not renew its claim for so long is gone. */
const HOLD_MS = 10_000;
const RENEW_MS = 3_000;
/** Between two looks of who waits. */
const LOOK_MS = 100;
/** The first connection is waited for so long: a gateway that has just begun to serve keeps its promises too. */
const FIRST_MS = 2_000;
/** Who waits for an answer that is for those that wait alone finds it for so long. */
const LINGER_MS = 2_000;

export interface SharedClaims extends Claims {
  close(): void;
}

export interface SharedClaimsDeps {
  clock: Clock;
  log: LogPort;
  lookup?: LookupFunction | undefined;
  /** Unlike that of any other process. */
  origin: string;
}

class RedisClaims implements SharedClaims {
  readonly #client: RedisClient;
  readonly #gate: LineGate;
  readonly #prefix: string;
  readonly #origin: string;
  /** What this process makes, by name: the mark that stands in Redis. */
  readonly #held = new Map<string, string>();
  #renewal: NodeJS.Timeout | null = null;
  /** The first connection is being made; null = it was, or took too long. */
  #beginning: Promise<void> | null;
  #closed = false;

  constructor(config: RedisConfig, { clock, log, lookup, origin }: SharedClaimsDeps) {
    this.#prefix = `${taggedPrefix(redisPlace(config).prefix ?? 'headgate')}:cl:`;
    this.#origin = origin;
    this.#gate = new LineGate(log, clock);
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, FIRST_MS).unref();
    this.#beginning = promise.then(() => {
      clearTimeout(late);
      this.#beginning = null;
    });
    this.#client = createBackgroundClient(
      config,
      { name: 'hgClaims', lua: SCRIPT },
      {
        ready: resolve,
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      lookup,
    );
  }

  async claim(name: string, print: string): Promise<Claimed> {
    const mark = `m ${print} ${this.#origin}`;
    for (;;) {
      const there = await this.#run(name, ['claim', mark, HOLD_MS]);
      if (typeof there !== 'string' || this.#closed) return { kind: 'unknown' };
      if (there === '') {
        this.#hold(name, mark);
        return { kind: 'mine' };
      }
      const [state, known, text] = there.split(' ', 3);
      if (known !== print) return { kind: 'other' };
      if (state === 'a') return { kind: 'made', answer: Buffer.from(text ?? '', 'base64') };
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  settle(name: string, answer: Buffer | null, ttlMs: number): void {
    const mark = this.#held.get(name);
    if (mark === undefined) return;
    this.#held.delete(name);
    const print = mark.split(' ')[1]!;
    if (answer === null) void this.#run(name, ['over', mark]);
    else
      void this.#run(name, [
        'made',
        mark,
        `a ${print} ${answer.toString('base64')}`,
        Math.max(LINGER_MS, Math.ceil(ttlMs)),
      ]);
  }

  close(): void {
    this.#closed = true;
    if (this.#renewal !== null) clearInterval(this.#renewal);
    this.#client.close();
    this.#gate.close();
  }

  #hold(name: string, mark: string): void {
    this.#held.set(name, mark);
    this.#renewal ??= setInterval(() => {
      for (const [held, own] of this.#held) void this.#run(held, ['hold', own, HOLD_MS]);
    }, RENEW_MS).unref();
  }

  /** Null: it failed, and the log says so. */
  async #run(name: string, args: readonly (string | number)[]): Promise<unknown> {
    if (!this.#client.ready) await this.#beginning;
    if (!this.#client.ready) return null;
    try {
      return (await this.#client.run('hgClaims', [this.#prefix + name], args)) ?? null;
    } catch (error) {
      this.#failed(faultOf(error), (error instanceof Error ? error.message : String(error)).slice(0, 200));
      return null;
    }
  }

  #failed(fault: string, reason: string): void {
    this.#gate.say('warn', { fault, reason }, 'redis: answers are shared by single gateways only');
  }
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedClaims(config: RedisConfig, deps: SharedClaimsDeps): SharedClaims {
  return new RedisClaims(config, deps);
}
