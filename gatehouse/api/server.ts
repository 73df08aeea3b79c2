// The admin API over node:http: on a Unix socket, where workers hand calls on, and on a listener of its own where one is
// configured. Every call is found in the table, checked, permitted, done and answered here.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { StoreDown } from '../../src/contracts/store.ts';
import { may } from '../../src/governance/roles.ts';
import { credentialKind } from '../../src/governance/virtual-key.ts';
import { nodeHttp } from '../../src/wire/node-http.ts';
import { ApiError } from '../errors/api-error.ts';
import { answerDocs, answerPage, isDocs, isPage } from '../page/answer.ts';
import type { PageFiles } from '../page/files.ts';
import { type Actor, NOBODY } from '../who/actor.ts';
import { type Authenticate, bearerOf, type Caller, cookieOf } from '../who/authenticate.ts';
import { checkBody, checkPatch, checkQuery, checkRecord } from './checked.ts';
import { type ApiContext, eventOf } from './context.ts';
import type { Repeats } from './repeats.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';
import type { Found, Router } from './router.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const BODY_MS = 30_000;

/** Headers that a worker adds; on a listener of its own they are whatever a client says, and count for nothing. */
const CLIENT_ADDRESS = 'x-headgate-client';
const FORWARDED_PROTO = 'x-forwarded-proto';
const CERTIFICATE = 'x-headgate-certificate';

export interface ApiServerDeps {
  readonly context: ApiContext;
  readonly router: Router;
  readonly authenticate: Authenticate;
  readonly repeats: Repeats;
  /** Files of the page below `/ui`; null = not built. */
  page(): PageFiles | null;
  /** Of the documentation below `/docs`; null = not built. */
  docs(): PageFiles | null;
}

/** @param behindWorkers calls come through workers, who say which client it is */
export function createApiServer(deps: ApiServerDeps, behindWorkers: boolean): Server {
  const server = nodeHttp().createServer((request, response) => {
    answer(deps, request, response, behindWorkers).catch((err: unknown) => {
      deps.context.log.error({ err }, 'answer of the admin API could not be sent');
      response.destroy();
    });
  });
  server.requestTimeout = BODY_MS;
  server.headersTimeout = BODY_MS;
  server.keepAliveTimeout = 60_000;
  return server;
}

async function answer(
  deps: ApiServerDeps,
  request: IncomingMessage,
  response: ServerResponse,
  behindWorkers: boolean,
): Promise<void> {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && /^[\w.-]{1,128}$/.test(given) ? given : `req_${randomUUID()}`;
  const path = request.url?.split('?', 1)[0] ?? '/';
  if (isPage(path) || isDocs(path)) {
    sendPage(deps, request, response, { path, id });
    return;
  }
  let result: ApiAnswer;
  try {
    result = await handle(deps, request, behindWorkers);
  } catch (error) {
    result = refusal(deps, error, id);
  }
  const { status, body, headers = {} } = result;
  if (result.stream !== undefined && request.method !== 'HEAD') {
    await sendStream(response, result, id);
    return;
  }
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    ...(text === '' ? {} : { 'content-type': 'application/json' }),
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': id,
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Piece by piece, without a length: how long it is nobody knows. One that fails is cut, since nothing in it could say so. */
async function sendStream(
  response: ServerResponse,
  { status, headers, stream }: ApiAnswer,
  id: string,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  response.writeHead(status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': id,
    ...headers,
  });
  response.flushHeaders();
  await stream!({
    left: left.signal,
    write: (text) =>
      left.signal.aborted || response.write(text)
        ? Promise.resolve()
        : Promise.race([once(response, 'drain'), once(response, 'close')]).then(() => undefined),
  });
  response.end();
}

function sendPage(
  deps: ApiServerDeps,
  { method = 'GET', headers }: IncomingMessage,
  response: ServerResponse,
  { path, id }: { path: string; id: string },
): void {
  const { 'accept-encoding': encodings, 'if-none-match': known } = headers;
  const asked = {
    method,
    path,
    acceptEncoding: typeof encodings === 'string' ? encodings : '',
    ifNoneMatch: known ?? '',
  };
  const made = isDocs(path) ? answerDocs(deps.docs(), asked) : answerPage(deps.page(), asked);
  response.writeHead(made.status, {
    ...made.headers,
    ...(made.status === 304 ? {} : { 'content-length': made.body.length }),
    'x-request-id': id,
  });
  response.end(method === 'HEAD' ? undefined : made.body);
}

async function handle(
  deps: ApiServerDeps,
  request: IncomingMessage,
  behindWorkers: boolean,
): Promise<ApiAnswer> {
  const { context } = deps;
  const url = new URL(request.url ?? '/', 'http://gatehouse');
  const found = deps.router.find(request.method ?? 'GET', url.pathname);
  const { route } = found;
  const { headers } = request;
  const ip = behindWorkers ? String(headers[CLIENT_ADDRESS] ?? '') : (request.socket.remoteAddress ?? '');
  const who = await identify(deps, request, found, ip);
  await permit(context, route, who.actor, ip);
  const text = await readBody(request);
  const parsed = parse(text, headers['content-type']);
  const body =
    route.lenient === true
      ? checkRecord(parsed ?? {})
      : route.body === undefined
        ? checkBody({ type: 'object', properties: {} }, parsed ?? {})
        : route.method === 'PATCH'
          ? checkPatch(route.body, parsed)
          : checkBody(route.body, parsed ?? {});
  const call: ApiRequest = {
    params: found.params,
    query: checkQuery(route.query ?? {}, url.searchParams, route.foreignQuery),
    body,
    actor: who.actor,
    ip,
    secure: behindWorkers && headers[FORWARDED_PROTO] === 'https',
    ifMatch: versionOf(headers['if-match']),
    certificate: behindWorkers ? certificateOf(headers[CERTIFICATE]) : null,
    credential: who.credential === '' ? who.cookie : who.credential,
    cookie: (name) => cookieOf(headers, name),
  };
  const key = headers['idempotency-key'];
  if (route.method !== 'POST' || typeof key !== 'string' || route.access === 'open')
    return route.handle(call);
  return deps.repeats.once(who.actor.name, key, `${url.pathname}\n${text}`, () => route.handle(call));
}

