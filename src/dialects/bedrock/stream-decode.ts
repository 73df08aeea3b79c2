// A Converse stream into neutral deltas.
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { fromWireName } from '../anthropic/wire-names.ts';
import { ArgumentPieces } from '../argument-shape.ts';
import { objectAt, stringAt } from '../lenient.ts';
import { realStop } from '../real-stop.ts';
import { readCitation } from './citations.ts';
import { decodeRedacted } from './redacted.ts';
import { readEvent, StreamFacts } from './stream-event.ts';
import { type OpenBlock, StreamOrder } from './stream-order.ts';

/** One per stream. */
export function createDecoder(): StreamDecoder {
  return new Decoder();
}

class Decoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #order = new StreamOrder();
  /** Arguments of the calls that are open, by neutral block. */
  readonly #shapes = new Map<number, ArgumentPieces>();
  /** Redacted reasoning comes in pieces, and is told whole. */
  readonly #redacted = new Map<OpenBlock, string>();
  #next = 0;
  #started = false;

  get complete(): boolean {
    return this.#order.over;
  }

  get settled(): boolean {
    return this.#order.over;
  }

  get ended(): boolean {
    return this.#order.over;
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  decode(event: string, data: string): Delta[] {
    if (this.#order.over) return [];
    const body = readEvent(event, data);
    const out: Delta[] = [];
    switch (event) {
      case 'messageStart':
        this.#order.begin();
        this.#start(out);
        break;
      case 'contentBlockStart':
        this.#start(out);
        this.#openCall(this.#order.start(body), body, out);
        break;
      case 'contentBlockDelta': {
        this.#start(out);
        const block = this.#order.delta(body);
        this.#addDelta(block, objectAt(body, 'delta')!, out); // or delta() had thrown
        break;
      }
      case 'contentBlockStop':
        this.#close(this.#order.stop(body), out);
        break;
      case 'messageStop':
        this.#start(out);
        this.#facts.stopped(body);
        this.#order.finish(this.#facts.stop);
        for (const block of this.#order.open) this.#close(block, out);
        break;
      case 'metadata':
        this.#facts.metadata(body);
        this.#order.end();
        this.#end(out);
    }
    return out;
  }

  /** Without metadata the stream was cut; with it all is told. */
  finish(): Delta[] {
    return [];
  }

  #start(out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    out.push({ kind: 'start', id: '', model: '', created: null, usage: null });
  }

  #openCall(block: OpenBlock, event: JsonObject, out: Delta[]): void {
    const use = objectAt(objectAt(event, 'start') ?? {}, 'toolUse');
    if (use === null || block.input === null) return;
    const index = this.#place(block);
    const id = fromWireName(stringAt(use, 'toolUseId') ?? '');
    out.push({ kind: 'open', index, block: 'tool_call', id, name: stringAt(use, 'name') ?? '' });
    this.#shapes.set(index, new ArgumentPieces());
  }

  #addDelta(block: OpenBlock, delta: JsonObject, out: Delta[]): void {
    switch (block.kind) {
      case 'text': {
        const text = stringAt(delta, 'text');
        if (text !== null) this.#addText(block, 'text', text, out);
        const cited = objectAt(delta, 'citation');
        if (cited !== null && block.neutral >= 0)
          out.push({ kind: 'citation', index: block.neutral, citation: readCitation(cited) });
        break;
      }
      case 'reasoning': {
        const reasoning = objectAt(delta, 'reasoningContent') ?? {};
        this.#addText(block, 'reasoning', stringAt(reasoning, 'text') ?? '', out);
        const signature = stringAt(reasoning, 'signature');
        if (signature) out.push({ kind: 'signature', index: block.neutral, signature });
        break;
      }
      case 'redacted': {
        const piece = stringAt(objectAt(delta, 'reasoningContent') ?? {}, 'redactedContent') ?? '';
        this.#redacted.set(block, (this.#redacted.get(block) ?? '') + piece);
        break;
      }
      case 'toolUse': {
        const piece = stringAt(objectAt(delta, 'toolUse') ?? {}, 'input') ?? '';
        const text = this.#shapes.get(block.neutral)?.take(piece) ?? '';
        if (text !== '') out.push({ kind: 'arguments', index: block.neutral, text });
        break;
      }
      default: // of what ran at the provider: it has no neutral form and is passed over
    }
  }

  #addText(block: OpenBlock, kind: 'text' | 'reasoning', text: string, out: Delta[]): void {
    if (block.neutral < 0) out.push({ kind: 'open', index: this.#place(block), block: kind });
    if (text !== '') out.push({ kind: 'text', index: block.neutral, text });
  }

  #close(block: OpenBlock, out: Delta[]): void {
    const redacted = this.#redacted.get(block);
    if (redacted !== undefined) {
      out.push({
        kind: 'open',
        index: this.#place(block),
        block: 'redacted',
        data: decodeRedacted(redacted),
      });
    }
    const index = block.neutral;
    if (index < 0) return;
    const shape = this.#shapes.get(index);
    if (shape !== undefined) {
      // A call without arguments has an empty object.
      const rest = shape.end();
      const text = rest === '' && block.input === '' ? '{}' : rest;
      if (text !== '') out.push({ kind: 'arguments', index, text });
    }
    out.push({ kind: 'close', index });
  }

  #end(out: Delta[]): void {
    const reason = realStop(this.#facts.stop, { toolCall: this.#order.calledTool, refusal: false });
    this.#facts.stop = reason;
    out.push({ kind: 'stop', reason, stopSequence: null });
    if (this.#facts.usage !== null) out.push({ kind: 'usage', usage: this.#facts.usage });
    out.push({ kind: 'end' });
  }

  #place(block: OpenBlock): number {
    block.neutral = this.#next++;
    return block.neutral;
  }
}
