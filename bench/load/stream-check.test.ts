import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anthropic } from '../mock/anthropic.ts';
import { gemini } from '../mock/gemini.ts';
import { openai } from '../mock/openai.ts';
import { responses } from '../mock/responses.ts';
import type { PreparedStream } from '../mock/script.ts';
import { StreamCheck, type StreamDialect } from './stream-check.ts';

const STREAMS: Readonly<Record<StreamDialect, PreparedStream>> = {
  openai: openai.stream(5),
  responses: responses.stream(5),
  anthropic: anthropic.stream(5),
  gemini: gemini.stream(5),
};
/** Where the end marker begins; no dialect but these two has one apart from its finish. */
const MARKERS: Partial<Record<StreamDialect, string>> = {
  openai: 'data: [DONE]',
  anthropic: 'event: message_stop',
};
const ERRORS: Readonly<Record<StreamDialect, string>> = {
  openai: 'data: {"error":{"message":"gone"}}\n\n',
  responses: 'event: error\ndata: {"type":"error","message":"gone"}\n\n',
  anthropic: 'event: error\ndata: {"type":"error","error":{"message":"gone"}}\n\n',
  gemini: 'data: {"error":{"message":"gone"}}\r\n\r\n',
};
const DIALECTS = Object.keys(STREAMS) as StreamDialect[];

/** Bytes of a stream with the deltas in the order given. */
function bytesOf({ head, deltas, tail }: PreparedStream, order: readonly number[]): Buffer {
  return Buffer.concat([head, ...order.map((i) => deltas[i]!.bytes), tail]);
}

function check(dialect: StreamDialect, bytes: Buffer, cuts: readonly number[] = []): StreamCheck {
  const stream = new StreamCheck(dialect, () => {});
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (let i = 1; i < places.length; i++) stream.push(bytes, places[i - 1]!, places[i]!);
  return stream;
}

describe.each(DIALECTS)('stream check of %s', (dialect) => {
  const prepared = STREAMS[dialect];
  const whole = bytesOf(prepared, [0, 1, 2, 3, 4]);

  it('finds a whole stream whole, however it is cut, with LF or CRLF', () => {
    const crlf = Buffer.from(whole.toString().replaceAll(/\r?\n/g, '\r\n'));
    fc.assert(
      fc.property(
        fc.constantFrom(whole, crlf),
        fc.array(fc.nat(whole.length), { maxLength: 40 }),
        (bytes, cuts) => {
          expect(check(dialect, bytes, cuts).fault(5)).toBeNull();
        },
      ),
    );
  });

  it('notices a lost, a doubled and a swapped delta', () => {
    for (const order of [
      [0, 2, 3, 4],
      [0, 1, 1, 2, 3, 4],
      [0, 2, 1, 3, 4],
    ]) {
      expect(() => check(dialect, bytesOf(prepared, order))).toThrow(/was due/);
    }
  });

  it('notices a stream that ends early, without finish, or without its end marker', () => {
    const early = check(dialect, bytesOf(prepared, [0, 1, 2]));
    expect(early.fault(5)).toBe('a stream ended after 3 of 5 deltas');
    const noTail = { ...prepared, tail: Buffer.alloc(0) };
    expect(check(dialect, bytesOf(noTail, [0, 1, 2, 3, 4])).fault(5)).toBe(
      'a stream without a finish reason',
    );
    const marker = MARKERS[dialect];
    if (marker === undefined) return;
    const cut = whole.subarray(0, whole.lastIndexOf(marker));
    expect(check(dialect, cut).fault(5)).toBe('a stream without its end marker');
  });

  it('tells an error event', () => {
    const event = Buffer.from(ERRORS[dialect]);
    expect(() => check(dialect, Buffer.concat([prepared.head, event]))).toThrow('gone');
  });
});
