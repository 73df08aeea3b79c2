// A v2 chat stream into neutral deltas. What is planned before a call is text.
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { ArgumentPieces } from '../argument-shape.ts';
import { objectAt } from '../lenient.ts';
import { realStop } from '../real-stop.ts';
import { readCitation } from './citations.ts';
import { readLogprob } from './logprobs.ts';
import { type Step, StreamOrder } from './stream-order.ts';

/** One per stream. */
export function createDecoder(): StreamDecoder {
  return new Decoder();
}

/** What is open in the neutral stream. */
interface Block {
  index: number;
  kind: 'content' | 'plan' | 'call';
  /** Pieces of a call's arguments, and whether any came. */
  pieces: ArgumentPieces | null;
  spoke: boolean;
  /** Citations may be of it. */
  text: boolean;
}

class Decoder implements StreamDecoder {
  readonly #order = new StreamOrder();
  #next = 0;
  #open: Block | null = null;
  #started = false;
  #ended = false;
  #cut = false;

  get facts(): AnswerFacts {
    return this.#order;
  }

  get complete(): boolean {
    return this.#order.over && !this.#cut;
  }

  get settled(): boolean {
    return this.complete;
  }

  get ended(): boolean {
    return this.#ended || this.#cut;
  }

  decode(event: string, data: string): Delta[] {
    if (this.#ended) return [];
    const step = this.#order.read(event, data);
    const out: Delta[] = [];
    if (step.kind === 'done') {
      this.#cut = !this.#order.over;
      return this.#cut ? [] : this.finish();
    }
    this.#take(step, out);
    return out;
  }

  /** The sentinel may be left out: message-end tells all there is. */
  finish(): Delta[] {
    if (this.#ended || !this.complete) return [];
    this.#ended = true;
    const { usage, stop, calledTool } = this.#order;
    const out: Delta[] = [];
    this.#start(out);
    this.#close(out);
    const reason = realStop(stop, { toolCall: calledTool, refusal: false });
    this.#order.stop = reason;
    out.push({ kind: 'stop', reason, stopSequence: null });
    if (usage !== null) out.push({ kind: 'usage', usage });
    out.push({ kind: 'end' });
    return out;
  }

  #take(step: Step, out: Delta[]): void {
    switch (step.kind) {
      case 'start':
        this.#start(out);
        return;
      case 'open-text':
      case 'open-thinking': {
        const block = step.kind === 'open-text' ? 'text' : 'reasoning';
        out.push({ kind: 'open', index: this.#begin('content', out, block === 'text'), block });
        this.#text(step, out);
        return;
      }
      case 'plan':
        if (this.#open?.kind !== 'plan') {
          out.push({ kind: 'open', index: this.#begin('plan', out), block: 'text' });
        }
        this.#text(step, out);
        return;
      case 'text':
        this.#text(step, out);
        return;
      case 'open-call': {
        const { id, name } = step;
        out.push({ kind: 'open', index: this.#begin('call', out), block: 'tool_call', id, name });
        this.#arguments(step.text, out);
        return;
      }
      case 'arguments':
        this.#arguments(step.text, out);
        return;
      case 'citation':
        this.#cite(step.body, out);
        return;
      case 'close':
        this.#close(out);
    }
  }

  #start(out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    out.push({ kind: 'start', id: this.#order.id ?? '', model: '', created: null, usage: null });
  }

  #begin(kind: Block['kind'], out: Delta[], text = false): number {
    this.#start(out);
    this.#close(out);
    const index = this.#next++;
    this.#open = { index, kind, pieces: kind === 'call' ? new ArgumentPieces() : null, spoke: false, text };
    return index;
  }

  #text({ text, body }: Step, out: Delta[]): void {
    if (text === '') return;
    const delta: Delta = { kind: 'text', index: this.#open!.index, text };
    const chance = body && objectAt(body, 'logprobs');
    if (chance !== null) delta.logprobs = [readLogprob(chance satisfies JsonObject)];
    out.push(delta);
  }

  #cite(body: JsonObject | null, out: Delta[]): void {
    const open = this.#open;
    const message = objectAt(objectAt(body ?? {}, 'delta') ?? {}, 'message') ?? {};
    if (open === null || !open.text) return;
    for (const citation of readCitation(objectAt(message, 'citations') ?? {}))
      out.push({ kind: 'citation', index: open.index, citation });
  }

  #arguments(piece: string, out: Delta[]): void {
    if (piece === '') return;
    const block = this.#open!;
    this.#say(block.pieces!.take(piece), block, out);
  }

  #say(text: string, block: Block, out: Delta[]): void {
    if (text === '') return;
    block.spoke = true;
    out.push({ kind: 'arguments', index: block.index, text });
  }

  #close(out: Delta[]): void {
    const block = this.#open;
    if (block === null) return;
    this.#open = null;
    if (block.pieces !== null) {
      this.#say(block.pieces.end(), block, out);
      // A call without arguments is one with none.
      if (!block.spoke) out.push({ kind: 'arguments', index: block.index, text: '{}' });
    }
    out.push({ kind: 'close', index: block.index });
  }
}
