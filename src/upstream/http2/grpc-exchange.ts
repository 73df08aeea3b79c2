// One call of a model server by gRPC, told as the exchange over HTTP that it stands for: a head when there is something to tell, the
// answer's bytes, the end.
//
//   open ──begun──► sent ──first message, streamed──► streaming ──end──► over
//                     └── end: a whole answer, or a status that is an error ──► over
//
// A status that comes before anything was told is an HTTP status; behind it, an event of the stream. What no server said is an error of
// ours, as over HTTP: not connected, reset, cut, not readable.
import type { ErrorCode } from '../../contracts/error-codes.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { GRPC_CODES, type GrpcEnd, type GrpcListener, type GrpcStream } from '../../contracts/grpc.ts';
import { type GrpcAsk, GrpcInBandFault } from '../../contracts/grpc-provider.ts';
import type { UpstreamCall, UpstreamHandler, UpstreamHeaders } from '../../contracts/upstream.ts';
import { endCode, errorBody, httpStatusOf, retryHeaders } from '../../grpc/status.ts';

const EVENTS: UpstreamHeaders = { 'content-type': 'text/event-stream' };
const JSON_TYPE: UpstreamHeaders = { 'content-type': 'application/json' };

const TAIL_MS = 1_000;

export interface ExchangeDeps {
  /** Nothing more comes of it. @param left who sent it gave it up after it had gone out. */
  over(left: boolean): void;
  /** No server could be reached. */
  unreachable(reason: string): void;
}

export class GrpcExchange implements UpstreamCall, GrpcListener {
  readonly #handler: UpstreamHandler;
  readonly #deps: ExchangeDeps;
  #ask: GrpcAsk | null = null;
  #streamed = false;
  #stream: GrpcStream | null = null;
  /** Within `open`: whoever sent it has not got it back yet. */
  #opening = false;
  #sent = false;
  #headed = false;
  #paused = false;
  #over = false;
  /** Of a call whose answer is over, until the server ends it. */
  #tail: NodeJS.Timeout | null = null;

  constructor(handler: UpstreamHandler, deps: ExchangeDeps) {
    this.#handler = handler;
    this.#deps = deps;
  }

  get over(): boolean {
    return this.#over;
  }

  /** @param open begins the call and sends what `ask` says. @param streamed the answer is wanted in pieces. */
  begin(ask: GrpcAsk, streamed: boolean, open: (listener: GrpcListener) => GrpcStream): void {
    this.#ask = ask;
    this.#streamed = streamed;
    this.#opening = true;
    const stream = open(this);
    this.#stream = stream;
    this.#opening = false;
    if (this.#paused) stream.pause();
    stream.send(ask.message);
    stream.finish();
  }

  // -- UpstreamCall

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#close(this.#sent);
    this.#stream?.cancel();
  }

  // -- GrpcListener

  begun(): void {
    if (this.#over) return;
    this.#sent = true;
    this.#handler.onSent(this.#opening);
  }

  message(bytes: Buffer): void {
    if (this.#over) return;
    let told: string;
    try {
      told = this.#ask!.answer.take(bytes);
    } catch (cause) {
      this.#broken(cause);
      return;
    }
    if (told !== '') {
      this.#head(200, EVENTS);
      if (!this.#over) this.#handler.onData(Buffer.from(told));
    }
    if (!this.#over && this.#ask!.answer.done) {
      this.#done();
      // It ends by itself in a moment, or never: only then it is cut, since servers take offence at streams that are.
      this.#tail = setTimeout(() => this.#stream?.cancel(), TAIL_MS).unref();
    }
  }

  end(end: GrpcEnd): void {
    if (this.#tail !== null) clearTimeout(this.#tail);
    if (this.#over) return;
    // Who sends hears of nothing before it has got the call.
    if (this.#opening) queueMicrotask(() => this.#ended(end));
    else this.#ended(end);
  }

  /** It fails by no word of a server. */
  fail(error: GatewayError): void {
    if (this.#over) return;
    this.#close(false);
    this.#handler.onError(error);
  }

  // -- inside

  #ended(end: GrpcEnd): void {
    if (this.#over) return;
    if (end.lost !== undefined || end.unprocessed) {
      if (end.lost === 'connecting') this.#deps.unreachable(end.message);
      this.fail(this.#lost(end));
    } else if (end.code === GRPC_CODES.OK) this.#done();
    else this.#refused(httpStatusOf(end), end.message, endCode(end), retryHeaders(end.trailers));
  }

  #done(): void {
    let last: string;
    try {
      last = this.#ask!.answer.end();
    } catch (cause) {
      this.#broken(cause);
      return;
    }
    this.#head(200, this.#streamed ? EVENTS : JSON_TYPE);
    this.#finish(last);
  }

  /** What a message says, or that it says nothing. */
  #broken(cause: unknown): void {
    if (cause instanceof GrpcInBandFault) this.#refused(cause.status, cause.message, null, {});
    else if (cause instanceof GatewayError) this.fail(cause);
    else this.fail(new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause }));
    // Behind it: how a call ends that we cancel is nobody's news.
    this.#stream?.cancel();
  }

  #refused(status: number, message: string, code: string | null, headers: Record<string, string>): void {
    const body = errorBody(status, message, code, this.#headed);
    if (this.#headed) {
      this.#finish(`data: ${body}\n\n`);
      return;
    }
    this.#head(status, { ...JSON_TYPE, ...headers });
    this.#finish(body);
  }

  #head(status: number, headers: UpstreamHeaders): void {
    if (this.#headed || this.#over) return;
    this.#headed = true;
    this.#handler.onHead(status, headers);
  }

  #finish(last: string): void {
    if (!this.#over && last !== '') this.#handler.onData(Buffer.from(last));
    if (this.#over) return;
    this.#close(false);
    this.#handler.onEnd();
  }

  #lost(end: GrpcEnd): GatewayError {
    // It was not begun with: the same may be sent once more, at once.
    if (end.unprocessed) return new GatewayError('GW_UPSTREAM_RESET', { retry: 'fresh', cause: end.message });
    const { code, retry } = this.#fault(end);
    return new GatewayError(code, { cause: end.message, ...(retry !== undefined && { retry }) });
  }

  #fault({ lost, code }: GrpcEnd): { code: ErrorCode; retry?: 'same' } {
    if (lost === 'connecting') return { code: 'GW_UPSTREAM_CONNECT' };
    if (lost === 'answer')
      return {
        code: code === GRPC_CODES.RESOURCE_EXHAUSTED ? 'GW_UPSTREAM_TOO_LARGE' : 'GW_UPSTREAM_BAD_OUTPUT',
      };
    return this.#headed ? { code: 'GW_UPSTREAM_TRUNCATED' } : { code: 'GW_UPSTREAM_RESET', retry: 'same' };
  }

  #close(left: boolean): void {
    this.#over = true;
    this.#deps.over(left);
  }
}
