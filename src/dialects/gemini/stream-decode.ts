// Upstream messages into neutral deltas. Gemini's stream has no blocks: they are made up here, opened by the first piece of a
// kind and closed when the kind changes or the stream ends. Calls come whole.
//
//   before ──message──► streaming ──close, every candidate finished──► ended
import { parseLossless } from '../../body/lossless.ts';
import type { AnswerFacts, Delta, TokenLogprob } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { isObject } from '../read.ts';
import { logprobsOf, type Piece, partsOf, readPart } from './answer-parts.ts';
import { madeUpCallId } from './call-ids.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import { candidatesOf, checkMessage, isTextAlone, parseMessage, StreamFacts } from './stream-facts.ts';

/** A decoder for one stream. */
export function createDecoder(): StreamDecoder {
  return new GeminiDecoder();
}

class GeminiDecoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #skeleton = new ChunkSkeleton();
  #blocks = 0;
  /** The block that a message was learned in. */
  #learned: object | null = null;
  #open: { index: number; kind: 'text' | 'reasoning' } | null = null;
  #calls = 0;
  #started = false;
  #done = false;
  ended = false;

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
      return [];
    }
    const open = this.#open;
    if (open !== null && open === this.#learned && this.#skeleton.matches(data)) {
      this.#facts.known(data);
      return [{ kind: 'text', index: open.index, text: this.#skeleton.textOf(data) }];
    }
    const message = checkMessage(parse(data), data);
    const content = this.#facts.read(message);
    if (this.#done && content) throw badOutput('Content came behind [DONE].');
    const out: Delta[] = [];
    this.#start(out);
    for (const candidate of candidatesOf(message)) {
      // More than one cannot be asked for on this path, and one alone cannot be told.
      if (isObject(candidate) && this.#facts.isFirst(candidate)) this.#candidate(candidate, out);
      else if (content) throw badOutput('The provider sent more answers than were asked for.');
    }
    this.#learn(message, data);
    return out;
  }

  finish(): Delta[] {
    if (this.ended) return [];
    const out: Delta[] = [];
    if (this.#facts.complete) {
      const { usage, stop } = this.#facts;
      this.#close(out);
      out.push({ kind: 'stop', reason: stop ?? 'end', stopSequence: null });
      if (usage !== null) out.push({ kind: 'usage', usage });
      out.push({ kind: 'end' });
    }
    this.ended = true;
    return out;
  }

  // The same message with another text is known from now on, as long as the block goes on that its text stands in.
  #learn(message: JsonObject, data: string): void {
    this.#learned = null;
    if (this.#open === null || this.#done || this.#facts.complete || !isTextAlone(message)) return;
    if (candidatesOf(message).some((candidate) => (candidate as JsonObject)['logprobsResult'] !== undefined))
      return;
    this.#learned = this.#open;
    this.#skeleton.learn(data);
  }

  #start(out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    const { id, model } = this.#facts;
    out.push({ kind: 'start', id: id ?? '', model: model ?? '', created: null, usage: null });
  }

  #candidate(candidate: JsonObject, out: Delta[]): void {
    const logprobs = logprobsOf(candidate);
    for (const item of partsOf(candidate))
      for (const piece of readPart(item)) this.#piece(piece, logprobs, out);
  }

  #piece(piece: Piece, logprobs: TokenLogprob[] | undefined, out: Delta[]): void {
    switch (piece.kind) {
      case 'text': {
        const { index } = this.#block('text', out);
        out.push({ kind: 'text', index, text: piece.text, ...(logprobs !== undefined && { logprobs }) });
        return;
      }
      case 'thought': {
        const { index } = this.#block('reasoning', out);
        out.push({ kind: 'text', index, text: piece.text });
        return;
      }
      case 'proof': {
        // Of thoughts it is their end; any other is a block of its own.
        if (!piece.thought) this.#close(out);
        const { index } = this.#block('reasoning', out);
        out.push({ kind: 'signature', index, signature: piece.signature });
        this.#close(out);
        return;
      }
      case 'redacted': {
        this.#close(out);
        const index = this.#blocks++;
        out.push({ kind: 'open', index, block: 'redacted', data: piece.data }, { kind: 'close', index });
        return;
      }
      case 'call': {
        this.#close(out);
        const index = this.#blocks++;
        const { name, args } = piece;
        const id = piece.id ?? madeUpCallId(this.#facts.id ?? '', this.#calls, name);
        this.#calls++;
        out.push(
          { kind: 'open', index, block: 'tool_call', id, name },
          { kind: 'arguments', index, text: args },
          { kind: 'close', index },
        );
      }
    }
  }

  #block(kind: 'text' | 'reasoning', out: Delta[]): { index: number } {
    if (this.#open?.kind === kind) return this.#open;
    this.#close(out);
    const opened = { index: this.#blocks++, kind };
    out.push({ kind: 'open', index: opened.index, block: kind });
    this.#open = opened;
    return opened;
  }

  #close(out: Delta[]): void {
    if (this.#open === null) return;
    out.push({ kind: 'close', index: this.#open.index });
    this.#open = null;
  }
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
