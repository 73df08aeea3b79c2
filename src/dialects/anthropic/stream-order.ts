// What must come in which order in a Messages stream, and so what is missing when it does not:
//
//   message_start ─► [ content_block_start i ─► content_block_delta i … ─► content_block_stop i ] … ─► message_delta ─► message_stop
//
// i counts from 0 without gaps. Anthropic has one block open at a time; servers that have several, or stop none before the
// end, are understood. One per stream, for watcher and decoder alike.
import type { StopReason } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { numberAt, objectAt, stringAt } from '../lenient.ts';
import { cutsShort } from '../real-stop.ts';
import { ArgumentRoom, checkArguments, isWhole } from '../tool-arguments.ts';

/** A block between its start and stop. */
export interface OpenBlock {
  at: number;
  type: string;
  /** A tool call's pieces so far; null = too long to be checked. */
  input: string | null;
  /** Place among the neutral blocks, where the stream is translated; -1 = none. */
  neutral: number;
}

/** The field a kind of delta has its text in. */
const FIELD_OF: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
  input_json_delta: 'partial_json',
});
/** What the type of a block ends with that may hold a kind of delta: tools that the provider runs take input as well. */
const HOLDER_OF: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
  input_json_delta: 'tool_use',
});

export class StreamOrder {
  /** Those between start and stop, in order. */
  readonly open: OpenBlock[] = [];
  readonly #room = new ArgumentRoom();
  #next = 0;
  /** Arguments that a tool call ended with and that are not whole: right only where the answer was cut short. */
  #broken: string | null = null;
  begun = false;
  /** A tool_use block was seen. */
  calledTool = false;

  /** message_start. */
  begin(): void {
    if (this.begun) throw badOutput('A second message_start.');
    this.begun = true;
  }

  /** content_block_start. @returns the block, and in `event.content_block` what it starts with. */
  start(event: JsonObject): OpenBlock {
    const at = indexOf(event);
    const block = objectAt(event, 'content_block');
    const type = block && stringAt(block, 'type');
    if (block === null || type === null) throw badOutput('A content_block_start without its block.');
    if (at !== this.#next) throw badOutput(`Block ${at} starts where block ${this.#next} should.`);
    if (type === 'tool_use') {
      this.calledTool = true;
      if (!stringAt(block, 'name')) throw badOutput('The provider sent a tool call without a name.');
    }
    if (type === 'redacted_thinking' && stringAt(block, 'data') === null) {
      throw badOutput('A redacted block without data.');
    }
    refuseDisguisedBlock(block, type);
    this.#next++;
    const opened: OpenBlock = { at, type, input: '', neutral: -1 };
    this.open.push(opened);
    return opened;
  }

  /** content_block_delta. @returns its block. */
  delta(event: JsonObject): OpenBlock {
    const block = this.#blockAt(indexOf(event));
    const delta = objectAt(event, 'delta');
    const type = delta && stringAt(delta, 'type');
    if (delta === null || type === null) throw badOutput('A content_block_delta without its delta.');
    const field = FIELD_OF[type];
    if (field === undefined) refuseDisguised(delta);
    else {
      const text = delta[field];
      if (typeof text !== 'string') throw badOutput(`A ${type} without ${field}.`);
      this.#grow(block, type, text);
    }
    return block;
  }

  /** A content_block_delta that was recognised without being parsed. @param text as JSON writes it, without quotes. */
  plainDelta(at: number, type: string, text: string): void {
    const block = this.#blockAt(at);
    if (type !== 'input_json_delta') fits(block, type);
    else this.#grow(block, type, text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text);
  }

  /** content_block_stop. @returns the block that was closed. */
  stop(event: JsonObject): OpenBlock {
    const block = this.#blockAt(indexOf(event));
    this.open.splice(this.open.indexOf(block), 1);
    if (block.type === 'tool_use' && block.input !== null && !isWhole(block.input))
      this.#broken ??= block.input;
    return block;
  }

  /** The message is over: what is still open counts as closed. */
  finish(stop: StopReason | null): void {
    const cut = cutsShort(stop);
    if (this.#broken !== null) checkArguments(this.#broken, cut);
    for (const block of this.open) {
      if (block.type === 'tool_use' && block.input !== null) checkArguments(block.input, cut);
    }
  }

  #blockAt(at: number): OpenBlock {
    const { open } = this;
    for (let i = open.length - 1; i >= 0; i--) if (open[i]!.at === at) return open[i]!;
    throw badOutput(`An event for block ${at}, which is not open.`);
  }

  #grow(block: OpenBlock, type: string, text: string): void {
    fits(block, type);
    if (type !== 'input_json_delta' || block.type !== 'tool_use' || block.input === null) return;
    if (this.#room.take(text)) block.input += text;
    else block.input = null;
  }
}

// SDKs pass over what is not in a block of its kind.
function fits(block: OpenBlock, type: string): void {
  const holder = HOLDER_OF[type]!;
  const fit = block.type === holder || (holder === 'tool_use' && block.type.endsWith('_tool_use'));
  if (!fit) throw badOutput(`A ${type} in a ${block.type} block.`);
}

// Clients pass over kinds of block they do not know; none of these may hold what they do know.
function refuseDisguisedBlock(block: JsonObject, type: string): void {
  const tool = stringAt(block, 'name') !== null && objectAt(block, 'input') !== null;
  const redacted = stringAt(block, 'data') !== null;
  if ((tool && !type.endsWith('tool_use')) || (redacted && type !== 'redacted_thinking')) {
    throw badOutput('A block of an unknown type holds what a known one does.');
  }
}

// Clients pass over kinds of delta they do not know; none of these may hold what they do know, or nothing at all.
function refuseDisguised(delta: JsonObject): void {
  if (Object.keys(delta).length < 2) throw badOutput('A delta holds nothing but its type.');
  for (const type in FIELD_OF) {
    if (typeof delta[FIELD_OF[type]!] === 'string') throw badOutput('A delta of an unknown type holds text.');
  }
}

function indexOf(event: JsonObject): number {
  const index = numberAt(event, 'index');
  if (index === null) throw badOutput('A block event without an index.');
  return index;
}
