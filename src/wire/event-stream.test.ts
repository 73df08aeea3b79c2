import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventBatch } from '../contracts/framing.ts';
import type { EventRoom } from '../contracts/upstream.ts';
import { eventStream } from './event-stream.ts';

interface Seen {
  event: string;
  data: string | null;
  valid: boolean;
  bytes: string;
}

const CAP = { maxEventBytes: 1024 * 1024 };
const bytesOf = (text: Buffer | string): Buffer => Buffer.from(text as string);
const frame = (event: string, data: string): Buffer => bytesOf(eventStream.frame(event, data));

/** The events of a stream that arrives in these pieces; a throw of the scanner is its last entry. */
function scan(pieces: readonly Buffer[]): Seen[] {
  const seen: Seen[] = [];
  const take = ({ bytes, count, event, data, start, end, valid }: EventBatch): void => {
    for (let i = 0; i < count; i++) {
      const raw = bytes.toString('hex', start[i], end[i]);
      seen.push({ event: event[i]!, data: data[i]!, valid: valid[i]!, bytes: raw });
    }
  };
  const scanner = eventStream.createScanner(CAP);
  try {
    for (const piece of pieces) take(scanner.push(piece));
    take(scanner.flush());
  } catch {
    seen.push({ event: '', data: null, valid: false, bytes: '' });
  }
  return seen;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const EVENTS: readonly (readonly [string, string])[] = [
  ['messageStart', '{"role":"assistant"}'],
  ['contentBlockDelta', '{"contentBlockIndex":0,"delta":{"text":"é 😀"},"p":"abc"}'],
  ['contentBlockDelta', '{"contentBlockIndex":0,"delta":{"text":"\\n"}}'],
  ['!throttlingException', '{"message":"slow down"}'],
  ['x', ''],
];
const STREAM = Buffer.concat(EVENTS.map(([event, data]) => frame(event, data)));

describe('a binary event stream', () => {
  test('is written as Amazon frames it', () => {
    const headers = Buffer.from(
      '\x0b:event-type\x07\0\x01a\x0d:content-type\x07\0\x10application/json\x0d:message-type\x07\0\x05event',
    );
    expect(frame('a', '{}').toString('hex')).toBe(rewritten(headers, Buffer.from('{}')).toString('hex'));
    const thrown = Buffer.from(
      '\x0f:exception-type\x07\0\x01b\x0d:content-type\x07\0\x10application/json\x0d:message-type\x07\0\x09exception',
    );
    expect(frame('!b', '').toString('hex')).toBe(rewritten(thrown, Buffer.alloc(0)).toString('hex'));
  });

  test('split anywhere gives the same events, and every byte belongs to one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
        const seen = scan(cut(STREAM, places));
        expect(seen.map(({ event, data }) => [event, data])).toEqual(EVENTS);
        expect(seen.every(({ valid }) => valid)).toBe(true);
        expect(seen.map(({ bytes }) => bytes).join('')).toBe(STREAM.toString('hex'));
      }),
    );
    expect(scan([...STREAM].map((byte) => Buffer.from([byte])))).toEqual(scan([STREAM]));
  });

  test('a flipped bit anywhere is never a clean stream', () => {
    for (let bit = 0; bit < STREAM.length * 8; bit++) {
      const damaged = Buffer.from(STREAM);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const seen = scan([damaged]);
      expect(
        seen.some(({ valid }) => !valid),
        `bit ${bit}`,
      ).toBe(true);
      const good = seen.filter(({ valid }) => valid).map(({ event, data }) => [event, data]);
      expect(good).toEqual(EVENTS.slice(0, good.length));
    }
  });

  test('cut anywhere but between frames leaves an entry that is not valid', () => {
    const ends = new Set([0]);
    let end = 0;
    for (const [event, data] of EVENTS) ends.add((end += frame(event, data).length));
    for (let at = 0; at < STREAM.length; at++) {
      expect(
        scan([STREAM.subarray(0, at)]).some(({ valid }) => !valid),
        `cut at ${at}`,
      ).toBe(!ends.has(at));
    }
  });

  test('nothing behind a damaged frame is read', () => {
    const damaged = frame('a', '{}');
    damaged[20]! ^= 1;
    const seen = scan([Buffer.concat([frame('b', '{}'), damaged, frame('c', '{}')])]);
    expect(seen.filter(({ valid }) => valid).map(({ event }) => event)).toEqual(['b']);
  });

  test('bytes that nobody wrote never throw anything but a bad answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(STREAM.length), (noise, at) => {
        const seen = scan([STREAM.subarray(0, at), Buffer.from(noise)]);
        expect(seen.length).toBeLessThan(EVENTS.length + 20);
      }),
    );
  });
});

