// The classes `openai` raises, for both of its APIs.
import OpenAI from 'openai';
import type { Failure } from './client.ts';

const classes: Record<number, new (...args: never[]) => Error> = {
  400: OpenAI.BadRequestError,
  401: OpenAI.AuthenticationError,
  403: OpenAI.PermissionDeniedError,
  404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError,
};

export const openaiErrorClass = (status: number): (new (...args: never[]) => Error) =>
  classes[status] ?? OpenAI.InternalServerError;

export function openaiFailure(error: unknown): Failure {
  if (!(error instanceof OpenAI.APIError)) throw error;
  return {
    status: error.status ?? null,
    message: error.message,
    retryAfter: error.headers?.get('retry-after') ?? null,
  };
}
