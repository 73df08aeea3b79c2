// What a provider's refusals lead to: keys that rest, targets that cool down, and how others hear of both.
import type { CircuitChange, CircuitState } from './circuit.ts';
import type { GatewayError } from './errors.ts';
import type { Lane, RingKey } from './lane.ts';
import type { Target } from './plan.ts';

/**
 * Something that should not be asked for a while, as workers and nodes tell each other. No secret is in it: `print`
 * tells apart what has one name in two configurations (lanes/rest-print.ts).
 */
export type Rest = KeyRest | TargetRest | CircuitRest;

interface RestBase {
  /** Provider's name. */
  lane: string;
  /** Name at the upstream. */
  model: string;
  print: string;
  /** ms from now. */
  forMs: number;
  /** The provider said for how long; else it is our guess. */
  stated: boolean;
}

/** A key that its provider refused for this model. */
export interface KeyRest extends RestBase {
  kind: 'key';
  /** Alias of the key where it was refused; for people, since another node may call it otherwise. */
  key: string;
  /** It ran into a limit (else: it may not be used any more). Where it is the only key, the target cools down. */
  limited: boolean;
}

/** A model that its provider will not serve for now, with whatever key. */
export interface TargetRest extends RestBase {
  kind: 'target';
}

/** The circuit of a model opened, is being tried, or closed again. */
export interface CircuitRest extends RestBase {
  kind: 'circuit';
  state: CircuitState;
  /** Of the opening, ms since 1970. */
  at: number;
}

/** What the dispatcher tells of attempts, so that keys rest and targets cool down. */
export interface Refusals {
  /** An attempt failed; `key` carried it. */
  failed(target: Target, key: RingKey | null, error: GatewayError): void;
  /** The call gives this target up after `error`. */
  givenUp(target: Target, error: GatewayError): void;
  /** A call would have been repeated here, but the model's budget has no repeat left. */
  withheld(target: Target): void;
  /** Calls passed by this target because it cools down. */
  passedBy(target: Target): void;
}

/** Where a worker learns what others found out. */
export interface RestListener {
  /** A circuit of a lane of this worker changed: the others should know. */
  circuitChanged(lane: Lane, model: string, change: CircuitChange): void;
  /** Passed over where `lane` does not hold what is meant. */
  learn(lane: Lane, rest: Rest): void;
}
