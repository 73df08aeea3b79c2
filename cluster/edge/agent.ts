// `headgate edge start`: the gate's place on this machine. It listens on loopback, in every dialect since it changes none, and hands
// each request on to the central gate over TLS, with what tells the gate which device it is. Credentials of agents go along where
// they are the vendor's own, and are left out where they are ours.
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as overHttp,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Agent, request as overTls } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TlsMeans } from './plain-call.ts';
import { GATE_KEY_HEADER } from './setup/agent-files.ts';

export interface EdgeAgentOptions {
  /** Of the central gate, without a path. */
  readonly gate: string;
  /** Where requests go that the centre cannot be connected for: a gate on this machine. Null = they fail. */
  readonly fallback: string | null;
  /** Says who this device is. */
  readonly key: string;
  /** What agents on this machine present: nobody else on it may use the device's key. */
  readonly localKey: string;
  /** And a client certificate, where the gate asks for one. */
  readonly tls: TlsMeans;
}

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;
const PLACES = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;
/** Of the connection, not of the request (RFC 9110, 7.6.1). */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
]);
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNTIMEOUT',
]);
const CONNECT_MS = 5_000;

/** Not listening yet. */
export function createEdgeAgent(options: EdgeAgentOptions): Server {
  const agent = new Agent({ keepAlive: true, ...options.tls });
  const server = createServer((incoming, response) => {
    const refusal = refused(incoming, options.localKey);
    if (refusal !== null) {
      fail(response, ...refusal);
      return;
    }
    forward(incoming, response, options.gate, options, agent);
  });
  server.requestTimeout = 0;
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (refused(incoming, options.localKey) !== null)
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
    else upgrade(incoming, socket, head, options, agent);
  });
  server.once('close', () => agent.destroy());
  return server;
}

/** A page of a browser may reach loopback, under a name of its own: only loopback's names are answered. */
function refused({ headers }: IncomingMessage, localKey: string): [status: number, message: string] | null {
  if (!LOOPBACK_HOST.test(headers.host ?? '') || headers.origin !== undefined)
    return [403, 'This is no address for pages of a browser.'];
  const presented = [headers[GATE_KEY_HEADER], ...PLACES.map((place) => headers[place])];
  if (presented.some((value) => typeof value === 'string' && isKey(value, localKey))) return null;
  return [401, 'The key of this machine was not given: `headgate edge setup` writes it into agents’ files.'];
}

function isKey(value: string, key: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(value.replace(/^bearer +/i, '')), digest(key));
}

/** The device's key in place of the machine's; what is not the machine's is the vendor's, and stays. */
export function headersFor(
  headers: IncomingHttpHeaders,
  { key, localKey }: EdgeAgentOptions,
): OutgoingHttpHeaders {
  const nominated = new Set((headers.connection ?? '').toLowerCase().split(/ *, */));
  const made: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP.has(name) || nominated.has(name)) continue;
    if (PLACES.some((place) => place === name) && isKey(String(value), localKey)) continue;
    made[name] = value;
  }
  made[GATE_KEY_HEADER] = key;
  return made;
}

type Options = EdgeAgentOptions;

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  to: string,
  options: Options,
  agent: Agent,
): void {
  const url = new URL(incoming.url ?? '/', to);
  const secure = url.protocol === 'https:';
  const outgoing = (secure ? overTls : overHttp)(url, {
    method: incoming.method ?? 'GET',
    headers: headersFor(incoming.headers, options),
    ...(secure ? { agent } : {}),
  });
  const connecting = setTimeout(() => {
    outgoing.destroy(Object.assign(new Error('no connection'), { code: 'ECONNTIMEOUT' }));
  }, CONNECT_MS);
  let connected = false;
  outgoing.once('socket', (socket) => {
    const ready = (): void => {
      connected = true;
      clearTimeout(connecting);
      // Only now: until here nothing of the request was read, and it may go elsewhere.
      incoming.pipe(outgoing);
    };
    if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', ready);
    else ready();
  });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutHop(answer.headers));
    response.flushHeaders();
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  outgoing.once('error', (error: NodeJS.ErrnoException) => {
    clearTimeout(connecting);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const away = !connected && NEVER_SENT.has(error.code ?? '');
    if (away && options.fallback !== null && to !== options.fallback)
      forward(incoming, response, options.fallback, options, agent);
    else fail(response, away ? 503 : 502, `The gate cannot be reached (${error.code ?? error.message}).`);
  });
  response.once('close', () => {
    if (!response.writableFinished) outgoing.destroy();
  });
}

function withoutHop(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));
}

function upgrade(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: Options,
  agent: Agent,
): void {
  const url = new URL(incoming.url ?? '/', options.gate);
  const secure = url.protocol === 'https:';
  const outgoing = (secure ? overTls : overHttp)(url, {
    method: 'GET',
    headers: {
      ...headersFor(incoming.headers, options),
      connection: 'upgrade',
      upgrade: incoming.headers.upgrade ?? '',
    },
    ...(secure ? { agent } : {}),
  });
  const end = (): void => {
    socket.destroy();
    outgoing.destroy();
  };
  outgoing.once('upgrade', (answer, other, first) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    socket.write(first);
    other.write(head);
    socket.pipe(other).pipe(socket);
    other.once('error', end);
    other.once('close', end);
  });
  outgoing.once('response', (answer) => {
    socket.end(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nconnection: close\r\n\r\n`);
    answer.resume();
  });
  outgoing.once('error', end);
  socket.once('error', end);
  socket.once('close', end);
  outgoing.end();
}

/** A shape that the vendors' libraries all find their message in. */
function fail(response: ServerResponse, status: number, message: string): void {
  const text = JSON.stringify({ type: 'error', error: { type: 'headgate_edge', code: status, message } });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(text);
}
