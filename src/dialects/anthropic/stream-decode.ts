// A Messages stream into neutral deltas.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { AnswerFacts, Delta } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { faultError } from '../fault-error.ts';
import { numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { readEvent, StreamFacts } from './stream-event.ts';
import { fromWireName } from './wire-names.ts';

/** A block between its start and stop. */
interface OpenBlock {
  /** Place among the neutral blocks; -1 = a server tool's block, which has no neutral form and is passed over. */
  index: number;
  /** Arguments a tool call has if no piece of them follows; null for other blocks and once a piece came. */
  whole: string | null;
}

/** One per stream. */
export function createDecoder(): StreamDecoder {
  return new Decoder();
}

class Decoder implements StreamDecoder {
  readonly #facts = new StreamFacts();
  /** By the upstream's index. */
  readonly #open = new Map<number, OpenBlock>();
  #next = 0;
  #started = false;
  #ended = false;

  get complete(): boolean {
    return this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  decode(event: string, data: string): Delta[] {
    if (this.#ended) return [];
    const read = readEvent(event, data);
    if (read === null) throw badOutput('a stream event is no JSON object with a type');
    if (read.fault !== null) throw faultError(read.fault);
    const { type, body } = read;
    const out: Delta[] = [];
    switch (type) {
      case 'message_start':
        this.#facts.start(body);
        this.#start(out);
        break;
      case 'content_block_start':
        this.#start(out);
        this.#openBlock(body, data, out);
        break;
      case 'content_block_delta':
        this.#addDelta(body, out);
        break;
      case 'content_block_stop':
        this.#close(indexOf(body), out);
        break;
      case 'message_delta':
        this.#closeAll(out);
        this.#facts.end(body);
        break;
      case 'message_stop':
        this.#start(out);
        this.#end(out);
        break;
      case 'ping':
        out.push({ kind: 'ping' });
    }
    return out;
  }

  /** message_stop said all; without it the stream is not complete. */
  finish(): Delta[] {
    return [];
  }

  #start(out: Delta[]): void {
    if (this.#started) return;
    this.#started = true;
    const { id, model, usage } = this.#facts;
    out.push({ kind: 'start', id: id ?? '', model: model ?? '', created: null, usage });
  }

  #openBlock(event: JsonObject, data: string, out: Delta[]): void {
    const at = indexOf(event);
    const block = objectAt(event, 'content_block');
    if (block === null) throw badOutput('content_block_start without a content_block');
    this.#close(at, out);
    const index = this.#next;
    const opened: OpenBlock = { index, whole: null };
    switch (block.type) {
      case 'text':
        out.push({ kind: 'open', index, block: 'text' });
        addText(out, index, stringAt(block, 'text'));
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
        opened.whole = wholeInput(data);
        break;
      }
      default:
        opened.index = -1;
    }
    if (opened.index >= 0) this.#next++;
    this.#open.set(at, opened);
  }

  #addDelta(event: JsonObject, out: Delta[]): void {
    const block = this.#open.get(indexOf(event));
    const delta = objectAt(event, 'delta');
    if (block === undefined || delta === null) throw badOutput('content_block_delta outside a block');
    const { index } = block;
    if (index < 0) return;
    switch (delta.type) {
      case 'text_delta':
        addText(out, index, stringAt(delta, 'text'));
        break;
      case 'thinking_delta':
        addText(out, index, stringAt(delta, 'thinking'));
        break;
      case 'signature_delta':
        addSignature(out, index, stringAt(delta, 'signature'));
        break;
      case 'input_json_delta': {
        const text = stringAt(delta, 'partial_json');
        if (text === null || text === '') return;
        block.whole = null;
        out.push({ kind: 'arguments', index, text });
      }
    }
  }

  // Told only now: a client of another dialect would take a stop reason for the end of an answer that broke off.
  #end(out: Delta[]): void {
    this.#closeAll(out);
    this.#ended = true;
    const { stop, stopSequence, usage } = this.#facts;
    if (stop !== null) out.push({ kind: 'stop', reason: stop, stopSequence });
    if (usage !== null) out.push({ kind: 'usage', usage });
    out.push({ kind: 'end' });
  }

  #close(at: number, out: Delta[]): void {
    const block = this.#open.get(at);
    if (block === undefined) return;
    this.#open.delete(at);
    if (block.index < 0) return;
    if (block.whole !== null) out.push({ kind: 'arguments', index: block.index, text: block.whole });
    out.push({ kind: 'close', index: block.index });
  }

  #closeAll(out: Delta[]): void {
    for (const at of [...this.#open.keys()]) this.#close(at, out);
  }
}

function addText(out: Delta[], index: number, text: string | null): void {
  if (text !== null && text !== '') out.push({ kind: 'text', index, text });
}

function addSignature(out: Delta[], index: number, signature: string | null): void {
  if (signature !== null && signature !== '') out.push({ kind: 'signature', index, signature });
}

// Anthropic itself starts every call with `input: {}`, which is what a call without arguments keeps.
function wholeInput(data: string): string {
  const event = parseLossless(data, true);
  const block = isObject(event) ? objectAt(event, 'content_block') : null;
  return stringifyJson((block && objectAt(block, 'input')) ?? {});
}

function indexOf(event: JsonObject): number {
  const index = numberAt(event, 'index');
  if (index === null) throw badOutput('a block event without an index');
  return index;
}

function badOutput(cause: string): GatewayError {
  return new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause });
}
