// One HTTP/2 connection, from the dial to its end:
//
//   connecting ── the peer's SETTINGS ──► ready ── GOAWAY ──► draining ── last stream over ──► closed
//        └───────── dial, TLS, time ────────┴──── socket lost, ping unanswered ───────────────────┘
//
// Draining takes no new streams and lets those under way end. `node:http2` reads and writes; what it does not do is here: when
// it is ready, how many streams fit, whether the peer still lives.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { behindReads, behindTurns, type Deadline } from '../../ipc/behind-reads.ts';
import type { Dial, Dialling } from '../dial.ts';

/** A consumer that is slow stops its stream at this; others of the connection go on. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const CONNECTION_WINDOW_BYTES = 8 * 1024 * 1024;
/** Of all streams together, MB (node's unit, whose default of 10 refuses streams far too soon). */
const SESSION_MEMORY_MB = 256;

export interface SessionOptions {
  connectTimeoutMs: number;
  /** Pings this often while calls are under way. Servers take offence at many: 5 minutes are what all of them allow. */
  keepaliveMs: number;
  /** Until a ping must be answered. */
  pingTimeoutMs: number;
  /** Streams at once, also where the server allows more. */
  maxStreams: number;
}

export interface SessionListener {
  ready(): void;
  /** A stream ended: another may begin. */
  room(): void;
  /** It takes no new streams. @param calm false: the server minds our pings. */
  draining(calm: boolean): void;
  /** Over; also before it was ready. After `draining`, where that came. */
  closed(reason: string): void;
}

type State = 'connecting' | 'ready' | 'draining' | 'closed';

export class Http2Session {
  #state: State = 'connecting';
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #dialling: Dialling;
  readonly #origin: string;
  #session: ClientHttp2Session | null = null;
  readonly #connecting: Deadline;
  #pings: NodeJS.Timeout | undefined;
  #pinging = false;
  #wasReady = false;
  #streams = 0;
  /** Streams above it were not begun with; the largest number while nothing was said. */
  #lastStream = Number.MAX_SAFE_INTEGER;

  constructor(dial: Dial, origin: string, options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#origin = origin;
    this.#connecting = behindTurns(options.connectTimeoutMs, () =>
      this.#close(`not connected (${this.#dialling.stage}) in time`),
    );
    this.#dialling = dial.open({
      ready: (socket) => this.#begin(socket),
      ended() {},
      failed: (error) => this.#close('code' in error ? String(error.code) : 'connection failed'),
      closed: () => this.#close('connection closed'),
    });
  }

  get state(): State {
    return this.#state;
  }

  /** Whether the peer ever answered. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Whether a stream can begin now. */
  get open(): boolean {
    const session = this.#session;
    if (this.#state !== 'ready' || session === null || session.closed || session.destroyed) return false;
    const { maxConcurrentStreams = this.#options.maxStreams } = session.remoteSettings;
    return this.#streams < Math.min(maxConcurrentStreams, this.#options.maxStreams);
  }

  /** Only while `open`. */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.#session!.request(headers);
    this.#streams++;
    stream.on('close', () => {
      this.#streams--;
      if (this.#state === 'ready') this.#listener.room();
    });
    return stream;
  }

  /** Whether the peer said that it has not begun with this stream. */
  passedOver(stream: ClientHttp2Stream): boolean {
    return stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || (stream.id ?? 0) > this.#lastStream;
  }

  /** A call got no answer in its time: is the peer still there? */
  suspect(): void {
    this.#ping();
  }

  /** Ends it with all its streams. */
  close(): void {
    this.#close('closed');
  }

  #begin(socket: Socket): void {
    if (this.#state !== 'connecting') {
      socket.destroy();
      return;
    }
    if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
      this.#close('the server does not speak HTTP/2');
      return;
    }
    const session = connect(this.#origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: SESSION_MEMORY_MB,
    });
    this.#session = session;
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    session.on('error', (error) => this.#close('code' in error ? String(error.code) : 'connection failed'));
    session.on('close', () => this.#close('connection closed'));
    session.on('goaway', (code: number, lastStream: number) => {
      this.#lastStream = lastStream;
      this.#drain(code !== constants.NGHTTP2_ENHANCE_YOUR_CALM);
    });
    session.on('frameError', () => this.#close('a frame could not be sent'));
    session.on('remoteSettings', () => this.#settled());
  }

  /** The peer's settings came: it speaks HTTP/2, and we know how many streams it takes. */
  #settled(): void {
    if (this.#state === 'ready') this.#listener.room();
    if (this.#state !== 'connecting') return;
    this.#state = 'ready';
    this.#wasReady = true;
    this.#connecting.clear();
    this.#pings = setInterval(() => {
      if (this.#streams > 0) this.#ping();
    }, this.#options.keepaliveMs);
    this.#pings.unref();
    this.#listener.ready();
  }

  #ping(): void {
    const session = this.#session;
    if (this.#pinging || session === null || session.destroyed) return;
    this.#pinging = true;
    const late = behindReads(this.#options.pingTimeoutMs, () => this.#close('a ping was not answered'));
    late.unref();
    const sent = session.ping(() => {
      late.clear();
      this.#pinging = false;
    });
    if (sent) return;
    late.clear();
    this.#pinging = false;
  }

  #drain(calm: boolean): void {
    if (this.#state !== 'ready' && this.#state !== 'connecting') return;
    this.#state = 'draining';
    this.#listener.draining(calm);
  }

  #close(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#connecting.clear();
    clearInterval(this.#pings);
    this.#dialling.stop();
    this.#session?.destroy();
    this.#listener.closed(reason);
  }
}
