// Routes that hand requests and answers on while they come: to a provider that says what it got.
import { gzipSync } from 'node:zlib';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { freePort } from '../kit/port.ts';
import { childrenOf, proportionalBytes } from '../kit/process.ts';
import { type RawClient, rawClient } from '../kit/raw.ts';
import { waitUntil } from '../kit/wait.ts';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

let upstream: Server;
let gateway: GatewayProcess;
let seen: Seen[] = [];
let answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
let early: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;
const KEY = 'hg-test-key-0123456789abcdef0123456789abcdef';
const OTHER = 'hg-other-key-0123456789abcdef0123456789abcde';
const THIRD = 'hg-third-key-0123456789abcdef0123456789abcde';
const PROVIDER_KEY = 'sk-provider-0123456789abcdef';
/** Longer than uWS leaves a socket alone by itself. */
const LATE_MS = 14_000;
/** Of one that is waited for beside all other tests. */
let unanswered: RawClient;

const echo: typeof answer = ({ method, url }, response, body) => {
  response.writeHead(200, { 'content-type': 'application/json', 'x-own': 'yes', 'set-cookie': 'a=b' });
  response.end(JSON.stringify({ method, url, bytes: body.length }));
};

beforeAll(async () => {
  upstream = createServer((request, response) => {
    if (request.url === '/v1/late') {
      request.resume().on('end', () => setTimeout(() => response.end('late'), LATE_MS));
      return;
    }
    if (early?.(request, response) === true) return;
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(request, response, body);
    });
  });
  // What is on its way when an idle connection ends cannot be sent again.
  upstream.keepAliveTimeout = 0;
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const deadPort = await freePort();
  const base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const shared = { keys: [PROVIDER_KEY], retries: { max: 0 } };
  gateway = await startGateway({
    config: {
      auth: {
        keys: [
          { name: 'one', value: KEY },
          { name: 'three', value: THIRD },
          { name: 'two', value: OTHER, limits: [{ requests: '3/d', burst: 3 }] },
        ],
      },
      server: { maxUploadBytes: 40_000_000 },
      providers: {
        oa: { dialect: 'openai-chat', baseUrl: `${base}/v1`, models: ['*'], ...shared },
        an: { dialect: 'anthropic', baseUrl: base, models: ['claude-*'], ...shared },
        gone: {
          dialect: 'openai-chat',
          baseUrl: `http://127.0.0.1:${deadPort}/v1`,
          models: ['*'],
          ...shared,
        },
      },
      models: {
        ears: { targets: ['oa/whisper-large-v3-turbo'] },
        spare: { targets: ['gone/whisper-1', 'oa/whisper-1'] },
      },
    },
    workers: 2,
  });
  unanswered = await rawClient(gateway.port);
  // All in one read, before there is a provider to hand it to.
  await unanswered.send(
    `POST /passthrough/oa/late HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${KEY}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  );
});
beforeEach(() => {
  seen = [];
  early = null;
  answer = echo;
});
afterAll(async () => {
  await gateway?.stop();
  upstream?.closeAllConnections();
  upstream?.close();
});

const send = (path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> =>
  fetch(gateway.url + path, {
    ...init,
    headers: { authorization: `Bearer ${KEY}`, ...(init.headers as Record<string, string> | undefined) },
  });

describe('what is passed through', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('goes on as it came: %s', async (method) => {
    const body = method === 'GET' ? undefined : Buffer.from([0, 1, 2, 255]);
    const response = await send('/passthrough/oa/v1/any%20thing/%C3%A9?a=b&key=secret&c=%2F', {
      method,
      headers: { 'content-type': 'x/y', 'x-vendor': 'v', 'x-headgate-strict': '1', cookie: 'c=d' },
      ...(body !== undefined && { body }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-own')).toBe('yes');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('x-headgate-provider')).toBe('oa');
    const [got] = seen;
    expect([got!.method, got!.url]).toEqual([method, '/v1/any%20thing/%C3%A9?a=b&c=%2F']);
    expect(got!.body.equals(body ?? Buffer.alloc(0))).toBe(true);
    expect(got!.headers).toMatchObject({
      authorization: `Bearer ${PROVIDER_KEY}`,
      'x-vendor': 'v',
      'content-type': 'x/y',
    });
    expect(Object.keys(got!.headers)).not.toContain('cookie');
    expect(Object.keys(got!.headers)).not.toContain('x-headgate-strict');
  });

  test('objects that are made and listed by it belong to who made them', async () => {
    answer = ({ method }, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'x-own': 'yes' });
      const made = { id: 'file-passed', object: 'file' };
      response.end(
        JSON.stringify(method === 'POST' ? made : { object: 'list', data: [made, { id: 'file-else' }] }),
      );
    };
    const by = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    const body = '{"purpose":"batch"}';
    const made = await send('/passthrough/oa/v1/files', { method: 'POST', body, ...by(KEY) });
    expect([made.headers.get('x-own'), await made.json()]).toMatchObject(['yes', { id: 'file-passed' }]);
    const listed = async (key: string): Promise<unknown> => {
      const response = await send('/passthrough/oa/v1/files', by(key));
      expect([response.status, response.headers.get('x-own')]).toEqual([200, 'yes']);
      return ((await response.json()) as { data: unknown }).data;
    };
    expect(await listed(KEY)).toEqual([{ id: 'file-passed', object: 'file' }]);
    expect(await listed(THIRD)).toEqual([]);
    const other = await send('/passthrough/oa/v1/files/file-passed', by(THIRD));
    expect(other.status).toBe(404);
  });

  test('with a head alone', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': '1234' }).end();
    const response = await send('/passthrough/oa/x', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '1234']);
    answer = (_request, response) => response.writeHead(204).end();
    expect((await send('/passthrough/oa/x', { method: 'DELETE' })).status).toBe(204);
  });

  test('in the place of a version or below it', async () => {
    for (const path of [
      '/passthrough/oa/v1/files',
      '/passthrough/oa/files',
      '/passthrough/an/v1/messages',
      '/passthrough/oa',
    ])
      await send(path);
    expect(seen.map(({ url }) => url)).toEqual(['/v1/files', '/v1/files', '/v1/messages', '/v1/']);
  });

  test('with refusals as they are', async () => {
    answer = (_request, response) =>
      response.writeHead(418, { 'content-type': 'text/html' }).end(`<h1>${PROVIDER_KEY}`);
    const response = await send('/passthrough/oa/x');
    expect([response.status, response.headers.get('content-type')]).toEqual([418, 'text/html']);
    expect(await response.text()).not.toContain(PROVIDER_KEY);
  });

  test('streamed both ways', async () => {
    const { promise: first, resolve } = Promise.withResolvers<string>();
    early = (request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      request.on('data', (piece: Buffer) => {
        resolve(piece.toString());
        response.write(`got ${piece.toString()};`);
      });
      request.on('end', () => response.end('end'));
      return true;
    };
    const upload = new TransformStream<Uint8Array, Uint8Array>();
    const writer = upload.writable.getWriter();
    const answered = send('/passthrough/oa/x', { method: 'POST', body: upload.readable, duplex: 'half' });
    await writer.write(Buffer.from('one'));
    expect(await first).toBe('one');
    const reader = (await answered).body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('got one;');
    await writer.write(Buffer.from('two'));
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('got two;');
    await writer.close();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('end');
  });

  test('an answer that breaks off is cut, not ended', async () => {
    early = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.write('half', () => setImmediate(() => response.destroy()));
      return true;
    };
    await expect(send('/passthrough/oa/x').then((response) => response.text())).rejects.toThrow();
  });

  test.each([
    ['/passthrough/oa/../secret'],
    ['/passthrough/oa/%2e%2e/secret'],
    ['/passthrough/oa/a%2f..%2fsecret'],
    ['/passthrough/oa/a//b'],
    ['/passthrough/oa/a\\b'],
  ])('never to another place than is said: %s', async (path) => {
    const { port } = new URL(gateway.url);
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request({ port, path, headers: { authorization: `Bearer ${KEY}` } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect([status, seen.length]).toEqual([400, 0]);
  });

  test('to nobody unknown, and by nobody unknown', async () => {
    expect((await send('/passthrough/nobody/x')).status).toBe(404);
    const stranger = await send('/passthrough/an/x', { headers: { authorization: 'Bearer nobody' } });
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    expect(seen).toEqual([]);
  });

  test('counts in the limits of its key, and is told of once', async () => {
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const response = await send('/passthrough/oa/limited', {
        headers: { authorization: `Bearer ${OTHER}` },
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    // Each worker writes its own.
    await vi.waitFor(() => {
      const lines = gateway.logs().filter((line) => line['client'] === 'two');
      expect(lines.map(({ status, route }) => `${String(status)} ${String(route)}`).sort()).toEqual(
        statuses.map((status) => `${status} /passthrough/{provider}/*`),
      );
    });
  });
});

function form(fields: Record<string, string>, file: Buffer, fileFirst: boolean): FormData {
  const made = new FormData();
  const blob = new Blob([new Uint8Array(file)], { type: 'audio/wav' });
  if (fileFirst) made.append('file', blob, 'a.wav');
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  if (!fileFirst) made.append('file', blob, 'a.wav');
  return made;
}

describe('a form', () => {
  test.each([
    ['small', 1_000, true],
    ['of some size', 150_000, true],
    ['large, its model behind the file', 3_000_000, true],
    ['large, its model before the file', 3_000_000, false],
  ])('%s goes to the model it names, as it came', async (_what, bytes, fileFirst) => {
    const sound = Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
    const response = await send('/v1/audio/transcriptions', {
      method: 'POST',
      body: form({ model: 'ears', language: 'de' }, sound, fileFirst),
    });
    expect(await response.json()).toMatchObject({ url: '/v1/audio/transcriptions' });
    const [got] = seen;
    expect(got!.headers['content-length']).toBe(String(got!.body.length));
    const read = await new Response(new Uint8Array(got!.body), {
      headers: { 'content-type': got!.headers['content-type']! },
    }).formData();
    expect([read.get('model'), read.get('language')]).toEqual(['whisper-large-v3-turbo', 'de']);
    expect(Buffer.from(await (read.get('file') as File).arrayBuffer()).equals(sound)).toBe(true);
  });

  test('that names no model is refused before anybody is asked', async () => {
    for (const bytes of [100, 200_000, 2_000_000]) {
      const body = form({ language: 'de' }, Buffer.alloc(bytes), true);
      const response = await send('/v1/audio/translations', { method: 'POST', body });
      expect([bytes, response.status]).toEqual([bytes, 400]);
      expect(await response.json()).toMatchObject({ error: { param: 'model' } });
    }
    expect(seen).toEqual([]);
  });

  test('that names a model which there is not is refused while its file comes', async () => {
    for (const bytes of [100, 2_000_000]) {
      const body = form({ model: 'an/gpt' }, Buffer.alloc(bytes), false);
      const response = await send('/v1/audio/translations', { method: 'POST', body });
      expect([bytes, response.status]).toEqual([bytes, 404]);
    }
    expect(seen).toEqual([]);
  });

  test('whose first target cannot be reached goes whole to the next', async () => {
    const sound = Buffer.alloc(3_000_000, 7);
    const body = form({ model: 'spare' }, sound, true);
    const response = await send('/v1/audio/transcriptions', { method: 'POST', body });
    expect([response.status, response.headers.get('x-headgate-provider')]).toEqual([200, 'oa']);
    expect(seen[0]!.body.length).toBeGreaterThan(3_000_000);
  });

  test('that is none is refused', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await send('/v1/audio/transcriptions', { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(415);
  });
});

/** A provider that counts what it is sent. */
function counting(): () => number {
  let bytes = 0;
  early = (request, response) => {
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
    });
    request.on('end', () => response.end('{}'));
    return true;
  };
  return () => bytes;
}

