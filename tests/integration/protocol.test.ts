// What strangers send (faults.md rows C01-C16): framing, limits, encodings, JSON, routes. Raw sockets where an ordinary
// client would not send it. Whatever is refused must reach no upstream.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick, tryJson } from '../kit/json.ts';
import { parseAnswers, type RawClient, rawCall, rawClient } from '../kit/raw.ts';
import { patience, sleep, waitUntil } from '../kit/wait.ts';

const maxBodyBytes = 1_000_000;
const harness = useGateway({
  server: { maxBodyBytes, bodyTimeoutMs: 15_000 },
  provider: { models: ['ok', 'some-*'] },
});

const body = JSON.stringify(chatBody('oa/ok'));
const lines = (...extra: string[]) =>
  [
    `POST ${chatPath} HTTP/1.1`,
    'Host: gate',
    `Authorization: Bearer ${gateKey}`,
    'Content-Type: application/json',
    ...extra,
  ].join('\r\n');
const sized = (content: string | Buffer, ...extra: string[]) =>
  Buffer.concat([
    Buffer.from(`${lines(`Content-Length: ${Buffer.byteLength(content)}`, ...extra)}\r\n\r\n`),
    Buffer.from(content),
  ]);
const chunk = (content: string) => `${Buffer.byteLength(content).toString(16)}\r\n${content}\r\n`;
const smuggled = `GET /v1/models HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\n\r\n`;

/** Of one that is waited for beside all other tests. */
let unsent: RawClient;
beforeAll(async () => {
  unsent = await rawClient(harness.port);
  await unsent.send(`${lines('Content-Length: 1000')}\r\n\r\n{"model":`);
});

const reached = () => harness.mock.requests.length;

