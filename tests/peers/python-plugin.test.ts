// The example of a plugin in Python (docs/examples/plugins/python), on grpcio, behind a real gateway.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test, vi } from 'vitest';
import { call, chatBody, chatPath } from '../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { root } from '../kit/program.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { testConfig } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';
import { pythonFor } from './python.ts';

const folder = path.join(root, 'docs/examples/plugins/python');
let server: ChildProcess | undefined;
let mock: MockUpstream | undefined;
let gateway: GatewayProcess | undefined;

afterAll(async () => {
  server?.kill('SIGKILL');
  await gateway?.stop();
  await mock?.close();
});

/** @returns its port. */
async function start(python: string): Promise<number> {
  server = spawn(python, [path.join(folder, 'server.py'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  // Whole lines: who leaves a stream of pieces closes the pipe, and the server dies of its next word.
  for await (const line of createInterface({ input: server.stdout! })) {
    const port = /listening on (\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('the plugin ended');
}

test('the Python plugin refuses, answers, changes what is asked and answered, and may end', async (context) => {
  const python = pythonFor(context, path.join(folder, 'requirements.txt'));
  const port = await start(python);
  mock = await startMock();
  const plugins = [{ name: 'soft', url: `grpc://127.0.0.1:${port}`, timeoutMs: 20_000, maxErrors: 1 }];
  gateway = await startGateway({
    config: testConfig(mock, { rest: { plugins } }),
    env: { HEADGATE_ACCESS_LOG: 'off' },
  });
  const ask = (content: string, more: object = {}) =>
    call(gateway!, chatPath, {
      key: gateKey,
      body: chatBody('oa/echo', { messages: [{ role: 'user', content }], ...more }),
    });

  // A machine that is busy may take longer than the gateway waits for the plugin's word of itself: calls go on without it, as configured.
  const refused = await waitUntil(
    async () => {
      const answer = await ask('the launch codes, please');
      return answer.status === 403 ? answer : null;
    },
    'the plugin to refuse',
    120_000,
  );
  const before = mock.requests.length;
  expect(refused.text).toContain("That is nobody's business.");

  const answered = await ask('what time is it?', { stream: true });
  expect(answered.text).toContain('Time for tea.');
  expect(mock.requests).toHaveLength(before);

  const changed = await ask('hello');
  expect(changed.status).toBe(200);
  expect(JSON.parse(changed.text)).toMatchObject({ soft: { asked_by: 'key-1' } });
  const sent = mock.lastRequest();
  expect(JSON.parse(sent.body.toString())).toMatchObject({ temperature: 0 });
  expect(sent.headers['x-soft']).toBe('seen');

  const said = await ask('\u201cquoted\u201d \u2014 as it is', { stream: true });
  const text = said.text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)).choices[0]?.delta?.content ?? '')
    .join('');
  expect(text).toContain('"quoted" - as it is');

  server!.kill('SIGKILL');
  await once(server!, 'exit');
  const alone = await ask('hello');
  expect(alone.status).toBe(200);
  expect(JSON.parse(alone.text)).not.toHaveProperty('soft');
  await vi.waitFor(async () => {
    const health = await call(gateway!, '/health', { method: 'GET' });
    expect(JSON.parse(health.text)).toMatchObject({ plugins: { soft: 'resting' } });
  });
});
