// Films over a real gateway: who begins one asks a model, and all that is done with it later goes to where it was made.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';

const KEYS = {
  mine: 'hg-mine-key-0123456789abcdef0123456789abcdef',
  few: 'hg-few-key-0123456789abcdef0123456789abcdef01',
  poor: 'hg-poor-key-0123456789abcdef0123456789abcdef',
};
type Who = keyof typeof KEYS;

interface Seen {
  /** Which provider was asked, by its path. */
  at: string;
  asked: string;
  type: string;
  body: Buffer;
}

let upstream: Server;
let gateway: GatewayProcess;
let seen: Seen[] = [];
let made = 0;
/** Of the next request; 0 = it is answered. */
let refuses = 0;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const [, at = '', path = ''] = /^\/(\w+)\/v1(\/.*)$/.exec(url) ?? [];
      const type = headers['content-type'] ?? '';
      seen.push({ at, asked: `${method} ${path}`, type, body: Buffer.concat(pieces) });
      if (refuses > 0) response.statusCode = refuses;
      const id = method === 'POST' ? `video_${++made}` : path.split('/')[2]!;
      const film = { id, object: 'video', status: 'queued', model: 'sora-2', seconds: '4', size: '720x1280' };
      const body = refuses > 0 ? { error: { message: 'no', type: 'server_error' } } : film;
      refuses = 0;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
    request.on('error', () => response.destroy());
  });
  upstream.keepAliveTimeout = 0;
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const at = (name: string, models: readonly string[]) => ({
    dialect: 'openai-chat',
    baseUrl: `${base}/${name}/v1`,
    keys: ['sk-x'],
    models,
    retries: { max: 0 },
  });
  gateway = await startGateway({
    workers: 1,
    config: {
      auth: {
        keys: [
          { name: 'mine', value: KEYS.mine },
          { name: 'few', value: KEYS.few, models: ['two/sora-2'] },
          { name: 'poor', value: KEYS.poor, budgets: [{ amountUsd: 0.5, window: 'never' }] },
        ],
      },
      providers: {
        one: at('one', ['gpt-*']),
        two: at('two', ['sora-*']),
        three: at('three', ['sora-*', 'veo']),
        words: { ...at('words', ['claude-*']), dialect: 'anthropic' },
      },
      models: {
        film: { targets: ['three/veo'] },
        either: { targets: ['three/veo', 'two/sora-2'] },
      },
      prices: { 'two/sora-2': { output_cost_per_video_per_second: 0.1 } },
    },
  });
});
beforeEach(() => {
  seen = [];
  refuses = 0;
});
afterAll(async () => {
  await gateway?.stop();
  upstream?.closeAllConnections();
  upstream?.close();
});

