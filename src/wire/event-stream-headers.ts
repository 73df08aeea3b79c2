// Headers of a frame of Amazon's binary event stream: read as far as they name the event, written for the frames we send.
//
//   name length (1) │ name │ type (1) │ value        types 6 and 7: a 2-byte length, then so many bytes
//
// Events and exceptions are told apart by a header. To a codec both are events with a name: that of an exception begins
// with `!`.

/** What the name of an exception begins with: `!throttlingException`. */
export const EXCEPTION = '!';

const BYTES = 6;
const STRING = 7;
/** Bytes of a value by its type: true, false, byte, int16, int32, int64, then bytes and string, then timestamp and UUID. */
const FIXED: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];

/** What a frame is. */
export interface FrameName {
  event: string;
  /** Of an `error` frame, which has no payload: its `:error-message`. */
  message: string | null;
}

/** Reads the headers in [start, end); null when they are damaged or name no event. */
export function readFrameName(bytes: Buffer, start: number, end: number): FrameName | null {
  let type = '';
  const named = new Map<string, string>();
  for (let at = start; at < end; ) {
    const nameEnd = at + 1 + bytes[at]!;
    if (nameEnd === at + 1 || nameEnd >= end) return null;
    const name = bytes.toString('latin1', at + 1, nameEnd);
    const kind = bytes[nameEnd]!;
    at = nameEnd + 1;
    const fixed = FIXED[kind];
    if (fixed === undefined) return null;
    let length = fixed;
    if (kind === BYTES || kind === STRING) {
      if (at + 2 > end) return null;
      length = bytes.readUInt16BE(at);
      at += 2;
    }
    if (at + length > end) return null;
    if (kind === STRING && name.charCodeAt(0) === 0x3a) {
      const text = bytes.toString('utf8', at, at + length);
      if (name === ':message-type') type = text;
      else named.set(name, text);
    }
    at += length;
  }
  switch (type) {
    case 'event':
      return nameOf(named.get(':event-type'), '');
    case 'exception':
      return nameOf(named.get(':exception-type'), EXCEPTION);
    case 'error': {
      const event = `${EXCEPTION}${named.get(':error-code') ?? ''}`;
      return { event, message: named.get(':error-message') ?? '' };
    }
    default:
      return null;
  }
}

function nameOf(name: string | undefined, before: string): FrameName | null {
  return name === undefined || name === '' ? null : { event: before + name, message: null };
}

/** Headers of a frame with JSON in it. */
export function writeFrameName(event: string): Buffer {
  const exception = event.startsWith(EXCEPTION);
  return Buffer.concat([
    stringHeader(
      exception ? ':exception-type' : ':event-type',
      exception ? event.slice(EXCEPTION.length) : event,
    ),
    stringHeader(':content-type', 'application/json'),
    stringHeader(':message-type', exception ? 'exception' : 'event'),
  ]);
}

function stringHeader(name: string, value: string): Buffer {
  const text = Buffer.from(value);
  const head = Buffer.alloc(1 + name.length + 3);
  head[0] = name.length;
  head.write(name, 1, 'latin1');
  head[1 + name.length] = STRING;
  head.writeUInt16BE(text.length, 2 + name.length);
  return Buffer.concat([head, text]);
}
