// How one of several targets of equal rank is chosen, and what a worker knows of each of them.
/** What this worker saw of a target. Kept only for targets that are balanced; nothing else pays for it. */
export interface TargetLoad {
  /** Calls under way. */
  readonly inFlight: number;
  /** Calls that the target has, as far as is known: those of others too where it says so, and those that wait there twice. */
  pressure(nowMs: number): number;
  /** Requests that wait at its server, as that says; null = it says nothing. */
  waiting(nowMs: number): number | null;
  /** Mean time from the request to the first byte of a good answer, ms: later ones count more. 0 = not known. */
  latencyMs(nowMs: number): number;
  /** Part of calls that failed lately, 0 to 1. A refusal counts, however fast it came. */
  errorRate(nowMs: number): number;
  /** In the last minute. */
  requests(nowMs: number): number;
  tokens(nowMs: number): number;

  began(nowMs: number): void;
  /** Exactly once for each `began`. */
  ended(): void;
  served(nowMs: number, firstByteMs: number): void;
  spent(nowMs: number, tokens: number): void;
  failed(nowMs: number): void;
}

/** What a choice may depend on besides what the targets are. */
export interface BalanceAsk {
  nowMs(): number;
  /** 0 to 1, 1 excluded. */
  random(): number;
  /** Calls of one conversation have one; what it is made of: pipeline/conversation.ts. An unsigned 32-bit number. */
  affinity(): number;
}

/** Holds the state of one tier on one worker. */
export interface Balancer<Target> {
  /** All targets of the tier, the one to ask first first. */
  order(ask: BalanceAsk): readonly Target[];
}
