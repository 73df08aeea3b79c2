// A binary event stream as text that people can read and compare, and back: one `event:` and one `data:` line for each frame, an
// exception under its name with a `!` before it. Read and written apart from the gateway's own code.
import { crc32 } from 'node:zlib';
import { pick } from './json.ts';
import { frame } from './mock-bedrock.ts';

/** The bytes of a stream that is written down so. @param framing by its name: in chunks each event goes in base64. */
export function framesOf(text: string, framing: string): Buffer {
  const frames = text
    .split('\n\n')
    .filter((event) => event.trim() !== '')
    .map((event) => {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(event.trim()) ?? [];
      if (name.startsWith('!')) return frame('exception', name.slice(1), data);
      const chunk = { bytes: Buffer.from(data).toString('base64') };
      return framing === 'event-stream' ? frame('event', name, data) : frame('event', 'chunk', chunk);
    });
  return Buffer.from(frames.join(''), 'latin1');
}

/** @throws Error for a frame that an SDK would not take. */
export function readableFrames(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const total = bytes.readUInt32BE(at);
    const headersEnd = at + 12 + bytes.readUInt32BE(at + 4);
    const end = at + total;
    if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8))
      throw new Error('prelude check sum');
    if (crc32(bytes.subarray(at, end - 4)) !== bytes.readUInt32BE(end - 4)) throw new Error('check sum');
    const headers = new Map<string, string>();
    for (let place = at + 12; place < headersEnd; ) {
      const nameEnd = place + 1 + bytes[place]!;
      if (bytes[nameEnd] !== 7) throw new Error('a header that is no string');
      const valueEnd = nameEnd + 3 + bytes.readUInt16BE(nameEnd + 1);
      headers.set(bytes.toString('utf8', place + 1, nameEnd), bytes.toString('utf8', nameEnd + 3, valueEnd));
      place = valueEnd;
    }
    const exception = headers.get(':exception-type');
    let name = exception === undefined ? headers.get(':event-type') : `!${exception}`;
    let data = bytes.toString('utf8', headersEnd, end - 4);
    if (name === 'chunk') {
      data = Buffer.from(String(pick(JSON.parse(data), 'bytes')), 'base64').toString();
      name = String(pick(JSON.parse(data), 'type'));
    }
    text += `event: ${name}\ndata: ${data}\n\n`;
    at = end;
  }
  return text;
}
