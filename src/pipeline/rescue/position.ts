// Where a client's stream stands when it breaks: read out of the bytes it was sent, by its own dialect's decoder. Only asked
// for then.
import type { Delta } from '../../contracts/chat.ts';
import type { AnswerContext, StreamMarks } from '../../contracts/answer-context.ts';
import type { Dialect, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventOut, Frames, Framing } from '../../contracts/framing.ts';
import { GatewayError } from '../../contracts/errors.ts';

export interface Position {
  /** All that was told, for an encoder that is to stand where the stream does. */
  readonly deltas: readonly Delta[];
  readonly marks: StreamMarks;
  /** Text of the answer. */
  readonly text: string;
  /** Text of the reasoning, where the stream broke within it and nothing else was said; '' elsewhere. */
  readonly reasoning: string;
  /** The block that is open. */
  readonly open: { readonly index: number; readonly block: 'text' | 'reasoning' } | null;
  /** Index of the next block. */
  readonly next: number;
}

interface Told {
  event: string;
  data: string;
}

/**
 * @param frames how the client got its events.
 * @returns null where nobody may go on: with a tool call or a refusal begun, an end told, or bytes that are not understood.
 */
export function readPosition(
  bytes: Buffer,
  { chat }: Dialect,
  frames: Frames,
  context: AnswerContext,
): Position | null {
  const marks: StreamMarks = { sequence: 0, items: [] };
  const deltas: Delta[] = [];
  const decoder = chat.createDecoder();
  const opened = new Map<string, number>();
  try {
    const events = frames.list === undefined ? eventsIn(bytes, chat.framing) : elementsIn(bytes, frames.list);
    for (const { event, data } of events) {
      chat.mark?.(event, data, marks);
      opened.set(event, (opened.get(event) ?? 0) + 1);
      deltas.push(...decoder.decode(event, data));
    }
  } catch (cause) {
    if (cause instanceof GatewayError || cause instanceof SyntaxError) return null;
    throw cause;
  }
  if (decoder.complete || decoder.ended) return null;
  const position = standing(deltas, marks);
  // Places that the decoder does not know: an encoder would count past them.
  const counter = new OpeningCounter();
  if (position !== null) retell(position, chat.createEncoder(context), counter);
  for (const name of chat.openings ?? []) {
    if ((opened.get(name) ?? 0) !== (counter.seen.get(name) ?? 0)) return null;
  }
  return position;
}

/** Brings a fresh encoder to where the stream stands. @param out nobody's, or who counts. @param model shown from now on. */
export function retell(
  { deltas, marks }: Position,
  encoder: StreamEncoder,
  out: EventOut = NOWHERE,
  model?: string,
): void {
  for (const delta of deltas) {
    encoder.encode(delta.kind === 'start' && model ? { ...delta, model } : delta, out);
  }
  if (encoder.sequence !== undefined) encoder.sequence = marks.sequence;
}

function standing(deltas: readonly Delta[], marks: StreamMarks): Position | null {
  let text = '';
  let reasoning = '';
  let thoughts = 0;
  let open: Position['open'] = null;
  let next = 0;
  for (const delta of deltas) {
    switch (delta.kind) {
      case 'open':
        next = Math.max(next, delta.index + 1);
        if (delta.block === 'tool_call' || delta.block === 'refusal') return null;
        if (delta.block === 'redacted') break;
        if (delta.block === 'reasoning') thoughts++;
        open = { index: delta.index, block: delta.block };
        break;
      case 'close':
        if (open?.index === delta.index) open = null;
        break;
      case 'text':
        if (open?.block === 'text') text += delta.text;
        else reasoning += delta.text;
        break;
      case 'stop':
      case 'end':
        return null;
      default: // the rest moves nothing
    }
  }
  const within = text === '' && thoughts === 1 && open?.block === 'reasoning';
  return { deltas, marks, text, reasoning: within ? reasoning : '', open, next };
}

function eventsIn(bytes: Buffer, framing: Framing): Told[] {
  const events: Told[] = [];
  const scanner = framing.createScanner({ maxEventBytes: bytes.length + 1 });
  const { count, event, data, valid } = scanner.push(bytes);
  for (let at = 0; at < count; at++) {
    const text = data[at];
    if (valid[at] !== true) throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
    if (text !== null && text !== undefined) events.push({ event: event[at]!, data: text });
  }
  scanner.close();
  return events;
}

/** Of a list that has not ended. */
function elementsIn(bytes: Buffer, { open }: NonNullable<Frames['list']>): Told[] {
  const elements = JSON.parse(`[${bytes.toString().slice(open.length)}]`) as unknown[];
  return elements.map((element) => ({ event: '', data: JSON.stringify(element) }));
}

const NOWHERE: EventOut = { emit() {}, emitLines() {} };

class OpeningCounter implements EventOut {
  readonly seen = new Map<string, number>();

  emit(event: string): void {
    this.seen.set(event, (this.seen.get(event) ?? 0) + 1);
  }

  emitLines(event: string): void {
    this.emit(event);
  }
}
