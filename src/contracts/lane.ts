// The port to a lane: a provider's place on one worker (queue, in-flight slots, key ring, connections).
import type { Cell } from './cell.ts';
import type { CircuitChange, CircuitView } from './circuit.ts';
import type { BreakerConfig } from './attempt-config.ts';
import type { LaneConfig, ProviderConfig, ProviderKeyConfig } from './provider-config.ts';
import type { GatewayError } from './errors.ts';
import type { KeyChoice } from './pin.ts';
import type { Upstream } from './upstream.ts';

/** Someone who wants a slot. */
export interface LaneWaiter {
  /** Place of its class in PRIORITIES (contracts/holder.ts): 0 is served most and turned away last. Absent = normal. */
  readonly rank?: number;
  /** A slot is yours; leave() gives it back. May be called synchronously from enter(). @param now monotonic ms. */
  onSlot(now: number): void;
  /** GW_LANE_FULL or GW_LANE_QUEUE_TIMEOUT, with retryAfterMs. */
  onShed(error: GatewayError): void;
}

/** A place in a lane, waiting or running. */
export interface LaneSeat {
  /**
   * The provider's answer has begun, `busy` where it is too busy for the call (429, 5xx, none in time). Only the first time counts.
   * Absent: the lane does not ask for it.
   */
  began?(model: string, busy: boolean): void;
  /** Gives the slot back or leaves the queue. Idempotent: there is exactly one effect. @param now monotonic ms, where it is known. */
  leave(now?: number): void;
}

/** A key of the ring; the value never leaves lanes/ and the request that carries it. */
export interface RingKey {
  readonly config: ProviderKeyConfig;
}

export interface KeyRing {
  /**
   * Weighted choice among keys that serve `model`, are not resting and not in `tried`; null if none.
   *
   * @param pin among those of one organisation, as far as there are.
   */
  pick(model: string, tried: readonly RingKey[], choice?: KeyChoice | null): RingKey | null;
  /** Those of its keys, '' among them where a key names none; absent = there is but one. */
  readonly organizations?: ReadonlySet<string> | undefined;
  /** True when another key could take a call of `model` right now. */
  hasOther(model: string, tried: readonly RingKey[]): boolean;
  /** Rests a key until `forMs` from now. Refused (false) when it is the only key that could serve `model`. */
  rest(key: RingKey, model: string, forMs: number): boolean;
  /**
   * ms until the first resting key that serves `model` is back; 0 if one is usable; null if no key serves it at all.
   * @param except is not looked at.
   */
  nextUsableInMs(model: string, except?: RingKey): number | null;
  /** A call of `model` failed with this key by the provider's fault. @returns ms for which its circuit opens; 0 = it stays closed. */
  failed(key: RingKey, model: string, breaker: BreakerConfig): number;
  /** It was answered well with this key. */
  served(key: RingKey, model: string, breaker: BreakerConfig): void;
  /** Aliases of all keys, and whether each is usable now. */
  states(): readonly (readonly [alias: string, up: boolean])[];
}

export interface LaneStats {
  inFlight: number;
  queued: number;
  shed: number;
  runShare: number;
  waitShare: number;
  /** What it takes of calls that wait for their first byte (`concurrency: auto`); null = as many as it has slots. */
  limit: number | null;
}

export interface Lane {
  readonly provider: ProviderConfig;
  readonly keys: KeyRing;
  readonly upstream: Upstream;
  /** Where this lane knows `model`; any name will do, and costs nothing to keep or to drop. */
  cell(model: string): Cell;
  /** @param now monotonic ms, where it is known. */
  enter(waiter: LaneWaiter, now?: number): LaneSeat;
  stats(): LaneStats;
  /** How many models cool down now; forgets what is over. */
  cooling(): number;
  /** Ends cool-downs of `model`, or of all (null), and rests of keys. */
  unrest(model: string | null): void;
  /** Circuits that are not closed; forgets what is over. */
  circuits(): CircuitView[];
  /** A new snapshot kept this provider: take over its lane numbers (key ring and upstream are replaced only if they changed). */
  configure(config: LaneConfig): void;
  close(): Promise<void>;
}

/** Hears of the circuits of a lane. */
export type CircuitListener = (lane: Lane, model: string, change: CircuitChange) => void;

/** How a lane's share of gateway-wide numbers changes: the worker's link to the primary implements it. */
export interface ShareBroker {
  /** Nobody answers any more. */
  readonly gone: boolean;
  /** This lane has more demand than share. Answer comes later through `grant`, possibly 0. Coalesced by the caller. */
  want(lane: string, kind: 'run' | 'wait', count: number): void;
}

export interface ShareHolder {
  /** The primary gave `count` more (0 = refused for now). */
  grant(kind: 'run' | 'wait', count: number): void;
  /** The primary asks for idle share back; returns how many were given up (0..count). */
  yieldIdle(kind: 'run' | 'wait', count: number): number;
}