test('an upload of 25 MB is passed through as it comes', async () => {
  const arrived = counting();
  const piece = new Uint8Array(250_000);
  async function* pieces() {
    // Nobody could send the rest if more than this were kept on the way.
    for (let sent = 0; sent < 25_000_000; sent += piece.length) {
      await waitUntil(
        () => arrived() >= sent - 2_000_000,
        'the provider to have what was sent before',
        30_000,
        5,
      );
      yield piece;
    }
  }
  const response = await send('/passthrough/oa/files', {
    method: 'POST',
    body: Readable.toWeb(Readable.from(pieces())) as unknown as BodyInit,
    duplex: 'half',
  });
  expect([response.status, arrived()]).toEqual([200, 25_000_000]);
});

test('an upload of 25 MB in a form that names its model last is never in memory whole', async () => {
  const workers = childrenOf(gateway.pid);
  const grown: number[] = [];
  // What is held grows each time; what a worker does for the first time, and what waits to be collected, does not.
  for (let round = 0; round < 12 && !grown.some((bytes) => bytes < 16_000_000); round++) {
    const arrived = counting();
    const before = proportionalBytes(workers);
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, proportionalBytes(workers));
    }, 5);
    const body = form({ model: 'ears' }, Buffer.alloc(25_000_000, 1), true);
    const response = await send('/v1/audio/transcriptions', { method: 'POST', body });
    clearInterval(sampling);
    expect(response.status).toBe(200);
    expect(arrived()).toBeGreaterThanOrEqual(25_000_000);
    grown.push(peak - before);
  }
  expect(Math.min(...grown)).toBeLessThan(16_000_000);
});

