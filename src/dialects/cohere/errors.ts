// Errors as a Cohere client reads them: `{"id","message"}` with a status (wire.md 6, 11.1), and beside them the gateway's
// own `code`, which its SDKs hand on with the body.
import type { ErrorAnswer } from '../../contracts/dialect.ts';
import type { GatewayError, UpstreamFault } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { contextOverflow } from '../context-overflow.ts';
import { errorHeaders } from '../error-headers.ts';
import { manner } from './manner.ts';

/** Renders an error as a whole answer. */
export function encodeError(error: GatewayError, requestId: string): ErrorAnswer {
  const status = statusOf(error);
  const { fault } = error;
  const native = fault?.dialect === 'cohere' && fault.body !== null;
  return {
    status,
    headers: errorHeaders(error, status, manner.limitHeaders),
    body: native ? fault.body!.toString('utf8') : JSON.stringify({ id: requestId, ...wordsOf(error) }),
  };
}

/** Renders an error as the last event of a stream: an end that says ERROR. `[DONE]` never follows. */
export function encodeStreamError(error: GatewayError, requestId: string, out: EventOut): void {
  const { message, code } = wordsOf(error);
  const delta = { finish_reason: 'ERROR', error: message, ...(code !== undefined && { code }) };
  out.emit('message-end', JSON.stringify({ type: 'message-end', id: requestId, delta }));
}

function wordsOf({ fault, publicMessage, code }: GatewayError): { message: string; code?: string } {
  if (fault === null) return { message: publicMessage, code };
  return { message: fault.message, ...(fault.code !== null && { code: fault.code }) };
}

function statusOf({ fault, status }: GatewayError): number {
  if (fault !== null && isTooLong(fault)) return 400;
  return status >= 400 && status <= 599 ? status : 502;
}

function isTooLong(fault: UpstreamFault): boolean {
  return fault.dialect !== 'cohere' && contextOverflow(fault) !== null;
}
