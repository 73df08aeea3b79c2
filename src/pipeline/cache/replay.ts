// A kept stream with the pauses it had: for clients that show how an answer grows. Ends with its client, and waits for one that
// reads slowly.
import type { Call, Cancellable } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { HeaderList } from '../../contracts/sink.ts';

export class PacedReplay implements Cancellable {
  readonly #call: Call;
  readonly #body: Buffer;
  readonly #pace: readonly number[];
  readonly #done: (error: GatewayError | null) => void;
  #next = 0;
  #sent = 0;
  #timer: NodeJS.Timeout | null = null;
  #slow = false;

  /** @param done called once: everything was written, or why not. */
  constructor(call: Call, body: Buffer, pace: readonly number[], done: (error: GatewayError | null) => void) {
    this.#call = call;
    this.#body = body;
    this.#pace = pace;
    this.#done = done;
  }

  start(headers: HeaderList): void {
    const { sink } = this.#call;
    this.#call.begin(this);
    sink.start(200, headers);
    sink.onDrain = () => {
      this.#slow = false;
      if (this.#timer === null) this.#wait();
    };
    this.#wait();
  }

  /** For a gateway that stops what is left goes at once. */
  cancel(reason: GatewayError): void {
    this.#stop();
    if (reason.kind === 'cancelled') {
      this.#done(reason);
      return;
    }
    this.#call.sink.chunk(this.#body.subarray(this.#sent));
    this.#call.sink.end();
    this.#done(null);
  }

  #wait(): void {
    const before = this.#next === 0 ? 0 : this.#pace[this.#next - 1]!;
    this.#timer = setTimeout(() => this.#write(), this.#pace[this.#next + 1]! - before);
  }

  #write(): void {
    this.#timer = null;
    const { sink } = this.#call;
    const end = this.#pace[this.#next]!;
    const piece = this.#body.subarray(this.#sent, end);
    this.#sent = end;
    this.#next += 2;
    this.#call.chunks++;
    this.#slow = !sink.chunk(piece);
    if (this.#next >= this.#pace.length) {
      this.#stop();
      sink.end();
      this.#done(null);
    } else if (!this.#slow) this.#wait();
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#call.sink.onDrain = null;
  }
}
