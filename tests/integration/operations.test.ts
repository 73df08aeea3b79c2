// The walk: every route there is, whoever adds one, is closed to who has no key, limited, goes through a lane, has one line in the
// log and its counts in the metrics, settles once, and speaks its own dialect when something is wrong.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import type { ModelRoute } from '../../src/contracts/route.ts';
import { routes } from '../../src/http/routes/routes.ts';
import { isBilled } from '../../src/prices/attempt-charge.ts';
import { operations } from '../../src/registry/operations.ts';
import { openAdmin } from '../kit/admin.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { PROVIDER, pathOf, sampleOf } from '../kit/operation-samples.ts';
import { upstreamKeys } from '../kit/test-config.ts';

const BROKE = 'hg-broke-key-0123456789abcdef0123456789abcdef';
const SPENT = 'hg-spent-key-0123456789abcdef0123456789abcdef';

const harness = useGateway(
  (mock) => ({
    dialects: true,
    providers: {
      bi: {
        dialect: 'bedrock-invoke',
        baseUrl: mock.anthropicUrl,
        region: 'eu-west-1',
        keys: [{ value: upstreamKeys.be }],
        models: ['*'],
        retries: { max: 0 },
      },
    },
    rest: {
      unknownPrice: 'allow',
      auth: {
        keys: [
          { name: 'free', value: gateKey },
          { name: 'broke', value: BROKE, budgets: [{ amountUsd: 0, window: 'never' }] },
          { name: 'spent', value: SPENT, limits: [{ requests: '20/d', burst: 20 }] },
        ],
      },
    },
  }),
  { admin: true },
);

interface Way {
  route: ModelRoute;
  method: string;
}

/** Each once: some routes are reached by several spellings. */
const WAYS: readonly (readonly [name: string, way: Way])[] = [
  ...new Map(
    routes
      .filter((route) => route.kind === 'model')
      // A WebSocket is no request: realtime.test.ts and chat-socket.test.ts go the same ways with one.
      .filter(({ operation, socket }) => operation.intake !== 'socket' && socket === undefined)
      .flatMap((route) => route.methods.map((method): Way => ({ route, method })))
      // A preflight asks for no operation, and a head has no error to read.
      .filter(({ method }) => method !== 'OPTIONS' && method !== 'HEAD')
      .map((way) => [nameOf(way), way] as const),
  ),
];

/** Two operations may share a path, and are told by the body. */
function nameOf({ route, method }: Way): string {
  return `${method} ${route.template} (${route.dialect}, ${route.operation.name})`;
}

/** What batches are made of. */
const [, FILE] = WAYS.find(([, { route }]) => route.template === '/v1/files/{id}')!;

interface Got {
  status: number;
  id: string;
  headers: Headers;
  json: unknown;
}

