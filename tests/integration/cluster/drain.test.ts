// The end of a gateway: what SIGTERM promises to calls that are open, and what a second signal does.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call, chatBody, chatPath, errorOf, messagesBody, messagesPath, open } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { childrenOf, hasProc } from '../../kit/process.ts';
import { rawClient } from '../../kit/raw.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil, within } from '../../kit/wait.ts';

/** Workers linger for half a second (workers/drain.ts). */
const LINGER_MS = 450;

let mock: MockUpstream;
let gateway: GatewayProcess;

beforeEach(async () => {
  mock = await startMock();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  gateway.kill('SIGKILL');
  await gateway.exit;
  await mock.close();
});

async function start(server: Record<string, unknown>): Promise<void> {
  gateway = await startGateway({ workers: 2, config: testConfig(mock, { server }) });
}

const refused = (): Promise<boolean> =>
  call(gateway, '/livez', { key: null }).then(
    () => false,
    () => true,
  );

it('P05: SIGTERM lets open streams end, takes no new connection, and exits with 0', async () => {
  await start({ drainTimeoutMs: 120_000 });
  const streams = Array.from({ length: 6 }, () =>
    open(gateway, chatPath, { body: chatBody('oa/text:20+gate-after:5:end', { stream: true }) }),
  );
  await Promise.all(streams.map((stream) => stream.seen('t3')));
  gateway.kill('SIGTERM');
  await waitUntil(refused, 'the listeners to close');
  mock.open('end');
  for (const stream of streams) {
    const { events } = await stream.whole();
    expect(events.at(-1)?.data).toBe('[DONE]');
  }
  expect(await within(gateway.exit, 5_000, 'exit')).toEqual({ code: 0, signal: null });
});

it('during the pre-stop delay readiness is red, calls are served, and their answers close the connection', async () => {
  const looks = async (): Promise<void> => {
    await waitUntil(
      async () => (await call(gateway, '/readyz', { key: null })).status === 503,
      'readiness to turn red',
    );
    const answer = await call(gateway, chatPath, { body: chatBody('oa/ok') });
    expect(answer.status).toBe(200);
    expect(answer.headers['connection']).toContain('close');
    expect((await call(gateway, '/livez', { key: null })).status).toBe(200);
  };
  // Where the machine stood still for longer than the delay: anew, with more of it.
  for (let preStopMs = 6_000; ; preStopMs *= 5) {
    await start({ preStopMs, drainTimeoutMs: 120_000 });
    const toldAt = performance.now();
    gateway.kill('SIGTERM');
    const fault: unknown = await looks().then(
      () => null,
      (error: unknown) => error,
    );
    const inTime = performance.now() - toldAt < preStopMs;
    expect(await within(gateway.exit, preStopMs + 10_000, 'exit')).toEqual({ code: 0, signal: null });
    if (fault === null) return;
    if (inTime || preStopMs > 6_000) throw fault;
  }
});

it('a connection that is kept alive gets its next answer, with word that it closes', async () => {
  const request = `GET /livez HTTP/1.1\r\nhost: gateway\r\n\r\n`;
  // One request behind the other, so that one comes while workers linger. Where this machine was slower than that: anew.
  await waitUntil(
    async () => {
      await start({ drainTimeoutMs: 120_000 });
      const client = await rawClient(gateway.port);
      let sentAt = performance.now();
      let inTime = true;
      let closes = false;
      for (let count = 1; inTime && !closes; count++) {
        const before = sentAt;
        sentAt = performance.now();
        await client.send(request);
        // On its way by now at the latest, wherever this process stood still.
        inTime = count <= 3 || performance.now() - before < LINGER_MS;
        const answer = (await client.answers(count))[count - 1];
        if (answer === undefined) {
          expect(inTime, 'closed without a word').toBe(false);
          break;
        }
        expect(answer.status).toBe(200);
        closes = (answer.headers['connection'] ?? '').includes('close');
        if (count === 3) gateway.kill('SIGTERM');
      }
      client.destroy();
      gateway.kill('SIGTERM');
      await gateway.exit;
      return closes;
    },
    'a client that is in time',
    60_000,
  );
});

it('P06: what is still open at the deadline ends in an error event of its dialect, and the exit is in time and clean', async () => {
  await start({ drainTimeoutMs: 1_000 });
  const chat = open(gateway, chatPath, { body: chatBody('oa/text:20+stall-after:5', { stream: true }) });
  const messages = open(gateway, messagesPath, {
    body: messagesBody('an/text:20+stall-after:5', { stream: true }),
  });
  const unary = open(gateway, chatPath, { body: chatBody('oa/never-head') });
  await Promise.all([chat.seen('t3'), messages.seen('t3'), mock.waitForCount('never-head', 1)]);
  const toldAt = performance.now();
  gateway.kill('SIGTERM');

  const chatEnd = (await chat.whole()).events.at(-1);
  expect(errorOf(chatEnd?.json)).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  const messagesEnd = (await messages.whole()).events.at(-1);
  expect(messagesEnd?.event).toBe('error');
  expect(errorOf(messagesEnd?.json)).toMatchObject({ type: expect.any(String) });
  expect((await unary.whole()).status).toBe(503);
  expect(await within(gateway.exit, 5_000, 'exit')).toEqual({ code: 0, signal: null });
  expect(performance.now() - toldAt).toBeGreaterThan(900);
});

it('a second signal ends everything at once', async () => {
  await start({ drainTimeoutMs: 60_000 });
  const stream = open(gateway, chatPath, { body: chatBody('oa/text:20+stall-after:5', { stream: true }) });
  await stream.seen('t3');
  gateway.kill('SIGTERM');
  await waitUntil(refused, 'the listeners to close');
  gateway.kill('SIGINT');
  expect(await within(gateway.exit, 3_000, 'exit')).toEqual({ code: 130, signal: null });
  await waitUntil(() => stream.failure !== null, 'the stream to break');
});

it.skipIf(!hasProc)('a signal to the whole process group drains as one to the primary does', async () => {
  await start({ drainTimeoutMs: 120_000 });
  const stream = open(gateway, chatPath, {
    body: chatBody('oa/text:20+gate-after:5:end', { stream: true }),
  });
  await stream.seen('t3');
  for (const pid of [...childrenOf(gateway.pid), gateway.pid]) process.kill(pid, 'SIGTERM');
  await waitUntil(refused, 'the listeners to close');
  mock.open('end');
  expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
  expect(await within(gateway.exit, 5_000, 'exit')).toEqual({ code: 0, signal: null });
});

it('a stream that is cut at the end of the drain ends in an error, and what it had used is in its access line', async () => {
  await start({ drainTimeoutMs: 300 });
  const stream = open(gateway, messagesPath, {
    body: messagesBody('an/text:20+gate-after:5:never', { stream: true }),
  });
  await stream.seen('t3');
  gateway.kill('SIGTERM');
  const { events } = await stream.whole();
  expect(errorOf(events.at(-1)?.json)).toBeDefined();
  expect(events.some(({ event }) => event === 'message_stop')).toBe(false);
  await within(gateway.exit, 5_000, 'exit');
  const line = gateway.logs().find((entry) => entry['route'] === '/v1/messages');
  expect(line).toMatchObject({ error: 'GW_GATEWAY_DRAINING', usage: { input: expect.any(Number) } });
});
