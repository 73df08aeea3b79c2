// The tool calls of one choice of a stream. Pieces name their call by index and may interleave; the first one of a call
// has its name. What the order cannot do without is checked: a number left out, a call without a name, broken arguments.
import { parseLossless } from '../../body/lossless.ts';
import type { StopReason } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { cutsShort } from '../real-stop.ts';
import { ArgumentRoom, checkArguments } from '../tool-arguments.ts';

/** Blocks of other kinds that may stand before the first call. */
const BLOCKS_BEFORE = 2;

/** One call, as far as it was told. */
export interface StreamedCall {
  /** The upstream's index. */
  at: number;
  id: string | null;
  /** null until the upstream told it. */
  name: string | null;
  /** A custom tool's input: any text. */
  custom: boolean;
  /** All pieces of the arguments so far; null = too long to be checked. */
  text: string | null;
  /** The piece that came last. */
  piece: string;
  /** Neutral block, where the stream is translated; -1 before it is open. */
  block: number;
}

export class StreamedCalls {
  readonly list: StreamedCall[] = [];
  readonly #room = new ArgumentRoom();
  /** Highest index so far. */
  #last = -1;

  /**
   * Takes one entry of callEntries(). @returns its call, with the entry's piece.
   *
   * @param spoke text or reasoning came before.
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT.
   */
  take(entry: Json, spoke: boolean): StreamedCall {
    if (!isObject(entry)) throw badOutput('An entry of tool_calls is no object.');
    const custom = entry['custom'] !== undefined && entry['custom'] !== null;
    const tool = entry[custom ? 'custom' : 'function'] ?? {};
    if (!isObject(tool)) throw badOutput('The function of a tool call is no object.');
    const name = tool['name'] ?? null;
    if (name !== null && typeof name !== 'string') throw badOutput('The name of a tool call is no text.');
    const call = this.#find(entry, name || null, spoke);
    call.name ??= name || null;
    call.custom ||= custom;
    const piece = pieceOf(tool[custom ? 'input' : 'arguments']);
    call.piece = piece;
    if (piece === '' || call.text === null) return call;
    if (this.#room.take(piece)) call.text += piece;
    else if (call.name === null) throw badOutput('A tool call without a name goes on for ever.');
    else call.text = null;
    return call;
  }

  /**
   * Checks the calls once the answer is over.
   *
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: a call has no name, or arguments that are not whole and need to be.
   */
  check(stop: StopReason | null): void {
    for (const call of this.list) {
      if (isEmpty(call)) continue;
      if (call.name === null) throw badOutput('The provider sent a tool call without a name.');
      if (call.text !== null && !call.custom) checkArguments(call.text, cutsShort(stop));
    }
  }

  #find(entry: JsonObject, name: string | null, spoke: boolean): StreamedCall {
    const id = stringAt(entry, 'id') || null;
    const index = numberAt(entry, 'index');
    const found = index === null ? this.#unnumbered(id) : this.list.findLast((call) => call.at === index);
    // Some upstreams number every parallel call 0: another id with a name is another call.
    const another =
      found !== undefined && id !== null && name !== null && found.id !== null && found.id !== id;
    if (found !== undefined && !another) {
      found.id ??= id;
      return found;
    }
    const at = index ?? this.list.length;
    // Gateways in front of Claude number calls as its blocks, behind those of reasoning and text.
    const offset = this.#last < 0 && spoke && at <= BLOCKS_BEFORE;
    if (at > this.#last + 1 && !offset) throw badOutput('A tool call is missing: its number was left out.');
    this.#last = Math.max(this.#last, at);
    const call = { at, id, name: null, custom: false, text: '', piece: '', block: -1 };
    this.list.push(call);
    return call;
  }

  // Without an index a known id names its call, a new id begins one, and no id goes on with the last.
  #unnumbered(id: string | null): StreamedCall | undefined {
    return id === null ? this.list.at(-1) : this.list.find((call) => call.id === id);
  }
}

/** Whether nothing was told of it but that it is there: some servers send an empty entry ahead of text. */
export function isEmpty({ id, name, text }: StreamedCall): boolean {
  return id === null && name === null && text === '';
}

// Text by the wire format; some small servers send the object itself.
function pieceOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (isObject(value)) return JSON.stringify(value);
  if (Array.isArray(value) && value.length === 0) return '{}'; // PHP's empty object
  throw badOutput('The arguments of a tool call are no text.');
}

/** The entries of a delta: `tool_calls`, else the legacy `function_call` as one. @throws GatewayError as take(). */
export function callEntries(delta: JsonObject): readonly Json[] {
  const entries = delta['tool_calls'] ?? [];
  if (!Array.isArray(entries)) throw badOutput('tool_calls is no list.');
  if (entries.length > 0) return entries;
  const legacy = objectAt(delta, 'function_call');
  return legacy === null ? entries : [{ index: 0, function: legacy }];
}

/** A chunk read anew with the numbers in its arguments as they were written, where a server sends the object itself. */
export function withExactArguments(chunk: JsonObject, data: string): JsonObject {
  for (const choice of arrayAt(chunk, 'choices')) {
    const delta = isObject(choice) ? objectAt(choice, 'delta') : null;
    // What parsed as an object before does so again.
    if (delta !== null && callEntries(delta).some(holdsObject))
      return parseLossless(data, true) as JsonObject;
  }
  return chunk;
}

function holdsObject(entry: Json): boolean {
  return isObject(entry) && objectAt(objectAt(entry, 'function') ?? {}, 'arguments') !== null;
}
