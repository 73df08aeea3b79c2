// The exceptions of the Bedrock runtime: their names, and the HTTP status of each (wire.md 5).

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['ValidationException', 400],
  ['ServiceQuotaExceededException', 400],
  ['ConflictException', 400],
  ['AccessDeniedException', 403],
  ['ResourceNotFoundException', 404],
  ['ModelTimeoutException', 408],
  ['ModelErrorException', 424],
  ['ModelStreamErrorException', 424],
  ['ThrottlingException', 429],
  ['ModelNotReadyException', 429],
  ['InternalServerException', 500],
  ['ServiceUnavailableException', 503],
]);

/** In a stream only these may come. */
const IN_STREAMS: ReadonlySet<string> = new Set([
  'InternalServerException',
  'ModelStreamErrorException',
  'ValidationException',
  'ThrottlingException',
  'ServiceUnavailableException',
]);
/** And this one where a model is invoked in its own format. */
const INVOKED = 'ModelTimeoutException';

/** The status of an exception; null for one we do not know. */
export function statusOfException(name: string): number | null {
  return STATUSES.get(name) ?? null;
}

/** The exception nearest to a status. */
export function exceptionOfStatus(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return 'AccessDeniedException';
    case 402:
      return 'ServiceQuotaExceededException';
    case 404:
      return 'ResourceNotFoundException';
    case 408:
    case 504:
      return 'ModelTimeoutException';
    case 409:
      return 'ConflictException';
    case 424:
    case 502:
      return 'ModelErrorException';
    case 429:
      return 'ThrottlingException';
    case 503:
    case 529:
      return 'ServiceUnavailableException';
    default:
      return status < 500 ? 'ValidationException' : 'InternalServerException';
  }
}

/** `throttlingException` in a stream is `ThrottlingException` elsewhere. */
export function exceptionOfEvent(event: string): string {
  return event.charAt(0).toUpperCase() + event.slice(1);
}

/** The exception as a stream names it, or its nearest relative that a stream may hold. */
export function eventOfException(name: string, invoked: boolean): string {
  const told = IN_STREAMS.has(name) || (invoked && name === INVOKED) ? name : relativeInStreams(name);
  return told.charAt(0).toLowerCase() + told.slice(1);
}

function relativeInStreams(name: string): string {
  const status = STATUSES.get(name) ?? 500;
  if (status === 429 || name === 'ServiceQuotaExceededException') return 'ThrottlingException';
  if (status === 424 || name === INVOKED) return 'ModelStreamErrorException';
  return status < 500 ? 'ValidationException' : 'InternalServerException';
}
