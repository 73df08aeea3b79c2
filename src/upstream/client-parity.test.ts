// Our reading of valid answers beside that of undici, whose parser (llhttp) is node's own: the same status, headers and
// body, however the bytes come.
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Upstream } from '../contracts/upstream.ts';
import { createLeanUpstream } from './lean-client.ts';
import { closePeers, exchange, listen } from './peer.fixture.ts';

interface Seen {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** What the peer answers next, and where it pauses. */
let answer: { bytes: Buffer; cut: number } = { bytes: Buffer.alloc(0), cut: 0 };
let lean: Upstream;
let pool: Pool;

beforeAll(async () => {
  const peer = await listen(async (socket) => {
    const { bytes, cut } = answer;
    socket.write(bytes.subarray(0, cut));
    await sleep(1);
    socket.write(bytes.subarray(cut));
  });
  const origin = `http://127.0.0.1:${peer.port}`;
  lean = createLeanUpstream({ baseUrl: origin, connections: 1, connectTimeoutMs: 5000, closeTimeoutMs: 100 });
  pool = new Pool(origin, { connections: 1, allowH2: false });
});

afterAll(async () => {
  closePeers();
  await Promise.all([lean.close(), pool.destroy()]);
});

async function viaLean(): Promise<Seen> {
  const heard = await exchange(lean);
  if (heard.error !== null) throw heard.error;
  return { status: heard.status, headers: { ...heard.headers }, body: heard.body.toString('latin1') };
}

async function viaUndici(): Promise<Seen> {
  const { statusCode, headers, body } = await pool.request({ path: '/', method: 'POST', body: '{}' });
  const bytes = Buffer.from(await body.arrayBuffer());
  return { status: statusCode, headers: { ...headers }, body: bytes.toString('latin1') };
}

const name = fc
  .stringMatching(/^[a-zA-Z!#$%&'*+.^_`|~-][a-zA-Z0-9!#$%&'*+.^_`|~-]{0,10}$/)
  .filter(
    (text) => !/^(content-length|transfer-encoding|connection|keep-alive|upgrade|trailer)$/i.test(text),
  );
const value = fc.stringMatching(/^([!-~\xa0-\xff]([ -~\t]{0,20}[!-~])?)?$/);
const blank = fc.constantFrom('', ' ', '\t', '  ');
// Without blanks behind the value: undici leaves them on, RFC 9110 5.5 and we do not.
const header = fc
  .tuple(name, blank, value)
  .map(([text, before, content]) => `${text}:${before}${content}\r\n`);
const text = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const body = fc.oneof(
  text.map((content) => `content-length: ${content.length}\r\n\r\n${content}`),
  fc
    .tuple(fc.array(text.filter((content) => content !== '')), fc.array(header, { maxLength: 2 }))
    .map(([pieces, trailers]) => {
      const chunks = pieces.map(
        (content) => `${content.length.toString(16).toUpperCase()};x=y\r\n${content}\r\n`,
      );
      return `Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}000\r\n${trailers.join('')}\r\n`;
    }),
);

describe('a valid answer', () => {
  it('is read as undici reads it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
        fc.stringMatching(/^[ -~]{0,12}$/),
        fc.array(header, { maxLength: 6 }),
        body,
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (status, reason, headers, rest, interim, cut) => {
          const early = interim ? 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' : '';
          const bytes = Buffer.from(
            `${early}HTTP/1.1 ${status} ${reason}\r\n${headers.join('')}${rest}`,
            'latin1',
          );
          answer = { bytes, cut: Math.floor(cut * bytes.length) };
          expect(await viaLean()).toEqual(await viaUndici());
        },
      ),
      { numRuns: 200 },
    );
  });
});
