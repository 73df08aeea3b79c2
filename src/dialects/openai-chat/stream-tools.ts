// Tool calls of a stream, put together from pieces that name a call by index and may interleave.
import type { Delta } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { badOutput } from './bad-output.ts';
import { newToolCallId } from './tool-ids.ts';

interface StreamedCall {
  /** The upstream's index. */
  at: number;
  id: string | null;
  /** null until the upstream told it; arguments wait for it. */
  name: string | null;
  waiting: string;
  /** Neutral block; -1 before it is open. */
  block: number;
  closed: boolean;
}

export class StreamedToolCalls {
  readonly #calls: StreamedCall[] = [];
  readonly #nextBlock: () => number;
  #open = 0;

  /** @param nextBlock hands out the neutral block indexes, which all kinds of blocks share. */
  constructor(nextBlock: () => number) {
    this.#nextBlock = nextBlock;
  }

  get any(): boolean {
    return this.#calls.length > 0;
  }

  /** Some call is not closed yet. */
  get open(): boolean {
    return this.#open > 0;
  }

  /** Takes one entry of `delta.tool_calls` (or a legacy `function_call` wrapped as one). */
  take(entry: Json, out: Delta[]): void {
    if (!isObject(entry)) return;
    const fn = objectAt(entry, 'function');
    const name = (fn === null ? null : stringAt(fn, 'name')) || null;
    const call = this.#find(entry, name);
    const piece = (fn === null ? null : stringAt(fn, 'arguments')) ?? '';
    call.name ??= name;
    if (call.block < 0) {
      call.waiting += piece;
      if (call.name !== null) this.#openBlock(call, call.name, out);
      return;
    }
    if (piece === '') return;
    if (call.closed) throw badOutput('The provider went on with a tool call it had finished.');
    out.push({ kind: 'arguments', index: call.block, text: piece });
  }

  /** Closes what is open, in order. */
  close(out: Delta[]): void {
    for (const call of this.#calls) {
      if (call.closed) continue;
      if (call.block < 0) throw badOutput('The provider sent a tool call without a name.');
      out.push({ kind: 'close', index: call.block });
      call.closed = true;
    }
    this.#open = 0;
  }

  #openBlock(call: StreamedCall, name: string, out: Delta[]): void {
    call.block = this.#nextBlock();
    call.id ??= newToolCallId();
    out.push({ kind: 'open', index: call.block, block: 'tool_call', id: call.id, name });
    if (call.waiting !== '') out.push({ kind: 'arguments', index: call.block, text: call.waiting });
    call.waiting = '';
  }

  #find(entry: JsonObject, name: string | null): StreamedCall {
    const id = stringAt(entry, 'id') || null;
    const index = numberAt(entry, 'index');
    const found = index === null ? this.#unnumbered(id) : this.#calls.findLast((call) => call.at === index);
    // Some upstreams number every parallel call 0: another id with a name is another call.
    const another =
      found !== undefined && id !== null && name !== null && found.id !== null && found.id !== id;
    if (found !== undefined && !another) {
      found.id ??= id;
      return found;
    }
    const call = { at: index ?? this.#calls.length, id, name: null, waiting: '', block: -1, closed: false };
    this.#calls.push(call);
    this.#open++;
    return call;
  }

  // Without an index a known id names its call, a new id begins one, and no id goes on with the last.
  #unnumbered(id: string | null): StreamedCall | undefined {
    return id === null ? this.#calls.at(-1) : this.#calls.find((call) => call.id === id);
  }
}
