// The end of a call, exactly once, whichever way it ended: answer, refusal, cut stream or a client that left.
// The only writer of status, error, usage and the settled mark; everything that must happen "afterwards" hears it here.
import { releaseBody } from '../body/hold.ts';
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts } from '../contracts/chat.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { CallObserver, Clock } from '../contracts/ports.ts';

export interface Settlement {
  /** Status the client saw, or 499 when it left. */
  status: number;
  error: GatewayError | null;
  facts: AnswerFacts | null;
}

export type Settle = (call: Call, settlement: Settlement) => void;

export function createSettle(clock: Clock, observers: readonly CallObserver[]): Settle {
  return (call, { status, error, facts }) => {
    if (call.settled) return;
    call.settledAt = clock.now();
    call.status = status;
    call.error = error;
    call.bytesOut = call.sink.bytesOut;
    if (facts !== null) {
      call.usage = facts.usage;
      call.stop = facts.stop;
      call.answerModel = facts.model;
    }
    call.work = null;
    for (const observer of observers) observer.settled(call);
    releaseBody(call);
  };
}
