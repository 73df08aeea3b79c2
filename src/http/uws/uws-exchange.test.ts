// Answers on real sockets: what uWS does with bytes that stand behind a request.

import type { us_listen_socket } from 'uWebSockets.js';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { loadUws } from '../exchange/loader.ts';
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
  expect(one).toContain('\r\nkeep-alive: timeout=5\r\n');
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

describe('P10: whatever a handler does with its exchange', () => {
  const doings = [
    'reply',
    'empty',
    'refuse',
    'linger',
    'start',
    'chunk',
    'end',
    'cut',
    'body',
    'tend',
  ] as const;
  type Doing = (typeof doings)[number];

  function act(exchange: UwsExchange, doing: Doing): void {
    if (doing === 'reply')
      exchange.reply(200, [['x-a', '1']], 'x'.repeat(exchange.slot % 2 === 0 ? 5 : 40_000));
    else if (doing === 'empty') exchange.replyEmpty(204, []);
    else if (doing === 'refuse') exchange.refuseHead(400, [], '{}');
    else if (doing === 'linger') exchange.refuseAndLinger(413, [], '{}');
    else if (doing === 'start') exchange.start(200, []);
    else if (doing === 'chunk') exchange.chunk('piece');
    else if (doing === 'end') exchange.end();
    else if (doing === 'cut') exchange.cut();
    else if (doing === 'tend') exchange.tend(performance.now());
    else
      exchange.readBody(
        1_000,
        -1,
        () => exchange.reply(200, [], 'read'),
        () => exchange.reply(413, [], '{}'),
      );
  }

  // uWS would end the process: the handler returned with neither answer nor hook, or a socket that is gone was written to.
  test('in any order, now or later, with its client there or gone, the process goes on', async () => {
    const scripts = fc.sample(
      fc.array(fc.tuple(fc.constantFrom(...doings), fc.constantFrom('now', 'tick', 'later')), {
        maxLength: 6,
      }),
      10_000,
    );
    const host = { draining: false, now: () => performance.now(), closed: () => {} };
    let handled = 0;
    const port = await new Promise<number>((resolve, reject) => {
      uws
        .App()
        .any('/*', (res, req) => {
          const exchange = new UwsExchange(res, host);
          exchange.setBaseHeaders('id', []);
          exchange.slot = handled;
          handled++;
          const script = scripts[Number(req.getUrl().slice(1))];
          if (script === undefined) return exchange.reply(200, [], 'alive');
          for (const [doing, when] of script) {
            if (when === 'now') act(exchange, doing);
            // Both only within the handler: the body and a head that is refused are not there later.
            else if (doing === 'body' || doing === 'refuse') continue;
            else if (when === 'tick') queueMicrotask(() => act(exchange, doing));
            else setImmediate(() => act(exchange, doing));
          }
        })
        .listen('127.0.0.1', 0, (socket) => {
          if (socket === false) return reject(new Error('cannot listen'));
          listener = socket;
          resolve(uws.us_socket_local_port(socket as never));
        });
    });
    /** One request, and its client leaves with the first answer, or without. */
    const ask = (path: string, patient: boolean): Promise<string> =>
      new Promise((resolve) => {
        let got = '';
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(request(path, 'content-length: 2\r\n\r\nhi'));
          if (!patient) setImmediate(() => setImmediate(() => socket.resetAndDestroy()));
        });
        socket.on('data', (data) => {
          got += data.toString('latin1');
          if (got.includes('\r\n\r\n')) socket.destroy();
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(got));
      });
    for (let at = 0; at < scripts.length; at += 50)
      await Promise.all(scripts.slice(at, at + 50).map((_, i) => ask(`/${at + i}`, false)));
    expect(handled).toBeGreaterThan(scripts.length / 2);
    expect(await ask('/alive', true)).toContain('alive');
  });

  test('and nobody else makes a handler: requests reach us through one wrapper', () => {
    const folder = import.meta.dirname;
    const registering = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .filter((name) =>
        /\.(any|get|post|put|del|patch|options|head|ws)(<\w+>)?\(\s*'\/\*'/.test(
          readFileSync(`${folder}/${name}`, 'utf8'),
        ),
      );
    expect(registering).toEqual(['uws-listener.ts']);
    const source = readFileSync(`${folder}/uws-listener.ts`, 'utf8');
    // Each handler of a request begins with the hook.
    expect(source.match(/\(res, req(, context)?\) (=> )?\{/g)).toHaveLength(2);
    expect(source.match(/new UwsExchange\(res, host\)/g)).toHaveLength(2);
  });
});