describe('framing', () => {
  const cases: Record<string, string> = {
    'content-length and transfer-encoding': `${lines(`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked')}\r\n\r\n${chunk(body)}0\r\n\r\n`,
    'transfer-encoding and content-length': `${lines('Transfer-Encoding: chunked', 'Content-Length: 4')}\r\n\r\n${chunk(body)}0\r\n\r\n${smuggled}`,
    'C07: two different content-lengths': `${lines(`Content-Length: ${body.length}`, 'Content-Length: 5')}\r\n\r\n${body}`,
    'two equal content-lengths': `${lines(`Content-Length: ${body.length}`, `Content-Length: ${body.length}`)}\r\n\r\n${body}`,
    'a content-length list': `${lines(`Content-Length: ${body.length}, ${body.length}`)}\r\n\r\n${body}`,
    'a signed content-length': `${lines(`Content-Length: +${body.length}`)}\r\n\r\n${body}`,
    'a negative content-length': `${lines('Content-Length: -1')}\r\n\r\n${body}`,
    'a hexadecimal content-length': `${lines(`Content-Length: 0x${body.length.toString(16)}`)}\r\n\r\n${body}`,
    'two transfer-encodings': `${lines('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}\r\n\r\n${chunk(body)}0\r\n\r\n`,
    'transfer-encoding gzip, chunked': `${lines('Transfer-Encoding: gzip, chunked')}\r\n\r\n${chunk(body)}0\r\n\r\n`,
    'transfer-encoding identity': `${lines('Transfer-Encoding: identity')}\r\n\r\n${body}`,
    'transfer-encoding xchunked': `${lines('Transfer-Encoding: xchunked')}\r\n\r\n${chunk(body)}0\r\n\r\n`,
    'a chunk size that is no number': `${lines('Transfer-Encoding: chunked')}\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`,
    'a negative chunk size': `${lines('Transfer-Encoding: chunked')}\r\n\r\n-1\r\n${body}\r\n0\r\n\r\n`,
    'a chunk size beyond 64 bits': `${lines('Transfer-Encoding: chunked')}\r\n\r\n1${'0'.repeat(18)}\r\n${body}\r\n0\r\n\r\n`,
    'a chunk longer than its size': `${lines('Transfer-Encoding: chunked')}\r\n\r\n5\r\n${body}\r\n0\r\n\r\n`,
    'a space before the colon': `${lines(`Content-Length : ${body.length}`)}\r\n\r\n${body}`,
  };

  test.each(Object.entries(cases))('%s: 400, closed, nothing goes on', async (_, bytes) => {
    const client = await rawClient(harness.port);
    await client.send(bytes);
    await client.untilClosed();
    const answers = await client.answers(1);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.status).toBe(400);
    expect(reached()).toBe(0);
    client.destroy();
  });

  test('such a request in pieces is refused the same', async () => {
    const bytes = cases['content-length and transfer-encoding'] ?? '';
    const client = await rawClient(harness.port);
    for (let at = 0; at < bytes.length && !client.closed; at += 40)
      await client.send(bytes.slice(at, at + 40));
    await client.untilClosed();
    expect((await client.answer()).status).toBe(400);
    expect(reached()).toBe(0);
    client.destroy();
  });

  test('a proper chunked body is read, whatever its pieces', async () => {
    const bytes = Buffer.from(
      `${lines('Transfer-Encoding: chunked')}\r\n\r\n${[...body].map(chunk).join('')}0\r\n\r\n`,
    );
    const answer = await rawCall(harness.port, bytes);
    expect(answer.status).toBe(200);
    expect(harness.mock.lastRequest().body.toString()).toBe(body.replace('oa/ok', 'ok'));
  });

  // uWS knows neither; what matters is that nothing of them becomes a request of its own or hangs.
  test.each([
    ['chunk extensions', `${body.length.toString(16)};x=1\r\n${body}\r\n0\r\n\r\n`],
    ['trailers', `${chunk(body)}0\r\nX-Trailer: 1\r\n\r\n`],
    ['a request where trailers stand', `${chunk(body)}0\r\n${smuggled}`],
  ])('%s are read or refused, never answered twice', async (_, bytes) => {
    const client = await rawClient(harness.port);
    await client.send(`${lines('Transfer-Encoding: chunked')}\r\n\r\n${bytes}`);
    await waitUntil(() => client.closed || parseAnswers(client.received).length > 0, 'an answer or a close');
    await sleep(100);
    const answers = parseAnswers(client.received);
    expect(answers.length).toBeLessThanOrEqual(1);
    expect(client.received.toString()).not.toContain('"object":"list"');
    client.destroy();
  });

  test('a request that arrives byte by byte is a request', async () => {
    const client = await rawClient(harness.port);
    const bytes = sized(body);
    for (let at = 0; at < bytes.length; at++) await client.send(bytes.subarray(at, at + 1));
    expect((await client.answer()).status).toBe(200);
    client.destroy();
  });

  test('C08: pipelined requests end the connection at once, and no call is made twice', async () => {
    const client = await rawClient(harness.port);
    await client.send(Buffer.concat([sized(body), sized(body)]));
    await waitUntil(
      () => client.closed || parseAnswers(client.received).length === 2,
      'answers or a close',
      2_000,
    );
    expect(reached()).toBeLessThanOrEqual(2);
    await waitUntil(() => harness.mock.running() === 0, 'the calls to end');
    client.destroy();
  });

  test('a kept-alive connection serves several requests', async () => {
    const client = await rawClient(harness.port);
    for (let at = 1; at <= 3; at++) {
      await client.send(sized(body));
      const answers = await client.answers(at);
      expect(answers[at - 1]?.status).toBe(200);
    }
    client.destroy();
  });

  test('Expect: 100-continue does not hang', async () => {
    const client = await rawClient(harness.port);
    await client.send(
      `${lines(`Content-Length: ${body.length}`, 'Expect: 100-continue')}\r\n\r\n`,
      { waitMs: 300 },
      body,
    );
    const answers = (await client.answers(1)).filter((answer) => answer.status >= 200);
    const final = answers[0] ?? (await client.answers(2))[1];
    expect(final?.status).toBe(200);
    client.destroy();
  });
});