const send = (who: Who, method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, {
    method,
    headers: {
      authorization: `Bearer ${KEYS[who]}`,
      ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });

const PICTURE = Buffer.alloc(300_000, 7);
/** @param before the model stands in front of the file, or behind it. */
function form(fields: Readonly<Record<string, string>>, before = true): FormData {
  const made = new FormData();
  const file = () => made.append('input_reference', new Blob([PICTURE]), 'a.png');
  if (!before) file();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  if (before) file();
  return made;
}
const KINDS: readonly (readonly [kind: string, make: (fields: Record<string, string>) => object])[] = [
  ['JSON', (fields) => fields],
  ['a form', (fields) => form(fields)],
  ['a form whose file comes first', (fields) => form(fields, false)],
];

async function modelOf({ type, body }: Seen): Promise<unknown> {
  if (type === 'application/json') return (JSON.parse(body.toString()) as { model?: string }).model;
  const read = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const file = read.get('input_reference') as File;
  expect(Buffer.from(await file.arrayBuffer()).equals(PICTURE)).toBe(true);
  return read.get('model') ?? undefined;
}

describe.each(KINDS)('a film that is begun by %s', (_, make) => {
  test.each<[asked: string, path: string, headers: Record<string, string>, at: string, model: string]>([
    ['two/sora-2', '/v1/videos', {}, 'two', 'sora-2'],
    ['three/sora-2', '/v1/videos', {}, 'three', 'sora-2'],
    ['sora-2', '/v1/videos', {}, 'two', 'sora-2'],
    ['film', '/v1/videos', {}, 'three', 'veo'],
    ['sora-2', '/three/v1/videos', {}, 'three', 'sora-2'],
    ['sora-2', '/v1/videos', { 'x-headgate-provider': 'three' }, 'three', 'sora-2'],
    ['two/sora-2', '/v1/videos', { 'x-headgate-provider': 'three' }, 'two', 'sora-2'],
  ])(
    'of `%s` at %s %o goes to %s as %s, and so does all that is done with it',
    async (asked, path, headers, at, model) => {
      const begun = await send('mine', 'POST', path, make({ model: asked, prompt: 'a boat' }), headers);
      expect([begun.status, begun.headers.get('x-headgate-provider')]).toEqual([200, at]);
      const { id } = (await begun.json()) as { id: string };
      expect(seen.map((one) => [one.at, one.asked])).toEqual([[at, 'POST /videos']]);
      expect(await modelOf(seen[0]!)).toBe(model);
      for (const [method, below, body] of [
        ['GET', '', undefined],
        ['GET', '/content', undefined],
        ['POST', '/remix', { prompt: 'in winter' }],
        ['DELETE', '', undefined],
      ] as const) {
        seen = [];
        expect((await send('few', method, `/v1/videos/${id}${below}`, body)).status).toBe(404);
        expect(seen).toEqual([]);
        const own = await send('mine', method, `/v1/videos/${id}${below}`, body);
        expect([own.status, seen.map((one) => [one.at, one.asked])]).toEqual([
          200,
          [[at, `${method} /videos/${id}${below}`]],
        ]);
      }
    },
  );

  test('of a model that there is not is a 404 in the client’s words, and asks nobody', async () => {
    for (const model of ['nobody', 'two/nobody', 'nobody/sora-2']) {
      const refused = await send('mine', 'POST', '/v1/videos', make({ model, prompt: 'a boat' }));
      expect([refused.status, await refused.json()]).toMatchObject([
        404,
        { error: { code: 'model_not_found', param: 'model', type: 'invalid_request_error' } },
      ]);
    }
    const chat = await send(
      'mine',
      'POST',
      '/v1/videos',
      make({ model: 'words/claude-x', prompt: 'a boat' }),
    );
    expect(chat.status).toBe(400);
    const away = { 'x-headgate-provider': 'nobody' };
    const refused = await send('mine', 'POST', '/v1/videos', make({ model: 'sora-2', prompt: 'x' }), away);
    expect(refused.status).toBe(404);
    expect(seen).toEqual([]);
  });

  test('that names no model goes to whom path or header name, else to the first that makes them', async () => {
    for (const [path, headers, at] of [
      ['/v1/videos', {}, 'one'],
      ['/two/v1/videos', {}, 'two'],
      ['/v1/videos', { 'x-headgate-provider': 'three' }, 'three'],
    ] as const) {
      seen = [];
      const begun = await send('mine', 'POST', path, make({ prompt: 'a boat' }), headers);
      expect([begun.status, seen.map((one) => one.at)]).toEqual([200, [at]]);
      expect(await modelOf(seen[0]!)).toBeUndefined();
    }
  });

  test('of a key of few models is of one of those', async () => {
    expect((await send('few', 'POST', '/v1/videos', make({ model: 'sora-2', prompt: 'x' }))).status).toBe(
      200,
    );
    expect(seen.map((one) => one.at)).toEqual(['two']);
    for (const model of ['three/sora-2', 'film', 'two/sora-2-pro', undefined]) {
      const body = make({ ...(model !== undefined && { model }), prompt: 'x' });
      expect((await send('few', 'POST', '/v1/videos', body)).status).toBe(403);
    }
    expect(seen).toHaveLength(1);
  });

  test('has to have a price where a budget holds', async () => {
    const unpriced = await send('poor', 'POST', '/v1/videos', make({ model: 'film', prompt: 'x' }));
    expect([unpriced.status, seen]).toEqual([403, []]);
    expect(await unpriced.json()).toMatchObject({ error: { message: expect.stringContaining('price') } });
  });
});

test.each<[string, (id: string) => object]>([
  ['JSON', (id) => ({ prompt: 'x', video: { id } })],
  [
    'a form',
    (id) => {
      const fields = new FormData();
      fields.append('prompt', 'x');
      fields.append('video[id]', id);
      return fields;
    },
  ],
])('a film that is made of another, by %s, is made where that one is', async (_, of) => {
  const begun = await send('mine', 'POST', '/v1/videos', { model: 'three/veo', prompt: 'x' });
  const { id } = (await begun.json()) as { id: string };
  for (const path of ['/v1/videos/edits', '/v1/videos/extensions']) {
    seen = [];
    expect((await send('few', 'POST', path, of(id))).status).toBe(404);
    expect(seen).toEqual([]);
    const made = await send('mine', 'POST', path, of(id));
    expect([made.status, seen.map((one) => one.at)]).toEqual([200, ['three']]);
    const again = ((await made.json()) as { id: string }).id;
    expect((await send('mine', 'GET', `/v1/videos/${again}`)).status).toBe(200);
    expect(seen.map((one) => one.at)).toEqual(['three', 'three']);
    // What nobody here knows is left to a provider.
    expect((await send('mine', 'POST', path, of('video_unknown'))).status).toBe(200);
    expect(seen.at(-1)!.at).toBe('one');
  }
});

test('a film that costs more than what is left is not begun, and one that was is paid for', async () => {
  const of = (seconds: string) => ({ model: 'two/sora-2', prompt: 'x', seconds });
  const begin = (seconds: string) => send('poor', 'POST', '/v1/videos', of(seconds));
  expect([(await begin('8')).status, seen]).toEqual([429, []]);
  // OpenAI's SDK sends forms, with a picture or without.
  const fields = new FormData();
  for (const [name, value] of Object.entries(of('8'))) fields.append(name, value);
  expect([(await send('poor', 'POST', '/v1/videos', fields)).status, seen]).toEqual([429, []]);
  const begun = await begin('4');
  expect([begun.status, begun.headers.get('x-headgate-cost-usd')]).toEqual([200, '0.4']);
  expect([(await begin('4')).status, seen.length]).toEqual([429, 1]);
});

test('a short one goes on to the next model where the first refuses, and says where it is', async () => {
  refuses = 503;
  const begun = await send('mine', 'POST', '/v1/videos', { model: 'either', prompt: 'x' });
  expect([begun.status, seen.map(({ at }) => at)]).toEqual([200, ['three', 'two']]);
  const { id } = (await begun.json()) as { id: string };
  seen = [];
  expect((await send('mine', 'GET', `/v1/videos/${id}`)).status).toBe(200);
  expect(seen.map(({ at }) => at)).toEqual(['two']);
});

test('what is no JSON, and a list by a form, are told so', async () => {
  const headers = { authorization: `Bearer ${KEYS.mine}` };
  const odd = await fetch(`${gateway.url}/v1/videos`, { method: 'POST', headers, body: 'model=sora-2' });
  expect(odd.status).toBe(400);
  const none = { ...headers, 'content-type': 'multipart/form-data' };
  expect((await fetch(`${gateway.url}/v1/videos`, { method: 'POST', headers: none, body: 'x' })).status).toBe(
    415,
  );
  const put = await fetch(`${gateway.url}/v1/videos`, { method: 'PUT', headers });
  expect([put.status, seen]).toEqual([405, []]);
});
