// Who may read the metrics: everybody by default, who presents their key where one is set, and no page of the web ever.
import { describe, expect, it } from 'vitest';
import { type Answer, call, errorOf } from '../kit/client.ts';
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
      expect((await call(harness, path, { key: null })).status).toBe(200);
    }
    expect(harness.gateway.output()).not.toContain(METRICS_KEY);
  });
});
