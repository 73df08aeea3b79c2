// A WebSocket to a provider, over the same connections (names, proxy, certificates) as its requests. By the package `ws`.
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type * as Ws from 'ws';
import type { SocketHandler, SocketRequest, UpstreamSocket } from '../contracts/tunnel.ts';
import { behindTurns, type Deadline } from '../ipc/behind-reads.ts';
import type { Dial, Dialling } from './dial.ts';

/** As clients of ours may send (uws-listener.ts). */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;
/** A refusal is read so far. */
const MAX_REFUSAL_BYTES = 64 * 1024;
const PING_MS = 30_000;
/** Who is connected to takes a session, or refuses it, in far less. */
const OPENING_MS = 30_000;
/** What base URLs of Google end in. */
const VERSION = /\/v\d+[a-z0-9]*$/;

export interface SocketPlace {
  /** With the port, where it is not the scheme's own. */
  readonly host: string;
  readonly prefix: string;
  /** Query of the base URL, without `?`. */
  readonly query: string;
  readonly connectTimeoutMs: number;
}

export function openWebSocket(
  dial: Dial,
  { host, prefix, query, connectTimeoutMs }: SocketPlace,
  request: SocketRequest,
  handler: SocketHandler,
): UpstreamSocket {
  // Loaded by the first: few gateways have any.
  const { WebSocket } = createRequire(import.meta.url)('ws') as typeof Ws;
  const above = request.besideVersion === true ? prefix.replace(VERSION, '') : prefix;
  const joined = query === '' ? '' : `${request.path.includes('?') ? '&' : '?'}${query}`;
  let over = false;
  let dialling: Dialling | null = null;
  let late: Deadline | null = null;
  /** It is given up behind so many ms, unless it goes on; 0 = never. */
  const wait = (ms: number, what: string): void => {
    late?.clear();
    late = ms > 0 ? behindTurns(ms, () => giveUp(new Error(what))) : null;
  };
  // Always `ws:`, whatever there is below: the connection comes ready, with its TLS.
  const ws = new WebSocket(`ws://${host}${above}${request.path}${joined}`, [...request.protocols], {
    headers: request.headers,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_FRAME_BYTES,
    // The deadline of `ws` is one of sockets that node connects, and of none that it is given.
    createConnection: ((_options: unknown, done: (error: Error | null, socket?: Duplex) => void) => {
      wait(connectTimeoutMs, 'it was not connected in time');
      dialling = dial.open({
        ready(socket) {
          wait(OPENING_MS, 'its opening was not answered in time');
          done(null, socket);
        },
        failed: (error) => done(error),
        ended() {},
        closed() {},
      });
      // node's request takes it when it comes; ws's own type wants it at once.
    }) as never,
  });
  const end = (tell: () => void): void => {
    if (over) return;
    over = true;
    clearInterval(pings);
    late?.clear();
    tell();
  };
  const giveUp = (error: Error): void => {
    end(() => handler.failed(error));
    dialling?.stop();
    ws.terminate();
  };
  const pings = setInterval(() => ws.readyState === WebSocket.OPEN && ws.ping(), PING_MS);
  pings.unref();
  ws.on('open', () => {
    late?.clear();
    if (!over) handler.opened();
  });
  ws.on('message', (data: Buffer, isBinary: boolean) => {
    if (!over) handler.message(isBinary ? data : data.toString('utf8'));
  });
  ws.on('unexpected-response', (_request, answer) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MAX_REFUSAL_BYTES) pieces.push(piece);
    });
    answer.on('error', (error) => end(() => handler.failed(error)));
    answer.on('end', () =>
      end(() => handler.refused(answer.statusCode ?? 0, answer.headers, Buffer.concat(pieces))),
    );
  });
  ws.on('error', (error) => end(() => handler.failed(error)));
  ws.on('close', (code, reason) => end(() => handler.closed(code, reason.toString('utf8'))));
  return {
    send(message) {
      if (over || ws.readyState !== WebSocket.OPEN) return true;
      ws.send(message, () => {
        if (!over && ws.bufferedAmount < LOW_WATER_BYTES) handler.drained();
      });
      return ws.bufferedAmount < HIGH_WATER_BYTES;
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    close(code, reason) {
      if (ws.readyState !== WebSocket.CONNECTING) ws.close(code, reason);
      else {
        dialling?.stop();
        ws.terminate();
      }
    },
    abort() {
      over = true;
      clearInterval(pings);
      late?.clear();
      dialling?.stop();
      ws.terminate();
    },
  };
}
