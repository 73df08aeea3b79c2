// Renders an error to a client that has seen nothing yet, in the dialect of the route it called.
import type { Admission } from '../contracts/admission.ts';
import type { Call } from '../contracts/call.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import { type GatewayError, StandingError } from '../contracts/errors.ts';
import type { Target } from '../contracts/plan.ts';
import { describeCall, type Headers, passUpstreamHeaders, replaceLimits } from './answer/answer-headers.ts';
import { PreparedRefusals } from './prepared-refusals.ts';
import type { Settle } from './settle.ts';

/** @param target whose fault it was; null when no upstream was asked. */
export type Refuser = (call: Call, error: GatewayError, target?: Target | null) => void;

export function createRefuser(
  dialect: (name: DialectName) => Dialect,
  settle: Settle,
  admission: Pick<Admission, 'headers'>,
): Refuser {
  const prepared = new PreparedRefusals(renderError);
  return (call, error, target = null) => {
    if (call.settled) return;
    // Nothing was held for it or asked of anybody: its text is all that there is to say.
    if (error instanceof StandingError && call.limits === null && target === null) {
      const { status, headers, parts } = prepared.of(error, dialect(call.route.dialect));
      call.sink.reply(status, headers, parts.join(call.id));
      settle(call, { status, error, facts: null });
      return;
    }
    const masked = maskFault(call, error);
    const { status, headers, body: text } = renderError(dialect(call.route.dialect), masked, call.id);
    if (target !== null) {
      if (masked.fault !== null && masked.fault.dialect === call.route.dialect) {
        const seen = new Set(headers.map(([name]) => name));
        const passed: Headers = [];
        passUpstreamHeaders(passed, masked.fault.headers, target.provider);
        for (const header of passed) if (!seen.has(header[0])) headers.push(header);
      }
      describeCall(headers, call, target);
    }
    replaceLimits(headers, admission.headers(call));
    // Whatever part of it the vendor's words are, they may quote our key.
    const body = error.fault === null ? text : call.snapshot.mask(Buffer.from(text));
    call.sink.reply(status, headers, body);
    settle(call, { status, error: masked, facts: null });
  };
}

/** An error as a whole answer of the dialect, for calls and for heads that never became one. */
export function renderError(
  { errors }: Dialect,
  error: GatewayError,
  requestId: string,
): { status: number; headers: Headers; body: string } {
  const { status, headers, body } = errors.encode(error, requestId);
  const list: Headers = Object.entries(headers);
  if (headers['content-type'] === undefined) list.push(['content-type', 'application/json']);
  return { status, headers: list, body };
}

/** An upstream may echo the key it was given: no part of the error may carry it on. */
function maskFault(call: Call, error: GatewayError): GatewayError {
  const { fault } = error;
  if (fault === null) return error;
  const { mask } = call.snapshot;
  for (const name in fault.headers) {
    const value = Buffer.from(fault.headers[name]!);
    if (mask(value) !== value) delete fault.headers[name];
  }
  const text = Buffer.from(fault.message);
  const masked = mask(text);
  if (masked === text) return error;
  fault.message = masked.toString();
  return new (error.constructor as typeof GatewayError)(error.code, {
    message: fault.message,
    param: error.param ?? undefined,
    retry: error.retry,
    retryAfterMs: error.retryAfterMs ?? undefined,
    fault,
    errorType: error.errorType,
    cause: error.cause,
  });
}
