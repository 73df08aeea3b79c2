// What must come in which order in a Converse stream, and so what is missing when it does not:
//
//   messageStart ─► [ contentBlockStart i ─► contentBlockDelta i … ─► contentBlockStop i ] … ─► messageStop ─► metadata
//
// i counts from 0 without gaps. Text and reasoning may begin with a delta; a tool call has its start. One per stream, for
// watcher and decoder alike.
import type { StopReason } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { numberAt, objectAt, stringAt } from '../lenient.ts';
import { cutsShort } from '../real-stop.ts';
import { ArgumentRoom, checkArguments, isWhole } from '../tool-arguments.ts';

export type BlockKind = 'unknown' | 'text' | 'reasoning' | 'redacted' | 'toolUse' | 'other';

/** A block between its first event and its stop. */
export interface OpenBlock {
  readonly at: number;
  kind: BlockKind;
  /** A tool call's pieces so far; null = too long to be checked, or of a tool that runs at the provider. */
  input: string | null;
  /** Place among the neutral blocks, where the stream is translated; -1 = none. */
  neutral: number;
}

export class StreamOrder {
  /** Those between first event and stop, in order. */
  readonly open: OpenBlock[] = [];
  readonly #room = new ArgumentRoom();
  #next = 0;
  /** Arguments that a tool call ended with and that are not whole: right only where the answer was cut short. */
  #broken: string | null = null;
  begun = false;
  /** messageStop was seen. */
  stopped = false;
  /** metadata was seen behind it: the stream is complete. */
  over = false;
  calledTool = false;

  /** messageStart. */
  begin(): void {
    if (this.begun) throw badOutput('A second messageStart.');
    this.begun = true;
  }

  /** contentBlockStart. */
  start(event: JsonObject): OpenBlock {
    const at = indexOf(event);
    const start = objectAt(event, 'start') ?? {};
    const block = this.#openBlock(at);
    const use = objectAt(start, 'toolUse');
    if (use !== null) {
      block.kind = 'toolUse';
      if (!stringAt(use, 'name')) throw badOutput('The provider sent a tool call without a name.');
      if (stringAt(use, 'type') === null) this.calledTool = true;
      else block.input = null;
    } else if (Object.keys(start).length > 0) block.kind = 'other';
    return block;
  }

  /** contentBlockDelta. @returns its block, which the delta may have opened. */
  delta(event: JsonObject): OpenBlock {
    const at = indexOf(event);
    const delta = objectAt(event, 'delta');
    if (delta === null) throw badOutput('A contentBlockDelta without its delta.');
    const kind = kindOfDelta(delta);
    const block = this.#blockOf(at);
    this.#fits(block, kind);
    if (kind === 'toolUse') this.#grow(block, stringAt(objectAt(delta, 'toolUse')!, 'input') ?? '');
    return block;
  }

  /** A contentBlockDelta of text that was recognised without being parsed. */
  plainText(at: number): void {
    this.#fits(this.#blockOf(at), 'text');
  }

  /** contentBlockStop. @returns the block that was closed. */
  stop(event: JsonObject): OpenBlock {
    const at = indexOf(event);
    const block = this.stopped ? undefined : this.#blockAt(at);
    if (block === undefined) throw badOutput(`An event for block ${at}, which is not open.`);
    this.open.splice(this.open.indexOf(block), 1);
    if (block.kind === 'toolUse' && block.input !== null && !isWhole(block.input))
      this.#broken ??= block.input;
    return block;
  }

  /** messageStop: what is still open counts as closed. */
  finish(stop: StopReason | null): void {
    if (this.stopped) throw badOutput('A second messageStop.');
    this.stopped = true;
    const cut = cutsShort(stop);
    if (this.#broken !== null) checkArguments(this.#broken, cut);
    for (const { kind, input } of this.open)
      if (kind === 'toolUse' && input !== null) checkArguments(input, cut);
  }

  /** metadata. */
  end(): void {
    if (!this.stopped) throw badOutput('metadata before messageStop.');
    this.over = true;
  }

  #blockOf(at: number): OpenBlock {
    return (this.stopped ? undefined : this.#blockAt(at)) ?? this.#openBlock(at);
  }

  #blockAt(at: number): OpenBlock | undefined {
    const { open } = this;
    for (let i = open.length - 1; i >= 0; i--) if (open[i]!.at === at) return open[i];
    return undefined;
  }

  #openBlock(at: number): OpenBlock {
    if (this.stopped) throw badOutput('A block behind messageStop.');
    if (at !== this.#next) throw badOutput(`Block ${at} begins where block ${this.#next} should.`);
    this.#next++;
    const block: OpenBlock = { at, kind: 'unknown', input: '', neutral: -1 };
    this.open.push(block);
    return block;
  }

  #fits(block: OpenBlock, kind: BlockKind): void {
    // Text and reasoning may begin with their first delta; so may nothing that has a name.
    if (block.kind === 'unknown' && kind !== 'toolUse') block.kind = kind;
    else if (block.kind === 'text' && kind === 'other') return;
    else if (block.kind !== kind && block.kind !== 'other')
      throw badOutput(`A delta of ${kind} in a block of ${block.kind}.`);
  }

  #grow(block: OpenBlock, text: string): void {
    if (block.input === null) return;
    if (this.#room.take(text)) block.input += text;
    else block.input = null;
  }
}

/** What a delta holds a piece of. */
export function kindOfDelta(delta: JsonObject): BlockKind {
  if (typeof delta['text'] === 'string') return 'text';
  if (objectAt(delta, 'toolUse') !== null) return 'toolUse';
  const reasoning = objectAt(delta, 'reasoningContent');
  if (reasoning === null) {
    if (Object.keys(delta).length === 0) throw badOutput('A delta holds nothing.');
    return 'other';
  }
  return typeof reasoning['redactedContent'] === 'string' ? 'redacted' : 'reasoning';
}

function indexOf(event: JsonObject): number {
  const index = numberAt(event, 'contentBlockIndex');
  if (index === null) throw badOutput('A block event without an index.');
  return index;
}
