// Different dialects: upstream events -> neutral deltas -> the client's events, one event at a time, never a whole answer.
import type { ToolMemory } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts, Delta } from '../contracts/chat.ts';
import type { Dialect, StreamDecoder, StreamEncoder } from '../contracts/dialect.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Target } from '../contracts/plan.ts';
import { restoringEncoder } from '../dialects/tool-memory.ts';
import { createSseScanner, type SseScanner } from '../upstream/sse.ts';
import { MAX_EVENT_BYTES, MAX_MALFORMED, type StreamOut } from './byte-relay.ts';
import type { StreamRelay } from './stream-relay.ts';

export class TranslateRelay implements StreamRelay {
  readonly #scanner: SseScanner = createSseScanner({ maxEventBytes: MAX_EVENT_BYTES });
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #out: StreamOut;
  #held: string | null;
  #malformedInRow = 0;
  tokens = 0;
  finished = false;

  constructor(decoder: StreamDecoder, encoder: StreamEncoder, out: StreamOut) {
    this.#decoder = decoder;
    this.#encoder = encoder;
    this.#out = out;
    this.#held = out.gated ? '' : null;
  }

  get complete(): boolean {
    return this.#decoder.complete;
  }

  get facts(): AnswerFacts {
    return this.#decoder.facts;
  }

  data(chunk: Buffer): void {
    this.#take(this.#scanner.push(chunk));
  }

  ended(): void {
    if (this.finished) return;
    this.#take(this.#scanner.flush());
    if (this.finished) return;
    const text = this.#encode(this.#decoder.finish());
    if (!this.#decoder.complete) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
    this.finished = true;
    this.#pass(text);
  }

  #take(batch: ReturnType<SseScanner['push']>): void {
    let text = '';
    for (let i = 0; i < batch.count && !this.finished; i++) {
      const data = batch.data[i];
      if (data === null || data === undefined) continue;
      let deltas: Delta[];
      try {
        if (batch.valid[i] !== true) throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
        deltas = this.#decoder.decode(batch.event[i]!, data);
        this.#malformedInRow = 0;
      } catch (cause) {
        if (!(cause instanceof GatewayError)) throw cause;
        if (cause.fault !== null) {
          this.#pass(text);
          throw this.#out.faulted(cause.fault);
        }
        this.#out.malformed();
        if (++this.#malformedInRow > MAX_MALFORMED) {
          this.#pass(text);
          throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { retry: 'next' });
        }
        continue;
      }
      text += this.#encode(deltas);
      if (this.#decoder.ended) {
        // The sentinel may come before the decoder let go of stop and usage.
        if (!this.finished) text += this.#encode(this.#decoder.finish());
        if (!this.#decoder.complete) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
        this.finished = true;
      }
    }
    this.#pass(text);
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

  #pass(text: string): void {
    if (this.#held !== null) {
      this.#held += text;
      if (this.tokens === 0 && !this.finished) return;
      text = this.#held;
      this.#held = null;
    }
    if (text !== '') this.#out.write(text);
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

/**
 * The relay of a call's stream from one target.
 *
 * @param tools what the translation changed of the client's tools. @param wallMs goes into the answer as its time.
 */
export function translatingRelay(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  out: StreamOut,
  wallMs: number,
): TranslateRelay {
  const encoder = client.chat.createEncoder({
    requestId: call.id,
    model: target.model,
    now: Math.floor(wallMs / 1000),
    includeUsage: call.facts!.includeUsage,
  });
  const restored = tools === null ? encoder : restoringEncoder(encoder, tools);
  return new TranslateRelay(target.dialect.chat.createDecoder(), restored, out);
}
