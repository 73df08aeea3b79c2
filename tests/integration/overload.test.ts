// A worker that cannot keep up refuses before it reads a body, and takes calls again when it can: its whole process stands still for a
// moment, which is what a starved machine does to it. What is only busy makes calls wait for each other.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../kit/client.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { testConfig } from '../kit/test-config.ts';
import { sleep, waitUntil } from '../kit/wait.ts';
import { workerPids } from '../kit/workers.ts';

let mock: MockUpstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  mock = await startMock();
  const config = testConfig(mock, { rest: { overload: { loopDelayMs: 60 } } });
  gateway = await startGateway({ config, workers: 1 });
});
afterAll(async () => {
  await gateway.stop();
  await mock.close();
});

test('calls that come faster than a turn of the loop begins them wait, and are all served', async () => {
  const config = testConfig(mock, { rest: { overload: { waitMs: 60_000, loopDelayMs: 0 } } });
  const patient = await startGateway({ config, workers: 1 });
  try {
    const content = 'a long prompt '.repeat(4_000);
    const body = { model: 'oa/ok', max_tokens: 16, messages: [{ role: 'user', content }] };
    const waited = await waitUntil(
      async () => {
        const many = await Promise.all(
          Array.from({ length: 64 }, () => call(patient, '/v1/messages', { body })),
        );
        expect(many.filter(({ status }) => status !== 200)).toEqual([]);
        const { text } = await call(patient, '/metrics', {});
        return /^headgate_overload_wait_seconds_count\{[^}]*\} ([1-9]\d*)$/m.exec(text);
      },
      'a call that waited',
      30_000,
    );
    expect(Number(waited[1])).toBeGreaterThan(0);
    const { text } = await call(patient, '/metrics', {});
    expect(text).not.toContain('headgate_overload_refusals_total{');
  } finally {
    await patient.stop();
  }
});

test('who stood still refuses for a while, with a word of when, and then serves again', async () => {
  const ask = () =>
    call(gateway, '/v1/chat/completions', {
      body: { model: 'oa/ok', messages: [{ role: 'user', content: 'hi' }] },
    });
  const [worker] = await workerPids(gateway, 1);
  // Each pause is a fifth of what it takes to be believed; the watchdog has more patience than this.
  const refused = await waitUntil(
    async () => {
      process.kill(worker!, 'SIGSTOP');
      await sleep(1_500);
      process.kill(worker!, 'SIGCONT');
      for (let asked = 0; asked < 5; asked++) {
        const answer = await ask();
        if (answer.status === 503) return answer;
      }
      return null;
    },
    'a refusal',
    20_000,
  );
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(refused.text).toContain('"code"');
  await waitUntil(async () => (await ask()).status === 200, 'to be served again', 20_000);
});
