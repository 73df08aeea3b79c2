import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

function collector(): { reader: AnswerReader; text(): string } {
  const parts: string[] = [];
  const reader = new AnswerReader((bytes, from, to) => parts.push(bytes.toString('latin1', from, to)));
  return { reader, text: () => parts.join('') };
}

/** Pushes bytes cut at the given places. */
function pushCut(reader: AnswerReader, bytes: Buffer, cuts: readonly number[]): void {
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (let i = 1; i < places.length; i++) reader.push(bytes.subarray(places[i - 1], places[i]));
}

const BODY = '{"a":"some text"}';
const chunked = (parts: readonly string[]): string =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${parts
    .map((part) => `${part.length.toString(16).toUpperCase()};x=1\r\n${part}\r\n`)
    .join('')}0\r\nTrailer: 1\r\n\r\n`;

describe('answer reader', () => {
  it('reads length and chunks however the bytes are cut', () => {
    const answers = [
      `HTTP/1.1 200 OK\r\ncontent-type: x\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
      chunked([BODY.slice(0, 3), BODY.slice(3)]),
      `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${chunked([BODY])}`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...answers), fc.array(fc.nat(60), { maxLength: 20 }), (answer, cuts) => {
        const { reader, text } = collector();
        pushCut(reader, Buffer.from(answer), cuts);
        expect([reader.status, reader.ended, reader.keepAlive, text()]).toEqual([200, true, true, BODY]);
        expect([reader.bodyBytes, reader.lastByte]).toEqual([BODY.length, 125]);
      }),
    );
  });

  it('reads one answer after the other on a connection', () => {
    const { reader, text } = collector();
    for (const body of ['{}', '{"b":1}']) {
      reader.reset();
      reader.push(Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`));
      expect([reader.ended, reader.bodyBytes]).toEqual([true, body.length]);
    }
    expect(text()).toBe('{}{"b":1}');
  });

  it('takes an answer without a length as whole when the connection closes, and no other', () => {
    const { reader } = collector();
    reader.push(Buffer.from('HTTP/1.0 200 OK\r\n\r\n{}'));
    expect([reader.ended, reader.close()]).toEqual([false, true]);
    const cut = collector().reader;
    cut.push(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}'));
    expect(cut.close()).toBe(false);
  });

  it('sees that a connection is given up, and refuses what is no answer', () => {
    const { reader } = collector();
    reader.push(Buffer.from('HTTP/1.1 503 No\r\nConnection: close\r\ncontent-length: 0\r\n\r\n'));
    expect([reader.status, reader.ended, reader.keepAlive]).toEqual([503, true, false]);
    expect(() => reader.push(Buffer.from('x'))).toThrow('after the end');
    expect(() => collector().reader.push(Buffer.from('SSH-2.0\r\n\r\n'))).toThrow('not an HTTP answer');
    expect(() =>
      collector().reader.push(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')),
    ).toThrow('not a chunk size');
  });
});
