// Who may read the metrics: everybody by default, who presents their key where one is set, and no page of the web ever.
import { describe, expect, it, vi } from 'vitest';
import { type Answer, call, chatBody, chatPath, errorOf } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { type Harness, useGateway } from '../kit/harness.ts';

const ORIGIN = 'https://evil.example';
const METRICS_KEY = 'scrape-key-0123456789abcdef';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function scrape(harness: Harness, authorization?: string, path = '/metrics'): Promise<Answer> {
  const headers = { origin: ORIGIN, ...(authorization === undefined ? {} : { authorization }) };
  return call(harness, path, { key: null, headers });
}

function withoutCors(answer: Answer): void {
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
}

describe('without a key of their own', () => {
  const harness = useGateway({ server: { corsOrigins: ['*'] } });

  it('metrics answer everybody but no web page, and so do health and readiness', async () => {
    for (const path of ['/metrics', '/health', '/readyz', '/livez', '/metrics/']) {
      const answer = await scrape(harness, undefined, path);
      expect(answer.status, path).toBe(200);
      withoutCors(answer);
    }
    expect((await scrape(harness)).text).toContain('headgate_build_info');
    // What has names in it is for who may read the metrics, which have them too.
    expect((await scrape(harness, undefined, '/health')).json).toMatchObject({
      circuits: { open: 0, halfOpen: 0, keys: 0 },
      circuitStates: [],
    });
  });

  it('a preflight for them is no permission, one for the models still is', async () => {
    const preflight = (path: string): Promise<Answer> =>
      call(harness, path, {
        method: 'OPTIONS',
        key: null,
        headers: { origin: ORIGIN, 'access-control-request-method': 'GET' },
      });
    const metrics = await preflight('/metrics');
    expect(metrics.status).toBe(405);
    withoutCors(metrics);
    expect((await preflight('/v1/models')).headers['access-control-allow-origin']).toBe('*');
  });
});

describe('with a key of their own', () => {
  const harness = useGateway(
    { server: { corsOrigins: ['*'] } },
    { env: { HEADGATE_METRICS_KEY: METRICS_KEY } },
  );

  it.each([
    ['Bearer', `Bearer ${METRICS_KEY}`],
    ['Basic with any user', basic('prometheus', METRICS_KEY)],
    ['Basic without a user', basic('', METRICS_KEY)],
  ])('metrics answer who presents it as %s', async (_, authorization) => {
    const answer = await scrape(harness, authorization);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('headgate_build_info');
    withoutCors(answer);
  });

  it.each([
    ['nothing', undefined],
    ['the key of a caller', `Bearer ${gateKey}`],
    ['a part of it', `Bearer ${METRICS_KEY.slice(0, -1)}`],
    ['it as a user', basic(METRICS_KEY, '')],
    ['a wrong password', basic('prometheus', 'wrong')],
    ['no base64', 'Basic !!!'],
    ['nothing in Basic', 'Basic '],
  ])('metrics refuse who presents %s', async (_, authorization) => {
    const answer = await scrape(harness, authorization);
    expect(answer.status).toBe(401);
    expect(errorOf(answer.json)).toMatchObject({ code: expect.any(String) });
    expect(answer.headers['x-request-id']).toBeTruthy();
    expect(answer.text).not.toContain('headgate_');
    withoutCors(answer);
  });

  it('it opens nothing else, and health and readiness stay open', async () => {
    expect((await call(harness, '/v1/models', { key: METRICS_KEY })).status).toBe(401);
    for (const path of ['/health', '/readyz', '/livez']) {
      const answer = await call(harness, path, { key: null });
      expect(answer.status).toBe(200);
      expect(answer.json).not.toHaveProperty('circuitStates');
    }
    expect((await scrape(harness, `Bearer ${METRICS_KEY}`, '/health')).json).toHaveProperty('circuitStates');
    expect(harness.gateway.output()).not.toContain(METRICS_KEY);
  });
});

describe('names that clients make up', () => {
  const harness = useGateway(
    {
      oa: { models: ['stated', '*'] },
      models: { fast: { targets: ['oa/ok'] } },
    },
    { workers: 2 },
  );

  it('leave the models that the configuration states their own series, and a scrape its size', async () => {
    const ask = async (model: string): Promise<void> => {
      expect((await call(harness, chatPath, { body: chatBody(model) })).status).toBe(200);
    };
    for (let i = 0; i < 600; i += 10)
      await Promise.all(Array.from({ length: 10 }, (_, at) => ask(`oa/made-up-${i + at}`)));
    for (let i = 0; i < 3; i++) for (const model of ['fast', 'oa/stated', 'stated']) await ask(model);
    let text = '';
    const count = (model: string): number =>
      Number(
        new RegExp(`^headgate_requests_total{.*model="${model}",outcome="ok".*} (\\d+)$`, 'm').exec(
          text,
        )?.[1],
      );
    // A scrape leaves out who stands still.
    await vi.waitFor(async () => {
      ({ text } = await scrape(harness));
      expect(count('fast')).toBe(3);
      expect(count('oa/stated')).toBe(6);
      expect(count('_other')).toBeGreaterThanOrEqual(400);
    });
    const names = new Set([...text.matchAll(/model="(oa\/made-up-\d+)"/g)].map((match) => match[1]));
    expect(names.size).toBeGreaterThan(50);
    expect(names.size).toBeLessThanOrEqual(200);
  });
});
