// A Messages stream into neutral deltas.
import { parseLossless } from '../../body/lossless.ts';
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { ArgumentPieces, argumentsOf } from '../argument-shape.ts';
import { DeltaShape } from '../delta-shape.ts';
import { objectAt, stringAt } from '../lenient.ts';
import { mediaNote } from '../media-note.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { readCitation, readCitations } from './citations.ts';
import { isSentinel, readEvent, StreamFacts } from './stream-event.ts';
import { type OpenBlock, StreamOrder } from './stream-order.ts';
import { fromWireName } from './wire-names.ts';

/** One per stream. */
export function createDecoder(): StreamDecoder {
  return new Decoder();
}

class Decoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  readonly #order = new StreamOrder();
  /** Arguments that tool calls have if no piece of them follows, by neutral block. */
  readonly #whole = new Map<number, string>();
  /** Those that come in pieces. */
  readonly #shapes = new Map<number, ArgumentPieces>();
  /** Deltas of text, and of thinking. */
  readonly #texts = new DeltaShape([['"text"', 'delta']]);
  readonly #thoughts = new DeltaShape([['"thinking"', 'delta']]);
  /** The one that knows deltas of the block that goes on; null while none does. */
  #shape: DeltaShape | null = null;
  repeats = -1;
  #next = 0;
  #started = false;
  #ended = false;
  /** [DONE] came before the end. */
  #cut = false;

  get complete(): boolean {
    if (this.#cut) return false;
    if (this.#ended) return this.#facts.over;
    return this.#facts.stop !== null && this.#order.open.length === 0;
  }

  get settled(): boolean {
    return this.complete;
  }

  get ended(): boolean {
    return this.#ended || this.#cut;
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  decode(event: string, data: string): Delta[] {
    if (this.#ended) return [];
    const more = this.repeated(event, data);
    if (more !== null) return [{ kind: 'text', index: this.repeats, text: more }];
    this.#shape = null;
    if (isSentinel(data)) {
      this.#cut = !this.complete;
      return [];
    }
    const read = readEvent(event, data);
    const { type, body } = read;
    this.#facts.read(read);
    const out: Delta[] = [];
    switch (type) {
      case 'message_start':
        this.#order.begin();
        this.#start(out);
        break;
      case 'content_block_start':
        this.#start(out);
        this.#openBlock(body, data, out);
        break;
      case 'content_block_delta':
        this.#addDelta(body, out);
        if (event === type) this.#learn(data, out);
        break;
      case 'content_block_stop':
        this.#close(this.#order.stop(body), out);
        break;
      case 'message_stop':
        if (this.#facts.over) this.#end(out);
        this.#ended = true;
        break;
      case 'ping':
        out.push({ kind: 'ping' });
    }
    return out;
  }

  repeated(event: string, data: string): string | null {
    const shape = this.#shape;
    if (shape === null || event !== 'content_block_delta' || !shape.matches(data)) return null;
    return shape.length === 0 ? null : shape.textOf(data);
  }

  // The same event with another text is known until any other comes.
  #learn(data: string, out: readonly Delta[]): void {
    const said = out.at(-1);
    if (said?.kind !== 'text') return;
    this.repeats = said.index;
    this.#shape = data.includes('"thinking_delta"') ? this.#thoughts : this.#texts;
    this.#shape.learn(data);
  }

  /** Where message_stop was left out, the stop reason and closed blocks say that all is told. */
  finish(): Delta[] {
    const out: Delta[] = [];
    if (this.#ended || !this.complete) return out;
    this.#end(out);
    this.#ended = true;
    return out;
  }

  #start(out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    if (!this.#order.begun) this.#order.begin();
    const { id, model, usage } = this.#facts;
    out.push({ kind: 'start', id: id ?? '', model: model ?? '', created: null, usage });
  }

  #openBlock(event: JsonObject, data: string, out: Delta[]): void {
    const opened = this.#order.start(event);
    const block = objectAt(event, 'content_block')!; // or start() had thrown
    const index = this.#next;
    opened.neutral = index;
    switch (block.type) {
      case 'text':
        out.push({ kind: 'open', index, block: 'text' });
        addText(out, index, stringAt(block, 'text'));
        for (const citation of readCitations(block)) out.push({ kind: 'citation', index, citation });
        break;
      case 'thinking':
        out.push({ kind: 'open', index, block: 'reasoning' });
        addText(out, index, stringAt(block, 'thinking'));
        addSignature(out, index, stringAt(block, 'signature'));
        break;
      case 'redacted_thinking':
        out.push({ kind: 'open', index, block: 'redacted', data: stringAt(block, 'data') ?? '' });
        break;
      case 'tool_use': {
        const id = stringAt(block, 'id') ?? '';
        const name = fromWireName(stringAt(block, 'name') ?? '');
        out.push({ kind: 'open', index, block: 'tool_call', id, name });
        this.#whole.set(index, wholeInput(data));
        break;
      }
      case 'image':
      case 'document':
        out.push({ kind: 'open', index, block: 'text' });
        addText(out, index, mediaNote(block));
        break;
      default: // of a server tool: it has no neutral form and is passed over
        opened.neutral = -1;
    }
    if (opened.neutral >= 0) this.#next++;
  }

  #addDelta(event: JsonObject, out: Delta[]): void {
    const index = this.#order.delta(event).neutral;
    const delta = objectAt(event, 'delta')!; // or delta() had thrown
    if (index < 0) return;
    switch (delta.type) {
      case 'text_delta':
        addText(out, index, stringAt(delta, 'text'));
        break;
      case 'citations_delta': {
        const citation = readCitation(objectAt(delta, 'citation') ?? {});
        if (citation !== null) out.push({ kind: 'citation', index, citation });
        break;
      }
      case 'thinking_delta':
        addText(out, index, stringAt(delta, 'thinking'));
        break;
      case 'signature_delta':
        addSignature(out, index, stringAt(delta, 'signature'));
        break;
      case 'input_json_delta': {
        const text = stringAt(delta, 'partial_json');
        if (text === null || text === '') return;
        this.#whole.delete(index);
        const shape = this.#shapes.get(index) ?? new ArgumentPieces();
        this.#shapes.set(index, shape);
        addArguments(out, index, shape.take(text));
      }
    }
  }

  // Told only now: a client of another dialect would take a stop reason for the end of an answer that broke off.
  #end(out: Delta[]): void {
    const { stopSequence, usage } = this.#facts;
    this.#start(out);
    this.#order.finish(this.#facts.stop);
    for (const block of this.#order.open) this.#close(block, out);
    const reason = realStop(this.#facts.stop, { toolCall: this.#order.calledTool, refusal: false });
    this.#facts.stop = reason;
    out.push({ kind: 'stop', reason, stopSequence });
    if (usage !== null) out.push({ kind: 'usage', usage });
    out.push({ kind: 'end' });
  }

  #close({ neutral: index }: OpenBlock, out: Delta[]): void {
    if (index < 0) return;
    addArguments(out, index, this.#whole.get(index) ?? this.#shapes.get(index)?.end() ?? '');
    out.push({ kind: 'close', index });
  }
}

function addText(out: Delta[], index: number, text: string | null): void {
  if (text !== null && text !== '') out.push({ kind: 'text', index, text });
}

function addArguments(out: Delta[], index: number, text: string): void {
  if (text !== '') out.push({ kind: 'arguments', index, text });
}

function addSignature(out: Delta[], index: number, signature: string | null): void {
  if (signature !== null && signature !== '') out.push({ kind: 'signature', index, signature });
}

// Anthropic itself starts every call with `input: {}`, which is what a call without arguments keeps.
function wholeInput(data: string): string {
  const event = parseLossless(data, true);
  const block = isObject(event) ? objectAt(event, 'content_block') : null;
  return argumentsOf(block?.input);
}
