// Tool calls of a translated stream as neutral blocks. A block opens with the call's name; all of them close at the end
// of the stream, as arguments may follow a finish_reason.
import type { Delta, StopReason } from '../../contracts/chat.ts';
import type { Json } from '../../contracts/json.ts';
import { ArgumentPieces } from '../argument-shape.ts';
import { type StreamedCall, StreamedCalls } from './stream-calls.ts';
import { newToolCallId } from './tool-ids.ts';

export class StreamedToolCalls {
  readonly #calls = new StreamedCalls();
  readonly #nextBlock: (out: Delta[]) => number;
  readonly #whose: { choice?: number };
  /** Of those that were opened; null = its text is no JSON. */
  readonly #shapes = new Map<StreamedCall, ArgumentPieces | null>();
  /** A call was opened. */
  any = false;

  /** @param nextBlock makes room for a block: closes what is open and hands out its index. @param whose of an opening. */
  constructor(nextBlock: (out: Delta[]) => number, whose: { choice?: number }) {
    this.#nextBlock = nextBlock;
    this.#whose = whose;
  }

  /** Takes one entry of callEntries(). @param spoke as StreamedCalls.take(). @throws GatewayError GW_UPSTREAM_BAD_OUTPUT. */
  take(entry: Json, spoke: boolean, out: Delta[]): void {
    const call = this.#calls.take(entry, spoke);
    const { name, piece, custom } = call;
    if (call.block >= 0) {
      const shape = this.#shapes.get(call) ?? null;
      if (piece !== '') say(call, shape === null ? piece : shape.take(piece), out);
      return;
    }
    if (name === null) return;
    this.any = true;
    call.block = this.#nextBlock(out);
    call.id ??= newToolCallId();
    const { block: index, id } = call;
    out.push({
      kind: 'open',
      index,
      block: 'tool_call',
      id,
      name,
      ...(custom && { custom }),
      ...this.#whose,
    });
    const shape = custom ? null : new ArgumentPieces();
    this.#shapes.set(call, shape);
    const text = call.text ?? piece;
    say(call, shape === null ? text : shape.take(text), out);
  }

  /** Closes all, in order. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: one is not whole. */
  close(stop: StopReason | null, out: Delta[]): void {
    this.#calls.check(stop);
    for (const [call, shape] of this.#shapes) {
      if (shape !== null) say(call, shape.end(), out);
      out.push({ kind: 'close', index: call.block });
    }
  }
}

function say({ block }: StreamedCall, text: string, out: Delta[]): void {
  if (text !== '') out.push({ kind: 'arguments', index: block, text });
}
