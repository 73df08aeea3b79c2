// Limits over any number of gateways: the counters are in Redis, one script call asks for all buckets of a call, and time
// is Redis's. While Redis cannot be asked, calls are answered at once by the stated policy; nothing waits longer than
// `timeoutMs` for it, ever. Put together here: asking.ts, deciding.ts (the policy), back-teller.ts (what goes back),
// beats.ts (signs of life) and recovery.ts.

import { redisPlace } from '../../config/redis-url.ts';
import type { Ask, Bucket, Grant, LimitHeir } from '../../contracts/limits.ts';
import type { Clock } from '../../contracts/ports.ts';
import { behindTurns } from '../../ipc/behind-reads.ts';
import { mostUnits } from '../../limits/meter.ts';
import { marksPrefix } from '../budgets/marks-prefix.ts';
import { createRedisClient, type RedisClient } from '../client.ts';
import { type RedisDeadlines, redisDeadlines } from '../deadlines.ts';
import { RedisHealth } from '../health.ts';
import type {
  RedisAuthority,
  RedisAuthorityConfig,
  RedisAuthorityDeps,
  RedisAuthorityStats,
} from '../options.ts';
import { ASK_SCRIPT } from './ask-script.ts';
import { Asking } from './asking.ts';
import { BackQueue } from './back-queue.ts';
import { BackTeller } from './back-teller.ts';
import { Beats } from './beats.ts';
import { Deciding } from './deciding.ts';
import { FailurePolicy } from './failure-policy.ts';
import { HeldSlots } from './held-slots.ts';
import { KeyNames, plainToken } from './limit-keys.ts';
import { BACK_SCRIPT, BEAT_SCRIPT } from './limit-scripts.ts';
import { LocalLimits } from './local-limits.ts';
import { Recovery } from './recovery.ts';

const MAX_BUCKETS_KNOWN = 10_000;
/** A slot of a process that died is free after this (M08: 30 s). */
const SLOT_LIFE_MS = 20_000;

class Authority implements RedisAuthority {
  readonly heir: LimitHeir | undefined;
  readonly #clock: Clock;
  readonly #deadlines: RedisDeadlines;
  readonly #strict: boolean;
  readonly #names: KeyNames;
  /** Of keys that say what was charged. */
  readonly #marks: string;
  readonly #client: RedisClient;
  readonly #health: RedisHealth;
  readonly #slots = new HeldSlots();
  readonly #local = new LocalLimits(MAX_BUCKETS_KNOWN);
  readonly #backs = new BackQueue();
  readonly #teller: BackTeller;
  readonly #recovery: Recovery;
  readonly #deciding: Deciding;
  readonly #asking: Asking;
  readonly #beats: Beats;
  #background = 0;
  #asked = 0;
  #closed = false;

