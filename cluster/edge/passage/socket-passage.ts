// One WebSocket on its way through the edge: opened at the gate first, so that its refusals are the client's; then frame by frame both ways,
// those of the client by way of the guard. A side that is slow holds the other.
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type * as Ws from 'ws';
import { behindTurns } from '../../../src/ipc/behind-reads.ts';
import type { FrameRefusal } from '../guard/guarded-frames.ts';
import { withoutHop } from './hop-headers.ts';
import { addressOf, CONNECT_MS, type Destination, NEVER_SENT } from './passage.ts';

/** As the gate takes them. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;
/** RFC 6455, 7.4.1: what is refused breaks a rule of ours. */
const POLICY = 1008;

export type SocketEnd =
  /** It was opened, and is over. */
  | { readonly kind: 'over' }
  /** The gate refused it, and the client was told. */
  | { readonly kind: 'refused'; readonly status: number }
  /** Nobody could be connected to; the client was told nothing yet. */
  | { readonly kind: 'away'; readonly code: string }
  /** The client was told nothing yet, where it is still there. */
  | { readonly kind: 'broken'; readonly code: string };

/** @param look at each frame of the client; null = it may go on. Resolves once it is over; never rejects. */
export function passSocket(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { origin, path, headers, agent }: Destination,
  look: (frame: string) => FrameRefusal | null,
): Promise<SocketEnd> {
  const { WebSocket, WebSocketServer } = createRequire(import.meta.url)('ws') as typeof Ws;
  const url = addressOf(origin, path);
  const secure = url.protocol === 'https:';
  url.protocol = secure ? 'wss:' : 'ws:';
  const offered = protocolsOf(incoming);
  return new Promise((resolve) => {
    const gate = new WebSocket(url, offered, {
      headers: withoutHandshake(headers),
      ...(secure ? { agent } : {}),
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: MAX_FRAME_BYTES,
    });
    let [late, opened] = [false, false];
    const connecting = behindTurns(CONNECT_MS, () => {
      late = true;
      gate.terminate();
    });
    const left = (): void => {
      resolve({ kind: 'over' });
      gate.terminate();
    };
    socket.once('error', left);
    socket.once('close', left);
    let lines: string[] = [];
    gate.once('upgrade', ({ headers: said }) => {
      lines = Object.entries(withoutHandshake(withoutHop(said))).flatMap(([name, value]) =>
        [value].flat().map((one) => `${name}: ${String(one)}`),
      );
    });
    gate.once('unexpected-response', (_request, answer) => {
      connecting.clear();
      const { statusCode = 502, statusMessage = '' } = answer;
      resolve({ kind: 'refused', status: statusCode });
      const shown = Object.entries(withoutHop(answer.headers)).flatMap(([name, value]) =>
        [value].flat().map((one) => `${name}: ${String(one)}\r\n`),
      );
      socket.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${shown.join('')}connection: close\r\n\r\n`);
      answer.once('error', () => socket.destroy());
      answer.once('close', () => gate.terminate());
      answer.pipe(socket);
    });
    gate.on('error', (error: NodeJS.ErrnoException) => {
      connecting.clear();
      // Behind its opening the client has a socket, in which no refusal can be said: it hears how that ended.
      if (opened) return;
      const code = late ? 'ECONNTIMEOUT' : (error.code ?? error.message);
      resolve(NEVER_SENT.has(code) ? { kind: 'away', code } : { kind: 'broken', code });
    });
    gate.on('close', () => resolve({ kind: 'over' }));
    gate.once('open', () => {
      opened = true;
      connecting.clear();
      const doors = new WebSocketServer({
        noServer: true,
        perMessageDeflate: false,
        maxPayload: MAX_FRAME_BYTES,
        handleProtocols: () => gate.protocol || false,
      });
      doors.on('headers', (shown) => shown.push(...lines));
      doors.handleUpgrade(incoming, socket, head, (client) => {
        socket.off('error', left);
        socket.off('close', left);
        relay(gate, client, null);
        relay(client, gate, (frame) => {
          // It is on its way out: what its client says meanwhile goes nowhere.
          if (client.readyState !== WebSocket.OPEN) return false;
          const refusal = look(frame);
          if (refusal === null) return true;
          client.send(refusal.answer);
          if (refusal.ends) {
            client.close(POLICY, 'denied');
            gate.close(POLICY, 'denied');
          }
          return false;
        });
      });
    });
  });
}

/** @param may null = all may go on. */
function relay(from: Ws.WebSocket, to: Ws.WebSocket, may: ((frame: string) => boolean) | null): void {
  from.on('message', (data: Buffer, binary) => {
    if (may !== null && !may(data.toString('utf8'))) return;
    to.send(data, { binary }, () => {
      if (to.bufferedAmount < LOW_WATER_BYTES) from.resume();
    });
    if (to.bufferedAmount >= HIGH_WATER_BYTES) from.pause();
  });
  from.on('error', () => from.terminate());
  from.on('close', (code, reason) => {
    // 1005: without a code; 1006, 1015: without a word (RFC 6455, 7.4.1).
    if (code === 1006 || code === 1015) to.terminate();
    else if (code === 1005) to.close();
    else to.close(code, reason);
  });
}

function protocolsOf({ headers }: IncomingMessage): string[] {
  const names = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return names.filter((name) => name !== '');
}

/** Each of the two connections has a handshake of its own. */
function withoutHandshake<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('sec-websocket-')));
}