test('an upload that is refused while it comes is still told why', async () => {
  const response = await send('/passthrough/oa/files', {
    method: 'POST',
    body: new Blob([new Uint8Array(45_000_000)]).stream(),
    duplex: 'half',
  }).catch((error: unknown) => error);
  // A client that sends all before it reads sees the answer; one that does not may see the cut.
  if (response instanceof Response) expect(response.status).toBe(413);
  expect(seen).toEqual([]);
});

test('a list is filled from as many pages as it takes', async () => {
  // The caller's own are the last of many, of which the provider tells two at a time.
  const all = Array.from({ length: 9 }, (_, at) => ({ id: `file-paged-${at}`, kind: 'files' }));
  const as = (key: string, path: string, init: RequestInit = {}) =>
    send(path, { ...init, headers: { authorization: `Bearer ${key}` } });
  let made = 0;
  answer = ({ method, url = '' }, response) => {
    const query = new URLSearchParams(url.split('?')[1]);
    const after = all.findIndex(({ id }) => id === query.get('after')) + 1;
    const size = Number(query.get('limit') ?? 2);
    const data = all.slice(after, after + size);
    const list = {
      object: 'list',
      data,
      has_more: after + size < all.length,
      last_id: data.at(-1)?.id ?? null,
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(method === 'POST' ? all[made++] : list));
  };
  for (let at = 0; at < all.length; at++) {
    const form = new FormData();
    form.append('purpose', 'batch');
    form.append('file', new Blob(['x']), 'f.jsonl');
    await as(at < 6 ? KEY : THIRD, '/oa/v1/files', { method: 'POST', body: form });
  }
  const listed = async (path: string): Promise<{ ids: string[]; more: boolean; last: unknown }> => {
    const body = (await (await as(THIRD, path)).json()) as {
      data: { id: string }[];
      has_more: boolean;
      last_id: unknown;
    };
    return { ids: body.data.map(({ id }) => id), more: body.has_more, last: body.last_id };
  };
  for (const files of ['/oa/v1/files', '/passthrough/oa/files', '/passthrough/oa/v1/files']) {
    expect(await listed(`${files}?limit=2`)).toEqual({
      ids: ['file-paged-6', 'file-paged-7'],
      more: true,
      last: 'file-paged-7',
    });
    expect(await listed(`${files}?limit=2&after=file-paged-7`)).toEqual({
      ids: ['file-paged-8'],
      more: false,
      last: 'file-paged-8',
    });
    expect((await listed(`${files}?limit=20`)).ids).toHaveLength(3);
  }
  // What was asked for it all goes with the provider's key.
  expect(new Set(seen.map(({ headers }) => headers.authorization))).toEqual(
    new Set([`Bearer ${PROVIDER_KEY}`]),
  );
});

