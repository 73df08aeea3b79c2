import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import { boundaryOf, FormReader } from './form.ts';

const BOUNDARY = '----boundary7MA4YWxk';

interface Part {
  head: string;
  body: Buffer;
}

const field = (name: string, value: string): Part => ({
  head: `Content-Disposition: form-data; name="${name}"`,
  body: Buffer.from(value),
});
const file = (name: string, body: Buffer): Part => ({
  head: `Content-Disposition: form-data; name="${name}"; filename="a.wav"\r\nContent-Type: audio/wav`,
  body,
});

function write(parts: readonly Part[], { preamble = '', epilogue = '\r\n', padding = '' } = {}): Buffer {
  const pieces: Buffer[] = [Buffer.from(preamble)];
  for (const { head, body } of parts)
    pieces.push(Buffer.from(`--${BOUNDARY}${padding}\r\n${head}\r\n\r\n`), body, Buffer.from('\r\n'));
  pieces.push(Buffer.from(`--${BOUNDARY}--${epilogue}`));
  return Buffer.concat(pieces);
}

function read(upload: Buffer, cuts: readonly number[] = [], watched = ['model', 'stream']): FormReader {
  const reader = new FormReader(BOUNDARY, watched);
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (upload.length + 1)).sort((a, b) => a - b), upload.length]) {
    // As uWS hands it out: what lies there belongs to nobody afterwards.
    const piece = Buffer.from(upload.subarray(from, cut));
    reader.push(piece);
    piece.fill(0x58);
    from = cut;
  }
  reader.end();
  return reader;
}

const noise = Buffer.from(`\r\n--\r\n--${BOUNDARY.slice(0, -1)}\r\n\r\r\n-`);

describe('a field of a form is found with its place', () => {
  const upload = write([file('file', noise), field('model', 'whisper-1'), field('stream', 'true')]);

  it('behind the file as before it', () => {
    const { value, start, end } = read(upload).field('model')!;
    expect(value).toBe('whisper-1');
    expect(upload.toString('latin1', start, end)).toBe('whisper-1');
    expect(read(upload).field('stream')!.value).toBe('true');
    expect(read(write([field('model', 'm'), file('file', noise)])).field('model')!.value).toBe('m');
  });

  it('wherever the upload is cut in two', () => {
    for (let at = 0; at <= upload.length; at++)
      expect(read(upload, [at]).field('model')!.value).toBe('whisper-1');
  });

  it('byte by byte', () => {
    const cuts = Array.from(upload, (_, at) => at);
    expect(read(upload, cuts).field('stream')!.value).toBe('true');
  });

  it('in any split of any form', () => {
    const part = fc.oneof(
      fc.record({ name: fc.constantFrom('prompt', 'language', 'timestamps[]'), value: fc.string() }),
      fc.record({ name: fc.constant('file'), bytes: fc.uint8Array({ maxLength: 200 }) }),
      fc.constant({ name: 'file', bytes: noise }),
    );
    const value = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(part),
        fc.array(part),
        value,
        fc.array(fc.nat()),
        (before, behind, model, cuts) => {
          const made = (one: { name: string; value?: string; bytes?: Uint8Array }): Part =>
            one.bytes === undefined ? field(one.name, one.value!) : file(one.name, Buffer.from(one.bytes));
          const all = write([...before.map(made), field('model', model), ...behind.map(made)]);
          const found = read(all, cuts).field('model')!;
          expect(found.value).toBe(model);
          expect(all.toString('utf8', found.start, found.end)).toBe(model);
        },
      ),
    );
  });

  it('with what senders are free to write', () => {
    const parts = [
      {
        head: 'content-type: text/plain\r\ncontent-disposition:form-data;name=model',
        body: Buffer.from('m'),
      },
    ];
    expect(
      read(write(parts, { preamble: 'hello\r\n', padding: ' \t', epilogue: '' })).field('model')!.value,
    ).toBe('m');
    expect(read(write([field('model', '')])).field('model')!.value).toBe('');
  });
});

