// What follows from a provider's refusal on this worker: its key rests, or, where no other key helps, the model cools
// down. Others hear of it, and what they found out is applied here the same way.
//
//   429, quota        another key is usable: this key rests      else: the model cools down until one is back
//   401, 403          another key is usable: this key rests      else: nothing (a caller may have caused it)
//   503, 529          with a time: the model cools down          without: when the call gives the target up
//   5xx, time-outs, broken answers: the model's circuit counts them (lanes/circuit.ts); anything else is an answer
import type { CircuitState } from '../contracts/circuit.ts';
import { type Cell, LONGEST_REST_MS } from '../contracts/cell.ts';
import type { ErrorCode } from '../contracts/error-codes.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { Target } from '../contracts/plan.ts';
import type { Clock } from '../contracts/ports.ts';
import type { Refusals, Rest, RestListener } from '../contracts/rests.ts';
import { limitIsSpent } from '../dialects/limit-reset.ts';
import { restPrint } from './rest-print.ts';
import { createToldRests } from './told-rests.ts';

/** A refused key without a stated time rests so long. */
const KEY_REST_MS = 30_000;
/** A key whose quota or right is gone is looked at again after so long. */
const DEAD_KEY_REST_MS = 300_000;
/** Guesses grow to so many times their base: 300 s for a limit, 20 s for an overload (faults.md 2.3). */
const LIMIT_TIMES = 10;
const OVERLOAD_TIMES = 4;

/** Failures of the provider itself, whoever asks it and with what key. */
const FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'GW_UPSTREAM_OVERLOADED',
  'GW_UPSTREAM_ERROR',
  'GW_UPSTREAM_CONNECT',
  'GW_UPSTREAM_DNS',
  'GW_UPSTREAM_RESET',
  'GW_UPSTREAM_BAD_OUTPUT',
  'GW_UPSTREAM_TRUNCATED',
  'GW_UPSTREAM_TIMEOUT_CONNECT',
  'GW_UPSTREAM_TIMEOUT_HEADERS',
  'GW_UPSTREAM_TIMEOUT_FIRST_TOKEN',
  'GW_UPSTREAM_TIMEOUT_IDLE',
  'GW_UPSTREAM_TIMEOUT_RATE',
]);

/** Failures that may be the key's own: its account's region, its project, a proxy behind it. */
const KEY_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'GW_UPSTREAM_ERROR',
  'GW_UPSTREAM_OVERLOADED',
  'GW_UPSTREAM_BAD_OUTPUT',
  'GW_UPSTREAM_TRUNCATED',
  'GW_UPSTREAM_TIMEOUT_HEADERS',
  'GW_UPSTREAM_TIMEOUT_FIRST_TOKEN',
]);
/** Others wait so much longer than who opened a circuit, so that it is the one that asks first. */
const OTHERS_MS = 1_000;

export interface RestsDeps {
  clock: Clock;
  /** The other workers, and nodes, should know. */
  tell(rest: Rest): void;
  /** `model` began to cool down. `reason`: error type, or `shared` when another found out. */
  cooled(lane: Lane, model: string, forMs: number, reason: string): void;
  /** A call passed by a target that cools down. */
  passedBy(provider: string): void;
  /** A repeat was withheld: the budget of its model is used up. */
  withheld(provider: string): void;
  /** The circuit of a key opened. */
  keyOpened?(provider: string, key: string): void;
  /** The circuit of a model changed; `shared`: another worker or node found out. */
  circuit(provider: string, model: string, state: CircuitState, shared: boolean): void;
}

export interface Rests extends Refusals, RestListener {}

