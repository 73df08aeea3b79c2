// Answers on real sockets: what uWS does with bytes that stand behind a request.

import type { us_listen_socket } from 'uWebSockets.js';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { loadUws } from './loader.ts';
import { UwsExchange } from './uws-exchange.ts';

const uws = loadUws();
let listener: us_listen_socket | null = null;

afterEach(() => {
  if (listener !== null) uws.us_listen_socket_close(listener);
  listener = null;
});

/**
 * Serves by `answer`; returns what a client that sends `bytes` gets until the connection ends, and the paths seen.
 * @param more what the client sends once it has `got`, a single time, or that it leaves.
 */
async function serve(
  bytes: string,
  answer: (exchange: UwsExchange, path: string) => void,
  more: (got: { length: number }) => string | 'leave' | null = () => null,
): Promise<{ text: string; paths: string[] }> {
  const paths: string[] = [];
  const host = { draining: false, now: () => performance.now(), closed: () => {} };
  const port = await new Promise<number>((resolve, reject) => {
    uws
      .App()
      .any('/*', (res, req) => {
        const exchange = new UwsExchange(res, host);
        exchange.setBaseHeaders('id', []);
        exchange.headless = req.getMethod() === 'head';
        paths.push(req.getUrl());
        answer(exchange, req.getUrl());
      })
      .listen('127.0.0.1', 0, (socket) => {
        if (socket === false) return reject(new Error('cannot listen'));
        listener = socket;
        resolve(uws.us_socket_local_port(socket as never));
      });
  });
  const text = await new Promise<string>((resolve) => {
    const got: Buffer[] = [];
    let length = 0;
    let sent = false;
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      got.push(data);
      length += data.length;
      const next = sent ? null : more({ length });
      if (next === null) return;
      sent = true;
      if (next === 'leave') socket.destroy();
      else socket.write(next);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(got).toString('latin1')));
  });
  return { text, paths };
}

const request = (path: string, rest = '\r\n', method = 'POST'): string =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\n${rest}`;

test('nothing behind a refused framing is taken for a request, and the refusal arrives', async () => {
  const { text, paths } = await serve(
    request('/one', 'content-length: 2\r\ncontent-length: 0\r\n\r\n') + request('/hidden'),
    (exchange) => exchange.refuseHead(400, [], '{"error":1}'),
  );
  expect(paths).toEqual(['/one']);
  expect(text).toContain('HTTP/1.1 400');
  expect(text).toContain('{"error":1}');
});

test('nothing behind a body after which the connection is to close is taken for a request', async () => {
  const { paths } = await serve(
    request('/one', 'transfer-encoding: chunked\r\n\r\n2 \r\nhi\r\n0\r\n\r\n') + request('/hidden'),
    (exchange) => {
      exchange.closeAfter = true;
      exchange.readBody(
        100,
        -1,
        () => exchange.reply(400, [], '{}'),
        () => {},
      );
    },
  );
  expect(paths).toEqual(['/one']);
});

test.each([
  ['announced, in many pieces', 700_000, true],
  ['announced, larger than is set aside beforehand', 1_500_000, true],
  ['chunked', 700_000, false],
  ['in one piece', 5, true],
])('a body that comes %s is collected byte for byte', async (_way, length, announced) => {
  const body = Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 23))).join('');
  const framed = announced
    ? `content-length: ${length}\r\n\r\n${body}`
    : `transfer-encoding: chunked\r\n\r\n${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  let got: Buffer | null = null;
  await serve(request('/one', framed), (exchange) => {
    exchange.closeAfter = true;
    exchange.readBody(
      2_000_000,
      announced ? length : -1,
      (whole) => {
        got = whole;
        exchange.reply(200, [], '{}');
      },
      () => exchange.reply(413, [], '{}'),
    );
  });
  expect(got!.equals(Buffer.from(body))).toBe(true);
});

test('an upload that is refused early is answered whole', async () => {
  const { text } = await serve(
    request('/one', 'transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'),
    (exchange) => exchange.refuseAndLinger(413, [], '{"error":1}'),
  );
  expect(text).toMatch(/^HTTP\/1.1 413 .*\r\ncontent-length: 13\r\n\r\n\{"error":1\}\r\n$/s);
  expect(text).toMatch(/\r\nconnection: close\r\n/);
  expect(text.match(/content-length/gi)).toHaveLength(1);
});

