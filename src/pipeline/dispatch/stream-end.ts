// What is said behind a stream: why it breaks off, and a note to who reads past its end.
import type { Call } from '../../contracts/call.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { clientFrames } from '../answer/open-relay.ts';

/** The error event that ends a stream which had begun; never a clean end. @param sequence number of the event, where its dialect has some. */
export function errorEnd(call: Call, client: Dialect, error: GatewayError, sequence?: number): Buffer {
  const frames = new FrameWriter(clientFrames(call, client), true);
  client.errors.encodeStream(error, call.id, frames, sequence);
  frames.close();
  return call.snapshot.mask(Buffer.from(frames.take()));
}

/** A comment; null where clients of the dialect do not read past one. */
export function noteBehind(call: Call, client: Dialect, text: string): string | null {
  const { comment } = clientFrames(call, client);
  if (comment === undefined || client.manner.commentBehindEnd !== true) return null;
  return comment(text.replace(/[^\x20-\x7e]/g, '?'));
}
