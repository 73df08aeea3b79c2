// Different dialects: upstream events -> neutral deltas -> the client's events, one event at a time, never a whole answer.

import type { Delta } from '../contracts/chat.ts';
import type { StreamDecoder, StreamEncoder } from '../contracts/dialect.ts';
import type { SseBatch, SseScanner } from '../upstream/sse.ts';
import { Relay, type StreamOut } from './stream-relay.ts';

export class TranslateRelay extends Relay {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;

  constructor(scanner: SseScanner, decoder: StreamDecoder, encoder: StreamEncoder, out: StreamOut) {
    super(scanner, decoder, out);
    this.#decoder = decoder;
    this.#encoder = encoder;
  }

  protected take(batch: SseBatch): void {
    let text = '';
    try {
      for (let i = 0; i < batch.count && !this.finished && !this.cut; i++) {
        const data = this.dataOf(batch, i);
        if (data !== null) text += this.#encode(this.#decoder.decode(batch.event[i]!, data));
      }
    } catch (cause) {
      // Without content before it the call may still go elsewhere: nothing more is told then.
      if (this.tokens > 0 && text !== '') this.pass(text);
      throw cause;
    }
    if (text !== '') this.pass(text);
  }

  protected finish(): void {
    const text = this.#encode(this.#decoder.finish());
    if (text !== '') this.pass(text);
  }

  #encode(deltas: readonly Delta[]): string {
    let text = '';
    for (const delta of deltas) {
      text += this.#encoder.encode(delta);
      if (delta.kind === 'end') this.finished = true;
      else if (isContent(delta)) this.tokens++;
    }
    return text;
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
