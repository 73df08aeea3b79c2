// What one worker learns of a provider's keys and models, all know: a refused key rests, a limited model cools down.
import { describe, expect, it } from 'vitest';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { useGateway } from '../../kit/harness.ts';
import { childrenOf } from '../../kit/process.ts';
import { waitUntil } from '../../kit/wait.ts';
import { gaugeOf } from './metrics.ts';

/** A second, and something for slow machines. */
const SECOND_MS = 1_000 + 1_000;

const bad = 'sk-refused-0123456789';
const good = 'sk-taken-0123456789';
const model = `bad-key:${bad}:429:retry-after=60`;
const limited = 'status:429:retry-after=60+cooling';
const alone = 'status:429:retry-after=60+alone';

const harness = useGateway(
  {
    oa: {
      keys: [
        { value: bad, alias: 'bad', weight: 1 },
        { value: good, alias: 'good', weight: 1 },
      ],
    },
    providers: {},
    provider: { retries: { max: 2, backoffMs: 10, maxBackoffMs: 10 } },
    models: { spill: { targets: [`an/${limited}`, 'oa/ok'] } },
  },
  { workers: 4 },
);

const refused = (): number =>
  harness.mock.requestsFor(model).filter(({ headers }) => headers['authorization'] === `Bearer ${bad}`)
    .length;

describe('a key its provider refused', () => {
  it('rests at every worker within a second', async () => {
    // Shares of workers are those of who has told something: one that has not would learn of it from nobody, and find out itself.
    const told = async () =>
      (await call(harness, '/metrics')).text.match(/^headgate_overload_level\{/gm)?.length;
    await waitUntil(async () => (await told()) === 4, 'all workers to be counted', 10_000, 20);
    for (let tries = 0; refused() === 0 && tries < 100; tries++)
      expect((await call(harness, chatPath, { body: chatBody(`oa/${model}`) })).status).toBe(200);
    const up = 'headgate_upstream_key_up{provider="oa",key="bad"}';
    await waitUntil(async () => (await gaugeOf(harness, up)) === 0, 'all workers to know', SECOND_MS, 20);
    const before = refused();
    expect(before).toBeGreaterThan(0);
    for (let count = 0; count < 60; count++)
      expect((await call(harness, chatPath, { body: chatBody(`oa/${model}`) })).status).toBe(200);
    expect(refused()).toBe(before);
    expect(await gaugeOf(harness, 'headgate_upstream_key_up{provider="oa",key="good"}')).toBe(1);
  });
});

describe('a model its provider limits', () => {
  const spill = () => call(harness, chatPath, { body: chatBody('spill') });
  const asked = (): number => harness.mock.requestsFor(limited).length;

  it('cools down at every worker within a second, at one that starts later, and is passed by', async () => {
    expect((await spill()).status).toBe(200);
    expect(asked()).toBe(1);
    const cooling = 'headgate_targets_cooling{provider="an"}';
    await waitUntil(
      async () => (await gaugeOf(harness, cooling)) === 1,
      'all workers to know',
      SECOND_MS,
      20,
    );
    const lines = () =>
      harness.gateway.logs().filter(({ msg, reason }) => msg === 'target cools down' && reason !== 'shared');
    await waitUntil(() => lines().length > 0, 'the line of the worker that was refused');
    expect(lines()).toMatchObject([
      { provider: 'an', model: limited, forMs: 60_000, reason: 'provider_rate_limit' },
    ]);
    const [worker] = childrenOf(harness.gateway.pid);
    process.kill(worker!, 'SIGKILL');
    await waitUntil(
      () => harness.gateway.logs().filter(({ msg }) => msg === 'worker listens').length === 5,
      'its successor',
      10_000,
    );
    for (let count = 0; count < 60; count++) {
      const { status, headers } = await spill();
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'x-headgate-provider': 'oa', 'x-headgate-fallback': '1' });
    }
    // Nobody asked again, the worker that was not there when it was refused included.
    expect(harness.mock.requestsFor(limited)).toHaveLength(1);
    const passes = 'headgate_cooldown_passes_total{provider="an"}';
    await waitUntil(async () => (await gaugeOf(harness, passes)) === 60, 'the passes to be counted');
    for (const key of [bad, good]) expect(harness.gateway.output()).not.toContain(key);
  });

  it('is asked all the same by who has nothing else, and answers for itself', async () => {
    for (let count = 1; count <= 8; count++) {
      const { status, headers } = await call(harness, chatPath, { body: chatBody(`an/${alone}`) });
      expect(status).toBe(429);
      expect(headers['retry-after']).toBe('60');
      expect(harness.mock.requestsFor(alone)).toHaveLength(count);
    }
  });
});

it('streams that are being written are counted, and no more when they ended', async () => {
  const open = 'headgate_streams_open{provider="oa"}';
  const stream = call(harness, chatPath, {
    body: chatBody('oa/gate-after:1:count', { stream: true }),
  });
  await waitUntil(async () => (await gaugeOf(harness, open)) === 1, 'the stream to be counted', 5_000, 100);
  harness.mock.open('count');
  expect((await stream).status).toBe(200);
  await waitUntil(async () => (await gaugeOf(harness, open)) === 0, 'its end to be seen', 5_000, 100);
});
