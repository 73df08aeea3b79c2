// Amazon's binary event stream: how Bedrock cuts its streams.
import type { Framing } from '../contracts/framing.ts';
import { eventStreamKind, writeFrame } from './event-stream-frame.ts';
import { createEventStreamScanner } from './event-stream-scanner.ts';

export const eventStream: Framing = {
  name: 'event-stream',
  mediaType: 'application/vnd.amazon.eventstream',
  contentType: 'application/vnd.amazon.eventstream',
  kindOf: eventStreamKind,
  createScanner: createEventStreamScanner,
  frame: writeFrame,
  // In JSON a line end is only white space.
  lines: (data) => data,
};