  constructor(config: RedisAuthorityConfig, deps: RedisAuthorityDeps) {
    const place = redisPlace(config);
    const { clock, log, observer = {} } = deps;
    const deadlines = redisDeadlines(config.timeoutMs);
    const timeoutMs = deadlines.askMs;
    this.#deadlines = deadlines;
    const slotLifeMs = config.slotLifeMs ?? SLOT_LIFE_MS;
    const policy = new FailurePolicy(config.onFailure, this.#local, this.#slots);
    const nowUs = (): number => this.#nowUs();
    const names = new KeyNames(config.keyPrefix ?? place.prefix ?? 'headgate');
    const slots = this.#slots;
    const local = this.#local;
    const backs = this.#backs;
    this.heir = deps.heir;
    this.#clock = clock;
    this.#strict = config.mode === 'strict';
    this.#names = names;
    this.#marks = marksPrefix(place.prefix);
    const health = new RedisHealth({
      clock,
      log,
      observer,
      policy: policy.name,
      degraded: () => {
        this.#asking.drain();
        this.#beats.degraded();
      },
    });
    this.#health = health;
    const teller = new BackTeller(backs, {
      run: (keys, args) => this.#inBackground('hgBack', keys, args),
      listening: () => health.good,
      told: () => health.breaker.success(),
      failed: (fault, error) => health.failed(error, fault),
    });
    this.#teller = teller;
    const recovery = new Recovery({ health, local, backs, teller, nowUs, wall: () => clock.wall() });
    this.#recovery = recovery;
    const { breaker } = health;
    const askers = (): number => recovery.askers;
    this.#deciding = new Deciding({ breaker, policy, backs, teller, observer, askers, nowUs });
    this.#asking = new Asking(
      {
        clock,
        observer,
        run: ({ keys, args }) => this.#client.run('hgAsk', keys, args),
        names,
        health,
        deciding: this.#deciding,
        slots,
        local,
        backs,
        teller,
      },
      { timeoutMs, maxInFlight: config.maxInFlight ?? deadlines.maxInFlight, slotLifeMs },
    );
    this.#beats = new Beats(
      {
        clock,
        run: (keys, args) => this.#inBackground('hgBeat', keys, args),
        connected: () => this.#client.ready,
        names,
        health,
        recovery,
        slots,
      },
      { me: nameOf(deps.random), slotLifeMs, timeoutMs },
    );
    this.#client = createRedisClient(
      place,
      [
        { name: 'hgAsk', lua: ASK_SCRIPT },
        { name: 'hgBack', lua: BACK_SCRIPT },
        { name: 'hgBeat', lua: BEAT_SCRIPT },
      ],
      {
        ready: () => this.#beats.now(),
        down: () => health.connectionLost(),
        error: (fault, text) => health.connectionFailed(fault, text),
      },
      {
        commandTimeoutMs: deadlines.lateMs,
        socketTimeoutMs: deadlines.silentMs,
        connectTimeoutMs: deadlines.connectMs,
        maxReconnectMs: 1_000,
        lookup: deps.lookup,
      },
    );
    this.#beats.start();
  }

  get healthy(): boolean {
    return this.#health.good;
  }

  get wallOffsetMs(): number {
    return this.#recovery.wallOffsetMs;
  }

  get askers(): number {
    return this.#recovery.askers;
  }

  ask(asks: readonly Ask[], token: string): Promise<readonly Grant[]> {
    this.#asked++;
    const plain = plainToken(token);
    const parts = asks.map((ask) => this.#names.ask(ask, this.#strict));
    if (!this.#health.good || !this.#asking.hasRoom || this.#closed) {
      return Promise.resolve(this.#deciding.decide(parts, plain, true));
    }
    return this.#asking.ask(parts, plain);
  }

  giveBack(bucket: Bucket, amount: number, token: string): void {
    if (Number.isNaN(amount) || amount === 0) return;
    const { key, pace } = this.#names.wire(bucket);
    if (pace === null) {
      if (amount > 0) this.#backs.slots(key, this.#slots.release(key, plainToken(token), Math.floor(amount)));
    } else {
      // Rounded against whoever gives back: spending never falls by a fraction nobody took.
      const units = Math.max(-mostUnits(pace), Math.min(mostUnits(pace), Math.floor(amount)));
      const rest = this.#health.good ? units : this.#local.back(key, pace, units, this.#nowUs());
      this.#backs.rate(key, pace, rest);
    }
    this.#teller.soon();
  }

  charged(bucketIds: readonly string[]): Promise<readonly (number | null)[]> {
    // Sent together: the client writes all that a turn of the loop asks in one piece.
    return Promise.all(
      bucketIds.map(async (id) => {
        if (!this.#health.good || this.#closed) return null;
        try {
          const nano = await this.#client.call('HGET', [this.#marks + id, 'n']);
          // None: nothing was charged in this window.
          return nano === null ? 0 : Number(String(nano));
        } catch {
          return null;
        }
      }),
    );
  }

  ready(withinMs: number): Promise<boolean> {
    return this.#recovery.ready(withinMs);
  }

  stats(): RedisAuthorityStats {
    return {
      healthy: this.healthy,
      asked: this.#asked,
      answered: this.#asking.answered,
      byPolicy: this.#deciding.count,
      faults: this.#health.faults,
      latencyMs: this.#asking.latencyMs,
      degradedMs: this.#health.breaker.degradedMs,
      inFlight: this.#asking.inFlight + this.#background,
      askers: this.askers,
      slotsHeld: this.#slots.size,
      bucketsKnown: this.#local.size,
      toTell: this.#backs.size,
      dropped: this.#backs.dropped + this.#teller.lost,
      emptied: this.#recovery.emptied,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#beats.stop();
    this.#asking.drain();
    this.#teller.stop();
    if (this.#client.ready && this.healthy) {
      for (const [key, ids] of this.#slots.releaseAll()) this.#backs.slots(key, ids);
      const { promise, resolve } = Promise.withResolvers<void>();
      const late = behindTurns(this.#deadlines.leaveMs, resolve);
      await Promise.race([this.#leave(), promise]);
      late.clear();
    }
    this.#client.close();
    this.#health.close();
    this.#recovery.release();
  }

  async #leave(): Promise<void> {
    try {
      await this.#teller.close();
      await this.#beats.leave();
    } catch {
      // What is not said runs out by itself.
    }
  }

  #inBackground(
    script: string,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    this.#background++;
    return this.#client.run(script, keys, args).finally(() => this.#background--);
  }

  #nowUs(): number {
    return Math.floor(this.#clock.now() * 1000);
  }
}

/** Of this asker: unlike that of any other. */
function nameOf(random: () => number): string {
  return Array.from({ length: 3 }, () => Math.floor(random() * 36 ** 5).toString(36)).join('');
}

/** Begins to connect; asks are answered by the policy until Redis does. @throws when the URL is none. */
export function createRedisAuthority(config: RedisAuthorityConfig, deps: RedisAuthorityDeps): RedisAuthority {
  return new Authority(config, deps);
}
