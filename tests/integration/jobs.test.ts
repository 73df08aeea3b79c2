// Routes of the operator's own: the walk of the operation table for routes that the configuration makes, and what only they have.
import { describe, expect, test, vi } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { testConfig } from '../kit/test-config.ts';

const BROKE = 'hg-broke-key-0123456789abcdef0123456789abcdef';
const GUARDED = 'hg-guarded-key-0123456789abcdef0123456789abcdef';
const SPENT = 'hg-spent-key-0123456789abcdef0123456789abcdef';

const input = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } };
const messages = [{ role: 'user', content: 'Say: {{payload.text}}' }];
const blocks = [{ role: 'user', content: [{ text: 'Say: {{payload.text}}' }] }];
const answer = { body: { said: '{{text}}', of: '{{payload.text}}' } };
/** One for each dialect; `path` is usual where it is not stated. */
const JOBS = {
  chat: { model: 'oa/ok', request: { messages } },
  claude: { model: 'an/ok', dialect: 'anthropic', request: { messages, max_tokens: 50 } },
  responses: { model: 'rs/ok', dialect: 'openai-responses', request: { input: 'Say: {{payload.text}}' } },
  converse: { model: 'be/ok', dialect: 'bedrock', request: { messages: blocks }, path: '/own/converse' },
  cohere: { model: 'co/ok', dialect: 'cohere', request: { messages } },
  gemini: {
    model: 'ge/ok',
    dialect: 'gemini',
    request: { contents: [{ role: 'user', parts: [{ text: 'Say: {{payload.text}}' }] }] },
  },
} as const;

const operations = Object.fromEntries(
  Object.entries(JOBS).map(([name, job]) => [name, { input, answer, ...job }]),
);
const parts = {
  dialects: true,
  rest: {
    unknownPrice: 'allow',
    operations: {
      ...operations,
      picky: { ...operations['chat'], answer: { schema: { type: 'object' } } },
      failing: { ...operations['chat'], model: 'oa/status:503' },
    },
    auth: {
      keys: [
        { name: 'free', value: gateKey },
        { name: 'broke', value: BROKE, budgets: [{ amountUsd: 0, window: 'never' }] },
        { name: 'spent', value: SPENT, limits: [{ requests: '1/d', burst: 1 }] },
        {
          name: 'guarded',
          value: GUARDED,
          guardrails: [
            { name: 'asked', on: ['input'], checks: [{ type: 'keywords', words: ['nightingale'] }] },
            { name: 'said', on: ['output'], checks: [{ type: 'keywords', words: ['mock provider'] }] },
          ],
        },
      ],
    },
  },
};
const harness = useGateway(parts);

async function post(path: string, payload: unknown, key: string | null = gateKey) {
  const response = await fetch(harness.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    },
    body: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, id: response.headers.get('x-request-id') ?? '', json, text };
}

/** What the one line of each request must say. */
const promised = new Map<string, Record<string, unknown>>();

describe.each(Object.entries(JOBS))('%s', (name, job) => {
  const path = 'path' in job ? job.path : `/jobs/${name}`;

  test('asks its model in its dialect through a lane, and answers what it promises', async () => {
    const got = await post(path, { text: ' hi ' });
    expect([got.status, got.json]).toEqual([
      200,
      { said: expect.stringContaining('Hello from the mock'), of: 'hi' },
    ]);
    expect(JSON.stringify(harness.mock.lastRequest().json)).toContain('Say: hi');
    const provider = job.model.split('/')[0];
    promised.set(got.id, {
      route: path,
      status: 200,
      client: 'free',
      attempts: [{ provider, status: 200, key: expect.any(String) }],
    });
  });

  test('is looked at by guardrails, both ways', async () => {
    const before = harness.mock.requests.length;
    const asked = await post(path, { text: 'Project Nightingale' }, GUARDED);
    expect([asked.status, harness.mock.requests.length]).toEqual([400, before]);
    const said = await post(path, { text: 'hi' }, GUARDED);
    expect(said.status).toBe(400);
    expect(said.text).not.toContain('mock provider');
  });

  test('is closed to who has no key, refuses what does not fit and where a budget has no room, and asks nobody', async () => {
    const before = harness.mock.requests.length;
    const denied = job.model.startsWith('be') ? 403 : 401;
    expect((await post(path, { text: 'hi' }, null)).status).toBe(denied);
    const bad = await post(path, { text: 7 });
    expect([bad.status, bad.text]).toEqual([400, expect.stringContaining('must be string')]);
    promised.set(bad.id, { route: path, status: 400, error: 'GW_CLIENT_BAD_REQUEST' });
    expect((await post(path, '{"text":')).status).toBe(400);
    const broke = await post(path, { text: 'hi' }, BROKE);
    expect(broke.status).toBe(429);
    promised.set(broke.id, { route: path, status: 429, error: 'GW_BUDGET_EXCEEDED', client: 'broke' });
    expect(harness.mock.requests).toHaveLength(before);
  });
});

test('a limit holds, and only POST is taken', async () => {
  expect((await post('/jobs/chat', { text: 'hi' }, SPENT)).status).toBe(200);
  expect((await post('/jobs/chat/', { text: 'hi' }, SPENT)).status).toBe(429);
  const got = await fetch(`${harness.url}/jobs/chat`, { headers: { authorization: `Bearer ${gateKey}` } });
  expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
});

test('a model that does not say what is promised is a 502, in the answer and in the log; its own failure is told as it is', async () => {
  const got = await post('/jobs/picky', { text: 'hi' });
  expect([got.status, got.text]).toEqual([502, expect.stringContaining('it is not JSON')]);
  promised.set(got.id, { route: '/jobs/picky', status: 502, error: 'GW_JOB_ANSWER' });
  expect((await post('/jobs/failing', { text: 'hi' })).status).toBe(503);
});

test('every request has one line and is counted under the route of its operation', async () => {
  const linesOf = (id: string) =>
    harness.gateway.logs().filter((entry) => entry['id'] === id && entry['route'] !== undefined);
  await vi.waitFor(() => expect([...promised.keys()].filter((id) => linesOf(id).length === 0)).toEqual([]), {
    timeout: 30_000,
    interval: 100,
  });
  for (const [id, line] of promised) expect(linesOf(id)).toMatchObject([line]);
  await vi.waitFor(
    async () => {
      const text = await (await fetch(`${harness.url}/metrics`)).text();
      expect(text).toMatch(/headgate_http_requests_total\{route="\/own\/converse"[^}]*\} \d/);
    },
    { timeout: 30_000, interval: 250 },
  );
});

test('a route that a reload brings is served, and one that it takes is gone', async () => {
  expect((await post('/jobs/later', { text: 'hi' })).status).toBe(404);
  const { chat: _chat, ...left } = operations;
  const rest = { ...parts.rest, operations: { ...left, later: operations['chat'] } };
  harness.gateway.writeConfig(testConfig(harness.mock, { ...parts, rest }));
  harness.gateway.kill('SIGHUP');
  await vi.waitFor(async () => expect((await post('/jobs/later', { text: 'hi' })).status).toBe(200), {
    timeout: 20_000,
    interval: 100,
  });
  expect((await post('/jobs/chat', { text: 'hi' })).status).toBe(404);
});