test.each([
  ['stays open', false],
  ['ends with it', true],
])('an answer larger than the socket takes arrives whole, and its connection %s', async (_what, close) => {
  const large = Buffer.alloc(20_000_000, 'headgate ');
  let taken = 0;
  const { text, paths } = await serve(
    request('/large', '\r\n', 'GET'),
    (exchange, path) => {
      exchange.closeAfter = close || path === '/last';
      if (path === '/last') return exchange.reply(200, [], 'last');
      exchange.reply(200, [], large);
      expect(exchange.ending).toBe(true);
      expect(exchange.bytesOut).toBeLessThan(large.length);
      exchange.onTaken = () => {
        taken++;
        expect(exchange.bytesOut).toBe(large.length);
        expect(exchange.closed).toBe(true);
      };
    },
    (got) => (!close && got.length > large.length ? request('/last', '\r\n', 'GET') : null),
  );
  expect(taken).toBe(1);
  const at = text.indexOf('\r\n\r\n') + 4;
  const head = text.slice(0, at);
  expect(head).toContain(`Content-Length: ${large.length}\r\n`);
  expect(head.match(/content-length/gi)).toHaveLength(1);
  expect(head.includes('connection: close')).toBe(close);
  expect(head.includes('keep-alive: timeout=')).toBe(!close);
  expect(Buffer.from(text.slice(at, at + large.length), 'latin1').equals(large)).toBe(true);
  expect(paths).toEqual(close ? ['/large'] : ['/large', '/last']);
  expect(text.slice(at + large.length).endsWith(close ? '' : '\r\n\r\nlast')).toBe(true);
});

test('a client that leaves before it took all is gone, and nothing says taken', async () => {
  const heard: string[] = [];
  const over = Promise.withResolvers<void>();
  await serve(
    request('/large', '\r\n', 'GET'),
    (exchange) => {
      exchange.onGone = () => {
        heard.push('gone');
        over.resolve();
      };
      exchange.reply(200, [], Buffer.alloc(20_000_000));
      exchange.onTaken = () => heard.push('taken');
    },
    () => 'leave',
  );
  await over.promise;
  expect(heard).toEqual(['gone']);
});

test('answers tell pools when an idle connection ends, and not who wrote the socket layer', async () => {
  const { text } = await serve(
    request('/one', '\r\n', 'GET') + request('/two', '\r\n', 'GET'),
    (exchange, path) => {
      exchange.closeAfter = path === '/two';
      exchange.reply(200, [], '{}');
    },
  );
  const [one = '', two = ''] = text.split(/(?<=\{\})(?=HTTP)/);
  expect(one).toContain('\r\nkeep-alive: timeout=7\r\n');
  expect(two).not.toContain('keep-alive');
  expect(text.toLowerCase()).not.toContain('uwebsockets');
});

test('an answer without a body announces no length of its own', async () => {
  const { text } = await serve(
    request('/one', '\r\n', 'OPTIONS') + request('/two', '\r\n', 'GET'),
    (exchange, path) => {
      exchange.closeAfter = path === '/two';
      if (path === '/one') exchange.replyEmpty(204, []);
      else exchange.reply(200, [], 'second');
    },
  );
  expect(text).toMatch(/^HTTP\/1.1 204 .*second$/s);
  expect(text.match(/content-length/gi)).toHaveLength(1);
});

test('an answer to HEAD has no body, announces its length and leaves the connection usable', async () => {
  const { text, paths } = await serve(
    request('/one', '\r\n', 'HEAD') + request('/two', '\r\n', 'GET'),
    (exchange, path) => {
      exchange.closeAfter = path === '/two';
      exchange.reply(404, [], '{"error":1}');
    },
  );
  expect(paths).toEqual(['/one', '/two']);
  const [head = '', rest = ''] = text.split(/(?<=\r\n\r\n)(?=HTTP)/);
  expect(head).toMatch(/content-length: 11\r\n/i);
  expect(head.endsWith('\r\n\r\n')).toBe(true);
  expect(rest.endsWith('{"error":1}')).toBe(true);
});
