// Server-Sent Events: how every dialect of today cuts its streams.
import type { Framing } from '../contracts/framing.ts';
import { answerKind } from './answer-kind.ts';
import { createSseScanner } from './sse-scanner.ts';

export const sse: Framing = {
  name: 'sse',
  mediaType: 'text/event-stream',
  contentType: 'text/event-stream; charset=utf-8',
  kindOf: answerKind,
  createScanner: createSseScanner,
  frame: (event, data) => (event === '' ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`),
  comment: (text) => `: ${text}\n\n`,
  lines: (data) => data.replace(/\r\n|\n|\r/g, '\ndata: '),
};