/** @param id of the object asked for, where the path names one. */
async function ask(way: Way, key: string | null, model = 'ok', id = 'obj-none'): Promise<Got> {
  const { route, method } = way;
  const provider = PROVIDER[route.dialect];
  const inPath = route.template.includes('{model}');
  const sample = sampleOf(route, inPath ? model : `${provider}/${model}`, file(way, key));
  const body = method === 'POST' ? sample.body : undefined;
  const response = await fetch(harness.url + pathOf(route, provider, model, id), {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      ...sample.headers,
    },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const requestId = response.headers.get('x-request-id') ?? '';
  return { status: response.status, id: requestId, headers: response.headers, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What tells an error of each dialect from those of the others. */
const SPEAKS: Readonly<Record<DialectName, (got: Got) => boolean>> = {
  'openai-chat': ({ json }) =>
    typeof pick(json, 'error.message') === 'string' && typeof pick(json, 'error.type') === 'string',
  'openai-responses': ({ json }) => typeof pick(json, 'error.message') === 'string',
  anthropic: ({ json }) => pick(json, 'type') === 'error' && typeof pick(json, 'error.type') === 'string',
  bedrock: ({ json, headers }) =>
    typeof pick(json, 'message') === 'string' && headers.has('x-amzn-errortype'),
  'bedrock-invoke': ({ json, headers }) =>
    typeof pick(json, 'message') === 'string' && headers.has('x-amzn-errortype'),
  cohere: ({ json }) => typeof pick(json, 'message') === 'string' && pick(json, 'error') === undefined,
  gemini: ({ json }) =>
    typeof pick(json, 'error.code') === 'number' && typeof pick(json, 'error.status') === 'string',
};

function expectError(got: Got, status: number, { dialect }: ModelRoute): void {
  expect([got.status, got.json]).toEqual([status, expect.anything()]);
  expect(SPEAKS[dialect](got), `${dialect}: ${JSON.stringify(got.json)}`).toBe(true);
  expect(got.id).not.toBe('');
}

/** Calls that went well, by request id. */
const went = new Map<string, Way>();

/** What the one line of each request must say; lines come some time behind the answers. */
const promised = new Map<string, Record<string, unknown>>();

function promiseLine({ id }: Got, { template: route }: ModelRoute, line: Record<string, unknown>): void {
  promised.set(id, { route, ...line });
}

/** Access lines by request. */
function linesById(): Map<string, Record<string, unknown>[]> {
  const found = new Map<string, Record<string, unknown>[]>();
  for (const entry of harness.gateway.logs()) {
    if (typeof entry['route'] !== 'string' || entry['status'] === undefined) continue;
    const id = String(entry['id']);
    found.set(id, [...(found.get(id) ?? []), entry]);
  }
  return found;
}

/** Where objects of the kind that a route names are made; null = it names none. */
function collectionOf({ route: { template, dialect } }: Way): Way | null {
  const [below] = template.split('/{id}');
  if (below === template) return null;
  // Checkpoints are what jobs make.
  const collection = below === '/v1/fine_tuning/checkpoints' ? '/v1/fine_tuning/jobs' : below;
  return WAYS.find(
    ([, { route, method }]) =>
      method === 'POST' && route.template === collection && route.dialect === dialect,
  )![1];
}

/** Objects made with each key, by where they were made. */
const made = new Map<string, string>();
const place = (way: Way, key: string | null): string => `${key} ${way.route.dialect} ${way.route.template}`;

/** The file that a batch is made of. */
function file({ route }: Way, key: string | null): string {
  return made.get(`${key} ${route.dialect} /v1/files`) ?? 'obj-none';
}

/** A new object of the kind that the route names. */
async function objectFor(way: Way, key: string): Promise<string | undefined> {
  const collection = collectionOf(way);
  if (collection === null) return undefined;
  const got = await ask(collection, key);
  const id = pick(got.json, 'id');
  if (typeof id !== 'string')
    throw new Error(`no object at ${collection.route.template}: ${JSON.stringify(got)}`);
  made.set(place(collection, key), id);
  return id;
}

beforeAll(async () => {
  const kinds = new Map(
    WAYS.flatMap(([, way]): [string, Way][] => {
      const collection = collectionOf(way);
      return collection === null ? [] : [[place(collection, null), way]];
    }).sort(([a], [b]) => Number(b.endsWith('/files')) - Number(a.endsWith('/files'))),
  );
  for (const way of kinds.values()) for (const key of [gateKey, SPENT]) await objectFor(way, key);
  const [, chat] = WAYS.find(([, { route }]) => route.operation.name === 'chat')!;
  for (let left = 30; (await ask(chat, SPENT)).status !== 429; left--) expect(left).toBeGreaterThan(0);
});

describe.each(WAYS)('%s', (_, way) => {
  const { route, method } = way;
  const { raw, estimated, name } = route.operation;

  test('is closed to who has no key, or a wrong one', async () => {
    for (const key of [null, 'hg-wrong-0123456789abcdef']) {
      const got = await ask(way, key);
      // AWS says it so.
      const status = route.dialect.startsWith('bedrock') ? 403 : 401;
      expectError(got, status, route);
      promiseLine(got, route, { status, dialect: route.dialect });
    }
  });

  // Whose a model of one's own is nobody here knows.
  const unknown = name === 'model-object';

  test.runIf(unknown)('is nobody’s among several callers', async () => {
    const before = harness.mock.requests.length;
    const got = await ask(way, gateKey);
    expectError(got, 404, route);
    expect(harness.mock.requests).toHaveLength(before);
    promiseLine(got, route, { status: 404, client: 'free' });
  });

  test.skipIf(unknown)('is limited, and refused before anybody is asked', async () => {
    const before = harness.mock.requests.length;
    const collection = collectionOf(way);
    const own = collection === null ? undefined : made.get(place(collection, SPENT));
    const got = await ask(way, SPENT, 'ok', own);
    expectError(got, 429, route);
    expect(got.headers.get('retry-after')).toBeTruthy();
    expect(harness.mock.requests).toHaveLength(before);
    promiseLine(got, route, { status: 429, client: 'spent' });
  });

  test.runIf(isBilled(route.operation, method))(
    'M09: is refused where a budget has no room, and asks nobody',
    async () => {
      const collection = collectionOf(way);
      // What is named has to be the caller's own, and it can make nothing: who has none is told so first.
      if (name === 'batch') await objectFor(FILE, BROKE);
      const before = harness.mock.requests.length;
      const got = await ask(way, BROKE);
      if (collection === null) {
        expectError(got, 429, route);
        promiseLine(got, route, { status: 429, error: 'GW_BUDGET_EXCEEDED', client: 'broke' });
      } else expectError(got, 404, route);
      expect(harness.mock.requests).toHaveLength(before);
    },
  );

  test.runIf(collectionOf(way) !== null)(
    'says of another’s object that there is none, and asks nobody',
    async () => {
      const before = harness.mock.requests.length;
      const got = await ask(way, gateKey, 'ok', made.get(place(collectionOf(way)!, SPENT)));
      expectError(got, 404, route);
      expect(harness.mock.requests).toHaveLength(before);
      promiseLine(got, route, { status: 404, client: 'free' });
    },
  );

  test.skipIf(unknown)('goes through a lane with one attempt, and settles once', async () => {
    const got = await ask(way, gateKey, 'ok', await objectFor(way, gateKey));
    expect([got.status, got.json]).toEqual([200, expect.anything()]);
    const provider = PROVIDER[route.dialect];
    const attempt = { provider, status: 200, key: expect.any(String) };
    promiseLine(got, route, { method, status: 200, client: 'free', provider, attempts: [attempt] });
    went.set(got.id, way);
  });

  // What is forwarded as it is speaks as its provider does, and what is estimated needs none.
  test.skipIf(raw !== undefined || estimated || name === 'decision')(
    'says what a provider refused in its own words',
    async () => {
      const got = await ask(way, gateKey, 'status:503');
      expectError(got, 503, route);
      promiseLine(got, route, { status: 503, error: expect.stringMatching(/^GW_UPSTREAM/) });
    },
  );
});

const LOCAL = routes.flatMap((route) =>
  route.kind === 'local' && !route.open
    ? route.methods
        .filter((method) => method !== 'HEAD')
        .map((method) => [`${method} ${route.template}`, route, method] as const)
    : [],
);

test.each(LOCAL)('%s answers nobody without a key', async (_, route, method) => {
  const kind = route.template.includes('conversations') ? 'conv' : 'resp';
  const path = route.template.replace('{id}', `${kind}_1`).replaceAll(/\{\w+\}/g, 'msg_1');
  const response = await fetch(harness.url + path, { method });
  expect([response.status, parsed(await response.text())]).toEqual([
    route.dialect.startsWith('bedrock') ? 403 : 401,
    expect.anything(),
  ]);
});

test('every request has one line, which says what became of it', async () => {
  expect(promised.size).toBeGreaterThanOrEqual(WAYS.length * 4);
  const missing = () => {
    const lines = linesById();
    return [...promised.keys()].filter((id) => !lines.has(id));
  };
  await vi.waitFor(() => expect(missing()).toEqual([]), { timeout: 30_000, interval: 250 });
  const lines = linesById();
  for (const [id, wanted] of promised) {
    expect(lines.get(id)).toMatchObject([wanted]);
    if (wanted['status'] === 429) expect(lines.get(id)![0]).not.toHaveProperty('attempts');
  }
});

test('M09: every billed one is in the ledger, once, and nothing else is charged', async () => {
  const admin = await openAdmin(harness.gateway);
  const charges = new Map<string, { costNano: number | null }[]>();
  await vi.waitFor(
    async () => {
      const rows = (await admin.get('/api/stats?since=1h&key=free')).body.total;
      expect(rows.requests).toBeGreaterThanOrEqual(went.size);
      charges.clear();
      for (let cursor = ''; ; ) {
        const { body } = await admin.get(`/api/ledger?since=1h&limit=100${cursor}`);
        for (const charge of body.items)
          charges.set(charge.call, [...(charges.get(charge.call) ?? []), charge]);
        if (body.next === null) break;
        cursor = `&cursor=${body.next}`;
      }
      const billed = [...went].filter(([, { route, method }]) => isBilled(route.operation, method));
      const missing = billed.filter(([id, { route }]) => !charges.has(id) && !isChargedLater(route));
      expect(missing.map(([, { route }]) => route.template)).toEqual([]);
    },
    { timeout: 60_000, interval: 500 },
  );
  for (const [id, { route, method }] of went) {
    const own = charges.get(id) ?? [];
    const billed = isBilled(route.operation, method) && !isChargedLater(route);
    expect([route.template, own.length]).toEqual([route.template, billed ? 1 : own.length]);
    // What is read or deleted may tell what was used before, and costs nothing.
    if (!billed) expect(own.filter(({ costNano }) => costNano !== 0)).toEqual([]);
  }
});

/** Batches are charged when their results are told or read: batches.test.ts. */
function isChargedLater({ operation }: ModelRoute): boolean {
  return operation.chargedByResults === true;
}

test('every request was counted once, under its route, and nothing is left in a lane', async () => {
  await vi.waitFor(
    async () => {
      const wanted = new Map<string, number>();
      for (const [line] of linesById().values()) {
        const route = String(line!['route']);
        wanted.set(route, (wanted.get(route) ?? 0) + 1);
      }
      const text = await (await fetch(`${harness.url}/metrics`)).text();
      const counted = new Map<string, number>();
      for (const [, route, value] of text.matchAll(
        /^headgate_http_requests_total\{route="([^"]+)"[^}]*\} (\d+)$/gm,
      ))
        counted.set(route!, (counted.get(route!) ?? 0) + Number(value));
      for (const [, { route }] of WAYS)
        expect([route.template, counted.get(route.template)]).toEqual([
          route.template,
          wanted.get(route.template),
        ]);
      for (const dialect of Object.keys(PROVIDER))
        expect(text).toContain(`headgate_requests_total{dialect="${dialect}"`);
      const running = [...text.matchAll(/^headgate_in_flight_requests\{[^}]*\} (\d+)$/gm)];
      expect(running.length).toBeGreaterThan(0);
      expect(running.filter(([, value]) => value !== '0')).toEqual([]);
    },
    { timeout: 30_000, interval: 250 },
  );
});

test.each(Object.values(operations).map((operation) => [operation.name, operation] as const))(
  '%s is planned, permitted, limited and dispatched, in this order',
  (_, { flow, meters, intake }) => {
    const last = intake === 'socket' ? 'tunnel' : 'dispatch';
    const order = ['permit', 'admit', last].map((stage) => (flow as readonly string[]).indexOf(stage));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(flow.at(-1)).toBe(last);
    expect(meters).toContain('requests');
  },
);
