// A stream as one JSON array that is sent piece by piece, an event an element: how Google's APIs stream to whoever does not ask
// for Server-Sent Events. Only written: towards providers we always ask for these.
import type { Frames } from '../contracts/framing.ts';

export const jsonList: Frames = {
  contentType: 'application/json; charset=utf-8',
  list: { open: '[', comma: ',\r\n', close: ']' },
  frame: (_event, data) => data,
  // Line ends stand only between the tokens of JSON.
  lines: (data) => data,
};