describe('limits', () => {
  test('C06: 8 KB of token and 60 headers are fine', async () => {
    const many = Array.from({ length: 60 }, (_, at) => `X-H${at}: v`);
    const answer = await rawCall(harness.port, sized(body, `X-Token: ${'t'.repeat(8_192)}`, ...many));
    expect(answer.status).toBe(200);
  });

  test.each([
    ['a head of 40 KB', sized(body, `X-Big: ${'b'.repeat(40_000)}`)],
    ['500 headers', sized(body, ...Array.from({ length: 500 }, (_, at) => `X-H${at}: v`))],
    ['a URL of 64 KB', Buffer.from(`GET /v1/models?x=${'u'.repeat(65_536)} HTTP/1.1\r\nHost: gate\r\n\r\n`)],
  ])('%s is refused the same way each time', async (_, bytes) => {
    const statuses = new Set<number>();
    for (let at = 0; at < 3; at++) {
      const client = await rawClient(harness.port);
      await client.send(...(at === 0 ? [bytes] : pieces(bytes, at * 3_000)));
      statuses.add((await client.answer()).status);
      await client.untilClosed();
      client.destroy();
    }
    expect(statuses.size).toBe(1);
    expect([400, 414, 431]).toContain([...statuses][0]);
    expect(reached()).toBe(0);
  });

  const pieces = (bytes: Buffer, size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );

  test('a declared length beyond the cap is a 413 before the body is read', async () => {
    const client = await rawClient(harness.port);
    await client.send(`${lines('Content-Length: 10000000000')}\r\n\r\n{"model":`);
    const answer = await client.answer(2_000);
    expect(answer.status).toBe(413);
    expect(pick(tryJson(answer.body), 'error.message')).toBeTruthy();
    await client.untilClosed();
    client.destroy();
  });

  test('C05: endless chunks are a 413 at the cap', async () => {
    const client = await rawClient(harness.port);
    await client.send(`${lines('Transfer-Encoding: chunked')}\r\n\r\n`);
    const block = chunk('x'.repeat(60_000));
    for (let at = 0; at < 40 && !client.closed && client.receivedBytes === 0; at++) await client.send(block);
    expect((await client.answer(2_000)).status).toBe(413);
    await client.untilClosed();
    client.destroy();
  });

  test('exactly the cap passes, one byte more does not', async () => {
    const padded = (size: number) => {
      const bare = { ...chatBody('oa/ok'), pad: '' };
      return JSON.stringify({ ...bare, pad: 'p'.repeat(size - JSON.stringify(bare).length) });
    };
    expect((await call(harness, chatPath, { body: padded(maxBodyBytes) })).status).toBe(200);
    const over = await call(harness, chatPath, { body: padded(maxBodyBytes + 1) });
    expect(over.status).toBe(413);
    const anthropic = await call(harness, messagesPath, { body: 'x'.repeat(maxBodyBytes + 1) });
    expect(pick(anthropic.json, 'error.type')).toBe('request_too_large');
  });

  test('C02: a body that does not come is a 408', async () => {
    const answer = await unsent.answer(20_000);
    expect(answer.status).toBe(408);
    await unsent.untilClosed();
    unsent.destroy();
  });

  test('C01: a head that trickles in is dropped', async () => {
    const client = await rawClient(harness.port);
    await client.send(`POST ${chatPath} HTTP/1.1\r\nHost: gate\r\n`);
    const began = performance.now();
    for (let at = 0; !client.closed && performance.now() - began < patience(40_000); at++)
      await client.send(`X-Slow-${at}: 1\r\n`, { waitMs: 500 });
    expect(client.closed).toBe(true);
    client.destroy();
  });
});

