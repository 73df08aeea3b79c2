import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UpstreamHeaders } from '../contracts/upstream.ts';
import { AnswerParser } from './answer-parser.ts';
import { WireFault } from './wire-fault.ts';

interface Outcome {
  /** `head`, `data` (once, however many pieces), `end`, and `fault` or `bug` last. */
  log: string[];
  status: number;
  headers: UpstreamHeaders;
  body: string;
  reusable: boolean | null;
  code: string | null;
}

const LIMITS = { maxHeadBytes: 2048, maxAnswerBytes: 100_000 };

/** Feeds the pieces the way a connection does: each read into the same buffer, with what older reads left behind it. */
function parse(pieces: readonly Buffer[], { close = false, buffer = Buffer.alloc(70_000) } = {}): Outcome {
  const chunks: Buffer[] = [];
  const outcome: Outcome = { log: [], status: 0, headers: {}, body: '', reusable: null, code: null };
  const parser = new AnswerParser(
    {
      head(status, headers) {
        outcome.log.push('head');
        outcome.status = status;
        outcome.headers = { ...headers };
      },
      data(chunk) {
        if (outcome.log.at(-1) !== 'data') outcome.log.push('data');
        chunks.push(chunk);
      },
      end(reusable) {
        outcome.log.push('end');
        outcome.reusable = reusable;
      },
    },
    LIMITS,
  );
  parser.begin();
  try {
    for (const piece of pieces) {
      piece.copy(buffer);
      parser.feed(buffer, piece.length);
    }
    if (close && !parser.close()) outcome.log.push('cut');
  } catch (error) {
    outcome.log.push(error instanceof WireFault ? 'fault' : 'bug');
    outcome.code = error instanceof WireFault ? error.code : String(error);
    parser.stop();
  }
  outcome.body = Buffer.concat(chunks).toString('latin1');
  return outcome;
}

const whole = (text: string, close = false): Outcome => parse([Buffer.from(text, 'latin1')], { close });
const bytewise = (text: string): Outcome =>
  parse([...Buffer.from(text, 'latin1')].map((byte) => Buffer.from([byte])));

const chunkedHead = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const withHeader = (line: string): string => `HTTP/1.1 200 OK\r\n${line}\r\ncontent-length: 1\r\n\r\nx`;

