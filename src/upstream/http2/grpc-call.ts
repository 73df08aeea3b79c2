// One gRPC call on one HTTP/2 stream: headers, messages, trailers, and how each way to end becomes a status
// (grpc/doc/PROTOCOL-HTTP2.md, statuscodes.md). It waits with what it has to send until a connection takes it.
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import {
  GRPC_CODES,
  type GrpcCallOptions,
  type GrpcCode,
  type GrpcEnd,
  type GrpcListener,
  type GrpcMetadata,
  type GrpcStream,
} from '../../contracts/grpc.ts';
import { behindTurns, type Deadline } from '../../ipc/behind-reads.ts';
import {
  codeOfHttp,
  decodeGrpcMessage,
  GrpcDeframer,
  GrpcFrameFault,
  grpcCode,
  grpcFrame,
  grpcTimeout,
} from '../../wire/grpc.ts';
import type { Http2Session } from './session.ts';

const NONE: GrpcMetadata = Object.freeze({});

export interface CallPlace {
  readonly authority: string;
  readonly scheme: string;
  readonly userAgent: string;
  readonly maxMessageBytes: number;
  /** Monotonic ms. */
  now(): number;
  /** It is over before a connection took it. */
  left(call: GrpcCall): void;
}

export class GrpcCall implements GrpcStream {
  readonly #path: string;
  readonly #listener: GrpcListener;
  readonly #place: CallPlace;
  readonly #metadata: GrpcMetadata;
  readonly #deadlineAt: number;
  readonly #deframer: GrpcDeframer;
  #timer: Deadline | null = null;
  #early: Buffer[] = [];
  #finished = false;
  #paused = false;
  #session: Http2Session | null = null;
  #stream: ClientHttp2Stream | null = null;
  #over = false;
  /** Where the status stands: trailers, or headers when there is nothing else. */
  #trailers: IncomingHttpHeaders | null = null;
  #fault: NodeJS.ErrnoException | null = null;