describe('headers', () => {
  const header = (name: string, type: number, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([type]), value]);
  const text = (name: string, value: string): Buffer => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(value.length);
    return header(name, 7, Buffer.concat([length, Buffer.from(value)]));
  };
  const withHeaders = (headers: Buffer, payload = '{}'): Buffer => rewritten(headers, Buffer.from(payload));

  test('of every type are passed over', () => {
    const headers = Buffer.concat([
      header('t', 0, Buffer.alloc(0)),
      header('f', 1, Buffer.alloc(0)),
      header('b', 2, Buffer.alloc(1)),
      header('s', 3, Buffer.alloc(2)),
      header('i', 4, Buffer.alloc(4)),
      header('l', 5, Buffer.alloc(8)),
      header('y', 6, Buffer.from([0, 3, 1, 2, 3])),
      header('d', 8, Buffer.alloc(8)),
      header('u', 9, Buffer.alloc(16)),
      text(':message-type', 'event'),
      text(':event-type', 'chunk'),
    ]);
    expect(scan([withHeaders(headers)])).toMatchObject([{ event: 'chunk', data: '{}', valid: true }]);
  });

  test('an error without payload says its message as an exception would', () => {
    const headers = Buffer.concat([
      text(':message-type', 'error'),
      text(':error-code', 'InternalError'),
      text(':error-message', 'An "internal" one'),
    ]);
    expect(scan([withHeaders(headers, '')])).toMatchObject([
      { event: '!InternalError', data: '{"message":"An \\"internal\\" one"}', valid: true },
    ]);
  });

  test.each([
    ['of no known type', header('x', 10, Buffer.alloc(0))],
    ['longer than all of them', header('x', 5, Buffer.alloc(3))],
    ['without a name', header('', 0, Buffer.alloc(0))],
    ['cut in its name', Buffer.from([9, 0x61])],
    ['that name no event', text(':message-type', 'event')],
    ['that say nothing', Buffer.alloc(0)],
    ['of an unknown kind of message', text(':message-type', 'x')],
  ])('%s: the frame is not valid', (_what, headers) => {
    expect(scan([withHeaders(headers)]).map(({ valid }) => valid)).toContain(false);
  });

  test('a payload that is not UTF-8 is not valid', () => {
    const headers = Buffer.concat([text(':message-type', 'event'), text(':event-type', 'a')]);
    expect(scan([rewritten(headers, Buffer.from([0xff]))])).toMatchObject([{ valid: false }]);
  });
});

describe('what is too large', () => {
  test('is refused by its length alone, behind the good events', () => {
    const scanner = eventStream.createScanner({ maxEventBytes: 100 });
    const stream = Buffer.concat([frame('a', '{}'), frame('a', `"${'x'.repeat(100)}"`)]);
    expect(scanner.push(stream.subarray(0, stream.length - 90)).count).toBe(1);
    expect(() => scanner.push(stream)).toThrow(/more than 100 bytes/);
  });

  test('takes room and gives it back', () => {
    let used = 0;
    const room: EventRoom = {
      take: (bytes) => {
        used += bytes;
        return used <= 300_000;
      },
      get usedBytes() {
        return used;
      },
    };
    const large = frame('a', JSON.stringify('x'.repeat(200_000)));
    const scanner = eventStream.createScanner({ ...CAP, room });
    scanner.push(large.subarray(0, 100_000));
    expect(used).toBe(100_000);
    expect(scanner.push(large.subarray(100_000)).count).toBe(1);
    expect(used).toBe(0);
    const full = eventStream.createScanner({ ...CAP, room });
    expect(() => full.push(frame('a', 'x'.repeat(400_000)).subarray(0, 350_000))).toThrow(/Too many/);
  });
});

describe('the first bytes', () => {
  test('tell events from JSON and from anything else', () => {
    expect(eventStream.kindOf(STREAM)).toBe('events');
    expect(eventStream.kindOf(STREAM.subarray(0, 5))).toBe('unknown');
    expect(eventStream.kindOf(Buffer.from(' {"a":1}'))).toBe('json');
    expect(eventStream.kindOf(Buffer.from('<html><body>'))).toBe('other');
    expect(eventStream.kindOf(Buffer.from('event: a\ndata: {}\n\n'))).toBe('other');
  });
});

/** A frame with headers of one's own. */
function rewritten(headers: Buffer, payload: Buffer): Buffer {
  const made = Buffer.alloc(16 + headers.length + payload.length);
  made.writeUInt32BE(made.length, 0);
  made.writeUInt32BE(headers.length, 4);
  made.writeUInt32BE(crc(made.subarray(0, 8)), 8);
  headers.copy(made, 12);
  payload.copy(made, 12 + headers.length);
  made.writeUInt32BE(crc(made.subarray(0, made.length - 4)), made.length - 4);
  return made;
}

/** CRC-32 by its definition, so that the test does not trust the library that the code trusts. */
function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
