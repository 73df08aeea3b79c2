// A listening socket of uWebSockets.js: makes an exchange and a head of every request and hands them on.
import type { HttpRequest, HttpResponse, us_listen_socket } from 'uWebSockets.js';
import type { Config } from '../../contracts/config.ts';
import type { LogPort } from '../../contracts/ports.ts';
import { chosenProtocol } from '../../pipeline/who/socket-key.ts';
import { AddressCap, type AddressCapDeps } from '../exchange/address-cap.ts';
import type { DescriptorGate } from '../exchange/descriptor-gate.ts';
import type {
  ArrivedHead,
  ExchangeHost,
  RequestHandler,
  SocketSession,
  SocketWire,
} from '../exchange/exchange.ts';
import type { Listener } from '../exchange/listener.ts';
import type { Uws } from '../exchange/loader.ts';
import {
  HIGH_WATER_BYTES,
  IDLE_MS,
  LIFETIME_MS,
  LOW_WATER_BYTES,
  MAX_FRAME_BYTES,
} from '../exchange/socket-bounds.ts';
import { acceptQueueLength, type OwnListener, ownListener } from './accept-queue.ts';
import { copyHead } from './head.ts';
import { openByAddress } from './open-by-address.ts';
import { boundReceiveBuffer } from './receive-buffer.ts';
import { UwsExchange } from './uws-exchange.ts';

/** Closing waits so long for an empty accept queue. */
const QUEUE_WAIT_MS = 1_000;

/** What uWS keeps with a WebSocket. */
interface Connection {
  open(wire: SocketWire): SocketSession;
  session: SocketSession | null;
}

/** Of the configuration's `server`. */
export type ListenPlace = Pick<Config['server'], 'host' | 'port' | 'receiveBufferBytes'>;

export interface MainListener extends Listener {
  /** Resolves with the port. @throws Error when it cannot be listened on. */
  listen(place: ListenPlace): Promise<number>;
}

export interface UwsListenerDeps {
  uws: Uws;
  descriptors: DescriptorGate;
  addresses: AddressCapDeps;
  log: LogPort;
}

export function createUwsListener(
  deps: UwsListenerDeps,
  host: ExchangeHost,
  handle: RequestHandler,
): MainListener {
  return new UwsListener(deps, host, handle);
}

class UwsListener implements MainListener {
  readonly #uws: Uws;
  readonly #descriptors: DescriptorGate;
  readonly #log: LogPort;
  readonly #host: ExchangeHost;
  readonly #app: ReturnType<Uws['App']>;
  #socket: us_listen_socket | null = null;
  #port = 0;
  #own: OwnListener | null = null;
  #bounded: Promise<void> | null = null;

  constructor(
    { uws, descriptors, addresses, log }: UwsListenerDeps,
    host: ExchangeHost,
    handle: RequestHandler,
  ) {
    this.#uws = uws;
    this.#log = log;
    this.#descriptors = descriptors;
    this.#host = host;
    const cap = new AddressCap(addresses, () => openByAddress(this.#port));
    const count = (res: HttpResponse, change: unknown): void => {
      if (Number(change) < 0) descriptors.closed();
      else if (!descriptors.opened()) res.close();
      else if (!cap.off && cap.opened(Buffer.from(res.getRemoteAddressAsText()).toString()) === 'full')
        res.close();
    };
    const arrived = (req: HttpRequest, exchange: UwsExchange): ArrivedHead => {
      const head = copyHead(req, exchange);
      if (cap.owed) head.crowded = cap.takes(exchange.socketAddress());
      return head;
    };
    this.#app = uws.App();
    this.#app.filter(count);
    this.#app.ws<Connection>('/*', {
      maxPayloadLength: MAX_FRAME_BYTES,
      idleTimeout: IDLE_MS / 1_000,
      maxLifetime: LIFETIME_MS / 60_000,
      // What a slow client does not take is not dropped: its turn is paused.
      maxBackpressure: 0,
      upgrade(res, req, context) {
        const startedAt = host.now();
        const exchange = new UwsExchange(res, host);
        const names = ['sec-websocket-key', 'sec-websocket-protocol', 'sec-websocket-extensions'] as const;
        const [key, protocol, extensions] = names.map((name) => req.getHeader(name)) as [
          string,
          string,
          string,
        ];
        handle(exchange, arrived(req, exchange), startedAt, (open) => {
          exchange.release();
          // One of those that are offered: browsers close a socket that was answered with more.
          const chosen = chosenProtocol(protocol);
          res.cork(() => res.upgrade<Connection>({ open, session: null }, key, chosen, extensions, context));
        });
      },
      open(ws) {
        const connection = ws.getUserData();
        connection.session = connection.open({
          send(message) {
            ws.send(message, typeof message !== 'string');
            return ws.getBufferedAmount() < HIGH_WATER_BYTES;
          },
          close: (code, reason) => ws.end(code, reason),
        });
      },
      message(ws, bytes, isBinary) {
        const { session } = ws.getUserData();
        if (session === null) return;
        // A copy: uWS takes the memory back when this returns.
        if (isBinary && session.binary !== undefined) session.binary(Buffer.from(bytes.slice(0)));
        else session.message(Buffer.from(bytes).toString('utf8'));
      },
      drain(ws) {
        if (ws.getBufferedAmount() < LOW_WATER_BYTES) ws.getUserData().session?.drained();
      },
      close(ws, code) {
        // The filter hears of no end of what is no HTTP any more.
        descriptors.closed();
        ws.getUserData().session?.gone(code);
      },
    });
    this.#app.any('/*', (res, req) => {
      const startedAt = host.now();
      const exchange = new UwsExchange(res, host);
      handle(exchange, arrived(req, exchange), startedAt);
    });
  }

  listen({ host, port, receiveBufferBytes }: ListenPlace): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, (socket) => {
        if (socket === false) {
          reject(new Error(`cannot listen on ${host}:${port}`));
          return;
        }
        this.#socket = socket;
        this.#port = this.#uws.us_socket_local_port(socket as never);
        this.#own = ownListener(this.#port);
        // Elsewhere nobody can tell which descriptor it is.
        if (receiveBufferBytes > 0 && process.platform === 'linux')
          this.#bounded = this.#boundBuffer(receiveBufferBytes);
        this.#descriptors.begin();
        resolve(this.#port);
      });
    });
  }

  /** Behind the start, which does not wait for it: the first connections are as wide as the system has them. */
  async #boundBuffer(bytes: number): Promise<void> {
    const problem = await boundReceiveBuffer(this.#own, bytes);
    if (problem === null)
      this.#log.debug({ port: this.#port, bytes }, 'receive buffer of the listener is set');
    else this.#log.warn({ port: this.#port, problem }, 'receive buffer of the listener could not be set');
  }

  async stop(): Promise<void> {
    // Until then another process has the socket open, too, and closing it here would leave it open for nobody.
    await this.#bounded;
    const until = this.#host.now() + QUEUE_WAIT_MS;
    // Without tcp_migrate_req the kernel resets whoever waits in the queue of a closing listener.
    while (
      this.#socket !== null &&
      acceptQueueLength(this.#port, this.#own) > 0 &&
      this.#host.now() < until
    ) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#closeSocket();
  }

  close(): void {
    this.#closeSocket();
    this.#app.close();
  }

  #closeSocket(): void {
    if (this.#socket !== null) this.#uws.us_listen_socket_close(this.#socket);
    this.#socket = null;
    this.#descriptors.stop();
  }
}
