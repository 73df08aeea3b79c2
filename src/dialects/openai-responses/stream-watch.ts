// Watches a same-dialect stream, event by event, while its bytes go through untouched: numbers without a gap, texts that are
// all there, items that are finished. Builds nothing but the name of an event that lacks it, and what a response goes on from where
// its upstream was not told.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { AnswerContext, EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import type { BuiltOn, KeptTurn } from '../../contracts/responses.ts';
import { sse } from '../../wire/sse.ts';
import { DeltaShape } from '../delta-shape.ts';
import { numberAt } from '../lenient.ts';
import { eventBuiltOn } from './built-on.ts';
import { DELTA_KEYS, isSentinel, readEvent } from './stream-event.ts';
import { StreamFacts } from './stream-facts.ts';
import { StreamOrder } from './stream-order.ts';
import type { Tally } from './tally.ts';

const PASS: EventVerdict = { verdict: 'pass', content: false, instead: null };
const CONTENT: EventVerdict = { verdict: 'pass', content: true, instead: null };
const HIDE: EventVerdict = { verdict: 'hide', content: false, instead: null };
const END: EventVerdict = { verdict: 'end', content: false, instead: null };

/** One per stream. */
export function createWatcher({
  kept,
  builtOn,
}: Pick<AnswerContext, 'kept' | 'builtOn'> = {}): StreamWatcher {
  return new ResponsesWatcher(kept ?? null, builtOn ?? null);
}

class ResponsesWatcher implements StreamWatcher {
  readonly #facts = new StreamFacts();
  readonly #order = new StreamOrder();
  readonly #shape = new DeltaShape(DELTA_KEYS);
  /** Name of the deltas that #shape knows, and what they add to. */
  #known = '';
  #tally: Tally | null = null;
  #cut = false;
  readonly #kept: KeptTurn | null;
  readonly #builtOn: BuiltOn | null;

  constructor(kept: KeptTurn | null, builtOn: BuiltOn | null) {
    this.#kept = kept;
    this.#builtOn = builtOn;
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  get complete(): boolean {
    return this.#facts.over;
  }

  get settled(): boolean {
    return this.#facts.over;
  }

  get ended(): boolean {
    return this.#facts.over || this.#cut;
  }

  get sequence(): number {
    return this.#order.next;
  }

  watch(event: string, data: string): EventVerdict {
    if (this.#tally !== null && event === this.#known && this.#shape.matches(data)) {
      const { sequence, length, sum } = this.#shape;
      this.#order.number(sequence);
      this.#tally.addKnown(length, sum);
      return length > 0 ? CONTENT : PASS;
    }
    if (isSentinel(data)) {
      this.#cut = !this.#facts.over;
      return HIDE;
    }
    const read = readEvent(event, data);
    if (read === null) return HIDE;
    const { type, body } = read;
    const content = this.#facts.read(type, body, data);
    this.#order.number(numberAt(body, 'sequence_number'));
    this.#order.take(type, body);
    this.#learn(type, event, data, body);
    const named = this.#builtOn === null ? null : eventBuiltOn(type, data, this.#builtOn);
    if (this.#facts.over) {
      this.#order.finish(type, body);
      this.#keep(named ?? data);
    }
    const verdict = this.#facts.over ? END : content ? CONTENT : PASS;
    // Clients choose by the name: SDKs pass over messages without one.
    if (event === type && named === null) return verdict;
    return { ...verdict, instead: sse.frame(type, sse.lines(named ?? data)) };
  }

  // The terminal event is the end, and holds the answer: nothing of ours can stand for it.
  closing(): string {
    return '';
  }

  /** The last event holds the whole answer. */
  #keep(data: string): void {
    if (this.#kept === null) return;
    this.#kept.id = this.#facts.id ?? this.#kept.id;
    this.#kept.answer = data;
  }

  #learn(type: string, event: string, data: string, body: Parameters<StreamOrder['tally']>[1]): void {
    // What is done takes no more deltas.
    if (type.endsWith('.done')) this.#tally = null;
    if (event !== type || !type.endsWith('.delta')) return;
    this.#tally = this.#order.tally(type, body);
    this.#known = type;
    if (this.#tally === null) this.#shape.forget();
    else this.#shape.learn(data);
  }
}
