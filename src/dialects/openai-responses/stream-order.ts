// The order of a stream's events, for both paths: numbered without a gap, items and parts added before anything is said of
// them and done before the answer is, and a `done` that says what its deltas said. An event that is missing shows here.
//
//   item: unknown ──added──► open ──done──► done          part: unknown ──added or delta──► open ──done──► done
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { Tally } from './tally.ts';

/** Which text of an item deltas of a type add to, and which member of its `done` repeats it. */
interface TextKind {
  readonly member: string;
  /** The member that tells several texts of an item apart. */
  readonly place: 'content_index' | 'summary_index' | null;
}

const TEXTS: ReadonlyMap<string, TextKind> = new Map<string, TextKind>([
  ['response.output_text', { member: 'text', place: 'content_index' }],
  ['response.refusal', { member: 'refusal', place: 'content_index' }],
  ['response.reasoning_text', { member: 'text', place: 'content_index' }],
  ['response.reasoning_summary_text', { member: 'text', place: 'summary_index' }],
  ['response.function_call_arguments', { member: 'arguments', place: null }],
  ['response.custom_tool_call_input', { member: 'input', place: null }],
]);
const DELTA = '.delta';
const DONE = '.done';

/** An output item, as far as it was told. */
interface StreamedItem {
  done: boolean;
  /** What deltas said, by kind and place. */
  readonly tallies: Map<string, Tally>;
}

export class StreamOrder {
  readonly #items = new Map<number, StreamedItem>();
  /** Number of the next event; -1 = none came yet; null = this server does not number them. */
  #next: number | null = -1;
  #created = false;

  /** Number an event of ours would have now. */
  get next(): number {
    return this.#next === null || this.#next < 0 ? 0 : this.#next;
  }

  /** @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: events are missing, or come twice. */
  number(sequence: number | null): void {
    if (this.#next === null) return;
    if (this.#next < 0) {
      this.#next = sequence === null ? null : sequence + 1;
      return;
    }
    // Servers that do not count write 0, or -1, into each.
    if (sequence !== null && sequence <= 0 && this.#next === sequence + 1) {
      this.#next = null;
      return;
    }
    if (sequence !== this.#next) throw badOutput('An event is missing: its number was left out.');
    this.#next++;
  }

  /** The whole of an event whose number was taken. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT. */
  take(type: string, event: JsonObject): void {
    if (!this.#created && type !== 'response.created' && type.startsWith('response.'))
      throw badOutput('The beginning of the answer is missing.');
    switch (type) {
      case 'response.created':
        if (this.#created) throw badOutput('The answer began twice.');
        this.#created = true;
        return;
      case 'response.output_item.added':
        this.#added(event);
        return;
      case 'response.output_item.done':
        this.#done(event);
        return;
      default:
        this.#text(type, event);
    }
  }

  /** What deltas of `type` have said in the place that `event` names, to be added to. @throws as take(). */
  tally(type: string, event: JsonObject): Tally | null {
    const kind = TEXTS.get(type.slice(0, -DELTA.length));
    return kind === undefined || !type.endsWith(DELTA) ? null : tallyIn(this.#open(event), type, kind, event);
  }

  /** The terminal event: a complete answer has nothing open, and none holds items that were never told. @throws as take(). */
  finish(type: string, event: JsonObject): void {
    const output = arrayAt(objectAt(event, 'response') ?? {}, 'output');
    if (output.length > this.#items.size && output.filter(isTold).length > this.#items.size)
      throw badOutput('An output item was never told.');
    if (type !== 'response.completed') return;
    for (const item of this.#items.values()) {
      if (!item.done) throw badOutput('An output item was begun and not finished.');
    }
  }

  #added(event: JsonObject): void {
    const at = numberAt(event, 'output_index') ?? this.#items.size;
    if (this.#items.has(at)) throw badOutput('An output item came twice.');
    // Where events have no numbers, the items' own must do.
    if (this.#next === null && at !== this.#items.size)
      throw badOutput('An output item is missing: its number was left out.');
    this.#items.set(at, { done: false, tallies: new Map() });
  }

  #done(event: JsonObject): void {
    this.#open(event).done = true;
  }

  #open(event: JsonObject): StreamedItem {
    const at = numberAt(event, 'output_index');
    const item = at === null ? [...this.#items.values()].at(-1) : this.#items.get(at);
    if (item === undefined || item.done) throw badOutput('An event belongs to no output item that is open.');
    return item;
  }

  #text(type: string, event: JsonObject): void {
    const isDelta = type.endsWith(DELTA);
    if (!isDelta && !type.endsWith(DONE)) return;
    const kind = TEXTS.get(type.slice(0, isDelta ? -DELTA.length : -DONE.length));
    if (kind === undefined) return;
    const item = this.#open(event);
    const tally = tallyIn(item, type, kind, event);
    if (isDelta) {
      const delta = stringAt(event, 'delta');
      if (delta === null) throw badOutput('The delta of an event is no text.');
      tally.add(delta);
      return;
    }
    const text = stringAt(event, kind.member) ?? stringAt(objectAt(event, 'part') ?? {}, kind.member);
    if (text !== null && !tally.equals(text)) throw badOutput('The pieces of a text are not all there.');
  }
}

/** Perplexity tells what its own tools found (`search_results`, `sandbox_results`) by events of other names, or at the end alone. */
function isTold(item: Json): boolean {
  return !(isObject(item) && /^sandbox_|_results$/.test(stringAt(item, 'type') ?? ''));
}

function tallyIn(item: StreamedItem, type: string, { place }: TextKind, event: JsonObject): Tally {
  const key = `${type.slice(0, type.lastIndexOf('.'))} ${place === null ? 0 : (numberAt(event, place) ?? 0)}`;
  let tally = item.tallies.get(key);
  if (tally === undefined) item.tallies.set(key, (tally = new Tally()));
  return tally;
}
