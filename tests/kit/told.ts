// What codecs tell, as the bytes of a stream.
import type { Delta } from '../../src/contracts/chat.ts';
import type { StreamEncoder } from '../../src/contracts/dialect.ts';
import type { EventOut } from '../../src/contracts/framing.ts';
import { FrameWriter } from '../../src/wire/frame-writer.ts';
import { sse } from '../../src/wire/sse.ts';

/** The events that `tell` emits, as Server-Sent Events. */
export function told(tell: (out: EventOut) => void): string {
  const frames = new FrameWriter(sse);
  tell(frames);
  return frames.take().toString();
}

/** The events of the deltas. */
export function encoded(encoder: StreamEncoder, ...deltas: readonly Delta[]): string {
  return told((out) => {
    for (const delta of deltas) encoder.encode(delta, out);
  });
}
