// Upstream chunks into neutral deltas. OpenAI's stream has no blocks: ChoiceBlocks makes them up, for each choice.
//
//   before ──first choice──► streaming ──[DONE] or close, all finished──► ended
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { numberAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { type BlockCount, ChoiceBlocks, type OpenBlock } from './choice-blocks.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import { faultIn, faultOfErrorEvent } from './faults.ts';
import { withExactArguments } from './stream-calls.ts';
import { choicesOf, contentAlone, indexOf, readChunk, reportsFault, StreamFacts } from './stream-facts.ts';

/** A decoder for one stream. @param choices answers that were asked for. */
export function createDecoder(choices = 1): StreamDecoder {
  return new ChatDecoder(choices);
}

class ChatDecoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #wanted: number;
  readonly #count: BlockCount = { next: 0 };
  readonly #first = new ChoiceBlocks(this.#count, 0);
  /** The choices behind the first, by their index; null while there are none. */
  #others: Map<number, ChoiceBlocks> | null = null;
  readonly #skeleton = new ChunkSkeleton();
  /** The block that a chunk was learned in. */
  #learned: OpenBlock | null = null;
  #started = false;
  /** The sentinel came in a stream whose finish_reasons are no sure sign: more may follow until the upstream closes. */
  #done = false;
  ended = false;

  constructor(choices: number) {
    this.#wanted = choices;
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  get complete(): boolean {
    return this.#facts.complete;
  }

  get settled(): boolean {
    return this.#facts.complete && (this.#done || !this.#facts.loose);
  }

  decode(event: string, data: string): Delta[] {
    if (this.ended) return [];
    // What it would tell of the stream besides, the chunk it equals has told already.
    const more = this.repeated(event, data);
    if (more !== null) return [{ kind: 'text', index: this.repeats, text: more }];
    if (data.trim() === '[DONE]') {
      this.#done = true;
      return this.#facts.complete && this.#facts.loose ? [] : this.finish();
    }
    if (event === 'error') throw faultError(faultOfErrorEvent(data));
    const chunk = readChunk(event, data);
    if (chunk === 'ping') return [{ kind: 'ping' }];
    if (chunk === 'other') return [];
    if (reportsFault(chunk)) throw faultError(faultIn(chunk, data) ?? faultOfErrorEvent(data));
    const content = this.#facts.read(chunk);
    if (this.#done && content) throw badOutput('Content came behind [DONE].');
    const out: Delta[] = [];
    for (const choice of choicesOf(withExactArguments(chunk, data))) {
      if (!isObject(choice)) continue;
      const blocks = this.#blocksOf(choice);
      if (blocks !== null) {
        this.#start(chunk, out);
        blocks.take(choice, this.#facts.spoke, out);
      } else if (content) throw badOutput('The provider sent more answers than were asked for.');
    }
    this.#learn(chunk, data, out);
    return out;
  }

  // The same chunk with another text is known from now on, as long as the block goes on that its text stands in.
  #learn(chunk: JsonObject, data: string, out: readonly Delta[]): void {
    const open = this.#first.openText;
    this.#learned = null;
    if (open === null || this.#wanted > 1 || this.#done || this.#facts.ending || out.length !== 1) return;
    const [said] = out;
    if (said?.kind !== 'text' || said.index !== open.index || said.logprobs !== undefined) return;
    if (contentAlone(chunk, choicesOf(chunk)) !== said.text) return;
    this.#learned = open;
    this.#skeleton.learn(data, said.text);
  }

  repeated(event: string, data: string): string | null {
    const open = this.#learned;
    if (open === null || this.ended || event === 'error' || open !== this.#first.openText) return null;
    return this.#skeleton.matches(data) ? this.#skeleton.textOf(data) : null;
  }

  get repeats(): number {
    return this.#learned?.index ?? 0;
  }

  finish(): Delta[] {
    if (this.ended) return [];
    const out: Delta[] = [];
    if (this.#facts.complete) {
      const { usage } = this.#facts;
      const stop = this.#wanted === 1 ? this.#facts.stop : this.#facts.stopOf(0);
      this.#facts.stop = this.#first.end(stop, out);
      for (const [index, blocks] of this.#others ?? NO_OTHERS) blocks.end(this.#facts.stopOf(index), out);
      if (usage !== null) out.push({ kind: 'usage', usage });
      out.push({ kind: 'end' });
    }
    this.ended = true;
    return out;
  }

  // One alone is the answer, whatever it is numbered; of several each has its place.
  #blocksOf(choice: JsonObject): ChoiceBlocks | null {
    if (this.#wanted === 1) return this.#facts.isFirst(choice) ? this.#first : null;
    const index = indexOf(choice);
    if (index === 0) return this.#first;
    if (!(index > 0 && index < this.#wanted)) return null;
    this.#others ??= new Map();
    let blocks = this.#others.get(index);
    if (blocks === undefined) {
      blocks = new ChoiceBlocks(this.#count, index);
      this.#others.set(index, blocks);
    }
    return blocks;
  }

  #start(chunk: JsonObject, out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    const { id, model } = this.#facts;
    const created = numberAt(chunk, 'created');
    out.push({ kind: 'start', id: id ?? '', model: model ?? '', created, usage: null });
  }
}

const NO_OTHERS: ReadonlyMap<number, ChoiceBlocks> = new Map();
