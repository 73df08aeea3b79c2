// Answers that several requests get, over the workers of a gateway: by Idempotency-Key, and by being equal and under way.
import { describe, expect, it } from 'vitest';
import { call, chatBody, chatPath } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { waitUntil } from '../kit/wait.ts';
import { gaugeOf } from './limits/metrics.ts';

const harness = useGateway(
  { provider: { retries: { max: 1, backoffMs: 10, maxBackoffMs: 10 } } },
  { workers: 3 },
);

/** Enough that each of three workers has some, whichever connection goes where. */
const MANY = 12;

const ask = (model: string, headers: Record<string, string>, more: object = {}) =>
  call(harness, chatPath, { body: chatBody(`oa/${model}`, more), headers });

const asked = (model: string): number => harness.mock.requestsFor(model).length;

describe('an Idempotency-Key', () => {
  it('gets the same answer at every worker, whole or streamed, and the provider is asked once', async () => {
    for (const stream of [false, true]) {
      const model = `ok+idem-${stream}`;
      const key = { 'idempotency-key': `key-${stream}` };
      const first = await ask(model, key, { stream });
      expect(first.status).toBe(200);
      expect(first.headers['idempotent-replayed']).toBeUndefined();
      for (let count = 0; count < MANY; count++) {
        const again = await ask(model, key, { stream });
        expect(again.status).toBe(200);
        expect(again.text).toBe(first.text);
        expect(again.headers).toMatchObject({
          'idempotent-replayed': 'true',
          'x-headgate-shared': 'replayed',
          'content-type': first.headers['content-type'],
        });
        expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
      }
      expect(asked(model)).toBe(1);
    }
  });

  it('of another request is a 409 that no client repeats', async () => {
    const key = { 'idempotency-key': 'taken' };
    expect((await ask('ok', key)).status).toBe(200);
    for (let count = 0; count < 4; count++) {
      const { status, headers, text } = await ask('ok', key, { temperature: 0.5 });
      expect(status).toBe(409);
      expect(headers['x-should-retry']).toBe('false');
      expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error' } });
    }
  });

  it('joins what is under way, at every worker', async () => {
    const model = 'gate-after:1:joined';
    const key = { 'idempotency-key': 'under-way' };
    const calls = Array.from({ length: MANY }, () => ask(model, key, { stream: true }));
    await waitUntil(() => asked(model) === 1, 'the one request', 10_000, 20);
    harness.mock.open('joined');
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(asked(model)).toBe(1);
  });

  it('is for one caller alone, and a failure is not an answer', async () => {
    const model = 'status:503+idem';
    const key = { 'idempotency-key': 'failed' };
    expect((await ask(model, key)).status).toBe(503);
    const before = asked(model);
    expect((await ask(model, key)).status).toBe(503);
    expect(asked(model)).toBeGreaterThan(before);
  });

  it('that is none is a 400', async () => {
    const { status } = await ask('ok', { 'idempotency-key': 'x'.repeat(256) });
    expect(status).toBe(400);
  });
});

/** So long a scrape waits for a worker that stands still, before it leaves it out (cluster/views/stats.ts). */
const COLLECT_MS = 2_500;

/** Until so many calls are known to the workers, and what those have asked of the primary to it. */
async function underWay(calls: number): Promise<void> {
  // Who is connected by the first look has sent by the second, and asked by the third.
  for (let looks = 0; looks < 3; looks++)
    await waitUntil(async () => {
      const begun = performance.now();
      const { text } = await call(harness, '/metrics', { key: null });
      const ofAll = performance.now() - begun < COLLECT_MS;
      const open = [...text.matchAll(/^headgate_client_connections\{.*\} (\d+)$/gm)];
      // Beside the one that asks.
      return ofAll && open.reduce((sum, [, count]) => sum + Number(count), 0) > calls;
    }, `${calls} calls to be under way`);
}

describe('equal requests under way', () => {
  it('share one upstream call over the workers where they ask for it', async () => {
    const model = 'gate-after:1:equal';
    const together = { 'x-headgate-coalesce': '1' };
    const calls = Array.from({ length: MANY }, () => ask(model, together, { stream: true }));
    await waitUntil(() => asked(model) === 1, 'the one request', 10_000, 20);
    await underWay(MANY);
    harness.mock.open('equal');
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(asked(model)).toBe(1);
    expect(answers.filter(({ headers }) => headers['x-headgate-shared'] === 'coalesced').length).toBe(
      MANY - 1,
    );
    const counted = 'headgate_shared_answers_total{how="coalesced"}';
    await waitUntil(async () => (await gaugeOf(harness, counted)) === MANY - 1, 'them to be counted');
    // What is over is not given again.
    harness.mock.open('equal');
    expect((await ask(model, together, { stream: true })).status).toBe(200);
    expect(asked(model)).toBe(2);
  });

  it('do not where nobody said so', async () => {
    const model = 'ok+apart';
    await Promise.all([ask(model, {}), ask(model, {}), ask(model, {})]);
    expect(asked(model)).toBe(3);
  });
});
