// The blocks of one output item of a stream.
//
//   message    each part ─► a block of text or refusal     reasoning  all its texts ─► one block, signed when it is done
//   call       one block, opened with its name; built-in ones say their arguments when they are done
import type { Delta } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { readAnnotation } from '../citations.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { readLogprobs } from '../token-logprobs.ts';
import { callArguments, callNames, CUSTOM_CALL } from './answer-calls.ts';
import { readReasoning } from './reasoning.ts';
import { isCall } from './stream-facts.ts';

interface Block {
  readonly index: number;
  readonly kind: 'text' | 'refusal' | 'reasoning' | 'call';
  closed: boolean;
  said: boolean;
}

export class ItemBlocks {
  readonly #type: string;
  readonly #item: JsonObject;
  readonly #next: () => number;
  /** By place: the index of a part; 0 of what has one block. */
  readonly #blocks = new Map<number, Block>();
  /** Place and member of the reasoning text that came last: the next one is set off from it. */
  #lastText = '';
  #done = false;

  /** @param item as it was added. @param next hands out the index of a new block. */
  constructor(item: JsonObject, next: () => number) {
    this.#type = stringAt(item, 'type') ?? '';
    this.#item = item;
    this.#next = next;
  }

  begin(out: Delta[]): void {
    if (!isCall(this.#type)) return;
    const { id, name } = callNames(this.#item);
    const index = this.#next();
    this.#blocks.set(0, { index, kind: 'call', closed: false, said: false });
    const custom = this.#type === CUSTOM_CALL;
    out.push({ kind: 'open', index, block: 'tool_call', id, name, ...(custom && { custom }) });
  }

  /** An event of this item's parts. */
  take(type: string, event: JsonObject, out: Delta[]): void {
    const delta = stringAt(event, 'delta') ?? '';
    switch (type) {
      case 'response.output_text.delta':
        this.#say('text', numberAt(event, 'content_index') ?? 0, delta, event, out);
        return;
      case 'response.output_text.annotation.added': {
        const citation = readAnnotation(objectAt(event, 'annotation') ?? {});
        const block = this.#blocks.get(numberAt(event, 'content_index') ?? 0);
        if (citation !== null && block?.kind === 'text' && !block.closed)
          out.push({ kind: 'citation', index: block.index, citation });
        return;
      }
      case 'response.refusal.delta':
        this.#say('refusal', numberAt(event, 'content_index') ?? 0, delta, event, out);
        return;
      case 'response.reasoning_summary_text.delta':
        this.#reason(`summary ${numberAt(event, 'summary_index') ?? 0}`, delta, out);
        return;
      case 'response.reasoning_text.delta':
        this.#reason(`content ${numberAt(event, 'content_index') ?? 0}`, delta, out);
        return;
      case 'response.function_call_arguments.delta':
        this.#argue(delta, out);
        return;
      case 'response.content_part.done':
        this.#close(this.#blocks.get(numberAt(event, 'content_index') ?? 0), out);
    }
  }

  /** The item is done. @param item as it is then; empty when nobody told. */
  finish(item: JsonObject, out: Delta[]): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#type === 'message') this.#finishMessage(item, out);
    else if (this.#type === 'reasoning') this.#finishReasoning(item, out);
    else if (isCall(this.#type)) this.#finishCall({ ...this.#item, ...item }, out);
    for (const block of this.#blocks.values()) this.#close(block, out);
  }

  #say(
    kind: Block['kind'] & ('text' | 'refusal'),
    at: number,
    text: string,
    event: JsonObject,
    out: Delta[],
  ): void {
    if (this.#type !== 'message') return;
    const block = this.#blockAt(at, kind, out);
    const logprobs = readLogprobs(arrayAt(event, 'logprobs'));
    block.said = true;
    const { index } = block;
    if (logprobs.length > 0) out.push({ kind: 'text', index, text, logprobs });
    else if (text !== '') out.push({ kind: 'text', index, text });
  }

  #reason(place: string, text: string, out: Delta[]): void {
    if (this.#type !== 'reasoning' || text === '') return;
    // The raw text and its summary say the same twice: the one that came first counts.
    if (this.#lastText !== '' && this.#lastText.split(' ')[0] !== place.split(' ')[0]) return;
    const block = this.#blockAt(0, 'reasoning', out);
    const apart = this.#lastText !== '' && this.#lastText !== place ? '\n\n' : '';
    this.#lastText = place;
    block.said = true;
    out.push({ kind: 'text', index: block.index, text: `${apart}${text}` });
  }

  #argue(text: string, out: Delta[]): void {
    const block = this.#blocks.get(0);
    if (block === undefined || this.#type !== 'function_call' || text === '') return;
    block.said = true;
    out.push({ kind: 'arguments', index: block.index, text });
  }

  #finishMessage(item: JsonObject, out: Delta[]): void {
    for (const [at, part] of arrayAt(item, 'content').entries()) {
      if (!isObject(part) || this.#blocks.get(at)?.said === true) continue;
      const refusal = stringAt(part, 'refusal');
      const text = refusal ?? stringAt(part, 'text');
      if (text) this.#say(refusal === null ? 'text' : 'refusal', at, text, part, out);
    }
  }

  #finishReasoning(item: JsonObject, out: Delta[]): void {
    const part = readReasoning(item);
    if (part === null) return;
    if (part.redacted !== null && part.text === '' && this.#blocks.size === 0) {
      const index = this.#next();
      out.push({ kind: 'open', index, block: 'redacted', data: part.redacted }, { kind: 'close', index });
      return;
    }
    if (this.#lastText === '') this.#reason('summary 0', part.text, out);
    if (part.signature === null) return;
    const { index } = this.#blockAt(0, 'reasoning', out);
    out.push({ kind: 'signature', index, signature: part.signature });
  }

  #finishCall(item: JsonObject, out: Delta[]): void {
    const block = this.#blocks.get(0);
    if (block === undefined || block.said) return;
    const text = callArguments(item);
    if (text !== '') out.push({ kind: 'arguments', index: block.index, text });
  }

  #blockAt(at: number, kind: Exclude<Block['kind'], 'call'>, out: Delta[]): Block {
    const known = this.#blocks.get(at);
    if (known !== undefined && !known.closed) return known;
    const block: Block = { index: this.#next(), kind, closed: false, said: false };
    this.#blocks.set(at, block);
    out.push({ kind: 'open', index: block.index, block: kind });
    return block;
  }

  #close(block: Block | undefined, out: Delta[]): void {
    if (block === undefined || block.closed) return;
    block.closed = true;
    out.push({ kind: 'close', index: block.index });
  }
}
