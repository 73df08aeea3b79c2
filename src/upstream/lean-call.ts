// One call of the lean client, from send() to its last callback.
import { GatewayError } from '../contracts/errors.ts';
import type { RequestBody, UpstreamCall, UpstreamHandler, UpstreamHeaders } from '../contracts/upstream.ts';

/** What holds a call: the queue, or a connection. */
export interface Carrier {
  /** The call is over before its answer is. */
  abandon(call: LeanCall): void;
  /** `call.paused` has changed. */
  flow(call: LeanCall): void;
}

/** `done` is entered exactly once and nothing is reported after it. */
export class LeanCall implements UpstreamCall {
  /** The request: head and body, or the head alone when there is a `body` behind it. Let go of once sent. */
  message: Buffer | null;
  body: RequestBody | null;
  carrier: Carrier | null = null;
  paused = false;
  done = false;
  readonly #handler: UpstreamHandler;

  constructor(handler: UpstreamHandler, message: Buffer | null, body: RequestBody | null) {
    this.#handler = handler;
    this.message = message;
    this.body = body;
  }

  // -- for whoever sent it

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.carrier?.flow(this);
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.carrier?.flow(this);
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
      this.#handler.onHead(status, headers);
    } catch (cause) {
      this.#broken(cause);
    }
  }

  data(chunk: Buffer): void {
    try {
      this.#handler.onData(chunk);
    } catch (cause) {
      this.#broken(cause);
    }
  }

  /** Its carrier has let go of it. */
  end(): void {
    this.#settle();
    try {
      this.#handler.onEnd();
    } catch (cause) {
      this.#handler.onError(new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
    }
  }

  /** Its carrier has let go of it. */
  fail(error: GatewayError): void {
    if (this.done) return;
    this.#settle();
    this.#handler.onError(error);
  }

  #broken(cause: unknown): void {
    if (this.done) throw cause;
    this.#settle()?.abandon(this);
    this.#handler.onError(new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
  }

  #settle(): Carrier | null {
    const { carrier } = this;
    this.done = true;
    this.carrier = null;
    return carrier;
  }
}
