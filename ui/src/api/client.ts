// Calls of the admin API. One way out for all pages: the token against foreign pages, a session that is over, versions of
// objects and what went wrong are looked after here.
import { ApiProblem, IN_ITS_PLACE, OFFLINE, problemOf } from './problem.ts';

export interface Answer<T> {
  readonly body: T;
  /** For `ifMatch` of the change that follows; '' = the answer has none. */
  readonly etag: string;
  readonly status: number;
}

export interface CallOptions {
  readonly body?: unknown;
  /** ETag of what was read: a change by somebody else meanwhile is a 409 and not lost. */
  readonly ifMatch?: string;
  /** A call that is repeated with the same one is done once. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Instead of the session: the set-up token. */
  readonly bearer?: string;
}

interface ClientState {
  csrf: string;
  ended: () => void;
}

const state: ClientState = { csrf: '', ended: () => undefined };

/** @param csrf token of the session; '' = signed out */
export function setCsrf(csrf: string): void {
  state.csrf = csrf;
}

/** Who is told that the session is over. */
export function onSessionEnd(tell: () => void): void {
  state.ended = tell;
}

/** @throws ApiProblem */
export async function call<T>(method: string, url: string, options: CallOptions = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.ifMatch !== undefined && options.ifMatch !== '') headers['if-match'] = options.ifMatch;
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
  if (options.bearer !== undefined) headers['authorization'] = `Bearer ${options.bearer}`;
  else if (method !== 'GET') headers['x-csrf-token'] = state.csrf;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new ApiProblem(OFFLINE);
  }
  const body = await bodyOf(response);
  if (!response.ok) throw refused(response, body, options.bearer === undefined && url !== '/api/login');
  // Everything that the API says in words is JSON.
  if (typeof body === 'string' && body !== '') throw new ApiProblem(IN_ITS_PLACE);
  // The shape is the API's own (openapi.json); pages name what they read.
  return { body: body as T, etag: response.headers.get('etag') ?? '', status: response.status };
}

/** @param ends whether a 401 says that the session is over */
function refused(response: Response, body: unknown, ends: boolean): ApiProblem {
  const problem = problemOf(response.status, body, response.headers.get('x-request-id') ?? '');
  if (problem.status === 401 && ends) state.ended();
  return new ApiProblem(problem);
}

/** An answer that goes on (`text/event-stream`), to be read as it comes. @throws ApiProblem; what the connection throws */
export async function openStream(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal, credentials: 'same-origin' });
  if (!response.ok) throw refused(response, await bodyOf(response), true);
  return response;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!(response.headers.get('content-type') ?? '').includes('json')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  return (await call<T>('GET', url, signal === undefined ? {} : { signal })).body;
}

/** `/api/x?a=b` without what is empty. */
export function urlOf(
  path: string,
  query: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}
