// One call of the lean client, from send() to its last callback.
import type { BodySource } from '../contracts/body-source.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { RequestBody, UpstreamCall, UpstreamHandler, UpstreamHeaders } from '../contracts/upstream.ts';
import { type Coding, readCodings } from './answer-codings.ts';
import { AnswerDecoder, type DecoderListener } from './answer-decoder.ts';

/** What holds a call: the queue, or a connection. */
export interface Carrier {
  /** The call is over before its answer is. */
  abandon(call: LeanCall): void;
  /** `call.paused` has changed. */
  flow(call: LeanCall): void;
}

/** As many as an answer that was not compressed may have; a little over what anybody keeps of one. */
const MAX_DECODED_BYTES = 256 * 1024 * 1024;

/**
 * `done` is entered exactly once and nothing is reported after it. Of a compressed answer the last pieces, and its end,
 * come when the carrier has long let go of the call.
 */
export class LeanCall implements UpstreamCall {
  /** The request: head and body, or the head alone when there is a `body` behind it. Let go of once sent. */
  message: Buffer | null;
  body: RequestBody | BodySource | null;
  /** Its answer has no body, whatever its head says: it is one to a HEAD. */
  readonly headless: boolean;
  carrier: Carrier | null = null;
  /** Its bytes should not be read: whoever sent it said so, or its decoder is full. */
  paused = false;
  done = false;
  readonly #handler: UpstreamHandler;
  readonly #maxDecodedBytes: number;
  /** Whoever sent it wants nothing for now. */
  #held = false;
  #decoder: AnswerDecoder | null = null;
  /** Bytes of an error in an encoding nobody can read: its status says enough. */
  #unreadable = false;
  #refused = false;
  /** What ended the exchange, told when the decoder has given what came before it. */
  #failure: GatewayError | null = null;

  constructor(
    handler: UpstreamHandler,
    message: Buffer | null,
    body: RequestBody | BodySource | null,
    maxDecodedBytes = MAX_DECODED_BYTES,
    headless = false,
  ) {
    this.headless = headless;
    this.#handler = handler;
    this.message = message;
    this.body = body;
    this.#maxDecodedBytes = maxDecodedBytes;
  }

  // -- for whoever sent it

  pause(): void {
    if (this.#held) return;
    this.#held = true;
    this.#decoder?.pause();
    this.#flow();
  }

  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#decoder?.resume();
    this.#flow();
  }

  abort(): void {
    this.#settle()?.abandon(this);
  }

  // -- for its carrier. A handler that throws has a bug: its call fails, the worker lives.

  sent(atOnce: boolean): void {
    if (this.done) return;
    try {
      this.#handler.onSent(atOnce);
    } catch (cause) {
      this.#broken(cause);
    }
  }

  head(status: number, headers: UpstreamHeaders): void {
    try {
      if (headers['content-encoding'] !== undefined) this.#decode(status, headers);
      this.#handler.onHead(status, headers);
    } catch (cause) {
      this.#broken(cause);
    }
  }

  data(chunk: Buffer): void {
    if (this.#decoder !== null) {
      this.#decoder.write(chunk);
      this.#flow();
    } else if (!this.#unreadable) this.#deliver(chunk);
  }

  /** Its carrier has let go of it. */
  end(): void {
    this.carrier = null;
    if (this.#decoder !== null) this.#decoder.end();
    else this.#ended();
  }

  /** Its carrier has let go of it. */
  fail(error: GatewayError): void {
    if (this.done) return;
    this.carrier = null;
    if (this.#decoder !== null) {
      // What came before it is the client's as much as it would be of an answer that was not compressed.
      this.#failure = error;
      this.#decoder.end();
      return;
    }
    this.#settle();
    this.#handler.onError(error);
  }

  // -- inside

  #decode(status: number, headers: UpstreamHeaders): void {
    this.#refused = status >= 300;
    const codings = this.#codings(headers['content-encoding']!);
    if (codings.length > 0) {
      const listener: DecoderListener = {
        data: (chunk) => survive(() => this.#deliver(chunk)),
        end: () => survive(() => this.#drained()),
        fail: (error) => survive(() => this.#undecodable(error)),
        drained: () => this.#flow(),
      };
      this.#decoder = new AnswerDecoder(codings, this.#maxDecodedBytes, listener);
      if (this.#held) this.#decoder.pause();
    }
    // They spoke of bytes that nobody will see.
    headers['content-encoding'] = undefined;
    headers['content-length'] = undefined;
  }

  #codings(header: string | string[]): Coding[] {
    try {
      return readCodings(header);
    } catch (cause) {
      if (!this.#refused) throw cause;
      this.#unreadable = true;
      return [];
    }
  }

  #deliver(chunk: Buffer): void {
    try {
      this.#handler.onData(chunk);
    } catch (cause) {
      this.#broken(cause);
    }
  }

  /** The decoder has given all there was. */
  #drained(): void {
    if (this.#failure === null) {
      this.#ended();
      return;
    }
    this.#settle();
    this.#handler.onError(this.#failure);
  }

  #undecodable(error: GatewayError): void {
    const reason = this.#failure ?? error;
    const carrier = this.#settle();
    carrier?.abandon(this);
    // An edge that mislabels the body of an error is still refusing: the status decides, as if there were no body.
    if (this.#refused && reason.code === 'GW_UPSTREAM_BAD_OUTPUT') this.#ended();
    else this.#handler.onError(reason);
  }

  #ended(): void {
    this.#settle();
    try {
      this.#handler.onEnd();
    } catch (cause) {
      this.#handler.onError(new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
    }
  }

  #flow(): void {
    const paused = this.#held || this.#decoder?.full === true;
    if (paused === this.paused) return;
    this.paused = paused;
    this.carrier?.flow(this);
  }

  /** A GatewayError is the answer's fault, anything else a bug. */
  #broken(cause: unknown): void {
    if (this.done) throw cause;
    this.#settle()?.abandon(this);
    const known = cause instanceof GatewayError;
    this.#handler.onError(known ? cause : new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
  }

  #settle(): Carrier | null {
    const { carrier } = this;
    this.done = true;
    this.carrier = null;
    this.#decoder?.destroy();
    return carrier;
  }
}

/** What a handler throws when its call is over already is for nobody; a connection drops it likewise. */
function survive(work: () => void): void {
  try {
    work();
  } catch {
    // Its call has been told what there was to tell.
  }
}
