// A dialect's codec and framing driven as a relay does it: events, bytes and deltas.

import { stringifyJson } from '../../../src/body/lossless.ts';
import type { ChatAnswer, Delta } from '../../../src/contracts/chat.ts';
import type { AnswerContext, Dialect, StreamDecoder, StreamEncoder } from '../../../src/contracts/dialect.ts';
import type { EventOut } from '../../../src/contracts/framing.ts';
import { FrameWriter } from '../../../src/wire/frame-writer.ts';
import { assemble } from '../deltas.ts';
import type { SampleEvent } from './samples.ts';

export const REQUEST_ID = 'req_conformance_7';
export const CONTEXT: AnswerContext = {
  requestId: REQUEST_ID,
  model: 'asked-for',
  now: 1_760_000_000,
  includeUsage: true,
};

export interface WireEvent {
  event: string;
  data: string;
}

/** Events as a decoder is told them. */
export function eventsOf(sample: readonly SampleEvent[]): WireEvent[] {
  return sample.map(({ event, data }) => ({
    event,
    data: typeof data === 'string' ? data : stringifyJson(data),
  }));
}

/** What `tell` emits, in the dialect's framing. */
export function framed({ chat }: Dialect, tell: (out: EventOut) => void): Buffer {
  const frames = new FrameWriter(chat.framing);
  tell(frames);
  return Buffer.from(frames.take());
}

/** The events as bytes, one buffer each. */
export function frames(dialect: Dialect, events: readonly WireEvent[]): Buffer[] {
  return events.map(({ event, data }) => framed(dialect, (out) => out.emitLines(event, data)));
}

/** The events in the chunks. @throws Error when bytes are left that belong to none, or a block cannot be read. */
export function scan({ chat }: Dialect, chunks: readonly Buffer[]): WireEvent[] {
  const scanner = chat.framing.createScanner({ maxEventBytes: 1024 * 1024 });
  const events: WireEvent[] = [];
  const take = (batch: ReturnType<typeof scanner.push>): void => {
    for (let at = 0; at < batch.count; at++) {
      if (!batch.valid[at]) throw new Error('a block of the stream cannot be read');
      const data = batch.data[at]!;
      if (data !== null) events.push({ event: batch.event[at]!, data });
    }
  };
  for (const chunk of chunks) take(scanner.push(Buffer.from(chunk)));
  const last = scanner.flush();
  if (last.unterminated && last.count > 0) throw new Error('the stream ends inside an event');
  take(last);
  scanner.close();
  return events;
}

/** All deltas of the events, those of the close included. */
export function decodeAll(decoder: StreamDecoder, events: readonly WireEvent[]): Delta[] {
  return [...events.flatMap(({ event, data }) => decoder.decode(event, data)), ...decoder.finish()];
}

/** The answer that a stream of the dialect tells. */
export function heard(dialect: Dialect, events: readonly WireEvent[]): ChatAnswer {
  return assemble(decodeAll(dialect.chat.createDecoder(), events));
}

/** The deltas as bytes of the dialect. */
export function encodeAll(dialect: Dialect, deltas: readonly Delta[], encoder?: StreamEncoder): Buffer {
  const writer = encoder ?? dialect.chat.createEncoder(CONTEXT);
  return framed(dialect, (out) => {
    for (const delta of deltas) writer.encode(delta, out);
  });
}
