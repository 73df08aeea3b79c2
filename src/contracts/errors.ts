// The one error class of the gateway and what an error decides: who is at fault, whether another attempt may help,
// and which status and shape a client sees. Codes live in error-codes.ts; dialects render them (dialects/*/errors.ts).
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import type { ErrorKind, ErrorSource, RetryAdvice } from './error-decision.ts';

/** What an upstream said when it refused, kept so that a same-dialect client gets it byte for byte. */
export interface UpstreamFault {
  /** Dialect the body is written in. */
  dialect: string;
  /** HTTP status as received. For a fault inside a stream or a 200 body: the status its error type stands for. */
  status: number;
  /** Body bytes as received; null when it was not this dialect's JSON (an HTML page, nothing). */
  body: Buffer | null;
  /** The vendor's error type, e.g. `rate_limit_error`; null if unknown. */
  type: string | null;
  /** The vendor's error code, e.g. `context_length_exceeded`; null if none. */
  code: string | null;
  param: string | null;
  message: string;
  /** Headers worth passing on (`retry-after`, `retry-after-ms`, rate-limit headers), lower-case. */
  headers: Record<string, string>;
}

export interface GatewayErrorOptions {
  /** Shown to the client: no host, key, path or stack. */
  message?: string | undefined;
  /** Path of the offending request field, e.g. `messages[2].content`. */
  param?: string | undefined;
  /** For the log only. */
  cause?: unknown;
  retry?: RetryAdvice | undefined;
  /** When the caller may come again, in ms; becomes `retry-after`. */
  retryAfterMs?: number | undefined;
  fault?: UpstreamFault | undefined;
  /** telemetry.md section 3, when the code alone does not tell. */
  errorType?: string | undefined;
  /** In place of the code's own. */
  status?: number | undefined;
}

/** Any failure that a client may see. `code` is stable and documented in docs/errors.md. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly source: ErrorSource;
  readonly kind: ErrorKind;
  readonly status: number;
  readonly retry: RetryAdvice;
  readonly publicMessage: string;
  readonly param: string | null;
  readonly retryAfterMs: number | null;
  readonly fault: UpstreamFault | null;
  /** Closed set of telemetry.md section 3, e.g. `provider_timeout_headers`. */
  readonly errorType: string;

  constructor(code: ErrorCode, options: GatewayErrorOptions = {}) {
    const entry = ERROR_CODES[code];
    const publicMessage = options.message ?? entry.message;
    // Where a refusal was thought of says nothing, and looking takes 8 us. What nobody foresaw is a 500.
    const frames = Error.stackTraceLimit;
    if (entry.status !== 500) Error.stackTraceLimit = 0;
    try {
      super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    } finally {
      // Also where the stack had no room for it: else nobody would be told again where anything went wrong.
      Error.stackTraceLimit = frames;
    }
    this.name = 'GatewayError';
    this.code = code;
    this.source = entry.source;
    this.kind = entry.kind;
    this.status = options.fault?.status ?? options.status ?? entry.status;
    this.retry = options.retry ?? entry.retry;
    this.publicMessage = publicMessage;
    this.param = options.param ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.fault = options.fault ?? null;
    this.errorType = options.errorType ?? entry.errorType;
  }
}

/** One that is made once and refuses many calls: nothing of it ever changes, and it is rendered once (pipeline/prepared-refusals.ts). */
export class StandingError extends GatewayError {}