describe('JSON', () => {
  const refused: Record<string, string | Buffer> = {
    'nothing at all': '',
    'a list': '[]',
    'a string': '"x"',
    null: 'null',
    'an unfinished object': body.slice(0, -1),
    'bytes behind the object': `${body} x`,
    'a second object': body + body,
    'a byte order mark': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body)]),
    'a comment': `/* hi */${body}`,
    'a trailing comma': body.replace(/\}$/, ',}'),
    'single quotes': body.replaceAll('"', "'"),
    'NaN as a number': body.replace(/\}$/, ',"temperature":NaN}'),
    'a number with a leading zero': body.replace(/\}$/, ',"temperature":01}'),
    'bad UTF-8': Buffer.from(body.replace('hello', 'h\xffllo'), 'latin1'),
    'a cut UTF-8 sequence': Buffer.from(body.replace('hello', 'h\xe2\x82'), 'latin1'),
    'an encoded surrogate': Buffer.from(body.replace('hello', 'h\xed\xa0\x80'), 'latin1'),
    'C09: a lone surrogate escape': body.replace('hello', 'h\\ud800llo'),
    'a raw NUL': body.replace('hello', 'h\0llo'),
    'a raw line break in a string': body.replace('hello', 'h\nllo'),
    'two models': body.replace('{', '{"model":"an/ok",'),
    'C11: two models, one escaped': body.replace('{', '{"mod\\u0065l":"an/ok",'),
    'two streams': body.replace('{', '{"stream":true,"stream":false,'),
    'no model': '{"messages":[{"role":"user","content":"x"}]}',
    'a model that is no string': '{"model":7,"messages":[{"role":"user","content":"x"}]}',
    'a stream flag that is a string': body.replace('{', '{"stream":"true",'),
    'a negative limit': body.replace('{', '{"max_tokens":-1,'),
    'a limit beyond all numbers': body.replace('{', '{"max_tokens":1e309,'),
    'a limit that is text': body.replace('{', '{"max_tokens":"10",'),
    'fallbacks with an empty name': body.replace('{', '{"fallbacks":[""],'),
    'nesting of 200 levels': body.replace('{', `{"x":${'['.repeat(200)}${']'.repeat(200)},`),
    'C10: nesting of 400 000 levels': body.replace('{', `{"x":${'['.repeat(400_000)}${']'.repeat(400_000)},`),
    'unclosed nesting': body.replace('{', `{"x":${'{"a":'.repeat(100_000)}`),
  };

  test.each(Object.entries(refused))('%s: 400 with an error object, on both routes', async (_, content) => {
    for (const path of [chatPath, messagesPath]) {
      const answer = await call(harness, path, { body: content });
      expect(answer.status).toBe(400);
      expect(pick(answer.json, 'error.message')).toBeTruthy();
      expect(pick(answer.json, 'error.type')).toBe('invalid_request_error');
    }
    expect(reached()).toBe(0);
  });

  test.each([
    ['nesting of 60 levels', body.replace('{', `{"x":${'['.repeat(60)}${']'.repeat(60)},`)],
    [
      'C12: __proto__ and constructor',
      body.replace('{', '{"__proto__":{"model":"x","a":1},"constructor":{"prototype":1},'),
    ],
    ['an escaped surrogate pair', body.replace('hello', '\\ud83d\\ude00')],
    ['white space around', `\r\n\t ${body} \n`],
    ['duplicates of a key nobody reads', body.replace('{', '{"x":1,"x":2,')],
  ])('%s: goes on as written', async (_, content) => {
    const answer = await call(harness, chatPath, { body: content });
    expect(answer.status).toBe(200);
    expect(harness.mock.lastRequest().body.toString()).toBe(content.replace('"oa/ok"', '"ok"'));
  });

  test('fallbacks that are no list of strings are a 400 where the vendor has no such field', async () => {
    for (const value of ['"an/ok"', '[{"model":"an/ok"}]', '7']) {
      const content = body.replace('{', `{"fallbacks":${value},`);
      const answer = await call(harness, chatPath, { body: content });
      expect(answer.status).toBe(400);
      expect(pick(answer.json, 'error.param')).toContain('fallbacks');
    }
    expect(reached()).toBe(0);
  });

  test("and go to Anthropic as they came, whose field that is; the gateway's own list never does", async () => {
    const fallbacks = [{ model: 'claude-y', max_tokens: 5 }];
    const theirs = await call(harness, messagesPath, { body: messagesBody('an/some-x+lax', { fallbacks }) });
    expect(theirs.status).toBe(200);
    expect(pick(harness.mock.lastRequest().json, 'fallbacks')).toEqual(fallbacks);
    const own = await call(harness, messagesPath, { body: messagesBody('an/ok', { fallbacks: ['oa/ok'] }) });
    expect(own.status).toBe(200);
    expect(harness.mock.lastRequest().json).not.toHaveProperty('fallbacks');
    const lost = await call(harness, messagesPath, { body: messagesBody('oa/ok', { fallbacks: 'default' }) });
    expect(lost.headers['x-headgate-dropped']).toBe('fallbacks');
  });

  test('C14: a line break in a model name injects nothing', async () => {
    const answer = await call(harness, chatPath, { body: chatBody('oa/ok\r\nX-Injected: 1') });
    expect(answer.headers['x-injected']).toBeUndefined();
    for (const request of harness.mock.requests) expect(request.headers['x-injected']).toBeUndefined();
  });
});

