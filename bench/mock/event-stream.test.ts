import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bedrock } from './bedrock.ts';
import { writeStamp } from './delta-text.ts';
import { encodeMessage } from './event-stream.ts';

/** CRC-32 of IEEE 802.3 bit by bit: independent of the one under test. */
function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function decode(message: Buffer): { headers: Record<string, string>; payload: Buffer; bytes: number } {
  const total = message.readUInt32BE(0);
  const headerBytes = message.readUInt32BE(4);
  expect(message.readUInt32BE(8)).toBe(slowCrc(message.subarray(0, 8)));
  expect(message.readUInt32BE(total - 4)).toBe(slowCrc(message.subarray(0, total - 4)));
  const headers: Record<string, string> = {};
  let at = 12;
  while (at < 12 + headerBytes) {
    const nameEnd = at + 1 + message[at]!;
    const name = message.toString('utf8', at + 1, nameEnd);
    expect(message[nameEnd]).toBe(7);
    const valueAt = nameEnd + 3;
    at = valueAt + message.readUInt16BE(nameEnd + 1);
    headers[name] = message.toString('utf8', valueAt, at);
  }
  return { headers, payload: message.subarray(at, total - 4), bytes: total };
}

describe('event-stream framing', () => {
  it('agrees with the known CRC of 123456789', () => {
    expect(slowCrc(Buffer.from('123456789'))).toBe(0xcbf43926);
  });

  it('encodes the empty message of the AWS test vectors', () => {
    expect(encodeMessage({}, Buffer.alloc(0)).toString('hex')).toBe('000000100000000005c248eb7d98c8ff');
  });

  it('encodes any headers and payload so that they can be read back', () => {
    const name = fc.stringMatching(/^[a-z:-]{1,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), fc.uint8Array(), (headers, payload) => {
        const { headers: back, payload: bytes } = decode(encodeMessage(headers, Buffer.from(payload)));
        expect({ ...back }).toEqual({ ...headers });
        expect(bytes.equals(Buffer.from(payload))).toBe(true);
      }),
    );
  });

  it('keeps checksums true when a time is written into a delta', () => {
    const stream = bedrock.stream(3);
    for (const { bytes, stamp } of stream.deltas) {
      writeStamp(bytes, stamp, 98_765_432_101_234);
      stream.seal(bytes);
      const { headers, payload } = decode(bytes);
      expect(headers[':event-type']).toBe('contentBlockDelta');
      expect(JSON.parse(payload.toString()).delta.text).toContain('@98765432101234 ');
    }
  });
});
