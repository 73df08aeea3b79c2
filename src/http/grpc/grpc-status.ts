// How a call that failed ends over gRPC: a status of gRPC's own, and trailers that say what the status cannot.
import type { GatewayError } from '../../contracts/errors.ts';
import { GRPC_CODES, type GrpcCode } from '../../contracts/grpc.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { encodeGrpcMessage } from '../../wire/grpc.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';

/** Why a call failed, as its client is told. */
export interface GrpcFailure {
  code: GrpcCode;
  message: string;
  /** Our own code, `GW_…`; '' = it is somebody else's error. */
  reason: string;
  /** What the vendors' dialect calls it; '' = nothing. */
  type: string;
  param: string;
  /** ms; null = nobody says. */
  retryAfterMs: number | null;
  /** The gateway has done what can be done: the client is not to try again. */
  final: boolean;
}

/** By the status that the same error has over HTTP. */
export function codeOfStatus(status: number): GrpcCode {
  switch (status) {
    case 401:
      return GRPC_CODES.UNAUTHENTICATED;
    case 403:
      return GRPC_CODES.PERMISSION_DENIED;
    case 404:
    case 410:
      return GRPC_CODES.NOT_FOUND;
    case 408:
    case 504:
      return GRPC_CODES.DEADLINE_EXCEEDED;
    case 409:
      return GRPC_CODES.ABORTED;
    case 402:
    case 413:
    case 429:
      return GRPC_CODES.RESOURCE_EXHAUSTED;
    case 446:
      return GRPC_CODES.FAILED_PRECONDITION;
    case 499:
      return GRPC_CODES.CANCELLED;
    // An encoding that is not known here (grpc/doc/compression.md).
    case 415:
    case 501:
      return GRPC_CODES.UNIMPLEMENTED;
    case 502:
    case 503:
    case 529:
      return GRPC_CODES.UNAVAILABLE;
    default:
      return status >= 500 ? GRPC_CODES.INTERNAL : GRPC_CODES.INVALID_ARGUMENT;
  }
}

/**
 * @param error of the call, where it is known. @param told what a client over HTTP would have got.
 */
export function failureOf(
  error: GatewayError | null,
  told: { status: number; headers: HeaderList; body: string },
): GrpcFailure {
  const parsed = parseObject(told.body);
  const body: JsonObject = (parsed === null ? null : objectAt(parsed, 'error')) ?? parsed ?? {};
  const said = (name: string): string | undefined => told.headers.find(([one]) => one === name)?.[1];
  const after = Number(said('retry-after-ms') ?? Number(said('retry-after') ?? Number.NaN) * 1000);
  return {
    code: codeOfStatus(told.status),
    message: stringAt(body, 'message') ?? error?.publicMessage ?? told.body,
    reason: error?.code ?? '',
    type: stringAt(body, 'type') ?? '',
    param: stringAt(body, 'param') ?? error?.param ?? '',
    retryAfterMs: Number.isFinite(after) ? after : (error?.retryAfterMs ?? null),
    final: said('x-should-retry') === 'false',
  };
}

/** Longest text in a trailer: clients take 8 KiB of them all in all. */
const MAX_MESSAGE = 1_024;

/** @param requestId '' = there is none. */
export function failureTrailers(failure: GrpcFailure, requestId: string): Record<string, string> {
  const { code, reason, retryAfterMs, final } = failure;
  const message = failure.message.slice(0, MAX_MESSAGE);
  return {
    'grpc-status': String(code),
    'grpc-message': encodeGrpcMessage(message),
    'grpc-status-details-bin': statusDetails({ ...failure, message }, requestId).toString('base64'),
    ...(requestId !== '' && { 'x-request-id': requestId }),
    ...(reason !== '' && { 'x-headgate-error': reason }),
    ...(retryAfterMs !== null && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    // What clients with a retry policy obey (gRFC A6): below zero they must not try again.
    ...(final
      ? { 'grpc-retry-pushback-ms': '-1' }
      : retryAfterMs !== null && { 'grpc-retry-pushback-ms': String(Math.max(1, Math.ceil(retryAfterMs))) }),
  };
}

const TYPES = 'type.googleapis.com/google.rpc.';

/** A `google.rpc.Status`, with ErrorInfo, RequestInfo, RetryInfo and BadRequest where they say something. */
function statusDetails(failure: GrpcFailure, requestId: string): Buffer {
  const { code, message, reason, type, param, retryAfterMs } = failure;
  const out = new ProtobufWriter(512);
  out.uint(1, code);
  out.text(2, message);
  const detail = (name: string, write: (detailOut: ProtobufWriter) => void): void => {
    const inner = new ProtobufWriter(256);
    write(inner);
    const at = out.begin(3);
    out.text(1, TYPES + name);
    out.bytes(2, inner.take());
    out.end(at);
  };
  detail('ErrorInfo', (info) => {
    info.text(1, reason === '' ? type.toUpperCase() || 'PROVIDER' : reason);
    info.text(2, 'headgate');
    for (const [key, value] of Object.entries({ type, param })) {
      if (value === '') continue;
      const at = info.begin(3);
      info.text(1, key);
      info.text(2, value);
      info.end(at);
    }
  });
  if (requestId !== '') detail('RequestInfo', (info) => info.text(1, requestId));
  if (retryAfterMs !== null)
    detail('RetryInfo', (info) => {
      const at = info.begin(1);
      info.uint(1, Math.floor(retryAfterMs / 1000));
      info.uint(2, Math.round((retryAfterMs % 1000) * 1e6));
      info.end(at);
    });
  if (param !== '' && code === GRPC_CODES.INVALID_ARGUMENT)
    detail('BadRequest', (info) => {
      const at = info.begin(1);
      info.text(1, param);
      info.text(2, message);
      info.end(at);
    });
  return out.take();
}