describe('what two readers may take differently is refused', () => {
  const model = field('model', 'm');
  const head = (text: string): Part => ({ head: text, body: Buffer.from('m') });
  it.each([
    ['a field that is given twice', write([model, field('model', 'n')]), '`model` is given twice.'],
    ['a field as a file', write([file('model', noise)]), '`model` is to be a plain field of the form.'],
    [
      'a field in an encoding',
      write([head(`${model.head}\r\nContent-Transfer-Encoding: base64`)]),
      '`model` is to be a plain field of the form.',
    ],
    [
      'a part with two names',
      write([head('Content-Disposition: form-data; name="a"; name="model"')]),
      'A part of the form has two names.',
    ],
    ['a part without a name', write([head('Content-Type: text/plain')]), 'A part of the form has no name.'],
    [
      'a part that is none',
      write([head('Content-Disposition: attachment; name="model"')]),
      'A part of the form is no form-data.',
    ],
    [
      'an encoded name',
      write([head("Content-Disposition: form-data; name=a; name*=utf-8''model")]),
      'A part of the form has a name in an encoding that is not taken.',
    ],
    [
      'a value that is no text',
      write([{ ...model, body: Buffer.from([0xff]) }]),
      '`model` is no UTF-8 text.',
    ],
    ['a value without end', write([field('model', 'm'.repeat(2000))]), '`model` is too long.'],
    [
      'a head without end',
      write([head(`X: ${'x'.repeat(9000)}`)]),
      'The head of a part of the form is too large.',
    ],
    [
      'parts without end',
      write(Array.from({ length: 1001 }, () => field('a', 'b'))),
      'The form has more than 1000 parts.',
    ],
    [
      'a boundary with something behind it',
      write([model], { padding: 'x' }),
      'A boundary of the form is followed by something else.',
    ],
    [
      'a form without its end',
      write([model]).subarray(0, -8),
      'The form breaks off: its closing boundary is missing.',
    ],
    [
      'what is no form',
      Buffer.from('{"model":"m"}'),
      'The form breaks off: its closing boundary is missing.',
    ],
  ])('%s', (_what, upload, message) => {
    for (const cuts of [[], [10], Array.from(upload.subarray(0, 3000), (_, at) => at)]) {
      expect(() => read(upload, cuts)).toThrow(GatewayError);
      expect(() => read(upload, cuts)).toThrow(message);
    }
  });
});

describe('who is told of other fields', () => {
  const told = (parts: readonly Part[], size: number): [string, string][] => {
    const seen: [string, string][] = [];
    const reader = new FormReader(BOUNDARY, ['model'], (name, value) => void seen.push([name, value]));
    const upload = write(parts);
    for (let at = 0; at < upload.length; at += size) reader.push(upload.subarray(at, at + size));
    reader.end();
    return seen;
  };
  const LONG = 1024 * 1024 + 9;
  const SIZES = [100_000, Number.MAX_SAFE_INTEGER];

  it.each(SIZES)('hears of each as often as it comes, and of no file: pieces of %i', (size) => {
    const parts = [field('a', '1'), field('model', 'm'), file('f', noise), field('a', '2')];
    expect(told(parts, size)).toEqual([
      ['a', '1'],
      ['a', '2'],
    ]);
  });

  // `curl -F 'file=<a.wav'`: some providers take it for one.
  it.each(SIZES)('hears how a file without a name begins, whatever it holds: pieces of %i', (size) => {
    const bytes = Buffer.alloc(LONG, 0xfe);
    const [first, second, last] = told(
      [
        { ...field('file', ''), body: bytes },
        { ...field('b', ''), body: bytes.subarray(0, 3) },
        field('a', '1'),
      ],
      size,
    );
    expect([first![0], first![1].length]).toEqual(['file', 1024 * 1024]);
    expect([second, last]).toEqual([
      ['b', '\xfe\xfe\xfe'],
      ['a', '1'],
    ]);
  });

  it.each(SIZES)('is not left with the beginning of a JSON text: pieces of %i', (size) => {
    for (const value of [' {"a":"', '\n[', ' ']) {
      const parts = [field('session', value.padEnd(LONG, value === ' ' ? ' ' : 'x'))];
      expect(() => told(parts, size)).toThrow('`session` is too long.');
    }
  });
});

it('keeps nothing of a file', () => {
  const reader = new FormReader(BOUNDARY, ['model']);
  reader.push(Buffer.from(`--${BOUNDARY}\r\n${file('file', noise).head}\r\n\r\n`));
  const piece = Buffer.alloc(1024 * 1024, '\r\n');
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 64; at++) reader.push(piece);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
});

describe('the boundary of a form', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data;charset=utf-8; boundary="a b:c"', 'a b:c'],
    ['multipart/form-data; boundary=abc; charset=utf-8', 'abc'],
    ['multipart/form-data', null],
    ['multipart/form-data; boundary=', null],
    ['multipart/form-data; boundary=a; boundary=b', null],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`, null],
    ['multipart/form-data; xboundary=abc', null],
    ['multipart/mixed; boundary=abc', null],
    ['application/json', null],
    [undefined, null],
  ])('%s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});
