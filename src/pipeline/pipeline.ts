// Runs a call through the flow of its operation (src/operations/ are the tables of contents). Order is the only coupling
// between stages.

import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Backlog } from './backlog.ts';
import type { Overload } from './overload.ts';

export interface Pipeline {
  /** Before the body is read. @returns null to go on, or why not. */
  head(call: Call): GatewayError | null;
  /** With the body in `call.body`. Answers through the call's sink, now or later. */
  body(call: Call): void;
  /** The same, whatever waits. */
  begin(call: Call): void;
  /** Proves who calls, then goes on: for what is answered without a body. */
  prove(call: Call, then: (call: Call) => void): void;
}

/**
 * @param authenticate stands before every flow and every local answer that is not open.
 * @param overload what is refused behind it while the worker cannot keep up.
 * @param backlog where a call waits whose turn of the loop is over; it is to `run` it.
 * @param refuse renders an error in the client's dialect and settles the call.
 */
export function createPipeline(
  authenticate: Stage,
  refuse: (call: Call, error: GatewayError) => void,
  overload: Pick<Overload, 'refusal'> | null = null,
  backlog: Pick<Backlog, 'takes'> | null = null,
): Pipeline {
  const run = (call: Call, from: number): void => {
    // The first stage may find that the body asks for another operation than the path: the flow is then that one's, which begins alike.
    for (let at = from; at < call.flow.stages.length; at++) {
      let result: StageResult | Promise<StageResult>;
      try {
        result = call.flow.stages[at]!(call);
      } catch (cause) {
        result = asGatewayError(cause);
      }
      if (result === 'continue') continue;
      if (result === 'taken') return;
      if (result instanceof GatewayError) {
        refuse(call, result);
        return;
      }
      const next = at + 1;
      result.then(
        (later) => {
          if (call.settled) return; // the client left meanwhile
          if (later === 'continue') run(call, next);
          else if (later !== 'taken') refuse(call, later);
        },
        (cause: unknown) => {
          if (!call.settled) refuse(call, asGatewayError(cause));
        },
      );
      return;
    }
  };

  const go = (call: Call): void => run(call, 0);

  /** A caller that is known already waits for nothing. */
  const prove = (call: Call, then: (call: Call) => void): void => {
    const proof = call.prove === null ? null : call.prove(call.body!);
    if (proof === null) then(call);
    else if (proof instanceof GatewayError) refuse(call, proof);
    else proveLater(call, proof, then);
  };

  const proveLater = (call: Call, proof: Promise<GatewayError | null>, then: (call: Call) => void): void => {
    const proven = (error: GatewayError | null): void => {
      if (call.settled) return; // the client left meanwhile
      if (error === null) then(call);
      else refuse(call, error);
    };
    proof.then(proven, (cause: unknown) => proven(asGatewayError(cause)));
  };

  const begin = (call: Call): void => {
    // Of what is handed on while it comes nothing is left to be proven.
    if (call.prove === null) run(call, 0);
    else prove(call, go);
  };

  return {
    head(call) {
      // Before a byte of the body is looked at: a stranger costs a hash and no more.
      const result = authenticate(call);
      if (result instanceof GatewayError) return result;
      // Who looks after the gateway is answered all the same.
      return overload === null || call.operation === null ? null : overload.refusal(call);
    },
    body(call) {
      if (backlog === null || !backlog.takes(call)) begin(call);
    },
    begin,
    prove,
  };
}

/** A failure nobody foresaw ends this call with a 500 and no other. */
export function asGatewayError(cause: unknown): GatewayError {
  return cause instanceof GatewayError ? cause : new GatewayError('GW_GATEWAY_INTERNAL', { cause });
}