describe('compressed bodies', () => {
  test.each([
    ['gzip', gzipSync(body)],
    ['br', brotliCompressSync(body)],
    ['deflate', deflateSync(body)],
    ['zstd', zstdCompressSync(body)],
  ])('%s is understood or refused with 415', async (encoding, bytes) => {
    const answer = await call(harness, chatPath, { body: bytes, headers: { 'content-encoding': encoding } });
    expect([200, 415]).toContain(answer.status);
    if (encoding === 'gzip') expect(answer.status).toBe(200);
    if (answer.status !== 200) return;
    expect(harness.mock.lastRequest().body.toString()).toBe(body.replace('oa/ok', 'ok'));
    expect(harness.mock.lastRequest().headers['content-encoding']).toBeUndefined();
  });

  test('C13: a bomb is stopped at the cap', async () => {
    for (const [encoding, bytes] of [
      ['gzip', gzipSync(Buffer.alloc(50_000_000))],
      ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ] as const) {
      const answer = await call(harness, chatPath, {
        body: bytes,
        headers: { 'content-encoding': encoding },
      });
      expect([413, 415, 400]).toContain(answer.status);
    }
    expect(reached()).toBe(0);
  });

  test.each([
    ['an unknown coding', 'compress', body],
    ['two codings', 'gzip, gzip', gzipSync(gzipSync(body))],
    ['a false coding', 'gzip', body],
    ['a cut stream', 'gzip', gzipSync(body).subarray(0, 40)],
  ])('%s is refused', async (_, encoding, bytes) => {
    const answer = await call(harness, chatPath, { body: bytes, headers: { 'content-encoding': encoding } });
    expect([400, 415]).toContain(answer.status);
    expect(reached()).toBe(0);
  });
});

