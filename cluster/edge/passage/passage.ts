// One request on its way through the edge: to the gate, to a gate on this machine, or to its vendor; streamed both ways, as it came.
import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { behindTurns } from '../../../src/ipc/behind-reads.ts';
import { nodeHttp, nodeHttps } from '../../../src/wire/node-http.ts';
import { withoutHop } from './hop-headers.ts';

export interface Destination {
  /** `https://gate.example` */
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly agent: Agent;
  /** Whose certificate is expected, where the origin does not say it. */
  readonly servername?: string;
}

export interface Passed {
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** How it went: `away`: nobody could be connected to, and nothing of the request was read. */
export type PassageEnd =
  | { readonly kind: 'answered'; readonly passed: Passed }
  | { readonly kind: 'away'; readonly code: string }
  /** Broken on its way; `begun`: the client has some of an answer already. */
  | { readonly kind: 'broken'; readonly code: string; readonly begun: boolean }
  | { readonly kind: 'left' };

export const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNTIMEOUT',
]);
export const CONNECT_MS = 5_000;

/** Of the origin whatever the path looks like: `//host/x` and `http://host/x` are no way to another one. */
export function addressOf(origin: string, path: string): URL {
  return new URL(`${origin}${path.startsWith('/') ? '' : '/'}${path}`);
}

/** @param body the request's, where it was read already. Resolves once it is over; never rejects. */
export function passOn(
  incoming: IncomingMessage,
  response: ServerResponse,
  { origin, path, headers, agent, servername }: Destination,
  body: Buffer | null,
): Promise<PassageEnd> {
  const url = addressOf(origin, path);
  const secure = url.protocol === 'https:';
  let [connected, bytesIn, bytesOut] = [false, body?.length ?? 0, 0];
  return new Promise((resolve) => {
    const outgoing = (secure ? nodeHttps() : nodeHttp()).request(url, {
      method: incoming.method ?? 'GET',
      headers,
      ...(secure ? { agent } : {}),
      ...(servername === undefined ? {} : { servername }),
    });
    const connecting = behindTurns(CONNECT_MS, () => {
      outgoing.destroy(Object.assign(new Error('no connection'), { code: 'ECONNTIMEOUT' }));
    });
    outgoing.once('socket', (socket) => {
      const ready = (): void => {
        connected = true;
        connecting.clear();
        if (body !== null) {
          outgoing.end(body);
          return;
        }
        // Only now: until here nothing of the request was read, and it may go elsewhere.
        incoming.on('data', (piece: Buffer) => (bytesIn += piece.length));
        incoming.pipe(outgoing);
      };
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', ready);
      else ready();
    });
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, withoutHop(answer.headers));
      response.flushHeaders();
      answer.on('data', (piece: Buffer) => (bytesOut += piece.length));
      answer.pipe(response);
      answer.once('error', () => response.destroy());
      response.once('finish', () =>
        resolve({ kind: 'answered', passed: { status: answer.statusCode ?? 502, bytesIn, bytesOut } }),
      );
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      connecting.clear();
      const code = error.code ?? error.message;
      if (response.headersSent || response.destroyed) {
        response.destroy();
        resolve({ kind: 'broken', code, begun: true });
      } else if (!connected && NEVER_SENT.has(error.code ?? '')) resolve({ kind: 'away', code });
      else resolve({ kind: 'broken', code, begun: false });
    });
    response.once('close', () => {
      connecting.clear();
      if (!response.writableFinished) outgoing.destroy();
      resolve({ kind: 'left' });
    });
  });
}

/** A shape that the vendors' libraries all find their message in. */
export function refuse(response: ServerResponse, status: number, message: string, id: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { head, text } = refusalOn(status, message, id);
  response.writeHead(status, head);
  response.end(text);
}

/** The same where a socket was asked for. */
export function refuseSocket(socket: Duplex, status: number, message: string, id: string): void {
  if (!socket.writable) return;
  const { head, text } = refusalOn(status, message, id);
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
}

function refusalOn(status: number, message: string, id: string) {
  const text = JSON.stringify({
    type: 'error',
    error: { type: 'headgate_edge', code: status, message },
    request_id: id,
  });
  const head: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-request-id': id,
    // Whoever would try again is refused again.
    ...(status === 403 ? { 'x-should-retry': 'false' } : {}),
    connection: 'close',
  };
  return { head, text };
}
