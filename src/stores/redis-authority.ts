// Limits over any number of gateways: the counters are in Redis, one script call asks for all buckets of a call, and time
// is Redis's. While Redis cannot be asked, calls are answered at once by the stated policy; nothing waits longer than
// `commandTimeoutMs` for it, ever. A sign of life each second renews the slots held, counts the askers and is the probe.
import type { RedisConfig } from '../contracts/config.ts';
import type { Ask, Bucket, Grant, LimitAuthority } from '../contracts/limits.ts';
import type { Clock, LogPort } from '../contracts/ports.ts';
import { BACK_KEYS, BackQueue } from './back-queue.ts';
import { HeldSlots, slotId } from './held-slots.ts';
import {
  type AskRow,
  askArguments,
  askRows,
  createKeyNames,
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
import { parseRedisUrl } from './redis-url.ts';
import { Waiting } from './waiting.ts';

export interface RedisAuthorityConfig extends RedisConfig {
  /** Begins every key; `?prefix=` of the URL says the same. */
  keyPrefix?: string;
  /** ms a call waits for Redis. */
  commandTimeoutMs?: number;
  /** Script calls on their way at most; beyond them the policy answers. */
  maxInFlight?: number;
  /** Slots that nobody renews are free after this. */
  slotLifeMs?: number;
}

/** Told as it happens; for metrics. */
export interface RedisAuthorityObserver {
  /** An ask was answered by Redis. */
  answered?(latencyMs: number): void;
  /** An ask or something in the background failed. */
  failed?(fault: RedisFault): void;
  /** An ask was answered by the policy. */
  byPolicy?(granted: boolean): void;
  health?(healthy: boolean): void;
}

export interface RedisAuthorityDeps {
  clock: Clock;
  log: LogPort;
  /** 0 <= x < 1; names this asker. */
  random: () => number;
  observer?: RedisAuthorityObserver;
}

export interface RedisAuthorityStats {
  healthy: boolean;
  asked: number;
  answered: number;
  /** Asks the policy answered: `onFailure`, or too many in flight. */
  byPolicy: number;
  faults: Readonly<Partial<Record<RedisFault, number>>>;
  /** Sum over `answered`. */
  latencyMs: number;
  /** ms in which the policy decided, up to now. */
  degradedMs: number;
  inFlight: number;
  /** Processes that share the limits, this one included. */
  askers: number;
  slotsHeld: number;
  bucketsKnown: number;
  /** Waiting to be told to Redis, and what had to be dropped of that. */
  toTell: number;
  dropped: number;
  /** Times Redis had lost all it knew. */
  emptied: number;
}

export interface RedisAuthority extends LimitAuthority {
  /** Processes that share the limits; a lease is at most 1 % of a limit over all of them. */
  readonly askers: number;
  /** Resolves when Redis answers, or after `withinMs`; says whether it does. A start need not wait longer than this. */
  ready(withinMs: number): Promise<boolean>;
  stats(): RedisAuthorityStats;
  /** Gives back what is held and leaves; never takes longer than a moment. */
  close(): Promise<void>;
}

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
const MAX_BACKS_IN_FLIGHT = 8;
const MAX_BUCKETS_KNOWN = 10_000;
const LEASE_LIFE_MS = 1_000;
/** A slot of a process that died is free after this (M08: 30 s). */
const SLOT_LIFE_MS = 20_000;
/** For so long the same token takes once; nothing asks again later. */
const TOKEN_LIFE_MS = 10_000;
const ASKER_LIFE_MS = 5_000;
const BEAT_MS = 1_000;
/** What a refused client is told while nobody can know. */
const REFUSED_RETRY_MS = 1_000;
const GATHER_MS = 2;
/** So long each process keeps to its part of a limit when Redis does not answer. */
const SHARED_MS = 1_000;
const CLOSE_WITHIN_MS = 200;

class Authority implements RedisAuthority {
  readonly #clock: Clock;
  readonly #observer: RedisAuthorityObserver;
  readonly #timeoutMs: number;
  readonly #strict: boolean;
  readonly #open: boolean;
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
  readonly #backs = new BackQueue();
  readonly #faults: Partial<Record<RedisFault, number>> = {};
  readonly #onReady = new Set<() => void>();
  #beatTimer: NodeJS.Timeout | null = null;
  #tellTimer: NodeJS.Timeout | null = null;
  #epoch: string | null = null;
  #askers = 1;
  #inFlight = 0;
  #backsInFlight = 0;
  #beats = 0;
  #epochs = 0;
  #asked = 0;
  #answered = 0;
  #byPolicy = 0;
  #latencyMs = 0;
  #emptied = 0;
  #lost = 0;
  #closed = false;

  constructor(config: RedisAuthorityConfig, deps: RedisAuthorityDeps) {
    const place = parseRedisUrl(config.url);
    const timeoutMs = config.commandTimeoutMs ?? COMMAND_TIMEOUT_MS;
    this.#clock = deps.clock;
    this.#observer = deps.observer ?? {};
    this.#timeoutMs = timeoutMs;
    this.#strict = config.mode === 'strict';
    this.#open = config.onFailure === 'open';
    this.#maxInFlight = config.maxInFlight ?? MAX_IN_FLIGHT;
    this.#slotLifeMs = config.slotLifeMs ?? SLOT_LIFE_MS;
    this.#names = createKeyNames(config.keyPrefix ?? place.prefix ?? 'headgate');
    this.#me = Array.from({ length: 3 }, () => Math.floor(deps.random() * 36 ** 5).toString(36)).join('');
    this.#breaker = new RedisBreaker(deps.clock);
    this.#gate = new LineGate(deps.log, deps.clock);
    this.#waiting = new Waiting(timeoutMs, deps.clock, (pending) => this.#late(pending));
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
        commandTimeoutMs: 4 * timeoutMs,
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
    this.#tellSoon();
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
      dropped: this.#backs.dropped + this.#lost,
      emptied: this.#emptied,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of [this.#beatTimer, this.#tellTimer]) if (timer !== null) clearTimeout(timer);
    for (const pending of this.#waiting.drain()) this.#decide(pending);
    if (this.#client.ready && this.healthy) {
      for (const [key, ids] of this.#slots.releaseAll()) this.#backs.slots(key, ids);
      await Promise.race([
        this.#leave(),
        new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref()),
      ]);
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
    this.#waiting.add(pending, pending.sentAt);
    this.#run(
      'hgAsk',
      keys,
      askArguments(asks, token, { tokenMs: TOKEN_LIFE_MS, slotMs: this.#slotLifeMs }),
    ).then(
      (reply) => this.#reply(pending, reply),
      (error: unknown) => this.#failed(pending, faultOf(error), error),
    );
  }

  #reply(pending: Pending, reply: unknown): void {
    const rows = askRows(reply, pending.asks.length);
    if (rows === null) {
      this.#failed(pending, 'reply', new Error('an answer that our script does not give'));
      return;
    }
    if (pending.decided !== null) {
      this.#undo(pending, rows);
      return;
    }
    this.#waiting.delete(pending);
    this.#breaker.success();
    const now = this.#clock.now();
    this.#answered++;
    this.#latencyMs += now - pending.sentAt;
    this.#observer.answered?.(now - pending.sentAt);
    const nowUs = this.#nowUs();
    pending.resolve(
      pending.asks.map(({ key, pace }, at) => {
        const row = rows[at]!;
        if (pace === null) this.#slots.add(key, pending.token, row.granted);
        else this.#local.heard(key, pace, row.debtUs, nowUs);
        return grantOf(row);
      }),
    );
  }

  /** Redis answers after the policy did: what it granted and we did not is not to stay taken. */
  #undo({ asks, token, decided }: Pending, rows: readonly AskRow[]): void {
    asks.forEach(({ key, pace }, at) => {
      const { granted } = rows[at]!;
      if (pace === null) {
        const ids = Array.from({ length: granted }, (_, slot) => slotId(token, slot));
        this.#backs.slots(
          key,
          ids.filter((id) => !this.#slots.has(key, id)),
        );
      } else this.#backs.rate(key, pace, Math.max(0, granted - decided![at]!.granted));
    });
    this.#tellSoon();
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
    this.#fault(fault, error instanceof Error ? error.message.slice(0, 120) : 'no error');
  }

  /** The policy answers in place of Redis, which may or may not have done what it was asked. */
  #decide(pending: Pending): void {
    const { asks, token } = pending;
    pending.decided = this.#byOurselves(asks, token, false);
    asks.forEach(({ key, pace, want }, at) => {
      if (pace !== null) return;
      // Slots of an ask that may have been granted: freed as soon as Redis listens, or else they run out.
      const kept = pending.decided![at]!.granted;
      this.#backs.slots(
        key,
        Array.from({ length: want - kept }, (_, slot) => slotId(token, kept + slot)),
      );
    });
    pending.resolve(pending.decided);
  }

  /** @param own what is granted here has to be booked in Redis later */
  #byOurselves(asks: readonly WireAsk[], token: string, own: boolean): readonly Grant[] {
    this.#byPolicy++;
    const nowUs = this.#nowUs();
    const shares = this.#breaker.openForMs < SHARED_MS ? this.#askers : 1;
    const rows = asks.map(({ key, need, pace, limit }): AskRow => {
      if (!this.#open) return { granted: 0, waitUs: REFUSED_RETRY_MS * 1000, left: 0, debtUs: 0 };
      if (pace !== null) return { granted: 0, ...this.#local.standing(key, pace, need, shares, nowUs) };
      const left = Math.max(0, Math.ceil(limit / shares) - this.#slots.held(key));
      return { granted: 0, waitUs: need <= left ? 0 : REFUSED_RETRY_MS * 1000, left, debtUs: 0 };
    });
    const granted = rows.every(({ waitUs }) => waitUs === 0);
    if (granted) {
      asks.forEach(({ key, need, pace }, at) => {
        rows[at]!.granted = need;
        if (pace === null) this.#slots.add(key, token, need);
        else this.#local.take(key, pace, need, shares, own, nowUs);
      });
    }
    // In good health, with too many in flight, nothing else will tell Redis of it.
    if (granted && own && this.#breaker.closed) {
      for (const { key, pace, need } of asks) if (pace !== null) this.#backs.rate(key, pace, -need);
      this.#tellSoon();
    }
    this.#observer.byPolicy?.(granted);
    return rows.map((row) => ({ ...grantOf(row), degraded: true }));
  }

  // ---- giving back

  #tellSoon(): void {
    if (this.#backs.size === 0 || this.#closed || !this.#breaker.closed) return;
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = null;
      this.#tell();
    }, GATHER_MS);
  }

  #tell(): void {
    while (this.#breaker.closed && this.#backsInFlight < MAX_BACKS_IN_FLIGHT) {
      const call = this.#backs.next();
      if (call === null) return;
      this.#backsInFlight++;
      this.#run('hgBack', call.keys, call.args)
        .then(
          () => this.#breaker.success(),
          (error: unknown) => {
            const fault = faultOf(error);
            // Refused before anything ran: kept. Otherwise it may have run, and only names can be said twice.
            const sure =
              fault === 'readonly' || fault === 'memory' || fault === 'loading' || fault === 'auth';
            if (!sure) this.#lost += call.rates.length;
            this.#backs.restore(sure ? call : { rates: [], slots: call.slots });
            this.#fault(fault, error instanceof Error ? error.message.slice(0, 120) : 'no error');
          },
        )
        .finally(() => {
          this.#backsInFlight--;
          this.#tellSoon();
        })
        .catch(() => undefined); // neither handler above throws
    }
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
        const args = [this.#me, ASKER_LIFE_MS, this.#newEpoch(), this.#slotLifeMs, ...ids];
        const begun = this.#clock.now();
        const reply = await this.#run('hgBeat', keys, args);
        if (!this.#breaker.closed && this.#clock.now() - begun > this.#timeoutMs) {
          // It lives, but calls would not wait for so long. The next answer may be a quick one.
          this.#breaker.probeLate();
          break;
        }
        this.#hear(reply);
      }
    } catch (error) {
      const fault = faultOf(error);
      if (probe && !this.#breaker.closed) {
        this.#breaker.probeFailed();
        this.#count(fault);
        this.#gate.say('warn', { fault, policy: this.#policy }, 'redis: still not answering');
      } else this.#fault(fault, error instanceof Error ? error.message.slice(0, 120) : 'no error');
    }
    this.#beatIn(this.#breaker.closed ? BEAT_MS : this.#breaker.pauseMs);
  }

  /** Never the same twice: one that Redis has not kept is recognised, also by who made it. */
  #newEpoch(): string {
    return `${this.#me}.${++this.#epochs}`;
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
    this.#settle(emptied);
    const lastedMs = Math.round(this.#breaker.probeAnswered());
    this.#gate.say('info', { lastedMs, emptied, askers: this.#askers }, 'redis: limits are shared');
    this.#observer.health?.(true);
    for (const done of [...this.#onReady]) done();
    this.#tell();
  }

  /** Tells Redis what was granted without it and, when it lost its memory, what we remember. */
  #settle(emptied: boolean): void {
    if (emptied) this.#backs.forgetRates();
    for (const { key, pace, debtUs, restUs, own } of this.#local.settle(this.#nowUs())) {
      // The greatest debt anybody remembers counts, and what each granted by itself comes on top.
      if (emptied) this.#backs.debt(key, own > 0 ? restUs : debtUs);
      this.#backs.rate(key, pace, -own);
    }
    this.#tellSoon();
  }

  /** The last beat: nothing held, and no asker any more. */
  async #leave(): Promise<void> {
    try {
      for (let call = this.#backs.next(); call !== null; call = this.#backs.next()) {
        await this.#run('hgBack', call.keys, call.args);
      }
      await this.#run(
        'hgBeat',
        [this.#names.askers, this.#names.epoch],
        [this.#me, 0, this.#newEpoch(), this.#slotLifeMs],
      );
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
  #degrade(fault: RedisFault, text: string): void {
    for (const pending of this.#waiting.drain()) this.#decide(pending);
    this.#gate.say(
      'warn',
      { fault, reason: text, policy: this.#policy },
      'redis: limits are decided by policy',
    );
    this.#observer.health?.(false);
    this.#beatIn(this.#breaker.pauseMs);
  }

  #count(fault: RedisFault): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
    this.#observer.failed?.(fault);
  }

  get #policy(): string {
    return this.#open ? 'open' : 'closed';
  }

  #nowUs(): number {
    return Math.floor(this.#clock.now() * 1000);
  }
}

function grantOf({ granted, waitUs, left, debtUs }: AskRow): Grant {
  return {
    granted,
    retryAfterMs: Math.ceil(waitUs / 1000),
    remaining: left,
    resetMs: Math.ceil(debtUs / 1000),
    lifeMs: LEASE_LIFE_MS,
  };
}

/** Begins to connect; asks are answered by the policy until Redis does. @throws when the URL is none. */
export function createRedisAuthority(config: RedisAuthorityConfig, deps: RedisAuthorityDeps): RedisAuthority {
  return new Authority(config, deps);
}
