// Streams of the invoke routes: Messages' own events, with Bedrock's exceptions between them and its account in the last one.
import type { Delta, Usage } from '../../contracts/chat.ts';
import type {
  AnswerContext,
  EventVerdict,
  StreamDecoder,
  StreamEncoder,
  StreamWatcher,
} from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { eventStreamChunks } from '../../wire/event-stream-chunks.ts';
import { createDecoder as createMessagesDecoder } from '../anthropic/stream-decode.ts';
import { createEncoder as createMessagesEncoder } from '../anthropic/stream-encode.ts';
import { createWatcher as createMessagesWatcher } from '../anthropic/stream-watch.ts';
import { isException } from '../bedrock/faults.ts';
import { metricsOf } from '../bedrock-metrics.ts';
import { faultError } from '../fault-error.ts';
import { ForwardingReader } from '../forwarding-reader.ts';
import { faultOfException } from './faults.ts';
import { OwnFormatWatcher } from './own-format.ts';

/** One per stream. */
export function createWatcher(
  context: Pick<AnswerContext, 'requestId' | 'model' | 'promptEstimate'>,
): StreamWatcher {
  return new Watcher(createMessagesWatcher(context, eventStreamChunks));
}

/** One per stream. */
export function createDecoder(): StreamDecoder {
  return new Decoder(createMessagesDecoder());
}

/** One per stream. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new Encoder(createMessagesEncoder(context));
}

class Watcher extends ForwardingReader<StreamWatcher> implements StreamWatcher {
  #begun = false;

  watch(event: string, data: string): EventVerdict {
    if (isException(event)) throw faultError(faultOfException(event, data));
    // Every event of Messages has a type; no other maker's have.
    if (!this.#begun && event === '') this.inner = new OwnFormatWatcher();
    this.#begun = true;
    return this.inner.watch(event, data);
  }

  closing(): Buffer | string {
    return this.inner.closing();
  }
}

class Decoder extends ForwardingReader<StreamDecoder> implements StreamDecoder {
  decode(event: string, data: string): Delta[] {
    if (isException(event)) throw faultError(faultOfException(event, data));
    return this.inner.decode(event, data);
  }

  finish(): Delta[] {
    return this.inner.finish();
  }
}

class Encoder implements StreamEncoder {
  readonly #inner: StreamEncoder;
  #usage: Usage | null = null;

  constructor(messages: StreamEncoder) {
    this.#inner = messages;
  }

  encode(delta: Delta, out: EventOut): void {
    if (delta.kind === 'start' || delta.kind === 'usage') this.#usage = delta.usage ?? this.#usage;
    if (delta.kind !== 'end' || this.#usage === null) {
      this.#inner.encode(delta, out);
      return;
    }
    const account = `,${metricsOf(this.#usage)}}`;
    this.#inner.encode(delta, {
      emit: (event, data) =>
        out.emit(event, event === 'message_stop' ? data.replace(/\}$/, () => account) : data),
      emitLines: (event, data) => out.emitLines(event, data),
    });
  }
}
