// The end of a call, exactly once, whichever way it ended: answer, refusal, cut stream or a client that left. A call whose
// client has yet to take the rest of its answer settles when it has, or with 499 when it leaves before.
// The only writer of status, error, usage and the settled mark; everything that must happen "afterwards" hears it here.
import { releaseBody } from '../body/hold.ts';
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts } from '../contracts/chat.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { CallObserver, Clock } from '../contracts/ports.ts';
import { costOfCall } from '../prices/attempt-charge.ts';
import { isOfOthers } from './of-others.ts';

export interface Settlement {
  /** Status the client saw, or 499 when it left. */
  status: number;
  error: GatewayError | null;
  facts: AnswerFacts | null;
}

export type Settle = (call: Call, settlement: Settlement) => void;

export function createSettle(clock: Clock, observers: readonly CallObserver[]): Settle {
  const finish: Settle = (call, { status, error, facts }) => {
    call.settledAt = clock.now();
    const guard = error === null ? call.guard : null;
    // What was answered well upstream, and was not for its client.
    const refusal = guard?.refusal ?? null;
    call.status = refusal === null ? status : guard!.refusedWith || status;
    call.error = error ?? refusal;
    if (call.error === null && call.unfit !== null) {
      call.error = call.unfit;
      call.status = call.unfit.status;
    }
    call.bytesOut = call.sink.bytesOut;
    if (facts !== null) {
      call.usage = facts.usage;
      // A film that is looked at until it is done has its seconds once.
      call.quantities = isOfOthers(call) ? null : (facts.quantities ?? null);
      call.stop = facts.stop;
      call.answerModel = facts.model;
    }
    if (call.operation !== null) call.costNano = costOfCall(call.attempts);
    call.work = null;
    for (const observer of observers) observer.settled(call);
  };
  return (call, settlement) => {
    const { sink } = call;
    if (call.settled || sink.onTaken !== null) return;
    call.bytesIn = call.body?.length ?? call.upload?.received ?? 0;
    if (!sink.ending) finish(call, settlement);
    // Answered, and what it cost is known: nothing that is said later counts, but whether the client takes it.
    else {
      call.sharing?.worth(settlement.error);
      sink.onTaken = () => finish(call, settlement);
      call.work = { cancel: (error) => finish(call, { status: 499, error, facts: settlement.facts }) };
    }
    releaseBody(call);
    call.upload?.abort();
  };
}