async function identify(
  deps: ApiServerDeps,
  request: IncomingMessage,
  { route }: Found,
  ip: string,
): Promise<Caller> {
  try {
    return await deps.authenticate(request.method ?? 'GET', request.headers);
  } catch (error) {
    // A session that is over is no reason not to begin another one.
    const credential = bearerOf(request.headers);
    if (error instanceof ApiError && route.access === 'open' && credential === '')
      return { actor: NOBODY, credential, cookie: '' };
    // A key of the file: the route itself finds out whose it is.
    if (route.fileKeys === true && credential !== '' && credentialKind(credential) === null)
      return { actor: { kind: 'key' as const, name: 'key', id: '' }, credential, cookie: '' };
    if (error instanceof ApiError)
      await denied(deps.context, { kind: 'nobody', name: 'anonymous' }, route, ip, error.code);
    throw error;
  }
}

/** @throws ApiError 401, 403 */
async function permit(context: ApiContext, route: ApiRoute, actor: Actor, ip: string): Promise<void> {
  const { access } = route;
  if (access === 'open') return;
  const refuse = async (status: number, code: string, message: string): Promise<never> => {
    if (actor.kind !== 'nobody' || route.asksWho !== true) await denied(context, actor, route, ip, code);
    throw new ApiError(
      status,
      code,
      message,
      status === 401 ? { headers: { 'www-authenticate': 'Bearer' } } : {},
    );
  };
  if (actor.kind === 'nobody')
    await refuse(
      401,
      'unauthenticated',
      access === 'self'
        ? 'This route is for a virtual key, about itself: send it as `Authorization: Bearer hg-…`.'
        : 'Send a personal token as `Authorization: Bearer hga-…`, or log in.',
    );
  if (access === 'self') {
    if (actor.kind !== 'key')
      await refuse(403, 'forbidden', 'This route is for a virtual key, about itself.');
    return;
  }
  if (actor.kind === 'key')
    await refuse(
      401,
      'unauthenticated',
      'A virtual key does not open the administration: use a personal token.',
    );
  if (actor.kind !== 'admin')
    return refuse(403, 'forbidden', 'The set-up token makes the first administrator, and nothing else.');
  if (access === 'signed-in' || may(actor.administrator, access)) return;
  await refuse(403, 'forbidden', `The role or the token may not ${access.verb} ${access.resource} objects.`);
}

/** At most one entry a second for each way of being refused: a scanner must not write the log full. */
const DENIED_MS = 1_000;
const lastDenied = new WeakMap<ApiContext, Map<string, number>>();

async function denied(
  context: ApiContext,
  actor: Actor,
  route: ApiRoute,
  ip: string,
  reason: string,
): Promise<void> {
  let times = lastDenied.get(context);
  if (times === undefined) lastDenied.set(context, (times = new Map()));
  const cause = `${actor.name} ${route.operation} ${ip} ${reason}`;
  const now = context.now();
  if (now - (times.get(cause) ?? 0) < DENIED_MS) return;
  if (times.size > 1_000) times.clear();
  times.set(cause, now);
  const event = eventOf(context, { actor, ip }, { action: route.operation, target: '' }, 'denied', reason);
  await context.store.commit([], event);
}

function refusal({ context }: ApiServerDeps, error: unknown, requestId: string): ApiAnswer {
  const made =
    error instanceof ApiError
      ? error
      : error instanceof StoreDown
        ? new ApiError(503, 'store_unavailable', 'The store cannot be reached at the moment.', {
            headers: { 'retry-after': '1' },
          })
        : new ApiError(500, 'internal', 'The gateway failed; the log has the reason under this request id.');
  if (made.status >= 500) context.log.error({ err: error, requestId }, 'call of the admin API failed');
  const { status, code, message, param, headers } = made;
  return {
    status,
    headers,
    body: { error: { type: typeOf(status), code, message, ...(param === '' ? {} : { param }), requestId } },
  };
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 409) return 'conflict_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'api_error' : 'invalid_request_error';
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new ApiError(413, 'too_large', `The body is larger than ${MAX_BODY_BYTES} bytes.`, {
        headers: { connection: 'close' },
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined: there is no body. @throws ApiError 400, 415 */
function parse(text: string, type = 'application/json'): unknown {
  if (text.trim() === '') return undefined;
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type))
    throw new ApiError(
      415,
      'unsupported_media_type',
      'The body must be JSON (`content-type: application/json`).',
    );
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, 'invalid_json', 'The body is not valid JSON.');
  }
}

/** As a worker writes it: fingerprint and name. */
function certificateOf(stated: string | string[] | undefined): ApiRequest['certificate'] {
  if (typeof stated !== 'string') return null;
  const [fingerprint = '', name = ''] = stated.split(' ');
  return { fingerprint, name: decodeURIComponent(name) };
}

/** Of `If-Match`; `*` and none are any. @throws ApiError 400 */
function versionOf(stated: string | undefined): number | null {
  if (stated === undefined || stated.trim() === '*') return null;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(stated.trim())?.[1];
  if (version === undefined)
    throw new ApiError(400, 'invalid_header', 'If-Match: expected the ETag of the object.');
  return Number(version);
}