  constructor(path: string, listener: GrpcListener, options: GrpcCallOptions, place: CallPlace) {
    this.#path = path;
    this.#listener = listener;
    this.#place = place;
    this.#metadata = options.metadata ?? NONE;
    this.#deframer = new GrpcDeframer(place.maxMessageBytes, (message) => {
      if (!this.#over) listener.message(message);
    });
    const { deadlineMs } = options;
    this.#deadlineAt = deadlineMs === undefined ? Number.POSITIVE_INFINITY : place.now() + deadlineMs;
    if (deadlineMs !== undefined) this.#timer = behindTurns(deadlineMs, () => this.#late());
  }

  send(message: Uint8Array): boolean {
    if (this.#over || this.#finished) return false;
    const frame = grpcFrame(message);
    if (this.#stream !== null) return this.#stream.write(frame);
    this.#early.push(frame);
    return false;
  }

  finish(): void {
    if (this.#over || this.#finished) return;
    this.#finished = true;
    this.#stream?.end();
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  cancel(): void {
    this.fail(GRPC_CODES.CANCELLED, 'cancelled');
  }

  /** A connection takes it. */
  begin(session: Http2Session): void {
    this.#session = session;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(this.#headers());
    } catch {
      // A value that may not stand in a header, or a connection that ended at this moment.
      this.fail(GRPC_CODES.INTERNAL, 'the call could not be written');
      return;
    }
    this.#stream = stream;
    stream.on('response', (headers) => this.#head(headers));
    stream.on('trailers', (trailers) => {
      this.#trailers = trailers;
    });
    stream.on('data', (chunk: Buffer) => this.#data(chunk));
    stream.on('end', () => this.#ended());
    stream.on('error', (error) => {
      this.#fault = error;
    });
    stream.on('close', () => this.#closed());
    if (this.#listener.drained !== undefined) stream.on('drain', () => this.#drained());
    if (this.#paused) stream.pause();
    this.#flush(stream);
    this.#listener.begun?.();
  }

  /** Ends it from this side. Idempotent. */
  fail(code: GrpcCode, message: string, lost?: GrpcEnd['lost']): void {
    if (this.#over) return;
    if (this.#stream === null) this.#place.left(this);
    else this.#discard(this.#stream, constants.NGHTTP2_CANCEL);
    this.#end({ code, message, trailers: NONE, unprocessed: false, ...(lost !== undefined && { lost }) });
  }

  #headers(): Record<string, string> {
    const left = this.#deadlineAt - this.#place.now();
    const timeout = left === Number.POSITIVE_INFINITY ? {} : { 'grpc-timeout': grpcTimeout(left) };
    return {
      ':method': 'POST',
      ':scheme': this.#place.scheme,
      ':authority': this.#place.authority,
      ':path': this.#path,
      ...timeout,
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': this.#place.userAgent,
      ...this.#metadata,
    };
  }

  /** What was sent while it waited; the last message ends the stream in its own frame. */
  #flush(stream: ClientHttp2Stream): void {
    const early = this.#early;
    this.#early = [];
    const last = this.#finished ? early.pop() : undefined;
    let room = true;
    for (const frame of early) room = stream.write(frame);
    if (this.#finished) stream.end(last);
    else if (room && early.length > 0) queueMicrotask(() => this.#drained());
  }

  #drained(): void {
    if (!this.#over) this.#listener.drained?.();
  }

  #head(headers: IncomingHttpHeaders): void {
    const status = Number(headers[':status']);
    if (status !== 200 || !isGrpc(headers['content-type'])) {
      const code = status === 200 ? GRPC_CODES.UNKNOWN : codeOfHttp(status);
      this.fail(
        code,
        `the answer is not of gRPC (HTTP ${status})`,
        // A proxy in between that cannot reach the server says so in HTTP: that is a status like any other.
        status === 200 ? 'answer' : undefined,
      );
    } else if (headers['grpc-status'] !== undefined) this.#trailers = headers;
    else this.#listener.headers?.(metadataOf(headers));
  }

  #data(chunk: Buffer): void {
    try {
      this.#deframer.push(chunk);
    } catch (error) {
      if (!(error instanceof GrpcFrameFault)) throw error;
      this.fail(error.code, error.message, 'answer');
    }
  }

  /** All that the server sends was read. Its trailers come before; without them the stream was cut, and `close` says how. */
  #ended(): void {
    if (this.#over || this.#trailers === null) return;
    // The server is done; whatever we had to say is of no use to it.
    if (!this.#stream!.writableEnded) this.#discard(this.#stream!, constants.NGHTTP2_NO_ERROR);
    this.#settle(this.#trailers);
  }

  #settle(trailers: IncomingHttpHeaders): void {
    const code = grpcCode(single(trailers['grpc-status']));
    if (code === GRPC_CODES.OK && !this.#deframer.clean) {
      this.#end({
        code: GRPC_CODES.INTERNAL,
        message: 'the last message was cut',
        trailers: NONE,
        unprocessed: false,
        lost: 'answer',
      });
      return;
    }
    const message = decodeGrpcMessage(single(trailers['grpc-message']) ?? '');
    this.#end({ code, message, trailers: metadataOf(trailers), unprocessed: false });
  }

  #closed(): void {
    if (this.#over) return;
    const session = this.#session!;
    const stream = this.#stream!;
    if (this.#trailers !== null) this.#settle(this.#trailers);
    else if (session.passedOver(stream))
      this.#cut(GRPC_CODES.UNAVAILABLE, 'the server did not begin with it', true);
    else if (session.state === 'closed' || this.#fault?.code === 'ERR_HTTP2_SESSION_ERROR') {
      this.#cut(GRPC_CODES.UNAVAILABLE, 'the connection was lost', false, 'under-way');
    } else {
      const code = codeOfReset(stream.rstCode ?? 0);
      const said = `the stream was ended (HTTP/2 ${stream.rstCode})`;
      // Other codes say why; this one says that it broke.
      this.#cut(code, said, false, code === GRPC_CODES.INTERNAL ? 'under-way' : undefined);
    }
  }

  #cut(code: GrpcCode, message: string, unprocessed = false, lost?: GrpcEnd['lost']): void {
    this.#end({ code, message, trailers: NONE, unprocessed, ...(lost !== undefined && { lost }) });
  }

  #late(): void {
    this.#timer = null;
    this.#session?.suspect();
    this.fail(GRPC_CODES.DEADLINE_EXCEEDED, 'not answered in its time');
  }

  #discard(stream: ClientHttp2Stream, code: number): void {
    stream.close(code);
    // What still comes is not kept.
    stream.resume();
  }

  #end(end: GrpcEnd): void {
    this.#over = true;
    this.#early = [];
    this.#timer?.clear();
    this.#listener.end(end);
  }
}

function isGrpc(type: string | undefined): boolean {
  return type !== undefined && /^application\/grpc(?:$|[+;])/i.test(type);
}

function metadataOf(headers: IncomingHttpHeaders): GrpcMetadata {
  const metadata: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    if (name.startsWith(':') || name === 'grpc-status' || name === 'grpc-message') continue;
    metadata[name] = single(headers[name]) ?? '';
  }
  return metadata;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

/** Of a stream that was reset (PROTOCOL-HTTP2.md, "Errors"). */
function codeOfReset(code: number): GrpcCode {
  switch (code) {
    case constants.NGHTTP2_CANCEL:
      return GRPC_CODES.CANCELLED;
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return GRPC_CODES.RESOURCE_EXHAUSTED;
    case constants.NGHTTP2_INADEQUATE_SECURITY:
      return GRPC_CODES.PERMISSION_DENIED;
    default:
      return GRPC_CODES.INTERNAL;
  }
}
