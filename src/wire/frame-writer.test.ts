import { describe, expect, it } from 'vitest';
import type { Framing } from '../contracts/framing.ts';
import { FrameWriter } from './frame-writer.ts';
import { sse } from './sse.ts';

describe('frames of Server-Sent Events', () => {
  it('are named where the event is, and joined as text', () => {
    const frames = new FrameWriter(sse);
    frames.emit('ping', '{}');
    frames.emit('', '[DONE]');
    expect(frames.take()).toBe('event: ping\ndata: {}\n\ndata: [DONE]\n\n');
    expect(frames.take()).toBe('');
  });

  it('keep data of several lines one event', () => {
    const frames = new FrameWriter(sse);
    frames.emitLines('', 'a\r\nb\nc\rd');
    const bytes = Buffer.from(frames.take());
    const batch = sse.createScanner({ maxEventBytes: 100 }).push(bytes);
    expect(batch.count).toBe(1);
    expect(batch.data[0]).toBe('a\nb\nc\nd');
  });
});

describe('frames that are bytes', () => {
  /** Length, then name and data: as binary event streams are. */
  const binary: Framing = {
    ...sse,
    name: 'binary',
    frame(event, data) {
      const said = Buffer.from(`${event}:${data}`);
      return Buffer.concat([Buffer.from([said.length]), said]);
    },
    lines: (data) => data,
  };

  it('come in the order they were told, line ends untouched', () => {
    const frames = new FrameWriter(binary);
    frames.emit('a', 'é');
    frames.emitLines('', 'x\ny');
    expect(frames.take()).toEqual(Buffer.from('\x04a:é\x04:x\ny'));
    expect(frames.take()).toBe('');
  });

  it('and text keep their order too', () => {
    const mixed: Framing = { ...sse, frame: (event, data) => (event === '' ? data : Buffer.from(data)) };
    const frames = new FrameWriter(mixed);
    for (const [event, data] of [
      ['', '1'],
      ['b', '2'],
      ['', '3'],
      ['b', '4'],
    ] as const)
      frames.emit(event, data);
    expect(frames.take().toString()).toBe('1234');
  });
});
