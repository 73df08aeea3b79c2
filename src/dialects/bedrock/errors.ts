// Errors as an AWS SDK reads them: `{"message"}` with the exception's name in a header, and the status its retries go by
// (wire.md 5, 11.1).
import type { ErrorAnswer } from '../../contracts/dialect.ts';
import type { ErrorKind } from '../../contracts/error-decision.ts';
import type { GatewayError, UpstreamFault } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { EXCEPTION } from '../../wire/event-stream-headers.ts';
import { contextOverflow } from '../context-overflow.ts';
import { errorHeaders } from '../error-headers.ts';
import { eventOfException, exceptionOfStatus } from './exceptions.ts';
import { overflowText } from './overflow-text.ts';

interface Naming {
  name: string;
  /** null = that of the gateway's own error. */
  status: number | null;
}

const OWN: Record<ErrorKind, Naming> = {
  invalid_request: { name: 'ValidationException', status: null },
  unsupported: { name: 'ValidationException', status: null },
  auth: { name: 'AccessDeniedException', status: 403 },
  permission: { name: 'AccessDeniedException', status: 403 },
  model_not_found: { name: 'ResourceNotFoundException', status: 404 },
  route_not_found: { name: 'ResourceNotFoundException', status: 404 },
  method_not_allowed: { name: 'ValidationException', status: null },
  timeout_header: { name: 'ValidationException', status: null },
  too_large: { name: 'ValidationException', status: null },
  unsupported_media: { name: 'ValidationException', status: null },
  rate_limit: { name: 'ThrottlingException', status: 429 },
  budget: { name: 'ServiceQuotaExceededException', status: null },
  overloaded: { name: 'ServiceUnavailableException', status: 503 },
  upstream_failed: { name: 'ModelErrorException', status: 424 },
  upstream_timeout: { name: 'ModelTimeoutException', status: 408 },
  cancelled: { name: 'ValidationException', status: null },
  internal: { name: 'InternalServerException', status: 500 },
};

/** Whichever format a model speaks, Bedrock fails alike. */
const OF_BEDROCK: ReadonlySet<string> = new Set(['bedrock', 'bedrock-invoke']);

interface Told {
  name: string;
  status: number;
  body: string;
}

/** Renders an error as a whole answer. */
export function encodeError(error: GatewayError, _requestId: string): ErrorAnswer {
  const { name, status, body } = told(error);
  return {
    status,
    headers: { ...errorHeaders(error, status, 'none'), 'x-amzn-errortype': name },
    body,
  };
}

/** Renders an error as the last event of a stream: an exception. */
export function encodeStreamError(error: GatewayError, _requestId: string, out: EventOut): void {
  const { name, body } = told(error);
  out.emitLines(`${EXCEPTION}${eventOfException(name, false)}`, body);
}

/** The same where a model is invoked in its own format, which knows one exception more. */
export function encodeInvokedError(error: GatewayError, _requestId: string, out: EventOut): void {
  const { name, body } = told(error);
  out.emitLines(`${EXCEPTION}${eventOfException(name, true)}`, body);
}

function told(error: GatewayError): Told {
  const { fault } = error;
  if (fault === null) {
    const { name, status } = OWN[error.kind];
    return { name, status: status ?? error.status, body: messageJson(error.publicMessage) };
  }
  // Clients match the wording of their own vendor's errors: not a byte is changed.
  const own = OF_BEDROCK.has(fault.dialect);
  if (own && fault.body !== null) {
    const name = fault.type ?? exceptionOfStatus(fault.status);
    return { name, status: statusOf(fault), body: fault.body.toString('utf8') };
  }
  const overflow = contextOverflow(fault);
  if (overflow !== null) {
    const body = messageJson(overflowText(overflow, fault.message));
    return { name: 'ValidationException', status: 400, body };
  }
  return {
    name: own && fault.type !== null ? fault.type : exceptionOfStatus(fault.status),
    status: statusOf(fault),
    body: messageJson(fault.message),
  };
}

// 529 is a word of Anthropic's; what a provider says with a 200 is an error all the same.
function statusOf({ status }: UpstreamFault): number {
  if (status === 529) return 503;
  return status >= 400 && status <= 599 ? status : 424;
}

function messageJson(message: string): string {
  return JSON.stringify({ message });
}
