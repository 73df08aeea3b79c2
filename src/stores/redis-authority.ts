// Limits over any number of gateways: the counters are in Redis, one script call asks for all buckets of a call, and time
// is Redis's. While Redis cannot be asked, calls are answered at once by the stated policy; nothing waits longer than
// `commandTimeoutMs` for it, ever. A sign of life each second renews the slots held, counts the askers and is the probe.
import type { Ask, Bucket, Grant } from '../contracts/limits.ts';
import type { Clock } from '../contracts/ports.ts';
import { BACK_KEYS, BackQueue } from './back-queue.ts';
import { BackTeller } from './back-teller.ts';
import { FailurePolicy } from './failure-policy.ts';
import { HeldSlots, slotIds } from './held-slots.ts';
import {
  type AskRow,
  askArguments,
  askRows,
  createKeyNames,
  grantOf,
  type KeyNames,
  paceOfRule,
  plainToken,
  type WireAsk,
  wireAsk,
} from './limit-keys.ts';
import { ASK_SCRIPT, BACK_SCRIPT, BEAT_SCRIPT } from './limit-scripts.ts';
import { LineGate } from './line-gate.ts';
import { LocalLimits } from './local-limits.ts';
import { MAX_UNITS } from './meter.ts';
import { BEAT_KEYS, beatCalls } from './redis-beat.ts';
import { RedisBreaker } from './redis-breaker.ts';
import { createRedisClient, faultOf, type RedisClient, type RedisFault } from './redis-client.ts';
import type {
  RedisAuthority,
  RedisAuthorityConfig,
  RedisAuthorityDeps,
  RedisAuthorityObserver,
  RedisAuthorityStats,
} from './redis-options.ts';
import { parseRedisUrl } from './redis-url.ts';
import { Waiting } from './waiting.ts';

interface Pending {
  asks: readonly WireAsk[];
  token: string;
  resolve: (grants: readonly Grant[]) => void;
  sentAt: number;
  /** Set once the policy answered in place of Redis. */
  decided: readonly Grant[] | null;
}

const COMMAND_TIMEOUT_MS = 50;
const MAX_IN_FLIGHT = 1_000;
const MAX_BUCKETS_KNOWN = 10_000;
/** A slot of a process that died is free after this (M08: 30 s). */
const SLOT_LIFE_MS = 20_000;
/** For so long the same token takes once; nothing asks again later. */
const TOKEN_LIFE_MS = 10_000;
const ASKER_LIFE_MS = 5_000;
const BEAT_MS = 1_000;
const CLOSE_WITHIN_MS = 200;
/** So long each process keeps to its part of a limit when Redis does not answer. */
const SHARED_MS = 1_000;

class Authority implements RedisAuthority {
  readonly #clock: Clock;
  readonly #observer: RedisAuthorityObserver;
  readonly #strict: boolean;
  readonly #timeoutMs: number;
  readonly #maxInFlight: number;
  readonly #slotLifeMs: number;
  readonly #names: KeyNames;
  readonly #me: string;
  readonly #client: RedisClient;
  readonly #breaker: RedisBreaker;
  readonly #gate: LineGate;
  readonly #waiting: Waiting<Pending>;
  readonly #slots = new HeldSlots();
  readonly #local = new LocalLimits(MAX_BUCKETS_KNOWN);
  readonly #policy: FailurePolicy;
  readonly #backs = new BackQueue();
  readonly #teller: BackTeller;
  readonly #faults: Partial<Record<RedisFault, number>> = {};
  readonly #onReady = new Set<() => void>();
  #beatTimer: NodeJS.Timeout | null = null;
  #beats = 0;
  #epoch: string | null = null;
  #epochs = 0;
  #askers = 1;
  #inFlight = 0;
  #asked = 0;
  #answered = 0;
  #byPolicy = 0;
  #latencyMs = 0;
  #emptied = 0;
  #closed = false;

