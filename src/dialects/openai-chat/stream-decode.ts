// Upstream chunks into neutral deltas. OpenAI's stream has no blocks: they are made up here, opened by the first piece
// of a kind and closed when the kind changes or the choice is finished.
//
//   before ──choice──► streaming ──finish_reason──► held ──[DONE] or close──► ended
//
// In `held` stop, usage and end wait for the usage chunk that follows finish_reason.
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { badOutput } from './bad-output.ts';
import { contentPieces } from './content.ts';
import { faultIn, faultOfErrorEvent, faultOfFinish } from './faults.ts';
import { reasoningDetails, reasoningText } from './reasoning.ts';
import { refineStop } from './stop-reason.ts';
import { parseChunk, reportsFault, StreamFacts } from './stream-facts.ts';
import { StreamedToolCalls } from './stream-tools.ts';

type Piece =
  | { kind: 'text' | 'reasoning' | 'refusal'; text: string; index: number | null }
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

/** A decoder for one stream. */
export function createDecoder(): StreamDecoder {
  return new ChatDecoder();
}

class ChatDecoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #tools = new StreamedToolCalls(() => this.#blocks++);
  #blocks = 0;
  #open: OpenBlock | null = null;
  /** Pieces that came between those of a tool call: a block cannot open inside another. */
  #held: Piece[] = [];
  #started = false;
  #refused = false;
  /** Reasoning text comes in its own field: the copy of it in reasoning_details is not read twice. */
  #reasoningField = false;
  ended = false;

  get facts(): AnswerFacts {
    return this.#facts;
  }

  get complete(): boolean {
    return this.#facts.complete;
  }

  decode(event: string, data: string): Delta[] {
    if (this.ended) return [];
    if (data.trim() === '[DONE]') return this.finish();
    if (event === 'error') throw faultError(faultOfErrorEvent(data));
    const chunk = parseChunk(data);
    if (chunk === null) throw badOutput('A stream event is not a chat completion chunk.');
    if (reportsFault(chunk)) throw faultError(faultIn(chunk, data) ?? faultOfErrorEvent(data));
    this.#facts.read(chunk);
    if (this.#facts.faultReason !== null) throw faultError(faultOfFinish(this.#facts.faultReason));
    const out: Delta[] = [];
    for (const choice of arrayAt(chunk, 'choices')) {
      // Only the first choice is translated; more than one cannot be asked for on this path.
      if (isObject(choice) && (numberAt(choice, 'index') ?? 0) === 0) this.#choice(choice, chunk, out);
    }
    return out;
  }

  finish(): Delta[] {
    if (this.ended) return [];
    this.ended = true;
    if (!this.#facts.complete || !this.#started) return [];
    const out: Delta[] = [];
    this.#closeAll(out);
    const { usage, stop } = this.#facts;
    const seen = { toolCall: this.#tools.any, refusal: this.#refused };
    if (stop !== null) {
      this.#facts.stop = refineStop(stop, seen);
      out.push({ kind: 'stop', reason: this.#facts.stop, stopSequence: null });
    }
    if (usage !== null) out.push({ kind: 'usage', usage });
    out.push({ kind: 'end' });
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
    const delta = objectAt(choice, 'delta') ?? {};
    this.#reasoning(delta, out);
    for (const piece of contentPieces(delta['content'])) this.#piece({ ...piece, index: null }, out);
    const refusal = stringAt(delta, 'refusal');
    if (refusal) this.#piece({ kind: 'refusal', text: refusal, index: null }, out);
    for (const entry of arrayAt(delta, 'tool_calls')) this.#tool(entry, out);
    const legacy = objectAt(delta, 'function_call');
    if (legacy !== null) this.#tool({ index: 0, function: legacy }, out);
    if (stringAt(choice, 'finish_reason')) this.#closeAll(out);
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

  #tool(entry: JsonObject['x'], out: Delta[]): void {
    if (entry === undefined) return;
    this.#closeOpen(out);
    this.#tools.take(entry, out);
  }

  #piece(piece: Piece, out: Delta[]): void {
    if (this.#tools.open) {
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
    out.push({ kind: 'text', index: block.index, text });
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
    this.#tools.close(out);
    const held = this.#held;
    this.#held = [];
    for (const piece of held) this.#piece(piece, out);
    this.#closeOpen(out);
  }
}
