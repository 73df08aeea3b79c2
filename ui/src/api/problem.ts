// What an answer of the admin API says when it is not a good one, and what we say when there is none.

export interface Problem {
  /** HTTP status; 0 = no answer at all. */
  readonly status: number;
  /** Such as `version_conflict`, `invalid_value`; `offline` when there was no answer. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
  /** Field of the body it is about; '' = none. */
  readonly param: string;
  readonly requestId: string;
}

export class ApiProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

export const OFFLINE: Problem = {
  status: 0,
  code: 'offline',
  message:
    'The gateway does not answer. The network or the gateway itself is away; calls under way may go on.',
  param: '',
  requestId: '',
};

/** An answer without a fault that is not the gateway's: a proxy that wants people to sign in with it sends its page. */
export const IN_ITS_PLACE: Problem = {
  status: 0,
  code: 'foreign_answer',
  message:
    'Something between this page and the gateway answered in its place, such as a proxy that asks for a sign-in. Load the page anew.',
  param: '',
  requestId: '',
};

/** @param body as it was parsed, of any shape */
export function problemOf(status: number, body: unknown, requestId: string): Problem {
  const error = recordOf(recordOf(body)?.['error']);
  const text = (name: string): string => {
    const value = error?.[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    status,
    code: text('code') || `http_${status}`,
    message: text('message') || sentenceOf(status),
    param: text('param'),
    requestId: text('requestId') || text('request_id') || requestId,
  };
}

export function asProblem(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  return {
    status: -1,
    code: 'page_fault',
    message: `This page failed: ${error instanceof Error ? error.message : String(error)}`,
    param: '',
    requestId: '',
  };
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>) // an object is a record of unknown values
    : null;
}

function sentenceOf(status: number): string {
  if (status === 404) return 'This gateway does not have that.';
  if (status >= 500) return 'The gateway could not answer.';
  return `The gateway refused it with ${status}.`;
}
