// Watches a same-dialect stream for a client that finds the usage in the chunk that ends an answer (usage-at-end.ts). Where the upstream
// has it there too nothing is changed; else that chunk is kept back until the usage came in one of its own.
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { sse } from '../../wire/sse.ts';
import { ForwardingReader } from '../forwarding-reader.ts';
import { isObject } from '../read.ts';
import { finishReasonOf } from './stop-reason.ts';
import { choicesOf, hasUsage } from './stream-facts.ts';
import type { UsageAtEnd } from './usage-at-end.ts';

export class UsageAtEndWatcher extends ForwardingReader<StreamWatcher> implements StreamWatcher {
  readonly #atEnd: UsageAtEnd;

  /** @param inner hides a chunk of usage. */
  constructor(inner: StreamWatcher, atEnd: UsageAtEnd) {
    super(inner);
    this.#atEnd = atEnd;
  }

  watch(event: string, data: string): EventVerdict {
    const verdict = this.inner.watch(event, data);
    if (this.#atEnd.holds) return this.#behind(verdict, event, data);
    if (verdict.verdict !== 'pass' || !this.inner.complete || !endsUntold(data)) return verdict;
    this.#atEnd.hold(data);
    return { ...verdict, verdict: 'hide', instead: null };
  }

  closing(): Buffer | string {
    const frames = new FrameWriter(sse);
    const closing = this.inner.closing();
    if (this.#atEnd.holds) frames.emit('', this.#atEnd.tell(this.facts.usage));
    return joined(frames.take(), closing);
  }

  /** Of what comes while a chunk is kept back. */
  #behind(verdict: EventVerdict, event: string, data: string): EventVerdict {
    const frames = new FrameWriter(sse);
    if (verdict.verdict === 'hide') {
      const usage = data.includes('"usage"') ? (JSON.parse(data) as JsonObject)['usage'] : undefined; // it was read
      if (!isObject(usage)) return verdict;
      frames.emit('', this.#atEnd.tell({ written: usage }));
      return { ...verdict, verdict: 'pass', instead: frames.take() };
    }
    if (verdict.verdict === 'end') frames.emit('', this.#atEnd.tell(this.facts.usage));
    else frames.emitLines('', this.#atEnd.release());
    const kept = frames.take();
    if (verdict.verdict === 'pass' && endsUntold(data)) {
      this.#atEnd.hold(data);
      return { ...verdict, instead: kept };
    }
    if (verdict.instead === null) frames.emitLines(event, data);
    return { ...verdict, instead: joined(kept, verdict.instead ?? frames.take()) };
  }
}

/** A chunk that says why an answer ended, and nothing of the usage. */
function endsUntold(data: string): boolean {
  const chunk: unknown = JSON.parse(data); // it was read
  if (!isObject(chunk) || hasUsage(chunk)) return false;
  return choicesOf(chunk).some((choice) => isObject(choice) && finishReasonOf(choice) !== null);
}

function joined(one: Buffer | string, other: Buffer | string): Buffer | string {
  if (typeof one === 'string' && typeof other === 'string') return one + other;
  return Buffer.concat([Buffer.from(one), Buffer.from(other)]);
}