  constructor(config: RedisAuthorityConfig, deps: RedisAuthorityDeps) {
    const place = parseRedisUrl(config.url);
    this.#clock = deps.clock;
    this.#observer = deps.observer ?? {};
    this.#timeoutMs = config.commandTimeoutMs ?? COMMAND_TIMEOUT_MS;
    this.#strict = config.mode === 'strict';
    this.#maxInFlight = config.maxInFlight ?? MAX_IN_FLIGHT;
    this.#slotLifeMs = config.slotLifeMs ?? SLOT_LIFE_MS;
    this.#names = createKeyNames(config.keyPrefix ?? place.prefix ?? 'headgate');
    this.#me = Array.from({ length: 3 }, () => Math.floor(deps.random() * 36 ** 5).toString(36)).join('');
    this.#breaker = new RedisBreaker(deps.clock);
    this.#gate = new LineGate(deps.log, deps.clock);
    this.#policy = new FailurePolicy(config.onFailure, this.#local, this.#slots);
    this.#waiting = new Waiting(this.#timeoutMs, deps.clock, (pending) => this.#late(pending));
    this.#teller = new BackTeller(this.#backs, {
      run: (keys, args) => this.#run('hgBack', keys, args),
      listening: () => this.#breaker.closed,
      told: () => this.#breaker.success(),
      failed: (fault, error) => this.#fault(fault, reasonOf(error)),
    });
    this.#client = createRedisClient(
      place,
      [
        { name: 'hgAsk', lua: ASK_SCRIPT, keyCounts: [3, 4, 5, 6, 7, 8, 9, 10] },
        { name: 'hgBack', lua: BACK_SCRIPT, keyCounts: BACK_KEYS },
        { name: 'hgBeat', lua: BEAT_SCRIPT, keyCounts: BEAT_KEYS },
      ],
      {
        ready: () => this.#beatIn(0),
        down: () => {
          if (this.#breaker.trip()) this.#degrade('connection', 'connection lost');
        },
        error: (fault, text) => {
          this.#count(fault);
          this.#gate.say('warn', { fault, reason: text }, 'redis: cannot be reached');
        },
      },
      // The client's own limit is only for what nobody waits for: an answer that comes late is still to be undone.
      {
        commandTimeoutMs: 4 * this.#timeoutMs,
        socketTimeoutMs: 1_000,
        connectTimeoutMs: 500,
        maxReconnectMs: 1_000,
      },
    );
    this.#beatIn(BEAT_MS);
  }

  get healthy(): boolean {
    return this.#breaker.closed;
  }

  get askers(): number {
    return this.#askers;
  }

  ask(asks: readonly Ask[], token: string): Promise<readonly Grant[]> {
    this.#asked++;
    const plain = plainToken(token);
    const wire = asks.map((ask) => wireAsk(ask, this.#names, this.#strict));
    if (!this.#breaker.closed || this.#inFlight >= this.#maxInFlight || this.#closed) {
      return Promise.resolve(this.#byOurselves(wire, plain, true));
    }
    return new Promise((resolve) => this.#send(wire, plain, resolve));
  }

  giveBack(bucket: Bucket, amount: number, token: string): void {
    if (Number.isNaN(amount) || amount === 0) return;
    const key = this.#names.bucket(bucket);
    if (bucket.rule.dimension === 'concurrent') {
      if (amount > 0) this.#backs.slots(key, this.#slots.release(key, plainToken(token), Math.floor(amount)));
    } else {
      // Rounded against whoever gives back: spending never falls by a fraction nobody took.
      const units = Math.max(-MAX_UNITS, Math.min(MAX_UNITS, Math.floor(amount)));
      const pace = paceOfRule(bucket.rule);
      const rest = this.#breaker.closed ? units : this.#local.back(key, pace, units, this.#nowUs());
      this.#backs.rate(key, pace, rest);
    }
    this.#teller.soon();
  }

  ready(withinMs: number): Promise<boolean> {
    if (this.healthy) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#onReady.delete(done);
        resolve(this.healthy);
      };
      const timer = setTimeout(done, withinMs);
      this.#onReady.add(done);
    });
  }

  stats(): RedisAuthorityStats {
    return {
      healthy: this.healthy,
      asked: this.#asked,
      answered: this.#answered,
      byPolicy: this.#byPolicy,
      faults: this.#faults,
      latencyMs: this.#latencyMs,
      degradedMs: this.#breaker.degradedMs,
      inFlight: this.#inFlight,
      askers: this.#askers,
      slotsHeld: this.#slots.size,
      bucketsKnown: this.#local.size,
      toTell: this.#backs.size,
      dropped: this.#backs.dropped + this.#teller.lost,
      emptied: this.#emptied,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#beatTimer !== null) clearTimeout(this.#beatTimer);
    for (const pending of this.#waiting.drain()) this.#decide(pending);
    this.#teller.stop();
    if (this.#client.ready && this.healthy) {
      for (const [key, ids] of this.#slots.releaseAll()) this.#backs.slots(key, ids);
      await Promise.race([this.#leave(), new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS))]);
    }
    this.#client.close();
    this.#gate.close();
    for (const done of [...this.#onReady]) done();
  }

  // ---- asking

  #send(asks: readonly WireAsk[], token: string, resolve: Pending['resolve']): void {
    const pending: Pending = { asks, token, resolve, sentAt: this.#clock.now(), decided: null };
    const keys = [this.#names.record(token), this.#names.askers];
    for (const { key } of asks) keys.push(key);
    const lives = { tokenMs: TOKEN_LIFE_MS, slotMs: this.#slotLifeMs };
    this.#waiting.add(pending, pending.sentAt);
    this.#run('hgAsk', keys, askArguments(asks, token, lives)).then(
      (reply) => this.#reply(pending, reply),
      (error: unknown) => this.#failed(pending, faultOf(error), error),
    );
  }

  #reply(pending: Pending, reply: unknown): void {
    const { asks, token, sentAt, decided } = pending;
    const rows = askRows(reply, asks.length);
    if (rows === null) {
      this.#failed(pending, 'reply', new Error('an answer that our script does not give'));
      return;
    }
    if (decided !== null) {
      this.#undo(pending, decided, rows);
      return;
    }
    this.#waiting.delete(pending);
    this.#breaker.success();
    const latencyMs = this.#clock.now() - sentAt;
    this.#answered++;
    this.#latencyMs += latencyMs;
    this.#observer.answered?.(latencyMs);
    const nowUs = this.#nowUs();
    asks.forEach(({ key, pace }, at) => {
      const { granted, debtUs } = rows[at]!;
      if (pace === null) this.#slots.add(key, token, granted);
      else this.#local.heard(key, pace, debtUs, nowUs);
    });
    pending.resolve(rows.map(grantOf));
  }

  /** Redis answers after the policy did: what it granted and we did not is not to stay taken. */
  #undo({ asks, token }: Pending, decided: readonly Grant[], rows: readonly AskRow[]): void {
    asks.forEach(({ key, pace }, at) => {
      const { granted } = rows[at]!;
      if (pace !== null) this.#backs.rate(key, pace, Math.max(0, granted - decided[at]!.granted));
      else if (!this.#slots.has(key, token, 0)) this.#backs.slots(key, slotIds(token, 0, granted));
    });
    this.#teller.soon();
  }

  /** 50 ms are over. */
  #late(pending: Pending): void {
    this.#decide(pending);
    this.#fault('timeout', 'no answer in time');
  }

  #failed(pending: Pending, fault: RedisFault, error: unknown): void {
    if (pending.decided !== null) return; // counted when it was late
    this.#waiting.delete(pending);
    this.#decide(pending);
    this.#fault(fault, reasonOf(error));
  }

  /** The policy answers in place of Redis, which may or may not have done what it was asked. */
  #decide(pending: Pending): void {
    const { asks, token } = pending;
    const decided = this.#byOurselves(asks, token, false);
    pending.decided = decided;
    // Slots that may have been granted: freed as soon as Redis listens, or else they run out.
    asks.forEach(({ key, pace, want }, at) => {
      if (pace === null) this.#backs.slots(key, slotIds(token, decided[at]!.granted, want));
    });
    pending.resolve(decided);
  }

  /** @param own what is granted here has to be booked in Redis later */
  #byOurselves(asks: readonly WireAsk[], token: string, own: boolean): readonly Grant[] {
    this.#byPolicy++;
    const shares = this.#breaker.openForMs < SHARED_MS ? this.#askers : 1;
    // In good health, with too many in flight, no recovery will book what is granted here: it is booked at once.
    const later = own && !this.#breaker.closed;
    const grants = this.#policy.decide(asks, token, shares, later, this.#nowUs());
    const granted = grants.every((grant, at) => grant.granted >= asks[at]!.need);
    if (granted && own && !later) {
      for (const { key, pace, need } of asks) if (pace !== null) this.#backs.rate(key, pace, -need);
      this.#teller.soon();
    }
    this.#observer.byPolicy?.(granted);
    return grants;
  }

  // ---- signs of life

  #beatIn(ms: number): void {
    if (this.#closed) return;
    if (this.#beatTimer !== null) clearTimeout(this.#beatTimer);
    this.#beatTimer = setTimeout(() => {
      this.#beatTimer = null;
      this.#beat().catch(() => undefined); // it catches what Redis does
    }, ms).unref();
  }

  async #beat(): Promise<void> {
    const probe = !this.#breaker.closed;
    if (!this.#client.ready || (probe && !this.#breaker.beginProbe())) {
      this.#beatIn(this.#breaker.pauseMs);
      return;
    }
    // Slots are renewed well within their life, and all of them as soon as Redis is back.
    const renew = probe || this.#beats++ % Math.max(1, Math.floor(this.#slotLifeMs / 4 / BEAT_MS)) === 0;
    try {
      for (const { keys, ids } of beatCalls(this.#names, renew ? this.#slots : null)) {
        const begun = this.#clock.now();
        const reply = await this.#run('hgBeat', keys, this.#beatArguments(ASKER_LIFE_MS, ids));
        if (!this.#breaker.closed && this.#clock.now() - begun > this.#timeoutMs) {
          // It lives, but calls would not wait for so long. The next answer may be a quick one.
          this.#breaker.probeLate();
          break;
        }
        this.#hear(reply);
      }
    } catch (error) {
      if (probe && !this.#breaker.closed) {
        const fault = faultOf(error);
        this.#breaker.probeFailed();
        this.#count(fault);
        this.#gate.say('warn', { fault, policy: this.#policy.name }, 'redis: still not answering');
      } else this.#fault(faultOf(error), reasonOf(error));
    }
    this.#beatIn(this.#breaker.closed ? BEAT_MS : this.#breaker.pauseMs);
  }

  /** The epoch offered is never the same twice: one that Redis has not kept is recognised, also by who made it. */
  #beatArguments(lifeMs: number, ids: readonly (string | number)[]): (string | number)[] {
    return [this.#me, lifeMs, `${this.#me}.${++this.#epochs}`, this.#slotLifeMs, ...ids];
  }

  #hear(reply: unknown): void {
    if (!Array.isArray(reply) || typeof reply[0] !== 'number' || typeof reply[1] !== 'string') {
      throw new Error('an answer that our script does not give');
    }
    this.#askers = Math.max(1, reply[0]);
    const emptied = this.#epoch !== null && this.#epoch !== reply[1];
    this.#epoch = reply[1];
    if (emptied) this.#emptied++;
    if (!this.#breaker.closed) this.#recover(emptied);
    else if (emptied) this.#settle(true);
  }

  #recover(emptied: boolean): void {
    const lastedMs = Math.round(this.#breaker.probeAnswered());
    this.#settle(emptied);
    this.#gate.say('info', { lastedMs, emptied, askers: this.#askers }, 'redis: limits are shared');
    this.#observer.health?.(true);
    for (const done of [...this.#onReady]) done();
  }

  /** Tells Redis what was granted without it and, when it lost its memory, what we remember. */
  #settle(emptied: boolean): void {
    if (emptied) this.#backs.forgetRates();
    for (const { key, pace, debtUs, restUs, own } of this.#local.settle(this.#nowUs())) {
      // The greatest debt anybody remembers counts, and what each granted by itself comes on top.
      if (emptied) this.#backs.debt(key, own > 0 ? restUs : debtUs);
      this.#backs.rate(key, pace, -own);
    }
    this.#teller.soon();
  }

  /** The last beat: nothing held, and no asker any more. */
  async #leave(): Promise<void> {
    try {
      await this.#teller.close();
      const { askers, epoch } = this.#names;
      await this.#run('hgBeat', [askers, epoch], this.#beatArguments(0, []));
    } catch {
      // What is not said runs out by itself.
    }
  }

  // ---- failure

  #run(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    this.#inFlight++;
    return this.#client.run(script, keys, args).finally(() => this.#inFlight--);
  }

  #fault(fault: RedisFault, text: string): void {
    this.#count(fault);
    if (this.#breaker.failure()) this.#degrade(fault, text);
    else if (this.#breaker.closed) this.#gate.say('warn', { fault, reason: text }, 'redis: a call failed');
  }

  /** Nobody waits any longer. */
  #degrade(fault: RedisFault, reason: string): void {
    for (const pending of this.#waiting.drain()) this.#decide(pending);
    this.#gate.say(
      'warn',
      { fault, reason, policy: this.#policy.name },
      'redis: limits are decided by policy',
    );
    this.#observer.health?.(false);
    this.#beatIn(this.#breaker.pauseMs);
  }

  #count(fault: RedisFault): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
    this.#observer.failed?.(fault);
  }

  #nowUs(): number {
    return Math.floor(this.#clock.now() * 1000);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 120) : 'no error';
}

/** Begins to connect; asks are answered by the policy until Redis does. @throws when the URL is none. */
export function createRedisAuthority(config: RedisAuthorityConfig, deps: RedisAuthorityDeps): RedisAuthority {
  return new Authority(config, deps);
}
