import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import type { EventBatch } from '../contracts/framing.ts';
import { createSseScanner } from './sse-scanner.ts';

interface Seen {
  event: string;
  data: string | null;
  valid: boolean;
  raw: string;
}

function entries(batch: EventBatch): Seen[] {
  const seen: Seen[] = [];
  for (let i = 0; i < batch.count; i++) {
    seen.push({
      event: batch.event[i]!,
      data: batch.data[i]!,
      valid: batch.valid[i]!,
      raw: batch.bytes.subarray(batch.start[i], batch.end[i]).toString('latin1'),
    });
  }
  return seen;
}

/** Scans the pieces; the last entry is marked when the stream left it unterminated. */
function scan(pieces: Buffer[], maxEventBytes = 1e6): { seen: Seen[]; unterminated: boolean; left: string } {
  const scanner = createSseScanner({ maxEventBytes });
  const seen = pieces.flatMap((piece) => entries(scanner.push(piece)));
  const pending = scanner.pendingBytes;
  const last = scanner.flush();
  const rest = entries(last);
  return {
    seen: [...seen, ...rest],
    unterminated: last.unterminated,
    left: rest.length > 0 ? '' : `${pending}`,
  };
}

/** Whether a block has a line that may be what is left of an event. */
function hasStrayLine(raw: string): boolean {
  const lines = raw.replace(/^\xef\xbb\xbf/, '').split(/[\r\n]+/);
  const stray = lines.filter((line) => line !== '' && !/^(?:data|event|id|retry)(?::|$)/.test(line));
  if (stray.some((line) => line.includes('{"'))) return true;
  if (lines.some((line) => /^data(?::|$)/.test(line))) return false;
  return lines.some((line) => /^event(?:: ?)?$/.test(line)) || stray.some((line) => !line.startsWith(':'));
}

/** The specification, line by line, with no thought of speed. Blocks with nothing in them are left out. */
function reference(bytes: Buffer): { event: string; data: string | null }[] {
  const body = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? bytes.subarray(3) : bytes;
  const text = body.toString('latin1').replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  const lines = text.split('\n').map((line) => Buffer.from(line, 'latin1').toString('utf8'));
  // Two line ends complete what was left, as flush() does.
  const out: { event: string; data: string | null }[] = [];
  let event = '';
  let data: string[] | null = null;
  let any = false;
  for (const line of [...lines, '']) {
    if (line === '') {
      if (any) out.push({ event, data: data === null ? null : data.join('\n') });
      event = '';
      data = null;
      any = false;
      continue;
    }
    any = true;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data = [...(data ?? []), value];
    if (name === 'event') event = value;
  }
  return out;
}

/** Entries that hold a line, without their raw bytes: what any split must leave as it is. */
const meaning = (seen: Seen[]) =>
  seen
    .filter(({ raw }) => /[^\r\n]/.test(raw.replace(/^\xef\xbb\xbf/, '')))
    .map(({ event, data }) => ({ event, data }));

function cut(bytes: Buffer, at: number[]): Buffer[] {
  const marks = [
    0,
    ...[...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b),
    bytes.length,
  ];
  return marks.slice(1).map((end, i) => Buffer.from(bytes.subarray(marks[i], end)));
}

const newline = fc.constantFrom('\n', '\r\n', '\r');
const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((value) => `data: ${value.replace(/[\r\n]/g, '')}`),
  fc.constantFrom(
    'data:{"a":"é"}',
    'data',
    'data:',
    'data: ',
    'data:  two',
    'event: message_start',
    'event:',
    'event:x',
    'dataset: no',
    ': comment',
    ':',
    'id: 1',
    'retry: 5',
    'nonsense',
    'data: {"t":"日本 👍"}',
    '',
  ),
);
const stream = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.array(fc.tuple(line, newline), { maxLength: 14 }),
    fc.constantFrom('', 'data: cut', ': c'),
  )
  .map(([bom, lines, tail]) => Buffer.from(bom + lines.map(([text, end]) => text + end).join('') + tail));

