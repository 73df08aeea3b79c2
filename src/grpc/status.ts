// What a status of gRPC is in HTTP, so that a model server's refusal is judged as any provider's (google/rpc/code.proto; where that leaves
// what a client may do open, what it means for another attempt decides).
import { codeName, GRPC_CODES, type GrpcCode, type GrpcEnd, type GrpcMetadata } from '../contracts/grpc.ts';
import { ProtobufFault, ProtobufReader } from '../wire/protobuf-reader.ts';

const STATUS: Readonly<Record<GrpcCode, number>> = {
  [GRPC_CODES.OK]: 200,
  // Not by us: the server gave it up, and another may not.
  [GRPC_CODES.CANCELLED]: 503,
  [GRPC_CODES.UNKNOWN]: 500,
  [GRPC_CODES.INVALID_ARGUMENT]: 400,
  [GRPC_CODES.DEADLINE_EXCEEDED]: 504,
  [GRPC_CODES.NOT_FOUND]: 404,
  [GRPC_CODES.ALREADY_EXISTS]: 409,
  [GRPC_CODES.PERMISSION_DENIED]: 403,
  [GRPC_CODES.RESOURCE_EXHAUSTED]: 429,
  [GRPC_CODES.FAILED_PRECONDITION]: 400,
  [GRPC_CODES.ABORTED]: 503,
  [GRPC_CODES.OUT_OF_RANGE]: 400,
  [GRPC_CODES.UNIMPLEMENTED]: 501,
  [GRPC_CODES.INTERNAL]: 500,
  [GRPC_CODES.UNAVAILABLE]: 503,
  [GRPC_CODES.DATA_LOSS]: 500,
  [GRPC_CODES.UNAUTHENTICATED]: 401,
};

/** As servers of every language put it when a message is larger than they take: no limit of anybody's rate. */
const TOO_LARGE = /larger than max|too large|exceeds? (the )?max/i;

export function httpStatusOf({ code, message }: Pick<GrpcEnd, 'code' | 'message'>): number {
  return code === GRPC_CODES.RESOURCE_EXHAUSTED && TOO_LARGE.test(message) ? 413 : STATUS[code];
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'service_unavailable_error',
  504: 'timeout_error',
};

/**
 * An error as Chat Completions have it.
 * @param code name of the status; null where a server said it in words. @param inStream no HTTP status says it beside.
 */
export function errorBody(status: number, message: string, code: string | null, inStream: boolean): string {
  const words = message === '' ? 'The model server refused, and did not say why.' : message;
  const error = { message: words, type: TYPES[status] ?? 'server_error', param: null, code };
  return JSON.stringify({ error: inStream ? { ...error, status } : error });
}

export function endCode({ code }: GrpcEnd): string {
  // Clients know this one.
  return code === GRPC_CODES.NOT_FOUND ? 'model_not_found' : codeName(code).toLowerCase();
}

/** When a server wants to be asked again, as headers say it (gRFC A6; google.rpc.RetryInfo). */
export function retryHeaders(trailers: GrpcMetadata): Record<string, string> {
  const pushback = trailers['grpc-retry-pushback-ms'];
  // A number below 0, or none: not at all.
  if (pushback !== undefined && !/^\d+$/.test(pushback)) return { 'x-should-retry': 'false' };
  const ms = pushback === undefined ? delayOf(trailers['grpc-status-details-bin']) : Number(pushback);
  return ms === null ? {} : { 'retry-after-ms': String(ms) };
}

/** ms of a RetryInfo among the details of a status; null = there is none. */
function delayOf(details: string | undefined): number | null {
  if (details === undefined) return null;
  try {
    const status = new ProtobufReader(Buffer.from(details, 'base64'));
    while (status.next()) {
      if (status.field !== 3) continue;
      const delay = retryInfo(status.message());
      if (delay !== null) return delay;
    }
  } catch (error) {
    if (!(error instanceof ProtobufFault)) throw error;
  }
  return null;
}

/** Of a google.protobuf.Any. */
function retryInfo(any: ProtobufReader): number | null {
  let type = '';
  let value: ProtobufReader | null = null;
  while (any.next()) {
    if (any.field === 1) type = any.text();
    else if (any.field === 2) value = any.message();
  }
  if (!type.endsWith('google.rpc.RetryInfo') || value === null) return null;
  let ms: number | null = null;
  while (value.next()) if (value.field === 1) ms = msOf(value.message());
  return ms;
}

function msOf(duration: ProtobufReader): number {
  let ms = 0;
  while (duration.next()) {
    if (duration.field === 1) ms += duration.int() * 1000;
    else if (duration.field === 2) ms += Math.round(duration.int() / 1e6);
  }
  return Math.max(0, ms);
}
