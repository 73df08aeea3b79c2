import { describe, expect, test } from 'vitest';
import { eventStream } from './event-stream.ts';
import { eventStreamChunks } from './event-stream-chunks.ts';

const bytesOf = (framed: Buffer | string): Buffer => Buffer.from(framed as Buffer);
const raw = (event: string, payload: string): Buffer => bytesOf(eventStream.frame(event, payload));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function scan(bytes: Buffer): { event: string; data: string | null; valid: boolean }[] {
  const scanner = eventStreamChunks.createScanner({ maxEventBytes: 10_000 });
  const { count, event, data, valid } = scanner.push(bytes);
  return Array.from({ length: count }, (_, at) => ({
    event: event[at]!,
    data: data[at]!,
    valid: valid[at]!,
  }));
}

describe('chunks of a model’s own stream', () => {
  const event = '{"type":"ping","text":"é 😀"}';

  test('are told as the events in them, named by their type', () => {
    expect(scan(bytesOf(eventStreamChunks.frame('ping', event)))).toEqual([
      { event: 'ping', data: event, valid: true },
    ]);
    const padded = raw('chunk', `{"bytes":"${base64(event)}","p":"abcDEF12"}`);
    expect(scan(padded)).toMatchObject([{ event: 'ping', data: event }]);
    const spaced = raw('chunk', `{ "p": "ab", "bytes": "${base64('{ "n": 1, "type": "pong" }')}" }`);
    expect(scan(spaced)).toMatchObject([{ event: 'pong', data: '{ "n": 1, "type": "pong" }' }]);
  });

  test('that hold nothing, or no JSON, are not valid or have no name', () => {
    for (const payload of ['{}', 'x', '{"bytes":7}', '{"bytes":""}', 'null'])
      expect(scan(raw('chunk', payload)), payload).toMatchObject([{ valid: false }]);
    expect(scan(raw('chunk', `{"bytes":"${base64('no JSON')}"}`))).toEqual([
      { event: '', data: 'no JSON', valid: true },
    ]);
  });

  test('exceptions and other events stay what they are', () => {
    const exception = eventStreamChunks.frame('!throttlingException', '{"message":"m"}');
    expect(scan(bytesOf(exception))).toEqual([
      { event: '!throttlingException', data: '{"message":"m"}', valid: true },
    ]);
    expect(scan(raw('other', '{}'))).toEqual([{ event: 'other', data: '{}', valid: true }]);
  });

  test('what is left of a frame is no event', () => {
    const scanner = eventStreamChunks.createScanner({ maxEventBytes: 10_000 });
    scanner.push(bytesOf(eventStreamChunks.frame('ping', event)).subarray(0, 30));
    expect(scanner.pendingBytes).toBe(30);
    const { count, valid, unterminated } = scanner.flush();
    expect([count, valid[0], unterminated]).toEqual([1, false, true]);
  });
});
