// A new configuration under load: no call fails, an invalid one changes nothing, and what changed is in force.
import { renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, chatBody, chatPath, open } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { pick } from '../../kit/json.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { Load } from './load.ts';

let mock: MockUpstream;
let gateway: GatewayProcess;

beforeEach(async () => {
  mock = await startMock();
  gateway = await startGateway({ workers: 2, config: config() });
  await waitUntil(async () => pick(await health(), 'workers.serving') === 2, 'both workers');
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  await gateway.stop(5_000);
  await mock.close();
});

/** With an alias, so that a test can see which version answers. */
function config(target = 'oa/ok', parts: Record<string, unknown> = {}): Record<string, unknown> {
  return testConfig(mock, { models: { fast: { targets: [target] } }, ...parts });
}

async function health(): Promise<unknown> {
  return (await call(gateway, '/health', { key: null })).json;
}

const version = async (): Promise<unknown> => pick(await health(), 'config.version');

/** Waits until `version` is in force on every worker. */
async function inForce(expected: number): Promise<void> {
  await waitUntil(
    async () => {
      const now = await health();
      return pick(now, 'config.version') === expected && pick(now, 'config.workersBehind') === 0;
    },
    `version ${expected} on all workers`,
    10_000,
    20,
  );
}

it('P03: SIGHUP twenty times under load fails no call and cuts no stream', async () => {
  const streams = Array.from({ length: 30 }, () =>
    open(gateway, chatPath, {
      body: chatBody('fast+', { stream: true, model: 'oa/text:20+gate-after:5:end' }),
    }),
  );
  await Promise.all(streams.map((stream) => stream.seen('t3')));
  const kept = new Load(gateway, { clients: 6 });
  const fresh = new Load(gateway, { clients: 2, fresh: true, stream: true });
  await kept.more(20);
  for (let round = 1; round <= 20; round++) {
    gateway.kill('SIGHUP');
    await inForce(round + 1);
    await kept.more(5);
  }
  mock.open('end');
  for (const stream of streams) expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
  for (const load of [kept, fresh]) {
    const { ok, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(ok).toBeGreaterThan(20);
  }
});

it('new calls run under the new configuration, a call that began keeps the old one', async () => {
  const old = open(gateway, chatPath, { body: chatBody('oa/text:20+gate-after:5:end', { stream: true }) });
  await old.seen('t3');
  const next = config('an/ok');
  // The provider of the open call is gone from the new configuration.
  delete (next['providers'] as Record<string, unknown>)['oa'];
  gateway.writeConfig(next);
  gateway.kill('SIGHUP');
  await inForce(2);
  for (let round = 0; round < 8; round++) {
    const answer = await call(gateway, chatPath, { body: chatBody('fast') });
    expect(answer.status).toBe(200);
    expect(mock.lastRequest().path).toBe('/v1/messages');
  }
  mock.open('end');
  expect((await old.whole()).events.at(-1)?.data).toBe('[DONE]');
});

it('notices by itself that the file was replaced', async () => {
  writeFileSync(`${gateway.configFile}.new`, JSON.stringify(config('an/ok')));
  renameSync(`${gateway.configFile}.new`, gateway.configFile);
  await inForce(2);
  await call(gateway, chatPath, { body: chatBody('fast') });
  expect(mock.lastRequest().path).toBe('/v1/messages');
});

describe('an invalid configuration', () => {
  it('changes nothing, is on the log with every problem, and shows in health until a good one comes', async () => {
    const before = await version();
    const bad = config() as { server?: unknown; providers: Record<string, unknown> };
    bad.server = { prt: 1 };
    bad.providers['broken'] = { dialect: 'klingon', baseUrl: 'http://127.0.0.1:1' };
    gateway.writeConfig(bad);
    gateway.kill('SIGHUP');
    // Each worker is told for itself: what is said together is of one of them.
    const report = await waitUntil(async () => {
      const now = await health();
      return pick(now, 'config.lastReload.ok') === false ? now : null;
    }, 'the report of the failure');
    expect([pick(report, 'config.version'), pick(report, 'status')]).toEqual([before, 'degraded']);
    expect((await call(gateway, '/readyz', { key: null })).status).toBe(200);
    expect((await call(gateway, chatPath, { body: chatBody('fast') })).status).toBe(200);
    const line = await waitUntil(
      () => gateway.logs().find((one) => one['msg'] === 'new configuration is not valid: nothing changed'),
      'the log line',
    );
    const problems = line['problems'] as string[];
    expect(problems.join('\n')).toMatch(/prt/);
    expect(problems.join('\n')).toMatch(/providers.broken.dialect/);
    gateway.writeConfig(config());
    const good = await waitUntil(
      async () => {
        const now = await health();
        return pick(now, 'config.lastReload.ok') === true ? now : null;
      },
      'the good one',
      10_000,
    );
    expect(pick(good, 'status')).toBe('ok');
  });

  it('is also one that is cut off in the middle, or gone', async () => {
    const whole = JSON.stringify(config(), null, 2);
    for (const text of [whole.slice(0, whole.length / 2), null]) {
      if (text === null) renameSync(gateway.configFile, `${gateway.configFile}.away`);
      else gateway.writeConfig(text);
      const failed = gateway
        .logs()
        .filter((line) => line['msg'] === 'new configuration is not valid: nothing changed').length;
      gateway.kill('SIGHUP');
      await waitUntil(
        () =>
          gateway.logs().filter((line) => line['msg'] === 'new configuration is not valid: nothing changed')
            .length > failed,
        'the refusal',
      );
      expect((await call(gateway, chatPath, { body: chatBody('fast') })).status).toBe(200);
      expect(await version()).toBe(1);
    }
  });
});

it('more workers are forked, fewer are drained, under load and without a failure', async () => {
  // The number of the environment would come before the file's.
  await gateway.stop();
  gateway = await startGateway({
    config: config('oa/ok', { server: { workers: 1 } }),
    env: { HEADGATE_WORKERS: undefined },
  });
  const load = new Load(gateway, { clients: 4 });
  for (const workers of [3, 1]) {
    gateway.writeConfig(config('oa/ok', { server: { workers } }));
    gateway.kill('SIGHUP');
    await waitUntil(
      async () =>
        pick(await health(), 'workers.wanted') === workers &&
        pick(await health(), 'workers.serving') === workers,
      `${workers} workers`,
      15_000,
      50,
    );
    await load.more(20);
  }
  expect((await load.stop()).failures).toEqual([]);
});

it('a changed port waits for a restart and is reported', async () => {
  await gateway.stop();
  gateway = await startGateway({ workers: 1, config: config() });
  gateway.writeConfig(config('oa/ok', { server: { host: '127.0.0.2' } }));
  gateway.kill('SIGHUP');
  await inForce(2);
  expect(pick(await health(), 'config.lastReload.needsRestart')).toEqual(['server.host']);
  expect((await call(gateway, chatPath, { body: chatBody('fast') })).status).toBe(200);
});
