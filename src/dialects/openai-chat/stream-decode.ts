// Upstream chunks into neutral deltas. OpenAI's stream has no blocks: they are made up here, opened by the first piece
// of a kind and closed when the kind changes or the stream ends: a finish_reason may stand beside any piece of content.
//
//   before ──choice──► streaming ──[DONE] or close, every choice finished──► ended
import type { AnswerFacts, Delta, TokenLogprob } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { numberAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { logprobsIn } from './choice-logprobs.ts';
import { contentPieces, mediaPieces } from './content.ts';
import { faultIn, faultOfErrorEvent } from './faults.ts';
import { reasoningDetails, reasoningText } from './reasoning.ts';
import { callEntries, withExactArguments } from './stream-calls.ts';
import { choicesOf, deltaOf, readChunk, reportsFault, StreamFacts } from './stream-facts.ts';
import { StreamedToolCalls } from './stream-tools.ts';

type Piece =
  | { kind: 'text' | 'reasoning' | 'refusal'; text: string; index: number | null; logprobs?: TokenLogprob[] }
  | { kind: 'signature'; text: string; index: number | null }
  | { kind: 'redacted'; text: string; index: number | null };

interface OpenBlock {
  index: number;
  block: 'text' | 'reasoning' | 'refusal';
  /** Has its signature: further reasoning is another block. */
  signed: boolean;
  /** `index` of the reasoning_details entries it was made from. */
  detail: number | null;
}

const NO_LOGPROBS: TokenLogprob[] = [];

/** A decoder for one stream. */
export function createDecoder(): StreamDecoder {
  return new ChatDecoder();
}

class ChatDecoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #tools = new StreamedToolCalls((out) => {
    this.#closeOpen(out);
    return this.#blocks++;
  });
  #blocks = 0;
  #open: OpenBlock | null = null;
  /** Pieces that came behind a tool call: a block cannot open inside another. */
  #held: Piece[] = [];
  /** No further call can come. */
  #over = false;
  #started = false;
  #spoke = false;
  #refused = false;
  /** Reasoning text comes in its own field: the copy of it in reasoning_details is not read twice. */
  #reasoningField = false;
  /** The sentinel came in a stream whose finish_reasons are no sure sign: more may follow until the upstream closes. */
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

  decode(event: string, data: string): Delta[] {
    if (this.ended) return [];
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
      // More than one cannot be asked for on this path, and one alone cannot be told.
      if (isObject(choice) && this.#facts.isFirst(choice)) this.#choice(choice, chunk, out);
      else if (content) throw badOutput('The provider sent more answers than were asked for.');
    }
    return out;
  }

  finish(): Delta[] {
    if (this.ended) return [];
    const out: Delta[] = [];
    if (this.#facts.complete) {
      const { usage, stop } = this.#facts;
      this.#closeAll(out);
      this.#facts.stop = realStop(stop, { toolCall: this.#tools.any, refusal: this.#refused });
      out.push({ kind: 'stop', reason: this.#facts.stop, stopSequence: null });
      if (usage !== null) out.push({ kind: 'usage', usage });
      out.push({ kind: 'end' });
    }
    this.ended = true;
    return out;
  }

  #choice(choice: JsonObject, chunk: JsonObject, out: Delta[]): void {
    if (!this.#started) {
      this.#started = true;
      const { id, model } = this.#facts;
      out.push({
        kind: 'start',
        id: id ?? '',
        model: model ?? '',
        created: numberAt(chunk, 'created'),
        usage: null,
      });
    }
    const delta = deltaOf(choice);
    // A message behind deltas is a copy of them.
    if (!isObject(delta) || (choice['delta'] === undefined && this.#spoke)) return;
    const before = out.length;
    this.#reasoning(delta, out);
    let logprobs = choice['logprobs'] ? logprobsIn(choice) : NO_LOGPROBS;
    for (const piece of contentPieces(delta['content'])) {
      const plain = { ...piece, index: null };
      this.#piece(logprobs.length === 0 ? plain : { ...plain, logprobs }, out);
      logprobs = NO_LOGPROBS;
    }
    for (const piece of mediaPieces(delta)) this.#piece({ ...piece, index: null }, out);
    const refusal = stringAt(delta, 'refusal');
    if (refusal) this.#piece({ kind: 'refusal', text: refusal, index: null }, out);
    for (const entry of callEntries(delta)) this.#tools.take(entry, this.#facts.spoke, out);
    this.#spoke ||= out.length > before;
  }

  #reasoning(delta: JsonObject, out: Delta[]): void {
    const text = reasoningText(delta);
    if (text !== '') {
      this.#reasoningField = true;
      this.#piece({ kind: 'reasoning', text, index: null }, out);
    }
    for (const { text: detailText, signature, redacted, index } of reasoningDetails(delta)) {
      if (redacted !== null) {
        this.#piece({ kind: 'redacted', text: redacted, index }, out);
        continue;
      }
      if (detailText !== '' && !this.#reasoningField)
        this.#piece({ kind: 'reasoning', text: detailText, index }, out);
      if (signature !== null) this.#piece({ kind: 'signature', text: signature, index }, out);
    }
  }

  #piece(piece: Piece, out: Delta[]): void {
    if (this.#tools.any && !this.#over) {
      this.#held.push(piece);
      return;
    }
    const { kind, text, index } = piece;
    if (kind === 'redacted') {
      this.#closeOpen(out);
      const block = this.#blocks++;
      out.push(
        { kind: 'open', index: block, block: 'redacted', data: text },
        { kind: 'close', index: block },
      );
      return;
    }
    if (kind === 'signature') {
      const block = this.#signable(index, out);
      block.signed = true;
      block.detail = index;
      out.push({ kind: 'signature', index: block.index, signature: text });
      return;
    }
    if (kind === 'refusal') this.#refused = true;
    const open = this.#open;
    const fits =
      open !== null && open.block === kind && !open.signed && (index === null || open.detail === index);
    const block = fits ? open : this.#openBlock(kind, index, out);
    const { logprobs } = piece;
    if (logprobs === undefined) out.push({ kind: 'text', index: block.index, text });
    else out.push({ kind: 'text', index: block.index, text, logprobs });
  }

  // The reasoning block a signature belongs to. Without one it signs reasoning that was not shown: an empty block.
  #signable(index: number | null, out: Delta[]): OpenBlock {
    const open = this.#open;
    if (open !== null && open.block === 'reasoning') {
      if (!open.signed || (index !== null && open.detail === index)) return open;
    }
    return this.#openBlock('reasoning', index, out);
  }

  #openBlock(block: OpenBlock['block'], detail: number | null, out: Delta[]): OpenBlock {
    this.#closeOpen(out);
    const opened: OpenBlock = { index: this.#blocks++, block, signed: false, detail };
    out.push({ kind: 'open', index: opened.index, block });
    this.#open = opened;
    return opened;
  }

  #closeOpen(out: Delta[]): void {
    if (this.#open === null) return;
    out.push({ kind: 'close', index: this.#open.index });
    this.#open = null;
  }

  #closeAll(out: Delta[]): void {
    this.#tools.close(this.#facts.stop, out);
    this.#over = true;
    for (const piece of this.#held) this.#piece(piece, out);
    this.#closeOpen(out);
  }
}