describe('createSseScanner', () => {
  it('gives the reference events however the bytes are split', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (bytes, at) => {
        const split = scan(cut(bytes, at));
        expect(meaning(split.seen)).toEqual(reference(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('gives the same events when every byte comes alone', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const whole = scan([bytes]);
        const single = scan([...bytes].map((byte) => Buffer.from([byte])));
        expect(meaning(single.seen)).toEqual(meaning(whole.seen));
        expect(single.unterminated).toBe(whole.unterminated);
      }),
      { numRuns: 1500 },
    );
  });

  it('covers every byte exactly once, in order', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (bytes, at) => {
        const { seen, left } = scan(cut(bytes, at));
        const covered = seen.map(({ raw }) => raw).join('');
        const whole = bytes.toString('latin1');
        expect(whole.startsWith(covered)).toBe(true);
        expect(whole.length - covered.length).toBe(Number(left));
        // What no entry covers is a line end already taken for one.
        expect(whole.slice(covered.length)).toMatch(/^\n?$|^\xef\xbb\xbf$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('survives arbitrary bytes in any split, and marks the blocks that are not UTF-8 or not fields', () => {
    const noisy = fc
      .array(
        fc.oneof(
          fc.uint8Array({ maxLength: 6 }),
          fc.constantFrom('\n', '\n\n', 'data:', '\r').map(Buffer.from),
        ),
      )
      .map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(noisy, fc.array(fc.nat(), { maxLength: 6 }), (bytes, at) => {
        const { seen } = scan(cut(bytes, at));
        expect(meaning(seen)).toEqual(meaning(scan([bytes]).seen));
        for (const { raw, valid } of seen) {
          const back = Buffer.from(raw, 'latin1');
          const utf8 = Buffer.from(back.toString('utf8')).equals(back);
          expect(valid).toBe(utf8 && !hasStrayLine(raw));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('copies nothing when no block was carried', () => {
    const scanner = createSseScanner({ maxEventBytes: 1000 });
    const chunk = Buffer.from('event: a\ndata: 1\n\ndata: 2\n\ndata: 3');
    const batch = scanner.push(chunk);
    expect(batch.bytes).toBe(chunk);
    expect(entries(batch)).toEqual([
      { event: 'a', data: '1', valid: true, raw: 'event: a\ndata: 1\n\n' },
      { event: '', data: '2', valid: true, raw: 'data: 2\n\n' },
    ]);
    expect(scanner.pendingBytes).toBe(7);
    expect(entries(scanner.push(Buffer.from('3\n\n')))).toEqual([
      { event: '', data: '33', valid: true, raw: 'data: 33\n\n' },
    ]);
    expect(scanner.pendingBytes).toBe(0);
  });

  it('keeps the LF of a split CRLF with its block, and does not wait for one in a stream of bare CRs', () => {
    const crlf = createSseScanner({ maxEventBytes: 1000 });
    expect(crlf.push(Buffer.from('data: 1\r\n\r')).count).toBe(0);
    expect(entries(crlf.push(Buffer.from('\ndata: 2\r\n\r\n'))).map(({ raw }) => raw)).toEqual([
      'data: 1\r\n\r\n',
      'data: 2\r\n\r\n',
    ]);
    const cr = createSseScanner({ maxEventBytes: 1000 });
    expect(entries(cr.push(Buffer.from('data: 1\r\r'))).map(({ data }) => data)).toEqual(['1']);
  });

  it('reports a stream that ended inside a block as unterminated, and one that ended behind it as nothing', () => {
    const open = scan([Buffer.from('data: 1\n\ndata: {"last":tr')]);
    expect(open.seen.map(({ data }) => data)).toEqual(['1', '{"last":tr']);
    expect(open.unterminated).toBe(true);
    const oneNewline = scan([Buffer.from('data: 1\n\ndata: 2\n')]);
    expect(oneNewline.seen.at(-1)).toEqual({ event: '', data: '2', valid: true, raw: 'data: 2\n' });
    expect(oneNewline.unterminated).toBe(true);
    expect(scan([Buffer.from('data: 1\r\n\r')])).toMatchObject({
      unterminated: false,
      seen: [{ data: '1' }],
    });
    expect(scan([Buffer.from('data: 1\n\n')])).toMatchObject({ unterminated: false, left: '0' });
  });

  it('refuses an event over the cap, after the good events before it', () => {
    const limit = 64;
    const exact = Buffer.from(`data: ${'x'.repeat(limit - 8)}\n\n`);
    expect(scan([exact], limit).seen).toHaveLength(1);
    const over = Buffer.from(`data: ${'x'.repeat(limit - 7)}\n\n`);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (at) => {
        const scanner = createSseScanner({ maxEventBytes: limit });
        let events = 0;
        expect(() => {
          for (const piece of cut(Buffer.concat([exact, over]), at)) events += scanner.push(piece).count;
          scanner.flush();
        }).toThrowError(GatewayError);
        expect(events).toBe(1);
      }),
    );
    const endless = createSseScanner({ maxEventBytes: limit });
    expect(() => {
      for (;;) endless.push(Buffer.from('data: no line end in sight'));
    }).toThrowError(expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }));
  });
});
