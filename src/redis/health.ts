// How Redis fares, in one place: the breaker, what is counted of its faults, and what the log is told.

import { Breaker, type BreakerOptions } from '../circuit/breaker.ts';
import type { Clock, LogPort } from '../contracts/ports.ts';
import { LineGate } from '../observability/line-gate.ts';
import { faultOf, type RedisFault } from './client.ts';
import type { RedisAuthorityObserver } from './options.ts';

const BREAKER: BreakerOptions = { openAt: 5, firstPauseMs: 50, maxPauseMs: 2_000, calmMs: 500 };

export interface RedisHealthDeps {
  clock: Clock;
  log: LogPort;
  observer: RedisAuthorityObserver;
  /** What `onFailure` says, for the log. */
  policy: string;
  /** Calls are answered by policy from here on. */
  degraded: () => void;
}

export class RedisHealth {
  readonly breaker: Breaker;
  readonly faults: Partial<Record<RedisFault, number>> = {};
  readonly #deps: RedisHealthDeps;
  readonly #gate: LineGate;

  constructor(deps: RedisHealthDeps) {
    this.#deps = deps;
    this.breaker = new Breaker(deps.clock, BREAKER);
    this.#gate = new LineGate(deps.log, deps.clock);
  }

  /** True while Redis is worth asking. */
  get good(): boolean {
    return this.breaker.closed;
  }

  /** A call failed, or came too late. */
  failed(error: unknown, fault: RedisFault = faultOf(error)): void {
    this.#count(fault);
    const reason = reasonOf(error);
    if (this.breaker.failure()) this.#degrade(fault, reason);
    else if (this.good) this.#gate.say('warn', { fault, reason }, 'redis: a call failed');
  }

  /** While it is not worth asking: a sign of life found no answer. */
  probeFailed(error: unknown): void {
    const fault = faultOf(error);
    this.breaker.probeFailed();
    this.#count(fault);
    this.#gate.say('warn', { fault, policy: this.#deps.policy }, 'redis: still not answering');
  }

  /** While it is not worth asking: it answered, but later than a call would wait. The next answer may be a quick one. */
  probeLate(tookMs: number, timeoutMs: number): void {
    this.breaker.probeLate();
    this.#count('timeout');
    this.#gate.say(
      'warn',
      { tookMs: Math.round(tookMs), timeoutMs, policy: this.#deps.policy },
      'redis: it answers too late to be used (redis.timeoutMs)',
    );
  }

  connectionLost(): void {
    if (this.breaker.trip()) this.#degrade('connection', 'connection lost');
  }

  connectionFailed(fault: RedisFault, reason: string): void {
    this.#count(fault);
    this.#gate.say('warn', { fault, reason }, 'redis: cannot be reached');
  }

  /** @param lastedMs calls were answered by policy */
  recovered(lastedMs: number, emptied: boolean, askers: number): void {
    const fields = { lastedMs: Math.round(lastedMs), emptied, askers };
    this.#gate.say('info', fields, 'redis: limits are shared');
    this.#deps.observer.health?.(true);
  }

  close(): void {
    this.#gate.close();
  }

  #degrade(fault: RedisFault, reason: string): void {
    const { policy, observer, degraded } = this.#deps;
    this.#gate.say('warn', { fault, reason, policy }, 'redis: limits are decided by policy');
    degraded();
    observer.health?.(false);
  }

  #count(fault: RedisFault): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
    this.#deps.observer.failed?.(fault);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 120) : 'no error';
}