/** For all lanes of one worker. */
export function createRests(deps: RestsDeps): Rests {
  const told = createToldRests(deps.clock);

  function tellOfKey(lane: Lane, key: RingKey, rest: { model: string; forMs: number } & RestWords): void {
    const { name } = lane.provider;
    if (!told.isNews(`${name} ${key.config.alias} ${rest.model}`, rest.forMs)) return;
    const print = restPrint(lane.provider, key.config.value);
    deps.tell({ kind: 'key', lane: name, key: key.config.alias, print, ...rest });
  }

  /** @returns ms it cools, 0 if no longer than before. */
  function cool(lane: Lane, cell: Cell, forMs: number, stated: boolean): number {
    const most = Math.min(forMs, lane.provider.cooldown.maxMs);
    return cell.cool(most, stated) ? most : 0;
  }

  /** For the time the provider stated. */
  function coolStated({ lane, cell }: Target, statedMs: number, why: string): void {
    const began = cell.leftMs() === 0;
    tellCooling(lane, cell.model, cool(lane, cell, statedMs, true), true, began ? why : null);
  }

  /** For as long as we guess: it can only begin. */
  function coolGuessed({ lane, cell }: Target, baseMs: number, mostTimes: number, why: string): void {
    const mostMs = Math.min(baseMs * mostTimes, lane.provider.cooldown.maxMs);
    tellCooling(lane, cell.model, cell.guess(baseMs, mostMs), false, why);
  }

  /** @param why it began; null when it cooled already. */
  function tellCooling(lane: Lane, model: string, forMs: number, stated: boolean, why: string | null): void {
    if (forMs <= 0) return;
    if (why !== null) deps.cooled(lane, model, forMs, why);
    const { name } = lane.provider;
    if (!told.isNews(`${name}/${model}`, forMs)) return;
    deps.tell({ kind: 'target', lane: name, model, print: restPrint(lane.provider, ''), forMs, stated });
  }

  function learnCooling(lane: Lane, model: string, forMs: number, stated: boolean): void {
    const cell = lane.cell(model);
    const began = cell.leftMs() === 0;
    const cools = cool(lane, cell, forMs, stated);
    if (began && cools > 0) deps.cooled(lane, model, cools, 'shared');
  }

  /** No other key is usable now; one that rests may be back before this one. */
  function untilAnotherKey(lane: Lane, model: string, key: RingKey | null, forMs: number): number {
    const other = key === null ? null : lane.keys.nextUsableInMs(model, key);
    return other === null ? forMs : Math.min(forMs, other);
  }

  function refusedKey(target: Target, key: RingKey | null, error: GatewayError, limited: boolean): void {
    const { lane, model } = target;
    const stated = error.retryAfterMs !== null;
    if (key !== null) {
      const guess = error.code === 'GW_UPSTREAM_RATE_LIMIT' ? KEY_REST_MS : DEAD_KEY_REST_MS;
      const forMs = Math.min(error.retryAfterMs ?? guess, LONGEST_REST_MS);
      if (lane.keys.rest(key, model, forMs)) {
        tellOfKey(lane, key, { model, forMs, stated, limited });
        return;
      }
    }
    if (!limited) return;
    if (error.retryAfterMs !== null) {
      coolStated(target, untilAnotherKey(lane, model, key, error.retryAfterMs), error.errorType);
      return;
    }
    // Refused though nothing is used up: this one request is too large, and others may pass.
    if (error.fault !== null && limitIsSpent(error.fault.headers) === false) return;
    const baseMs = untilAnotherKey(lane, model, key, lane.provider.cooldown.rateLimitMs);
    coolGuessed(target, baseMs, LIMIT_TIMES, error.errorType);
  }

  /** A key that fails where another works rests. */
  function hearKey({ lane, model }: Target, key: RingKey): void {
    const forMs = lane.keys.failed(key, model, lane.provider.breaker);
    if (forMs <= 0 || !lane.keys.rest(key, model, forMs)) return;
    deps.keyOpened?.(lane.provider.name, key.config.alias);
    tellOfKey(lane, key, { model, forMs: forMs + OTHERS_MS, stated: false, limited: false });
  }

  function hearAnswer({ cell }: Target, { code, source, fault }: GatewayError): void {
    if (FAILURES.has(code)) cell.failed();
    else if (source === 'upstream' && fault !== null) cell.answered(deps.clock.now());
  }

  return {
    circuitChanged(lane, model, { state, at, forMs }) {
      const { name } = lane.provider;
      deps.circuit(name, model, state, false);
      const print = restPrint(lane.provider, '');
      deps.tell({ kind: 'circuit', lane: name, model, print, forMs, stated: false, state, at });
    },
    failed(target, key, error) {
      hearAnswer(target, error);
      if (key !== null && KEY_FAILURES.has(error.code)) hearKey(target, key);
      switch (error.code) {
        case 'GW_UPSTREAM_RATE_LIMIT':
        case 'GW_UPSTREAM_QUOTA':
          refusedKey(target, key, error, true);
          return;
        case 'GW_UPSTREAM_AUTH':
          refusedKey(target, key, error, false);
          return;
        case 'GW_UPSTREAM_OVERLOADED':
          if (error.retryAfterMs !== null) coolStated(target, error.retryAfterMs, error.errorType);
          return;
      }
    },
    givenUp(target, error) {
      if (error.code !== 'GW_UPSTREAM_OVERLOADED' || error.retryAfterMs !== null) return;
      coolGuessed(target, target.lane.provider.cooldown.overloadMs, OVERLOAD_TIMES, error.errorType);
    },
    passedBy: (target) => deps.passedBy(target.provider.name),
    withheld: (target) => deps.withheld(target.provider.name),
    learn(lane, rest) {
      const { model, forMs, stated } = rest;
      if (rest.kind === 'key') {
        const config = lane.provider.keys.find(({ value }) => restPrint(lane.provider, value) === rest.print);
        if (config === undefined) return;
        const key = { config };
        if (lane.keys.rest(key, model, Math.min(forMs, LONGEST_REST_MS)) || !rest.limited) return;
        // The only key here: the target is as limited as the key.
        learnCooling(lane, model, untilAnotherKey(lane, model, key, forMs), stated);
        return;
      }
      if (rest.print !== restPrint(lane.provider, '')) return;
      if (rest.kind === 'target') learnCooling(lane, model, forMs, stated);
      else if (lane.cell(model).learn(rest)) deps.circuit(lane.provider.name, model, rest.state, true);
    },
  };
}

interface RestWords {
  stated: boolean;
  limited: boolean;
}
