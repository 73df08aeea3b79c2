// Upstream messages into neutral deltas. Gemini's stream has no blocks: CandidateBlocks makes them up, for each candidate.
//
//   before ──message──► streaming ──close, every candidate finished──► ended
import { parseLossless } from '../../body/lossless.ts';
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { isObject } from '../read.ts';
import { partsOf } from './answer-parts.ts';
import { type BlockCount, CandidateBlocks, type OpenBlock } from './candidate-blocks.ts';
import { isGrounded } from './citations.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import {
  candidatesOf,
  checkMessage,
  indexOf,
  isTextAlone,
  parseMessage,
  StreamFacts,
} from './stream-facts.ts';

/** A decoder for one stream. @param choices candidates that were asked for. */
export function createDecoder(choices = 1): StreamDecoder {
  return new GeminiDecoder(choices);
}

class GeminiDecoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #skeleton = new ChunkSkeleton();
  readonly #wanted: number;
  readonly #count: BlockCount = { next: 0 };
  readonly #first = new CandidateBlocks(this.#count, 0);
  /** The candidates behind the first, by their index; null while there are none. */
  #others: Map<number, CandidateBlocks> | null = null;
  /** The block that a message was learned in. */
  #learned: OpenBlock | null = null;
  #started = false;
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

  decode(_event: string, data: string): Delta[] {
    if (this.ended) return [];
    if (data.length < 16 && data.trim() === '[DONE]') {
      this.#done = true;
      this.#learned = null;
      return [];
    }
    const more = this.repeated('', data);
    if (more !== null) return [{ kind: 'text', index: this.repeats, text: more }];
    const message = checkMessage(parse(data), data);
    const content = this.#facts.read(message);
    if (this.#done && content) throw badOutput('Content came behind [DONE].');
    const out: Delta[] = [];
    this.#start(out);
    for (const candidate of candidatesOf(message)) {
      if (!isObject(candidate)) continue;
      const blocks = this.#blocksOf(candidate);
      if (blocks !== null) blocks.take(candidate, this.#facts.id ?? '', out);
      else if (content) throw badOutput('The provider sent more answers than were asked for.');
    }
    this.#learn(message, data);
    return out;
  }

  repeated(_event: string, data: string): string | null {
    const { open } = this.#first;
    if (open === null || open !== this.#learned || this.ended || !this.#skeleton.matches(data)) return null;
    this.#facts.known(data);
    return this.#skeleton.textOf(data);
  }

  get repeats(): number {
    return this.#learned?.index ?? 0;
  }

  finish(): Delta[] {
    if (this.ended) return [];
    const out: Delta[] = [];
    if (this.#facts.complete) {
      const { usage } = this.#facts;
      this.#first.end(this.#wanted === 1 ? this.#facts.stop : this.#facts.stopOf(0), out);
      for (const [index, blocks] of this.#others ?? NO_OTHERS) blocks.end(this.#facts.stopOf(index), out);
      if (usage !== null) out.push({ kind: 'usage', usage });
      out.push({ kind: 'end' });
    }
    this.ended = true;
    return out;
  }

  // One alone is the answer, whatever it is numbered; of several each has its place.
  #blocksOf(candidate: JsonObject): CandidateBlocks | null {
    if (this.#wanted === 1) return this.#facts.isFirst(candidate) ? this.#first : null;
    const index = indexOf(candidate);
    if (index === 0) return this.#first;
    if (!(index > 0 && index < this.#wanted)) return null;
    this.#others ??= new Map();
    let blocks = this.#others.get(index);
    if (blocks === undefined) {
      blocks = new CandidateBlocks(this.#count, index);
      this.#others.set(index, blocks);
    }
    return blocks;
  }

  // The same message with another text is known from now on, as long as the block goes on that its text stands in.
  #learn(message: JsonObject, data: string): void {
    this.#learned = null;
    const { open } = this.#first;
    if (this.#wanted > 1 || open === null || this.#done || this.#facts.complete || !isTextAlone(message))
      return;
    if (candidatesOf(message).some((candidate) => hasMore(candidate as JsonObject))) return;
    this.#learned = open;
    this.#skeleton.learn(data);
  }

  #start(out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    const { id, model } = this.#facts;
    out.push({ kind: 'start', id: id ?? '', model: model ?? '', created: null, usage: null });
  }
}

const NO_OTHERS: ReadonlyMap<number, CandidateBlocks> = new Map();

// What each message tells anew.
function hasMore(candidate: JsonObject): boolean {
  if (candidate['logprobsResult'] !== undefined || isGrounded(candidate)) return true;
  return partsOf(candidate).some((part) => isObject(part) && part['thoughtSignature'] !== undefined);
}

// Numbers keep their digits where they may be arguments.
function parse(data: string): unknown {
  if (!data.includes('"functionCall"')) return parseMessage(data);
  try {
    return parseLossless(data, true);
  } catch {
    throw badOutput('A stream event is no JSON.');
  }
}