const malformed: [name: string, answer: string][] = [
  // framing
  [
    'length and chunked',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'chunked and length',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n',
  ],
  ['two lengths', withHeader('content-length: 1')],
  ['two different lengths', withHeader('content-length: 7')],
  [
    'chunked twice',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ...['3, 3', '+3', '-3', '3 3', '0x3', '3.0', '1e1', '', '٣', '9'.repeat(16), '3\0', '3;'].map(
    (value): [string, string] => [
      `the length ${JSON.stringify(value)}`,
      `HTTP/1.1 200 OK\r\ncontent-length: ${value}\r\n\r\nabc`,
    ],
  ),
  ...[
    'gzip',
    'gzip, chunked',
    'chunked, chunked',
    'xchunked',
    'identity',
    'chunked;q=1',
    '"chunked"',
    'chunked\x0b',
    '',
  ].map((value): [string, string] => [
    `the coding ${JSON.stringify(value)}`,
    `HTTP/1.1 200 OK\r\ntransfer-encoding: ${value}\r\n\r\n0\r\n\r\n`,
  ]),
  ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  // lines
  ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 1\n\nx'],
  ['one bare line feed', 'HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n'],
  ['a bare CR in a value', withHeader('a: b\rc: d')],
  ['a bare CR before the line end', withHeader('a: b\r')],
  ['a bare CR in the reason', 'HTTP/1.1 200 O\rK\r\ncontent-length: 0\r\n\r\n'],
  ['a bare CR before the empty line', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\r\n\r\n'],
  ['a continued line', withHeader('a: b\r\n c')],
  ['a continued line with a tab', withHeader('a: b\r\n\tc')],
  ['a continued status line', 'HTTP/1.1 200 OK\r\n x\r\n\r\n'],
  ['an empty line before', `\r\n${withHeader('a: b')}`],
  // names and values
  ['a space before the colon', withHeader('a : b')],
  ['a tab before the colon', withHeader('a\t: b')],
  ['a length with a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 1\r\n\r\nx'],
  ['no colon', withHeader('a')],
  ['no name', withHeader(': b')],
  ['a space in a name', withHeader('a b: c')],
  ['a byte beyond ASCII in a name', withHeader('\xe9: c')],
  ['NUL in a name', withHeader('a\0: c')],
  ['NUL in a value', withHeader('a: b\0c')],
  ['a bell in a value', withHeader('a: \x07')],
  ['DEL in a value', withHeader('a: \x7f')],
  ['NUL in the reason', 'HTTP/1.1 200 \0\r\ncontent-length: 0\r\n\r\n'],
  // status line
  ...[
    'HTTP/2.0 200 OK',
    'HTTP/1.2 200 OK',
    'HTTP/1.10 200 OK',
    'HTTP/0.9 200 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 600 OK',
    'HTTP/1.1 +20 OK',
    'HTTP/1.1 2x0 OK',
    'HTTP/1.1 200\tOK',
    'HTTP/1.1 200OK',
    'HTTP/1.1',
    ' HTTP/1.1 200 OK',
    'HTTP/1.1 ',
  ].map((line): [string, string] => [
    `the status line ${JSON.stringify(line)}`,
    `${line}\r\ncontent-length: 0\r\n\r\n`,
  ]),
  // too much
  ['a head too large', withHeader(`a: ${'x'.repeat(3000)}`)],
  ['an endless head', `HTTP/1.1 200 OK\r\na: ${'x'.repeat(3000)}`],
  ['101 headers', withHeader('a: b\r\n'.repeat(100).slice(0, -2))],
  ['17 interim heads', 'HTTP/1.1 103 Early\r\n\r\n'.repeat(17)],
  // interim
  ['an unasked 101', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n'],
  ['an interim head with a body', 'HTTP/1.1 103 Early\r\ncontent-length: 2\r\n\r\nhi'],
  // chunks
  ...[
    '',
    ' 3',
    '3 ',
    '+3',
    '-3',
    '0x3',
    'g',
    '3\t',
    '3 ;a',
    '0'.repeat(17),
    'f'.repeat(14),
    '1'.repeat(17),
    '3\n',
    ';a',
  ].map((size): [string, string] => [
    `the chunk size ${JSON.stringify(size)}`,
    `${chunkedHead}${size}\r\nabc\r\n0\r\n\r\n`,
  ]),
  ['a bare line feed behind a chunk size', `${chunkedHead}3\nabc\r\n0\r\n\r\n`],
  ['a bare CR behind a chunk size', `${chunkedHead}3\rabc\r\n0\r\n\r\n`],
  ['no line end behind a chunk', `${chunkedHead}3\r\nabc0\r\n\r\n`],
  ['a bare line feed behind a chunk', `${chunkedHead}3\r\nabc\n0\r\n\r\n`],
  ['a bare CR behind a chunk', `${chunkedHead}3\r\nabc\rx0\r\n\r\n`],
  ['a chunk longer than it says', `${chunkedHead}3\r\nabcd\r\n0\r\n\r\n`],
  ['a bare line feed in an extension', `${chunkedHead}3;a\nb\r\nabc\r\n0\r\n\r\n`],
  ['a bare CR in an extension', `${chunkedHead}3;a\rb\r\nabc\r\n0\r\n\r\n`],
  ['NUL in an extension', `${chunkedHead}3;\0\r\nabc\r\n0\r\n\r\n`],
  ['an endless extension', `${chunkedHead}3;${'x'.repeat(3000)}\r\nabc\r\n0\r\n\r\n`],
  ['too much in extensions', `${chunkedHead}${`1;${'x'.repeat(300)}\r\na\r\n`.repeat(10)}0\r\n\r\n`],
  ['a bare line feed as last line', `${chunkedHead}0\r\n\n`],
  ['a bare CR as last line', `${chunkedHead}0\r\n\rx`],
  ['a trailer without a colon', `${chunkedHead}0\r\nabc\r\n\r\n`],
  ['a trailer without a name', `${chunkedHead}0\r\n: c\r\n\r\n`],
  ['a space before the colon of a trailer', `${chunkedHead}0\r\na : c\r\n\r\n`],
  ['a continued trailer', `${chunkedHead}0\r\na: b\r\n c\r\n\r\n`],
  ['a bare line feed in a trailer', `${chunkedHead}0\r\na: b\nc: d\r\n\r\n`],
  ['endless trailers', `${chunkedHead}0\r\n${'a: b\r\n'.repeat(101)}\r\n`],
  ['a trailer too large', `${chunkedHead}0\r\na: ${'x'.repeat(3000)}\r\n\r\n`],
];

describe('a malformed answer', () => {
  it.each(malformed)('is refused for %s, in one piece or byte by byte', (_name, answer) => {
    for (const outcome of [whole(answer), bytewise(answer)]) {
      expect(outcome.log.at(-1)).toBe('fault');
      expect(outcome.code).toBe('UNPARSABLE');
      expect(outcome.log).not.toContain('end');
    }
    expect(bytewise(answer)).toEqual(whole(answer));
  });

  it('is refused before its end comes when it can have none', () => {
    for (const begin of [
      'SSH-2.0-x',
      'HTTP/1.1 200 OK\na: b',
      'HTTQ',
      `HTTP/1.1 200 OK\r\n${'a'.repeat(2048)}`,
    ]) {
      expect(whole(begin).log).toEqual(['fault']);
      expect(bytewise(begin).log).toEqual(['fault']);
    }
  });
});

describe('an answer', () => {
  it('has its head read as it was written, names in lower case', () => {
    const { status, headers, log } = whole(
      "HTTP/1.1 429 Too  Many\tRequests \xe9\r\nX-Odd!#$%&'*+-.^_`|~: 1\r\nEmpty:\r\nBlank: \t \r\nSpaced:\t a b \t\r\n" +
        'Set-Cookie: a\r\nset-cookie: b\r\nSET-COOKIE: c\r\nobs: \xe9\r\n__proto__: p\r\nconstructor: q\r\nContent-Length: 0\r\n\r\n',
    );
    expect(log).toEqual(['head', 'end']);
    expect(status).toBe(429);
    expect(Object.entries(headers)).toEqual([
      ["x-odd!#$%&'*+-.^_`|~", '1'],
      ['empty', ''],
      ['blank', ''],
      ['spaced', 'a b'],
      ['set-cookie', ['a', 'b', 'c']],
      ['obs', '\xe9'],
      ['__proto__', 'p'],
      ['constructor', 'q'],
      ['content-length', '0'],
    ]);
  });

  it('hands out headers that inherit nothing', () => {
    const parser = new AnswerParser(
      {
        head(_status, headers) {
          expect(headers['constructor']).toBeUndefined();
          expect(Object.getPrototypeOf(Object.getPrototypeOf(headers))).toBeNull();
          expect('toString' in headers).toBe(false);
        },
        data() {},
        end() {},
      },
      LIMITS,
    );
    parser.begin();
    const bytes = Buffer.from(withHeader('a: b'));
    parser.feed(bytes, bytes.length);
    expect.assertions(3);
  });

  it('makes its connection reusable only when nothing follows and nothing forbids it', () => {
    const cases: [answer: string, reusable: boolean][] = [
      [withHeader('a: b'), true],
      [`${withHeader('a: b')}H`, false],
      [`${withHeader('a: b')}${withHeader('a: b')}`, false],
      [`${chunkedHead}0\r\n\r\n`, true],
      [`${chunkedHead}0\r\n\r\n\r\n`, false],
      ['HTTP/1.1 204 No Content\r\n\r\n', true],
      ['HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n', true],
      ['HTTP/1.1 204 No Content\r\ncontent-length: 3\r\n\r\n', false],
      ['HTTP/1.1 204 No Content\r\ncontent-length: 3\r\n\r\nabc', false],
      ['HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n', false],
      [withHeader('connection: close'), false],
      [withHeader('connection: keep-alive, close'), false],
      [withHeader('connection: keep-alive\r\nconnection: close'), false],
      [withHeader('connection: closed'), true],
    ];
    for (const [answer, reusable] of cases) {
      const outcome = whole(answer);
      expect(outcome.log.filter((word) => word === 'end')).toHaveLength(1);
      expect([answer, outcome.reusable]).toEqual([answer, reusable]);
    }
  });

  it('that nobody asked for is a fault', () => {
    const first = Buffer.from(withHeader('a: b'));
    expect(parse([first, first]).log).toEqual(['head', 'data', 'end', 'fault']);
  });

  it('ends with the connection when nothing else ends it, and is cut when something should have', () => {
    expect(whole('HTTP/1.1 200 OK\r\n\r\nabc', true)).toMatchObject({
      log: ['head', 'data', 'end'],
      reusable: false,
    });
    expect(whole('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc', true).log).toEqual([
      'head',
      'data',
      'cut',
    ]);
    expect(whole(`${chunkedHead}3\r\nabc\r\n`, true).log).toEqual(['head', 'data', 'cut']);
    expect(whole(`${chunkedHead}3\r\nabc\r\n0\r\n`, true).log).toEqual(['head', 'data', 'cut']);
    expect(whole('HTTP/1.1 200 OK\r\nconte', true).log).toEqual(['cut']);
    expect(whole('HTTP/1.1 103 Early\r\n\r\n', true).log).toEqual(['cut']);
    expect(whole(withHeader('a: b'), true).log).toEqual(['head', 'data', 'end']);
  });

  it('larger than allowed is refused, by what it says or by what comes', () => {
    expect(whole('HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n')).toMatchObject({
      log: ['fault'],
      code: 'TOO_LARGE',
    });
    const piece = Buffer.alloc(50_001, 'x');
    for (const begin of ['HTTP/1.1 200 OK\r\n\r\n', `${chunkedHead}fffffff\r\n`]) {
      const outcome = parse([Buffer.from(begin), piece, piece]);
      expect(outcome).toMatchObject({ log: ['head', 'data', 'fault'], code: 'TOO_LARGE' });
    }
  });

  it('is not read on once its listener has stopped it', () => {
    for (const last of ['head', 'data'] as const) {
      const log: string[] = [];
      const note = (word: string): void => {
        log.push(word);
        if (word === last) parser.stop();
      };
      const listener = { head: () => note('head'), data: () => note('data'), end: () => note('end') };
      const parser: AnswerParser = new AnswerParser(listener, LIMITS);
      for (const answer of [withHeader('a: b'), `${chunkedHead}1\r\nx\r\n0\r\n\r\n`]) {
        log.length = 0;
        parser.begin();
        const bytes = Buffer.from(answer);
        parser.feed(bytes, bytes.length);
        parser.feed(bytes, bytes.length);
        expect(log.at(-1)).toBe(last);
        expect(log).not.toContain('end');
      }
    }
  });
});

// -- any split, any damage

const token = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,12}$/);
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const header = fc
  .tuple(token, value)
  .filter(([name]) => !/^(content-length|transfer-encoding|connection|keep-alive)$/i.test(name))
  .map(([name, text]) => `${name}: ${text}\r\n`);
const body = fc
  .string({ unit: 'binary', maxLength: 400 })
  .map((text) => Buffer.from(text).toString('latin1'));

const framed = fc.oneof(
  body.map((text) => ({ line: `Content-Length: ${text.length}\r\n`, bytes: text, text })),
  fc
    .tuple(
      fc.array(
        fc.tuple(
          body.filter((text) => text !== ''),
          fc.boolean(),
        ),
      ),
      fc.array(header, { maxLength: 3 }),
    )
    .map(([pieces, trailers]) => {
      const chunks = pieces.map(
        ([text, ext]) => `${text.length.toString(16)}${ext ? ';n=v' : ''}\r\n${text}\r\n`,
      );
      return {
        line: 'transfer-encoding: Chunked\r\n',
        bytes: `${chunks.join('')}0\r\n${trailers.join('')}\r\n`,
        text: pieces.map(([text]) => text).join(''),
      };
    }),
);

const answer = fc
  .tuple(fc.nat(2), fc.integer({ min: 200, max: 599 }), fc.array(header, { maxLength: 8 }), framed)
  .filter(([, status]) => status !== 204 && status !== 304)
  .map(([interim, status, headers, { line, bytes, text }]) => ({
    status,
    text,
    bytes: Buffer.from(
      `${'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'.repeat(interim)}HTTP/1.1 ${status} Fine\r\n${headers.join('')}${line}\r\n${bytes}`,
      'latin1',
    ),
  }));

/** Cuts at the given places, given as fractions. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].sort((a, b) => a - b);
  return at
    .slice(1)
    .map((to, i) => bytes.subarray(at[i]!, to))
    .filter((piece) => piece.length > 0);
}
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

describe('whatever the network does', () => {
  it('any split of an answer is the same answer', () => {
    fc.assert(
      fc.property(answer, cuts, ({ status, text, bytes }, places) => {
        const one = parse([bytes]);
        expect(one).toMatchObject({ status, body: text, reusable: true, code: null });
        expect(parse(split(bytes, places))).toEqual(one);
        expect(bytewise(bytes.toString('latin1'))).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });

  it('damage neither crashes the parser nor makes two answers of one, and any split sees the same', () => {
    const damage = fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), with: fc.nat(255), how: fc.nat(2) }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(answer, damage, cuts, ({ bytes }, wounds, places) => {
        let hurt = bytes;
        for (const { at, with: byte, how } of wounds) {
          const index = Math.floor(at * hurt.length);
          const piece = how === 0 ? [] : [byte];
          hurt = Buffer.concat([
            hurt.subarray(0, index),
            Buffer.from(piece),
            hurt.subarray(how === 1 ? index : index + 1),
          ]);
        }
        const one = parse([hurt], { close: true });
        expect(one.log).not.toContain('bug');
        expect(one.log.filter((word) => word === 'head' || word === 'end').length).toBeLessThanOrEqual(2);
        const many = parse(split(hurt, places), { close: true });
        // Bytes behind an answer come with it (then the connection counts as cut) or as a read of their own (a fault): it
        // ends either way.
        const settled = ({ log, reusable, code, ...rest }: Outcome) => ({
          ...rest,
          log: log.filter((word, at) => !(/^(fault|cut)$/.test(word) && log[at - 1] === 'end')),
          ended: log.includes('end'),
        });
        expect(settled(many)).toEqual(settled(one));
      }),
      { numRuns: 1000 },
    );
  });

  it('arbitrary bytes end in a fault or wait for more', () => {
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const begin = fc.constantFrom('', 'HTTP/1.1 ', 'HTTP/1.1 200 OK\r\n', chunkedHead);
    fc.assert(
      fc.property(begin, noise, cuts, (text, bytes, places) => {
        const outcome = parse(split(Buffer.concat([Buffer.from(text), bytes]), places), { close: true });
        expect(outcome.log).not.toContain('bug');
      }),
      { numRuns: 1000 },
    );
  });
});
