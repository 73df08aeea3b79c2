// How a response on a WebSocket ends before its model does, because its client said more: where text is open it is closed as it
// stands, and the response is incomplete (`steered`). Elsewhere there is no place to end at: what is thought is worth nothing without
// what it led to, and a call of a tool waits for its client.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { numberAt, objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';

const DELTA = 'response.output_text.delta';
/** Pieces that are kept of a text: a longer one is heard out. */
const MAX_DELTAS = 20_000;

/** What has been told of a response, kept as it came: nothing is read of a delta until the end. */
export class SteeredEnd {
  /** Of its first event. */
  #response: JsonObject | null = null;
  readonly #items: Json[] = [];
  /** The message whose text is open, and what of it is closed. */
  #item: JsonObject | null = null;
  #place = 0;
  readonly #parts: Json[] = [];
  #deltas: string[] = [];
  /** Something is open, or was told, that must not be ended. */
  #bound = false;
  #open = 0;
  #last = '';

  /** An event went out. @param data of it, JSON text. */
  see(type: string, data: string): void {
    this.#last = data;
    if (type === DELTA) {
      if (this.#item === null || this.#bound) return;
      if (this.#deltas.push(data) <= MAX_DELTAS) return;
      this.#bound = true;
      this.#deltas = [];
      return;
    }
    if (type === 'response.created') this.#response = objectAt(parseObject(data) ?? {}, 'response');
    else if (type === 'response.output_item.added') this.#added(parseObject(data) ?? {});
    else if (type === 'response.output_item.done') this.#done(parseObject(data) ?? {});
    else if (type === 'response.content_part.done' && this.#item !== null) {
      this.#parts.push(parseObject(data)?.['part'] ?? null);
      this.#deltas = [];
    } else if (type === 'response.output_text.annotation.added') this.#bound = true;
  }

  /** Whether it may end here. */
  get possible(): boolean {
    return (
      !this.#bound &&
      this.#response !== null &&
      this.#open === 1 &&
      this.#item !== null &&
      this.#deltas.length > 0
    );
  }

  /** The events that end it, where that is possible; the last one holds all of the response. */
  events(): JsonObject[] {
    let sequence = (numberAt(parseObject(this.#last) ?? {}, 'sequence_number') ?? 0) + 1;
    const number = (event: JsonObject): JsonObject => ({ ...event, sequence_number: sequence++ });
    const text = this.#deltas.map((data) => stringAt(parseObject(data) ?? {}, 'delta') ?? '').join('');
    const part = { type: 'output_text', text, annotations: [], logprobs: [] };
    const at = {
      item_id: this.#item!['id'] ?? '',
      output_index: this.#place,
      content_index: this.#parts.length,
    };
    const item = { ...this.#item!, status: 'incomplete', content: [...this.#parts, part] };
    const response = {
      ...this.#response!,
      status: 'incomplete',
      incomplete_details: { reason: 'steered' },
      output: [...this.#items, item],
    };
    return [
      { type: 'response.output_text.done', ...at, text, logprobs: [] },
      { type: 'response.content_part.done', ...at, part },
      { type: 'response.output_item.done', output_index: this.#place, item },
      { type: 'response.incomplete', response },
    ].map(number);
  }

  #added(event: JsonObject): void {
    this.#open++;
    const item = objectAt(event, 'item') ?? {};
    this.#parts.length = 0;
    this.#deltas = [];
    this.#place = numberAt(event, 'output_index') ?? 0;
    const type = stringAt(item, 'type');
    this.#item = type === 'message' ? item : null;
    if (type !== 'message' && type !== 'reasoning') this.#bound = true;
  }

  #done(event: JsonObject): void {
    this.#open--;
    this.#item = null;
    this.#items.push(event['item'] ?? null);
  }
}