describe('routes', () => {
  test.each([
    '/v1/chat/completions',
    '/v1/chat/completions/',
    '/chat/completions',
    '/openai/v1/chat/completions',
    '/oa/v1/chat/completions',
    '/v1/chat/completions?api-version=2024-10-21&x=%2f',
  ])('%s is the chat route', async (path) => {
    const answer = await call(harness, path, { body: chatBody('oa/ok') });
    expect(answer.status).toBe(200);
    expect(pick(answer.json, 'object')).toBe('chat.completion');
  });

  test.each([
    '/v1/messages',
    '/v1/messages/',
    '/messages',
    '/anthropic/v1/messages',
    '/anthropic/messages',
    '/an/v1/messages',
    '/v1/messages?beta=true',
  ])('%s is the messages route', async (path) => {
    const answer = await call(harness, path, { body: messagesBody('an/ok') });
    expect(answer.status).toBe(200);
    expect(pick(answer.json, 'type')).toBe('message');
  });

  test('a provider prefix makes bare model names its own', async () => {
    const answer = await call(harness, '/oa/v1/chat/completions', { body: chatBody('some-bare-name') });
    expect(answer.status).toBe(200);
    expect(harness.mock.lastRequest().model).toBe('some-bare-name');
  });

  test.each([
    ['/v1/nothing-here', 'error.message'],
    ['/v1/messages/nothing', 'error.message'],
    ['/', 'error.message'],
    ['/v1/chat/completions/chat/completions', 'error.message'],
  ])('POST %s is a 404 or 405 with an error object', async (path, field) => {
    const answer = await call(harness, path, { body: chatBody('oa/ok') });
    expect([404, 405]).toContain(answer.status);
    expect(pick(answer.json, field)).toBeTruthy();
    expect(answer.headers['content-type']).toContain('application/json');
    if (path.includes('messages')) expect(pick(answer.json, 'type')).toBe('error');
    expect(reached()).toBe(0);
  });

  test.each(['/v1/embeddings', messagesPath])('GET %s is a 405 that says what is allowed', async (path) => {
    const answer = await call(harness, path);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toContain('POST');
    expect(pick(answer.json, 'error.message')).toBeTruthy();
  });

  test.each([
    '//v1/chat/completions',
    '/v1/../v1/chat/completions',
    '/v1%2fchat/completions',
    '/v1/chat%2Fcompletions',
  ])('the ambiguous path %s is a 400', async (path) => {
    const bytes = sized(body).toString().replace(chatPath, path);
    expect((await rawCall(harness.port, bytes)).status).toBe(400);
    expect(reached()).toBe(0);
  });

  test('C16: an absolute-form target of another host serves nobody', async () => {
    const bytes = sized(body).toString().replace(chatPath, `http://evil.example${chatPath}`);
    const answer = await rawCall(harness.port, bytes);
    expect([400, 404, 505]).toContain(answer.status);
    expect(reached()).toBe(0);
  });

  test('HEAD / is harmless and health needs no key', async () => {
    const head = await call(harness, '/', { method: 'HEAD', key: null });
    expect(head.status).toBe(200);
    expect(head.bytes).toHaveLength(0);
    for (const path of ['/livez', '/readyz', '/health', '/health/liveness', '/health/readiness'])
      expect((await call(harness, path, { key: null })).status).toBe(200);
  });

  test('metrics are text with our own names', async () => {
    await call(harness, chatPath, { body: chatBody('oa/ok') });
    const answer = await call(harness, '/metrics', { key: null });
    expect([200, 401]).toContain(answer.status);
    const withKey = await call(harness, '/metrics');
    expect(withKey.status).toBe(200);
    expect(withKey.text).toContain('# TYPE headgate_');
  });

  test('a preflight allows any header from any page when keys are required', async () => {
    const answer = await call(harness, chatPath, {
      method: 'OPTIONS',
      key: null,
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-stainless-os,anthropic-version',
      },
    });
    expect([200, 204]).toContain(answer.status);
    expect(['*', 'https://app.example.com']).toContain(answer.headers['access-control-allow-origin']);
    expect(answer.headers['access-control-allow-methods']).toContain('POST');
    expect(answer.headers['access-control-allow-headers']).toMatch(/\*|x-stainless-os/);
    const actual = await call(harness, chatPath, {
      body: chatBody('oa/ok'),
      headers: { origin: 'https://app.example.com' },
    });
    expect(actual.headers['access-control-expose-headers']).toContain('x-request-id');
    const wrong = await call(harness, chatPath, {
      key: 'wrong',
      body: chatBody('oa/ok'),
      headers: { origin: 'https://app.example.com' },
    });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['access-control-allow-origin']).toBeTruthy();
  });
});

