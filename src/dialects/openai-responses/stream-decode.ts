// Upstream events into neutral deltas. Items and their parts are blocks already: a part of a message, a reasoning item whose
// summaries are one text, a call. What an item says only when it is done (a proof, arguments that never streamed) comes then.
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { DeltaShape } from '../delta-shape.ts';
import { numberAt, objectAt } from '../lenient.ts';
import { ItemBlocks } from './item-blocks.ts';
import { DELTA_KEYS, isSentinel, readEvent } from './stream-event.ts';
import { StreamFacts } from './stream-facts.ts';
import { StreamOrder } from './stream-order.ts';
import type { Tally } from './tally.ts';

/** A decoder for one stream. */
export function createDecoder(): StreamDecoder {
  return new ResponsesDecoder();
}

class ResponsesDecoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #order = new StreamOrder();
  readonly #items = new Map<number, ItemBlocks>();
  readonly #shape = new DeltaShape(DELTA_KEYS);
  /** Name of the deltas that #shape knows, and what they add to; '' = it knows none. */
  #known = '';
  #tally: Tally | null = null;
  repeats = -1;
  #blocks = 0;
  #started = false;
  #cut = false;
  #finished = false;

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
    return this.#finished || this.#cut;
  }

  decode(event: string, data: string): Delta[] {
    if (this.ended) return [];
    const more = this.repeated(event, data);
    if (more !== null) return [{ kind: 'text', index: this.repeats, text: more }];
    this.#known = '';
    if (isSentinel(data)) {
      this.#cut = !this.#facts.over;
      return [];
    }
    const read = readEvent(event, data);
    if (read === null) return [{ kind: 'ping' }];
    const { type, body } = read;
    this.#facts.read(type, body, data);
    this.#order.number(numberAt(body, 'sequence_number'));
    this.#order.take(type, body);
    const out: Delta[] = [];
    this.#start(out);
    if (this.#facts.over) {
      this.#order.finish(type, body);
      this.#finish(out);
    } else this.#event(type, body, out);
    if (event === type) this.#learn(type, data, body, out);
    return out;
  }

  repeated(event: string, data: string): string | null {
    const shape = this.#shape;
    if (this.#known === '' || event !== this.#known || !shape.matches(data) || shape.length === 0)
      return null;
    this.#order.number(shape.sequence);
    this.#tally?.addKnown(shape.length, shape.sum);
    return shape.textOf(data);
  }

  // The same event with another number and text is known until any other comes.
  #learn(type: string, data: string, body: JsonObject, out: readonly Delta[]): void {
    const said = out.at(-1);
    if (said?.kind !== 'text' || said.logprobs !== undefined) return;
    // The beginning of a further paragraph of thoughts is set off.
    if (!type.endsWith('.delta') || said.text !== body['delta']) return;
    this.repeats = said.index;
    this.#tally = this.#order.tally(type, body);
    this.#known = type;
    this.#shape.learn(data);
  }

  finish(): Delta[] {
    return [];
  }

  #start(out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    const { id, model, created } = this.#facts;
    out.push({ kind: 'start', id: id ?? '', model: model ?? '', created, usage: null });
  }

  #event(type: string, body: JsonObject, out: Delta[]): void {
    switch (type) {
      case 'response.output_item.added': {
        const item = objectAt(body, 'item');
        if (item === null) throw badOutput('An output item is none.');
        const at = numberAt(body, 'output_index') ?? this.#items.size;
        const blocks = new ItemBlocks(item, () => this.#blocks++);
        this.#items.set(at, blocks);
        blocks.begin(out);
        return;
      }
      case 'response.output_item.done': {
        const at = numberAt(body, 'output_index') ?? this.#items.size - 1;
        this.#items.get(at)?.finish(objectAt(body, 'item') ?? {}, out);
        return;
      }
      default:
        this.#itemOf(body)?.take(type, body, out);
    }
  }

  #itemOf(body: JsonObject): ItemBlocks | undefined {
    const at = numberAt(body, 'output_index');
    return this.#items.get(at ?? this.#items.size - 1);
  }

  #finish(out: Delta[]): void {
    const { usage, stop } = this.#facts;
    for (const blocks of this.#items.values()) blocks.finish({}, out);
    this.#finished = true;
    if (stop !== null) out.push({ kind: 'stop', reason: stop, stopSequence: null });
    if (usage !== null) out.push({ kind: 'usage', usage });
    out.push({ kind: 'end' });
  }
}
