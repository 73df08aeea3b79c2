// What a thread answers. Errors cross as data: a class instance would arrive as a plain Error, without its code.
import type { BodyFacts, EncodedRequest } from '../../src/contracts/body.ts';
import type { GuardFinds } from '../../src/contracts/guard-look.ts';
import type { AnswerFacts } from '../../src/contracts/chat.ts';
import type { ErrorCode } from '../../src/contracts/error-codes.ts';
import type { RetryAdvice } from '../../src/contracts/error-decision.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { VectorHit } from '../../src/contracts/vectors.ts';

/** An answer by the task's `op`; buffers arrive as plain Uint8Arrays. */
export type TaskAnswer =
  | { op: 'warm' }
  | { op: 'nearest'; hits: VectorHit[] }
  | { op: 'inspect'; body: Uint8Array; facts: BodyFacts }
  | { op: 'translate'; encoded: EncodedRequest }
  | { op: 'answer'; body: Uint8Array; facts: AnswerFacts }
  | { op: 'join'; body: Uint8Array }
  | { op: 'count'; tokens: number }
  | { op: 'guard'; finds: GuardFinds }
  | { op: 'refused'; error: ErrorData };

/** What is left of a GatewayError on the way; no `cause` and no upstream fault, since no upstream is involved here. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  param: string | null;
  retry: RetryAdvice;
  retryAfterMs: number | null;
  errorType: string;
}

export function packError(error: GatewayError): ErrorData {
  return {
    code: error.code,
    message: error.publicMessage,
    param: error.param,
    retry: error.retry,
    retryAfterMs: error.retryAfterMs,
    errorType: error.errorType,
  };
}

export function unpackError(data: ErrorData): GatewayError {
  return new GatewayError(data.code, {
    message: data.message,
    param: data.param ?? undefined,
    retry: data.retry,
    retryAfterMs: data.retryAfterMs ?? undefined,
    errorType: data.errorType,
  });
}