describe('ids and keys', () => {
  test('every answer has both id headers, and a caller may bring its own', async () => {
    for (const [path, options] of [
      [chatPath, { body: chatBody('oa/ok') }],
      [chatPath, { body: chatBody('oa/ok', { stream: true }) }],
      [messagesPath, { body: '{' }],
      ['/v1/nothing', {}],
      [chatPath, { body: chatBody('oa/ok'), key: null }],
      ['/v1/models', {}],
      ['/readyz', {}],
    ] as const) {
      const answer = await call(harness, path, options);
      expect(answer.headers['x-request-id'], path).toBeTruthy();
      expect(answer.headers['request-id']).toBe(answer.headers['x-request-id']);
      const own = await call(harness, path, { ...options, headers: { 'x-request-id': 'caller-id.42_A' } });
      expect(own.headers['x-request-id']).toBe('caller-id.42_A');
    }
  });

  test('an unsafe id from the caller is not used', async () => {
    for (const id of ['a'.repeat(500), 'with space', '<script>', '"quoted"']) {
      const answer = await call(harness, '/v1/models', { headers: { 'x-request-id': id } });
      expect(answer.headers['x-request-id']).not.toBe(id);
      expect(answer.headers['x-request-id']).toBeTruthy();
    }
  });

  test.each(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'])(
    'the key is read from %s',
    async (name) => {
      for (const path of [chatPath, messagesPath]) {
        const content = path === chatPath ? chatBody('oa/ok') : messagesBody('an/ok');
        const good = await call(harness, path, {
          key: null,
          body: content,
          headers: { [name]: name === 'authorization' ? `Bearer ${gateKey}` : gateKey },
        });
        expect(good.status).toBe(200);
        const bad = await call(harness, path, {
          key: null,
          body: content,
          headers: { [name]: name === 'authorization' ? 'Bearer nope' : 'nope' },
        });
        expect(bad.status).toBe(401);
      }
    },
  );

  test('no key and a wrong key are a 401 in the dialect of the route', async () => {
    for (const key of [null, 'wrong', `${gateKey}x`, gateKey.slice(0, -1), '']) {
      const openai = await call(harness, chatPath, { key, body: chatBody('oa/ok') });
      expect(openai.status).toBe(401);
      expect(pick(openai.json, 'error.code')).toBe('invalid_api_key');
      const anthropic = await call(harness, messagesPath, { key, body: messagesBody('an/ok') });
      expect(anthropic.status).toBe(401);
      expect(pick(anthropic.json, 'error.type')).toBe('authentication_error');
      expect(openai.text + anthropic.text).not.toContain(gateKey);
      for (const { headers } of [openai, anthropic]) {
        expect(headers['x-should-retry']).toBe('false');
        expect(headers['www-authenticate']).toBe('Bearer realm="headgate"');
      }
    }
    expect((await call(harness, '/v1/models', { key: null })).status).toBe(401);
    expect(reached()).toBe(0);
  });

  describe("a path that is no vendor's answers", () => {
    const callers: [string, string | null, Record<string, string>][] = [
      ['anthropic-version', gateKey, { 'anthropic-version': '2023-06-01' }],
      ['anthropic-beta', gateKey, { 'anthropic-beta': 'files-api-2025-04-14' }],
      ['the key in x-api-key', null, { 'x-api-key': gateKey }],
      ['a wrong key in x-api-key', null, { 'x-api-key': 'nope-nope-nope' }],
    ];
    const requests: [string, string, string][] = [
      ['an unknown model', 'GET', '/v1/models/nope'],
      ['an unknown route', 'GET', '/v1/nowhere'],
      ['a wrong method', 'DELETE', '/v1/models'],
      ['a wrong method at the root', 'POST', '/health'],
      ['an ambiguous path', 'GET', '/v1//models'],
    ];

    test.each(requests)('a client of Anthropic in its shape: %s', async (_, method, path) => {
      for (const [name, key, headers] of callers) {
        const answer = await call(harness, path, { method, key, headers });
        expect(answer.status, name).toBeGreaterThanOrEqual(400);
        expect(answer.json, name).toMatchObject({
          type: 'error',
          error: { type: expect.stringMatching(/_error$/), message: expect.any(String) },
          request_id: answer.headers['x-request-id'],
        });
        expect(answer.headers['x-should-retry'], name).toBe('false');
      }
    });

    test.each(requests)('anyone else in that of OpenAI: %s', async (_, method, path) => {
      for (const headers of [{}, { 'x-api-key': gateKey }]) {
        const answer = await call(harness, path, { method, headers });
        expect(pick(answer.json, 'error.code')).toBeTruthy();
        expect(answer.json).not.toHaveProperty('type');
      }
    });
  });

  test('an unknown model is a 404 that names it, in the dialect of the route', async () => {
    const openai = await call(harness, chatPath, { body: chatBody('nobody/this') });
    expect(openai.status).toBe(404);
    expect(pick(openai.json, 'error.code')).toBe('model_not_found');
    const anthropic = await call(harness, messagesPath, { body: messagesBody('nobody/this') });
    expect(anthropic.status).toBe(404);
    expect(pick(anthropic.json, 'error.type')).toBe('not_found_error');
    expect(reached()).toBe(0);
  });
});
