// The table of contents of a request. Order is the only coupling between stages; each line says why it stands there.
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Stage, StageResult } from './stage.ts';

export interface PipelineStages {
  authenticate: Stage;
  identify: Stage;
  plan: Stage;
  admit: Stage;
  count: Stage;
  dispatch: Stage;
}

export interface Pipeline {
  /** Before the body is read. @returns null to go on, or why not. */
  head(call: Call): GatewayError | null;
  /** With the body in `call.body`. Answers through the call's sink, now or later. */
  body(call: Call): void;
}

/** @param refuse renders an error in the client's dialect and settles the call. */
export function createPipeline(
  stages: PipelineStages,
  refuse: (call: Call, error: GatewayError) => void,
): Pipeline {
  const onBody: readonly Stage[] = [
    stages.identify, // one reading of the body: all later stages use its facts, nobody reads the body again
    stages.plan, // names the targets: an unknown model costs no place in a lane
    stages.admit, // limits on the key, the model and the caller: what is refused here costs no place in a lane
    stages.count, // token counts need no lane unless the target's vendor counts itself
    stages.dispatch, // the one loop that retries and falls back; settle sits on its end
  ];

  const run = (call: Call, from: number): void => {
    for (let at = from; at < onBody.length; at++) {
      let result: StageResult | Promise<StageResult>;
      try {
        result = onBody[at]!(call);
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

  return {
    head(call) {
      // Before a byte of the body is looked at: a stranger costs a hash and no more.
      const result = stages.authenticate(call);
      return result instanceof GatewayError ? result : null;
    },
    body: (call) => run(call, 0),
  };
}

/** A failure nobody foresaw ends this call with a 500 and no other. */
export function asGatewayError(cause: unknown): GatewayError {
  return cause instanceof GatewayError ? cause : new GatewayError('GW_GATEWAY_INTERNAL', { cause });
}