describe('objects at a provider', () => {
  const objects = new Map<string, Record<string, unknown>>();
  /** Keeps files and batches, of whatever key. */
  const keep: typeof answer = ({ method, url = '' }, response, body) => {
    const [path = ''] = url.split('?');
    const [, , , kind = '', id = '', verb = ''] =
      /^(\/v1)(\/messages)?\/(\w+)\/?([^/]*)\/?(.*)$/.exec(path) ?? [];
    const json = (status: number, value: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (method === 'POST' && id === '') {
      const made = { id: `${kind.replace(/e?s$/, '')}-${objects.size + 1}`, kind, bytes: body.length };
      objects.set(made.id, made);
      json(200, made);
    } else if (id === '') {
      const data = [...objects.values()].filter((one) => one['kind'] === kind);
      json(200, {
        object: 'list',
        data,
        has_more: false,
        first_id: data[0]?.['id'],
        last_id: data.at(-1)?.['id'],
      });
    } else if (!objects.has(id))
      json(404, { error: { message: 'no such thing', type: 'invalid_request_error' } });
    else if (verb === 'content' || verb === 'results') response.writeHead(200).end(`${id} content`);
    else if (verb === 'cancel') json(200, { ...objects.get(id), output_file_id: `file-of-${id}` });
    else {
      if (method === 'DELETE') objects.delete(id);
      json(200, { id, deleted: method === 'DELETE' });
    }
  };
  const as = (key: string, path: string, init: RequestInit = {}) =>
    send(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } });
  const idOf = async (response: Response): Promise<string> => {
    expect(response.status).toBe(200);
    return ((await response.json()) as { id: string }).id;
  };
  beforeEach(() => {
    answer = keep;
  });

  test('a batch that refers to another’s file is as if there were none, and never whole at its provider', async () => {
    const form = new FormData();
    form.append('file', new Blob(['x']), 'f.txt');
    const headers = { 'anthropic-version': '2023-06-01' };
    const file = await idOf(await as(KEY, '/an/v1/files', { method: 'POST', body: form, headers }));
    const body = JSON.stringify({
      requests: [
        {
          custom_id: 'a',
          params: { messages: [{ role: 'user', content: [{ source: { file_id: file } }] }] },
        },
      ],
    });
    const batch = (key: string, more = {}, sent: BodyInit = body) =>
      as(key, '/an/v1/messages/batches', {
        method: 'POST',
        body: sent,
        headers: { 'content-type': 'application/json', ...more },
      });
    const before = objects.size;
    expect((await batch(THIRD)).status).toBe(404);
    const gzip = { 'content-encoding': 'gzip' };
    expect((await batch(THIRD, gzip)).status).toBe(400);
    expect((await batch(THIRD, gzip, gzipSync(body))).status).toBe(404);
    expect(objects.size).toBe(before);
    expect((await batch(KEY)).status).toBe(200);
    expect(seen.at(-1)!.body.toString()).toBe(body);
    // Looked into, it goes on without its coding.
    expect((await batch(KEY, gzip, gzipSync(body))).status).toBe(200);
    expect(seen.at(-1)!.body.toString()).toBe(body);
    expect(seen.at(-1)!.headers['content-encoding']).toBeUndefined();
  });

  test.each([
    ['/v1/files', '/content', {}],
    ['/v1/batches', '/cancel', {}],
    ['/v1/videos', '/content', {}],
    ['/v1/vector_stores', '/files', {}],
    ['/v1/containers', '/files', {}],
    ['/v1/messages/batches', '/results', {}],
    ['/v1/files', '/content', { 'anthropic-version': '2023-06-01' }],
  ])('%s: what one key made is not there for another', async (path, more, headers) => {
    const id = await idOf(await as(KEY, path, { method: 'POST', headers, body: '{"a":1}' }));
    const verb = more === '/cancel' ? 'POST' : 'GET';
    for (const [method, below] of [
      ['GET', ''],
      [verb, more],
    ] as const) {
      expect((await as(KEY, `${path}/${id}${below}`, { method, headers })).status).toBe(200);
      const before = seen.length;
      const other = await as(THIRD, `${path}/${id}${below}`, { method, headers });
      expect([other.status, seen.length]).toEqual([404, before]);
      expect((await as(THIRD, `/passthrough/oa/v1/files/${id}`)).status).toBe(404);
    }
    const ids = async (key: string) =>
      ((await (await as(key, path, { headers })).json()) as { data: { id: string }[] }).data.map(
        (one) => one.id,
      );
    expect(await ids(KEY)).toContain(id);
    expect(await ids(THIRD)).not.toContain(id);
    expect((await as(KEY, `${path}/${id}-unknown`, { headers })).status).toBe(404);
  });

  test('chat completions that are to be kept are their maker’s, asked for whole or as a stream', async () => {
    let made = 0;
    const choice = { index: 0, finish_reason: 'stop', logprobs: null };
    answer = ({ method, url = '' }, response, body) => {
      const json = (value: object): void => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      };
      if (method === 'GET' && url === '/v1/chat/completions')
        return json({ object: 'list', data: [1, 2, 3].map((at) => ({ id: `chatcmpl-${at}` })) });
      if (method !== 'POST' || url !== '/v1/chat/completions') return json({ id: url.split('/').at(-1) });
      const chat = { id: `chatcmpl-${++made}`, created: 1, model: 'm' };
      const { stream } = JSON.parse(body.toString()) as { stream?: boolean };
      if (stream !== true)
        return json({
          ...chat,
          object: 'chat.completion',
          choices: [{ ...choice, message: { role: 'assistant', content: 'x' } }],
        });
      const delta = { role: 'assistant', content: 'x' };
      const chunk = { ...chat, object: 'chat.completion.chunk', choices: [{ ...choice, delta }] };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
    };
    const ask = async (more: object): Promise<void> => {
      const body = JSON.stringify({ model: 'oa/m', messages: [{ role: 'user', content: 'x' }], ...more });
      const asked = await as(KEY, '/v1/chat/completions', { method: 'POST', body });
      expect(asked.status).toBe(200);
      await asked.text();
    };
    await ask({ store: true });
    await ask({ store: true, stream: true });
    await ask({});
    const listed = async (key: string): Promise<unknown> => (await as(key, '/oa/v1/chat/completions')).json();
    expect(await listed(KEY)).toMatchObject({ data: [{ id: 'chatcmpl-1' }, { id: 'chatcmpl-2' }] });
    expect(await listed(THIRD)).toMatchObject({ data: [] });
    for (const path of ['/v1/chat/completions', '/passthrough/oa/v1/chat/completions'])
      for (const id of ['chatcmpl-1', 'chatcmpl-2', 'chatcmpl-3'])
        for (const [method, below] of [
          ['GET', ''],
          ['GET', '/messages'],
          ['DELETE', ''],
        ] as const) {
          const own = await as(KEY, `${path}/${id}${below}`, { method });
          expect([path, id, own.status]).toEqual([path, id, id === 'chatcmpl-3' ? 404 : 200]);
          expect((await as(THIRD, `${path}/${id}${below}`, { method })).status).toBe(404);
        }
    const metadata = { method: 'POST', body: '{"metadata":{}}' };
    expect((await as(KEY, '/v1/chat/completions/chatcmpl-1', metadata)).status).toBe(200);
    expect((await as(THIRD, '/v1/chat/completions/chatcmpl-1', metadata)).status).toBe(404);
    expect((await as(KEY, '/v1/chat/completions', { method: 'DELETE' })).status).toBe(405);
  });

  test('responses that are asked for by /passthrough are their maker’s, and so is what bodies there name', async () => {
    const events = [
      { type: 'response.created', response: { id: 'resp_streamed' } },
      {
        type: 'response.completed',
        response: { id: 'resp_streamed', usage: { input_tokens: 1, output_tokens: 1 } },
      },
    ];
    answer = ({ url }, response, body) => {
      const stream = body.includes('"stream":true');
      response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
      if (stream) response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
      else response.end(JSON.stringify({ id: 'resp_whole', object: 'response', url }));
    };
    const ask = (key: string, body: object) =>
      as(key, '/passthrough/oa/v1/responses', { method: 'POST', body: JSON.stringify(body) });
    for (const stream of [false, true]) await (await ask(KEY, { input: 'x', stream })).text();
    for (const id of ['resp_whole', 'resp_streamed']) {
      expect((await as(KEY, `/passthrough/oa/v1/responses/${id}`)).status).toBe(200);
      expect((await as(THIRD, `/passthrough/oa/v1/responses/${id}`)).status).toBe(404);
      expect((await ask(KEY, { input: 'x', previous_response_id: id })).status).toBe(200);
      expect((await ask(THIRD, { input: 'x', previous_response_id: id })).status).toBe(404);
    }
    expect((await as(THIRD, '/passthrough/oa/v1/responses/resp_of-nobody')).status).toBe(404);
  });

  test('a batch is made of files of its own, and what it makes is its own', async () => {
    const id = await idOf(await as(KEY, '/v1/files', { method: 'POST', body: 'lines' }));
    const batch = (key: string, text: string) => as(key, '/v1/batches', { method: 'POST', body: text });
    expect((await batch(THIRD, `{"input_file_id":"${id}"}`)).status).toBe(404);
    expect((await batch(THIRD, `{"input_file_id":"none","input_file\\u005fid":"${id}"}`)).status).toBe(404);
    expect((await batch(THIRD, '[]')).status).toBe(400);
    const made = await idOf(await batch(KEY, `{"input_file_id":"${id}"}`));
    const output = `file-of-${made}`;
    objects.set(output, { id: output, kind: 'files' });
    expect((await as(KEY, `/v1/files/${output}/content`)).status).toBe(404);
    expect((await as(KEY, `/v1/batches/${made}/cancel`, { method: 'POST' })).status).toBe(200);
    expect(await (await as(KEY, `/v1/files/${output}/content`)).text()).toBe(`${output} content`);
    expect((await as(THIRD, `/v1/files/${output}/content`)).status).toBe(404);
  });

  test('goes where its header says, and nowhere else later', async () => {
    const headers = { 'x-headgate-provider': 'oa' };
    const id = await idOf(await as(KEY, '/v1/files', { method: 'POST', headers, body: 'x' }));
    expect((await as(KEY, `/v1/files/${id}`)).headers.get('x-headgate-provider')).toBe('oa');
    expect((await as(KEY, '/v1/files', { headers: { 'x-headgate-provider': 'nobody' } })).status).toBe(404);
    expect((await as(KEY, '/v1/batches', { headers: { 'x-headgate-provider': 'an' } })).status).toBe(404);
  });
});

test('an answer that takes long finds its client, also where the body came in pieces', async () => {
  const { status, body } = await unanswered.answer(20_000);
  expect([status, body]).toEqual([200, 'late']);
  unanswered.destroy();
});
