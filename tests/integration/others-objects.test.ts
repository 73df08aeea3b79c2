// Objects that providers keep, over a real gateway: whatever route asks for them, nobody without a key gets there, nobody
// with another key finds them, and a key of few models reaches no other model by them.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { objectRoutes } from '../../src/http/routes/object-routes.ts';
import { RAW_LEAVES } from '../../src/http/routes/raw-routes.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';

const KEYS = {
  mine: 'hg-mine-key-0123456789abcdef0123456789abcdef',
  yours: 'hg-yours-key-0123456789abcdef0123456789abcde',
  few: 'hg-few-key-0123456789abcdef0123456789abcdef01',
  spent: 'hg-spent-key-0123456789abcdef0123456789abcde',
};
type Who = keyof typeof KEYS;

let upstream: Server;
let gateway: GatewayProcess;
/** Whole requests that came to the provider. */
let seen: { asked: string; body: string }[] = [];
let made = 0;
/** Of a provider that writes its answers as JSON. */
const AS_JSON = (body: string) => ({ type: 'application/json', body });
let written = AS_JSON;
/** Of a provider that has everything. */
let answer: (method: string, url: string) => unknown;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const { method = '', url = '' } = request;
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      seen.push({ asked: `${method} ${url}`, body });
      const told = written(JSON.stringify(answer(method, url)));
      response.setHeader('content-type', told.type).end(told.body);
    });
    // A request that is taken back.
    request.on('error', () => response.destroy());
  });
  upstream.keepAliveTimeout = 0;
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const shared = { keys: ['sk-x'], models: ['*'], retries: { max: 0 } };
  gateway = await startGateway({
    workers: 1,
    config: {
      auth: {
        keys: [
          { name: 'mine', value: KEYS.mine },
          { name: 'yours', value: KEYS.yours },
          { name: 'few', value: KEYS.few, models: ['a'] },
          { name: 'spent', value: KEYS.spent, limits: [{ requests: '1/d', burst: 1 }] },
        ],
      },
      providers: {
        openai: { ...shared, baseUrl: `${base}/v1` },
        anthropic: { ...shared, baseUrl: base },
        cohere: { ...shared, baseUrl: base },
        mistral: { ...shared, baseUrl: `${base}/v1` },
        gemini: { ...shared, baseUrl: `${base}/v1beta` },
      },
    },
  });
});
beforeEach(() => {
  seen = [];
  written = AS_JSON;
  answer = (method) => (method === 'POST' ? { id: `made-${++made}`, object: 'thing' } : { id: 'seen' });
});
afterAll(async () => {
  await gateway?.stop();
  upstream?.closeAllConnections();
  upstream?.close();
});

