// Different dialects: upstream events -> neutral deltas -> the client's events, one event at a time, never a whole answer.

import type { Delta } from '../../contracts/chat.ts';
import type { StreamDecoder, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventBatch, EventScanner, Frames } from '../../contracts/framing.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { Relay, type StreamOut } from './stream-relay.ts';

export class TranslateRelay extends Relay {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #frames: FrameWriter;
  /** As the decoder counts it, so far. */
  #unsaid = 0;

  /** @param framing the client's. @param begun the client has events already. */
  constructor(
    scanner: EventScanner,
    decoder: StreamDecoder,
    encoder: StreamEncoder,
    framing: Frames,
    out: StreamOut,
    begun = false,
  ) {
    super(scanner, decoder, out);
    this.#decoder = decoder;
    this.#encoder = encoder;
    this.#frames = new FrameWriter(framing, begun);
  }

  override get sequence(): number {
    return this.#encoder.sequence ?? 0;
  }

  protected take(batch: EventBatch): void {
    try {
      for (let i = 0; i < batch.count && !this.over && !this.cut; i++) {
        const data = this.dataOf(batch, i);
        if (data !== null) this.tell(this.#decoder.decode(batch.event[i]!, data));
      }
    } catch (cause) {
      // Without content before it the call may still go elsewhere: nothing more is told then.
      if (this.tokens > 0) this.passFrames();
      throw cause;
    }
    const { unsaid } = this.#decoder;
    if (unsaid !== undefined) {
      this.tokens += unsaid - this.#unsaid;
      this.#unsaid = unsaid;
    }
    this.passFrames();
  }

  protected finish(): void {
    this.tell(this.#decoder.finish());
    this.passFrames();
  }

  /** What is behind it is no part of the answer. */
  protected get over(): boolean {
    return this.finished;
  }

  protected tell(deltas: readonly Delta[]): void {
    for (const delta of deltas) this.encode(delta);
  }

  protected encode(delta: Delta): void {
    this.#encoder.encode(delta, this.#frames);
    if (delta.kind === 'end') {
      this.finished = true;
      this.#frames.close();
    } else if (isContent(delta)) this.tokens++;
  }

  /** Passes on what was encoded behind the last piece of the upstream's. */
  protected passOn(): void {
    this.passFrames();
    if (this.tokens > 0 || this.finished) this.release();
  }

  protected passFrames(): void {
    const bytes = this.#frames.take();
    if (bytes.length > 0) this.pass(bytes);
  }
}

/** Whether a delta commits the answer: a block that opens empty says nothing yet. */
function isContent(delta: Delta): boolean {
  switch (delta.kind) {
    case 'open':
      return delta.block === 'tool_call' || delta.block === 'redacted';
    case 'start':
    case 'ping':
    case 'usage':
      return false;
    default:
      return true;
  }
}
