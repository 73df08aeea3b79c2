// WebSockets on a listener of node's, by the package `ws`: its only user.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { chosenProtocol } from '../../pipeline/who/socket-key.ts';
import type { SocketSession, SocketWire } from '../exchange/exchange.ts';
import {
  HIGH_WATER_BYTES,
  IDLE_MS,
  LIFETIME_MS,
  LOW_WATER_BYTES,
  MAX_FRAME_BYTES,
} from '../exchange/socket-bounds.ts';

const GOING_AWAY = 1001;

export class NodeSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => chosenProtocol([...offered].join(',')) || false,
  });
  readonly #open = new Set<WebSocket>();

  open(
    request: IncomingMessage,
    socket: Duplex,
    first: Buffer,
    begin: (wire: SocketWire) => SocketSession,
  ): void {
    this.#server.handleUpgrade(request, socket, first, (ws) => this.#opened(ws, begin));
  }

  close(): void {
    for (const ws of this.#open) ws.close(GOING_AWAY);
    this.#server.close();
  }

  #opened(ws: WebSocket, begin: (wire: SocketWire) => SocketSession): void {
    this.#open.add(ws);
    let heardAt = Date.now();
    const tooOld = heardAt + LIFETIME_MS;
    const session = begin({
      send(message) {
        ws.send(message, () => {
          if (ws.bufferedAmount < LOW_WATER_BYTES) session.drained();
        });
        return ws.bufferedAmount < HIGH_WATER_BYTES;
      },
      close: (code, reason) => ws.close(code, reason),
    });
    const watch = setInterval(() => {
      const now = Date.now();
      if (now > tooOld) ws.close(GOING_AWAY);
      else if (now - heardAt > IDLE_MS) ws.terminate();
      else ws.ping();
    }, IDLE_MS / 4);
    watch.unref();
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      heardAt = Date.now();
      if (isBinary && session.binary !== undefined) session.binary(data);
      else session.message(data.toString('utf8'));
    });
    ws.on('pong', () => {
      heardAt = Date.now();
    });
    ws.on('error', () => ws.terminate());
    ws.on('close', (code) => {
      clearInterval(watch);
      this.#open.delete(ws);
      session.gone(code);
    });
  }
}