const send = (who: Who | null, method: string, path: string, body?: RequestInit['body'], headers = {}) =>
  fetch(gateway.url + path, {
    method,
    headers: {
      ...(who !== null && { authorization: `Bearer ${KEYS[who]}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
const bodyFor = (method: string): string | undefined => (method === 'POST' ? '{}' : undefined);

/** Every route that names an object, and every method of it. */
const NAMED = [
  ...objectRoutes,
  ...RAW_LEAVES.flatMap(({ route }) => (route.otherwise === undefined ? route : [route, route.otherwise])),
]
  // A WebSocket is no request: realtime.test.ts asks for those.
  .filter(({ template, operation }) => template.includes('{id}') && operation.intake !== 'socket')
  .flatMap(({ template, methods, dialect }) =>
    methods.map((method) => ({ method, template, from: dialect === 'anthropic' ? 'anthropic' : 'openai' })),
  );
/** Those of vendors of their own. */
const VENDORS = [
  '/cohere/v1/datasets',
  '/cohere/v1/connectors',
  '/cohere/v1/embed-jobs',
  '/cohere/v1/finetuning/finetuned-models',
  '/cohere/v2/batches',
  '/mistral/v1/agents',
  '/mistral/v1/conversations',
  '/mistral/v1/libraries',
  '/mistral/v1/batch/jobs',
  '/mistral/v1/fine_tuning/jobs',
  '/mistral/v1/audio/voices',
  '/mistral/v2/audio/voices',
  '/mistral/v1/audio/agents',
  '/mistral/v1/prompts',
  '/mistral/v2/skills',
  '/mistral/v1/connectors',
  '/openai/v1/assistants',
  '/openai/v1/threads',
  '/openai/v1/chatkit/sessions',
  '/openai/v1/agents',
  '/openai/v1/agents/sessions',
  '/openai/v1/agents/environments/templates',
  '/openai/v1/agents/automations',
  '/openai/v1/vaults',
  '/anthropic/v1/agents',
  '/anthropic/v1/sessions',
  '/anthropic/v1/environments',
  '/anthropic/v1/vaults',
  '/anthropic/v1/memory_stores',
  '/anthropic/v1/deployments',
  '/anthropic/v1/dreams',
  '/anthropic/v1/user_profiles',
];

test.each(NAMED)('$method $template is its maker’s alone', async ({ method, template, from }) => {
  const named = { ...(from === 'anthropic' && { 'anthropic-version': '2023-06-01' }) };
  const at = (id: string): string =>
    `/${from}${template.replace('{id}', id).replace('{item}', 'part-1').replace('{part}', 'part-2')}`;
  // Of somebody else, of nobody that is known, and of one that is easy to guess.
  const file = await send('mine', 'POST', `/${from}/v1/files`, 'x', named);
  const { id } = (await file.json()) as { id: string };
  seen = [];
  for (const other of [id, ...(template.includes('skills') ? ['skill_0', 'skill_1'] : ['thing-0', '1'])].map(
    at,
  )) {
    expect((await send('yours', method, other, bodyFor(method), named)).status).toBe(404);
    expect((await send(null, method, other, bodyFor(method), named)).status).toBe(401);
  }
  expect(seen).toEqual([]);
  const own = await send('mine', method, at(id), bodyFor(method), named);
  expect([own.status, seen.length]).toEqual([200, 1]);
});

test.each(VENDORS)('%s and what is below it is its maker’s alone', async (path) => {
  const { id } = (await (await send('mine', 'POST', path, '{}')).json()) as { id: string };
  const rest = path.replace(/^\/\w+/, '');
  answer = (_, url) => (url === rest ? { data: [{ id }, { id: 'other' }] } : { id });
  const listed = async (who: Who) =>
    ((await (await send(who, 'GET', path)).json()) as { data: unknown }).data;
  expect([await listed('mine'), await listed('yours')]).toEqual([[{ id }], []]);
  seen = [];
  for (const [method, below] of [
    ['GET', ''],
    ['DELETE', ''],
    ['PATCH', ''],
    ['POST', '/cancel'],
    ['GET', '/parts/part-1'],
  ] as const) {
    const asked = `${path}/${id}${below}`;
    const body = method === 'GET' ? undefined : '{}';
    expect((await send('yours', method, asked, body)).status).toBe(404);
    expect((await send(null, method, asked, body)).status).toBe(401);
    // Nor by the provider's own path.
    const [, provider, ...names] = asked.split('/');
    const through = `/passthrough/${provider}/${names.join('/')}`;
    expect((await send('yours', method, through, body)).status).toBe(404);
    expect(seen).toEqual([]);
    expect((await send('mine', method, asked, body)).status).toBe(200);
    seen = [];
  }
});

test('what a run or a deployment of somebody’s makes is its own too', async () => {
  answer = (_, url) => (url.endsWith('/runs') ? { id: 'run_1', thread_id: 'thread_1' } : { id: 'depl_1' });
  await send('mine', 'POST', '/v1/threads/runs', '{}');
  await send('mine', 'POST', '/v1/deployments', '{}');
  answer = () => ({ id: 'drun-1' });
  expect((await send('yours', 'POST', '/v1/deployments/depl_1/run', '{}')).status).toBe(404);
  await send('mine', 'POST', '/v1/deployments/depl_1/run', '{}');
  answer = () => ({ data: [{ id: 'drun-1' }, { id: 'drun-2' }] });
  const listed = await send('mine', 'GET', '/v1/deployment_runs');
  expect(await listed.json()).toEqual({ data: [{ id: 'drun-1' }] });
  for (const path of ['/v1/threads/thread_1/messages', '/v1/deployment_runs/drun-1']) {
    expect((await send('yours', 'GET', path)).status).toBe(404);
    expect((await send('mine', 'GET', path)).status).toBe(200);
  }
});

test('webhook endpoints are their makers’, and what a vendor tells of its whole organization is told as it is', async () => {
  const at = '/passthrough/openai/v1/webhook_endpoints';
  answer = () => ({ id: `we-${++made}`, object: 'webhook.endpoint' });
  const { id } = (await (await send('mine', 'POST', at, '{"url":"https://x"}')).json()) as { id: string };
  answer = () => ({ data: [{ id }, { id: 'we-other' }] });
  expect(await (await send('yours', 'GET', at)).json()).toEqual({ data: [] });
  expect(await (await send('mine', 'GET', at)).json()).toEqual({ data: [{ id }] });
  seen = [];
  expect([(await send('yours', 'POST', `${at}/${id}/rotate_secret`, '{}')).status, seen]).toEqual([404, []]);
  const told = { object: 'page', data: [{ object: 'bucket', results: [{ usage_bytes: 7 }] }] };
  answer = () => told;
  for (const path of [
    'openai/v1/organization/usage/vector_stores',
    'anthropic/v1/organizations/analytics/skills',
  ])
    expect(await (await send('yours', 'GET', `/passthrough/${path}`)).json()).toEqual(told);
  // Without that address each vendor's client hears where it is, in its own words.
  const openai = await send('mine', 'GET', '/v1/organization/users');
  expect([openai.status, await openai.json()]).toMatchObject([
    404,
    { error: { type: 'invalid_request_error', message: expect.stringContaining('/passthrough/openai/v1') } },
  ]);
  const anthropic = await send('mine', 'GET', '/v1/organizations/api_keys');
  expect([anthropic.status, await anthropic.json()]).toMatchObject([
    404,
    { type: 'error', error: { message: expect.stringContaining('/passthrough/anthropic') } },
  ]);
});

test('the thread of a run that is begun and streamed is its maker’s before its first event is there', async () => {
  const [thread, run] = [`thread_${++made}`, `run_${made}`];
  written = (json) => ({
    type: 'text/event-stream',
    body: `event: thread.created\ndata: ${json}\n\nevent: thread.run.created\ndata: ${JSON.stringify({ id: run, object: 'thread.run', thread_id: thread })}\n\nevent: done\ndata: [DONE]\n\n`,
  });
  answer = () => ({ id: thread, object: 'thread' });
  const begun = await send('mine', 'POST', '/v1/threads/runs', '{"assistant_id":"a","stream":true}');
  expect(await begun.text()).toContain(thread);
  written = AS_JSON;
  answer = () => ({ id: thread });
  for (const path of [`/v1/threads/${thread}`, `/passthrough/openai/v1/threads/${thread}/runs/${run}`]) {
    seen = [];
    expect([(await send('yours', 'GET', path)).status, seen]).toEqual([404, []]);
    expect((await send('mine', 'GET', path)).status).toBe(200);
  }
});

test.each<[kind: string, id: string, body: (id: string) => object]>([
  ['agents', 'helper', (id) => ({ agent: id, input: 'x' })],
  ['agents', 'helper', (id) => ({ agent: `agents/${id}`, input: 'x' })],
  ['environments', 'env_1', (id) => ({ agent: 'a', environment: `environments/${id}` })],
  ['environments', 'plain', (id) => ({ agent: 'a', environment: id })],
  [
    'credentials',
    'cred_1',
    (id) => ({
      agent: 'a',
      environment: { network: { allowlist: [{ domain: 'd', credential: id }] } },
    }),
  ],
])('no interaction works with somebody else’s %s (%#)', async (kind, name, body) => {
  const id = `${name}-${++made}`;
  answer = () => ({ id });
  await send('mine', 'POST', `/v1beta/${kind}`, JSON.stringify({ id }));
  for (const path of ['/v1beta/interactions', '/passthrough/gemini/v1beta/interactions']) {
    seen = [];
    const other = await send('yours', 'POST', path, JSON.stringify(body(id)));
    expect([other.status, seen]).toEqual([404, []]);
    expect(await other.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
    expect((await send('mine', 'POST', path, JSON.stringify(body(id)))).status).toBe(200);
  }
});

test('a trigger that is named with its place, and an environment that another is made of, are their makers’', async () => {
  const trigger = `svc_${++made}`;
  answer = () => ({ id: `projects/p/locations/l/triggers/${trigger}` });
  await send('mine', 'POST', '/v1beta/triggers', '{}');
  const at = `/v1beta/triggers/${trigger}`;
  expect([(await send('yours', 'GET', at)).status, (await send('mine', 'GET', at)).status]).toEqual([
    404, 200,
  ]);
  const id = `env_${++made}`;
  answer = () => ({ id });
  await send('mine', 'POST', '/v1beta/environments', '{}');
  const fork = (who: Who) =>
    send(who, 'POST', '/v1beta/environments', JSON.stringify({ from_environment: `environments/${id}` }));
  expect([(await fork('yours')).status, (await fork('mine')).status]).toEqual([404, 200]);
});

test('a list in a form that nobody here reads is shown to nobody', async () => {
  answer = () => ({ name: 'files/whose' });
  await send('mine', 'POST', '/v1beta/files', '{}');
  written = (json) => ({ type: 'text/javascript', body: `f(${json})` });
  answer = () => ({ files: [{ name: 'files/whose' }] });
  // However often it is asked for, nobody takes the provider for one that fails.
  for (let nth = 0; nth < 30; nth++) {
    seen = [];
    const listed = await send('yours', 'GET', '/v1beta/files?callback=f');
    expect([listed.status, await listed.json(), seen.length]).toMatchObject([
      400,
      { error: { code: 400 } },
      1,
    ]);
  }
  written = AS_JSON;
  const own = await send('mine', 'GET', '/v1beta/files');
  expect([own.status, await own.json()]).toEqual([200, { files: [{ name: 'files/whose' }] }]);
});

test('what says whose something is is asked for whole, and as JSON', async () => {
  const name = `files/masked-${++made}`;
  answer = () => ({ file: { name, uri: `https://g.example/${name}` } });
  for (const [path, form] of [
    ['/upload/v1beta/files', 'alt=proto'],
    ['/v1beta/cachedContents', '%24alt=proto'],
    ['/v1beta/models/m:batchGenerateContent', 'callback=f'],
    ['/v1beta/interactions', 'alt=proto'],
  ] as const) {
    seen = [];
    const refused = await send('mine', 'POST', `${path}?${form}`, '{"model":"a"}');
    expect([refused.status, await refused.json(), seen]).toMatchObject([
      400,
      { error: { code: 400, status: 'INVALID_ARGUMENT' } },
      [],
    ]);
  }
  const proto = { 'content-type': 'application/x-protobuf' };
  expect((await send('mine', 'POST', '/v1beta/cachedContents', 'x', proto)).status).toBe(415);
  await send('mine', 'POST', '/upload/v1beta/files?fields=file(uri)&alt=json', '{}');
  expect(seen.map(({ asked }) => asked)).toEqual(['POST /upload/v1beta/files?alt=json']);
  expect((await send('yours', 'GET', `/v1beta/${name}`)).status).toBe(404);
  seen = [];
  answer = () => ({ files: [{ name, uri: 'u' }] });
  const listed = async (who: Who) => (await send(who, 'GET', '/v1beta/files?fields=files(uri)')).json();
  expect([await listed('yours'), await listed('mine')]).toEqual([
    { files: [] },
    { files: [{ name, uri: 'u' }] },
  ]);
  expect(seen.map(({ asked }) => asked)).toEqual(['GET /v1beta/files', 'GET /v1beta/files']);
});

/** A form of fields and a file. */
function form(fields: Readonly<Record<string, string>>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  made.append('file', new Blob(['sound'.repeat(2_000)]), 'a.wav');
  return made;
}
const chat = { model: 'a', messages: [{ role: 'user', content: 'x' }] };

/** What refers to something of somebody's, wherever a vendor's requests do so. */
const REFERRING: readonly (readonly [path: string, body: (id: string) => object | FormData])[] = [
  ['/openai/v1/audio/speech', (id) => ({ model: 'a', input: 'x', voice: { id } })],
  ['/openai/v1/audio/speech', (id) => ({ model: 'a', input: 'x', voice: id })],
  ['/mistral/v1/audio/speech', (id) => ({ model: 'a', input: 'x', voice_id: id })],
  ['/openai/v1/chat/completions', (id) => ({ ...chat, audio: { voice: { id } } })],
  ['/openai/v1/responses', (id) => ({ model: 'a', input: 'x', tools: [{ skills: [{ skill_id: id }] }] })],
  ['/openai/v1/embeddings', (id) => ({ model: 'a', input: [{ file_id: id }] })],
  [
    '/openai/v1/realtime/client_secrets',
    (id) => ({ session: { model: 'a', audio: { output: { voice: { id } } } } }),
  ],
  [
    '/openai/v1/realtime/calls',
    (id) =>
      form({ sdp: 'v=0', session: JSON.stringify({ model: 'a', audio: { output: { voice: { id } } } }) }),
  ],
  ['/openai/v1/audio/voices', (id) => form({ name: 'x', consent: id })],
  ['/openai/v1/audio/transcriptions', (id) => form({ model: 'a', file_id: id })],
  ['/mistral/v1/audio/transcriptions', (id) => form({ file_id: id, model: 'a' })],
  ['/openai/v1/images/edits', (id) => form({ model: 'a', 'image[][file_id]': id })],
  ['/openai/v1/images/edits', (id) => ({ model: 'a', prompt: 'x', images: [{ file_id: id }] })],
  ['/openai/v1/videos', (id) => form({ model: 'a', prompt: 'x', 'input_reference[file_id]': id })],
  ['/openai/v1/videos', (id) => ({ model: 'a', prompt: 'x', characters: [{ id }] })],
  ['/openai/v1/videos/edits', (id) => ({ prompt: 'x', video: { id } })],
  ['/openai/v1/videos/extensions', (id) => form({ prompt: 'x', 'video[id]': id })],
  ['/openai/v1/files', (id) => form({ purpose: 'batch', line: `{"body":{"conversation":"${id}"}}` })],
  ['/openai/v1/files', (id) => ({ body: { previous_response_id: id } })],
  ['/openai/v1/fine_tuning/jobs', (id) => ({ model: 'a', training_file: id })],
  ['/openai/v1/evals', (id) => ({ data_source: { source: { id, type: 'file_id' } } })],
  ['/openai/v1/batches', (id) => ({ input_file_id: id, endpoint: '/v1/chat/completions' })],
  ['/openai/v1/containers', (id) => ({ name: 'x', file_ids: [id] })],
  ['/openai/v1/vector_stores', (id) => ({ file_ids: [id] })],
  ['/mistral/v1/ocr', (id) => ({ model: 'a', document: { type: 'file', file_id: id } })],
  ['/mistral/v1/agents/completions', (id) => ({ ...chat, agent_id: id })],
  ['/passthrough/openai/v1/agents/sessions', (id) => ({ agent: { id }, vault_ids: [id] })],
  ['/passthrough/openai/v1/agents/sessions', (id) => ({ environment_id: id })],
  ['/v1/agents/sessions', (id) => ({ agent: { id }, vault_ids: [id] })],
  ['/v1/threads', (id) => ({ tool_resources: { file_search: { vector_store_ids: [id] } } })],
  ['/passthrough/openai/v1/containers', (id) => form({ 'file_ids[]': id })],
];

test.each(REFERRING)('what a request refers to is its maker’s alone: %s (%#)', async (path, body) => {
  answer = () => ({ id: `voice_${++made}`, object: 'thing' });
  const { id } = (await (await send('mine', 'POST', '/openai/v1/audio/voices', '{}')).json()) as {
    id: string;
  };
  seen = [];
  const ask = (who: Who, named: string) => {
    const request = body(named);
    return request instanceof FormData
      ? fetch(gateway.url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${KEYS[who]}` },
          body: request,
        })
      : send(who, 'POST', path, JSON.stringify(request));
  };
  const other = await ask('yours', id);
  expect([other.status, seen]).toEqual([404, []]);
  expect(await other.json()).toMatchObject({ error: { code: 'gw_client_object_not_found' } });
  await ask('mine', id);
  expect(seen.map(({ body: came }) => came.includes(id))).toEqual([true]);
});

test('nor is it named in the query of what is handed on, but for where a list goes on', async () => {
  answer = () => ({ id: `call-${++made}` });
  const { id } = (await (await send('mine', 'POST', '/openai/v1/containers', '{}')).json()) as { id: string };
  answer = () => ({ id: `vs_${++made}` });
  const store = (await (await send('mine', 'POST', '/openai/v1/vector_stores', '{}')).json()) as {
    id: string;
  };
  const ask = async (query: string) =>
    (await send('yours', 'GET', `/passthrough/openai/v1/things?${query}`)).status;
  expect(await ask(`store=${store.id}`)).toBe(404);
  expect(await ask(`stores=x,${store.id}`)).toBe(404);
  expect(await ask(`after=${store.id}`)).toBe(200);
  expect(await ask(`after=${id}`)).toBe(200);
});

test('no run of an evaluation reads what other callers asked', async () => {
  answer = () => ({ id: `eval_${++made}`, object: 'eval' });
  const { id } = (await (await send('mine', 'POST', '/openai/v1/evals', '{}')).json()) as { id: string };
  const run = (source: object) => JSON.stringify({ data_source: { type: 'responses', source } });
  for (const path of [`/openai/v1/evals/${id}/runs`, `/passthrough/openai/v1/evals/${id}/runs`])
    for (const type of ['stored_completions', 'responses']) {
      seen = [];
      const refused = await send('mine', 'POST', path, run({ type, metadata: null }));
      expect([refused.status, seen]).toEqual([403, []]);
      expect(await refused.json()).toMatchObject({
        error: { code: 'gw_client_forbidden', param: 'data_source' },
      });
      expect((await send('mine', 'POST', path, run({ type: 'file_content', content: [] }))).status).toBe(200);
    }
});

test('limits hold for them', async () => {
  expect((await send('spent', 'GET', '/openai/v1/evals')).status).toBe(200);
  for (const path of [
    '/openai/v1/skills',
    '/openai/v1/fine_tuning/jobs',
    '/cohere/v1/datasets',
    '/mistral/v1/libraries',
  ])
    expect((await send('spent', 'GET', path)).status).toBe(429);
});

const line = (body: string): string =>
  `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":${body}}\n`;

test.each<[string, string | Buffer<ArrayBuffer>, object, number]>([
  ['its own model', line('{"model":"a"}'), {}, 200],
  ['its own, a long one', line('{"model":"a"}').repeat(3_000), {}, 200],
  ['its own behind a mark of byte order', `\ufeff${line('{"model":"a"}')}`, {}, 200],
  ['another on its last line', line('{"model":"a"}').repeat(3_000) + line('{"model":"o3"}'), {}, 403],
  ['another in disguise', line('{"metadata":{"model":"a"},"mod\\u0065l":"o3"}'), {}, 403],
  ['another twice', line('{"model":"o3","model":"a"}'), {}, 403],
  ['another behind an odd line end', line('{"metadata":{"model":"a"},"model"\r:"o3"}'), {}, 403],
  ['another that is compressed', gzipSync(line('{"model":"o3"}')), { 'content-encoding': 'gzip' }, 403],
  ['its own that is compressed', gzipSync(line('{"model":"a"}')), { 'content-encoding': 'gzip' }, 200],
])('a key of few models begins a batch of %s or not', async (_, file, coding, status) => {
  const uploaded = await send('few', 'POST', '/openai/v1/files', file, coding);
  expect(uploaded.status).toBe(200);
  const { id } = (await uploaded.json()) as { id: string };
  const begin = (body: object) => send('few', 'POST', '/openai/v1/batches', JSON.stringify(body));
  const begun = await begin({ input_file_id: id, endpoint: '/v1/chat/completions' });
  expect(begun.status).toBe(status);
  expect((await begin({ input_file_id: id, model_id: 'o3' })).status).toBe(403);
});

test.each([1, 40_000])(
  'a list of %i requests with another model never is whole at its provider',
  async (count) => {
    const requests = Array.from({ length: count }, (_, n) => ({
      custom_id: `${n}`,
      params: { model: 'a', max_tokens: 1 },
    }));
    const list = (more: object[]) => JSON.stringify({ requests: [...requests, ...more] });
    const own = await send('few', 'POST', '/anthropic/v1/messages/batches', list([]));
    expect([own.status, seen[0]?.body === list([])]).toEqual([200, true]);
    seen = [];
    const other = await send(
      'few',
      'POST',
      '/anthropic/v1/messages/batches',
      list([{ custom_id: 'o', params: { model: 'o3' } }]),
    );
    expect(other.status).toBe(403);
    expect(await other.json()).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
    expect(seen).toEqual([]);
  },
);

test.each<[path: string, body: object, status: number, method?: string]>([
  ['/v1beta/cachedContents', { model: 'models/a', contents: [] }, 200],
  ['/v1beta/cachedContents', { model: 'models/o3', contents: [] }, 403],
  ['/v1beta/cachedContents', { contents: [] }, 403],
  ['/v1beta/cachedContents/c1', { ttl: '60s' }, 200, 'PATCH'],
  ['/v1beta/models/a:batchGenerateContent', { batch: { input_config: { file_name: 'files/x' } } }, 200],
  ['/v1beta/models/a:batchGenerateContent', { batch: { model: 'models/o3' } }, 403],
  [
    '/passthrough/gemini/v1beta/models/a%3AbatchGenerateContent',
    { batch: { inputConfig: { requests: [{ model: 'a' }] } } },
    200,
  ],
  ['/v1beta/models/o3:batchGenerateContent', { batch: {} }, 403],
  ['/v1beta/models/a:asyncBatchEmbedContent', { batch: {} }, 200],
  ['/v1beta/models/a:predictLongRunning', { instances: [] }, 200],
  ['/v1beta/models/o3:predict', { instances: [] }, 403],
  ['/v1beta/batches/b1:cancel', {}, 200],
  ['/v1beta/batches/b1:updateGenerateContentBatch', {}, 403, 'PATCH'],
  ['/mistral/v1/fine_tuning/jobs', { model: 'a', training_files: [{ file_id: 'x' }] }, 200],
  ['/mistral/v1/fine_tuning/jobs', { model: 'o3', training_files: [] }, 403],
  ['/mistral/v1/fine_tuning/jobs/unknown/start', {}, 403],
  ['/mistral/v1/fine_tuning/jobs/unknown/cancel', {}, 200],
  ['/mistral/v1/batch/jobs', { model: 'a', endpoint: '/v1/chat/completions', requests: [{ body: {} }] }, 200],
  ['/mistral/v1/batch/jobs', { model: 'a', requests: [{ body: { model: 'o3' } }] }, 403],
  ['/mistral/v1/batch/jobs', { model: 'a', agent_id: 'unknown', requests: [] }, 403],
  ['/cohere/v2/batches', { model: 'a', input_dataset_id: 'x' }, 200],
  ['/cohere/v2/batches', { model: 'o3', input_dataset_id: 'x' }, 403],
  ['/cohere/v1/embed-jobs', { model: 'a', dataset_id: 'x' }, 200],
])(
  'a key of few models asks for work by a provider’s own path where its models are its own: %s %j',
  async (path, body, status, method = 'POST') => {
    const answered = await send('few', method, path, JSON.stringify(body));
    expect([answered.status, seen.length]).toEqual([status, status === 200 ? 1 : 0]);
    if (status === 200) return;
    // In the words of its clients.
    const { error, message } = (await answered.json()) as { error?: object; message?: string };
    if (path.includes('/v1beta')) expect(error).toMatchObject({ code: 403, status: 'PERMISSION_DENIED' });
    else if (path.startsWith('/cohere')) expect(message).toContain('may not use');
    else expect(error).toMatchObject({ type: 'permission_error' });
  },
);

test('the files and jobs that such work names say their models too', async () => {
  const ask = async (path: string, body: string | object) => {
    const asked = await send(
      'few',
      'POST',
      `/mistral${path}`,
      typeof body === 'string' ? body : JSON.stringify(body),
    );
    return { status: asked.status, id: ((await asked.json()) as { id?: string }).id! };
  };
  const without = await ask('/v1/files', '{"custom_id":"1","body":{"max_tokens":9}}\n'.repeat(3));
  const own = await ask('/v1/files', '{"body":{"model":"a"}}\n{"body":{}}\n');
  const other = await ask('/v1/files', '{"body":{"model":"o3"}}\n{"body":{}}\n');
  const job = (file: string) => ask('/v1/batch/jobs', { model: 'a', input_files: [file] });
  expect([(await job(without.id)).status, (await job(own.id)).status]).toEqual([200, 200]);
  expect([(await job(other.id)).status, (await job('unknown')).status]).toEqual([403, 403]);
  const tuned = await ask('/v1/fine_tuning/jobs', { model: 'a', training_files: ['x'], auto_start: false });
  expect((await ask(`/v1/fine_tuning/jobs/${tuned.id}/start`, '')).status).toBe(200);
  // OpenAI's batches have no model but that of each line.
  const begun = await send('few', 'POST', '/openai/v1/batches', JSON.stringify({ input_file_id: own.id }));
  expect(begun.status).toBe(403);
});

test.each([
  ['POST', '/openai/v1/fine_tuning/jobs', '{"model":"o3","training_file":"x"}'],
  ['POST', '/openai/v1/fine_tuning/alpha/graders/run', '{"grader":{"model":"o3"}}'],
  ['POST', '/openai/v1/evals', '{"testing_criteria":[{"model":"o3"}]}'],
  ['POST', '/openai/v1/batches', '{"input_file_id":"unknown"}'],
  ['POST', '/cohere/v1/embed-jobs', '{"model":"o3"}'],
  ['POST', '/cohere/v1/datasets/..%2f..%2fv2/chat', '{"model":"o3"}'],
  ['POST', '/cohere/v1/classify', '{"model":"o3","inputs":["x"]}'],
  ['POST', '/mistral/v1/ocr', '{"model":"o3"}'],
  ['POST', '/mistral/v1/ocr', '{"model":"a","model":"o3"}'],
  ['POST', '/mistral/v1/fim/completions', '{"model":"o3","prompt":"x"}'],
  ['POST', '/mistral/v1/chat/classifications', '{"mod\\u0065l":"o3","input":[]}'],
  ['POST', '/mistral/v1/conversations', '{"model":"o3","inputs":"x"}'],
  ['POST', '/mistral/v1/agents/completions', '{"agent_id":"x"}'],
  ['POST', '/mistral/v1/batch/jobs', '{"model":"o3","input_files":["x"]}'],
])('nor is another model asked: %s %s %s', async (method, path, body) => {
  const { status } = await send('few', method, path, body);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(seen).toEqual([]);
});

test('JSON in UTF-16 goes nowhere: nobody could see whom it names', async () => {
  answer = () => ({ id: `file-wide-${++made}`, object: 'thing' });
  const { id } = (await (await send('mine', 'POST', '/passthrough/openai/v1/containers', '{}')).json()) as {
    id: string;
  };
  seen = [];
  const json = JSON.stringify({ file_ids: [id] });
  const wide = Buffer.from(json, 'utf16le');
  for (const [body, headers] of [
    [wide, {}],
    [Buffer.from(wide).swap16(), { 'content-type': 'text/plain' }],
    [json, { 'content-type': 'application/json; charset=utf-16' }],
    [gzipSync(wide), { 'content-encoding': 'gzip' }],
  ] as const)
    for (const path of ['/passthrough/openai/v1/containers', '/cohere/v2/batches']) {
      const refused = await send('yours', 'POST', path, body, headers);
      expect(refused.status).toBe(415);
      expect(refused.headers.get('x-request-id')).toBeTruthy();
    }
  expect(seen).toEqual([]);
  // In UTF-8 it is looked into.
  expect((await send('yours', 'POST', '/passthrough/openai/v1/containers', json)).status).toBe(404);
  expect((await send('mine', 'POST', '/passthrough/openai/v1/containers', json)).status).toBe(200);
});
