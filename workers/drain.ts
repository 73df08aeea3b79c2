// How a worker ends without failing a call. The order differs with the reason:
//
//   shutdown: readiness red -> preStopMs -> listener closed -> linger -> calls end (deadline) -> exit
//   roll:     listener closed -> settle -> readiness red -> linger -> calls end (deadline) -> exit
//             (another worker is ready)
//   orphan:   readiness red, listener closed at once -> calls end (deadline) -> exit       (the primary is dead)
import type { Gateway } from '../src/contracts/gateway.ts';
import type { Clock } from '../src/contracts/ports.ts';

export interface DrainPlan {
  reason: 'shutdown' | 'roll' | 'orphan';
  preStopMs: number;
  drainTimeoutMs: number;
}

/**
 * Connections that are only kept alive get a last request in, whose answer says `connection: close`: a client that
 * sends just when an idle connection is closed would see a reset. With preStopMs that has happened already.
 */
const LINGER_MS = { shutdown: 500, roll: 2_000, orphan: 500 } as const;
/**
 * Rolling, the gateway as a whole stays ready: a probe that this worker accepted just before its listener closed must
 * not hear otherwise, and its request may be a round trip away.
 */
const SETTLE_MS = 500;
// A look goes through every connection of the machine: milliseconds in which nothing else happens here.
const LOOK_MS = 250;

export interface DrainDeps {
  clock: Clock;
  gateway: Pick<Gateway, 'beginDrain' | 'stopListening' | 'drain'>;
  /** Connections that are open now. */
  connections(): number;
  /** The listener is closed. */
  onClosed(): void;
}

/** Resolves to the number of calls that had to be cut. */
export async function drain(deps: DrainDeps, plan: DrainPlan): Promise<number> {
  const { gateway, clock } = deps;
  if (plan.reason !== 'roll') gateway.beginDrain();
  if (plan.preStopMs > 0) await sleep(plan.preStopMs);
  await gateway.stopListening();
  deps.onClosed();
  const deadline = clock.now() + plan.drainTimeoutMs;
  if (plan.reason === 'roll') {
    await sleep(Math.min(SETTLE_MS, plan.drainTimeoutMs));
    gateway.beginDrain();
  }
  const lingerUntil = Math.min(deadline, clock.now() + Math.max(0, LINGER_MS[plan.reason] - plan.preStopMs));
  while (clock.now() < lingerUntil && deps.connections() > 0) {
    await sleep(Math.min(LOOK_MS, lingerUntil - clock.now()));
  }
  // Where this process stood still, requests in time are there already, and read behind the timers of the same turn.
  await new Promise((resolve) => setImmediate(resolve));
  return gateway.drain(Math.max(0, deadline - clock.now()));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
