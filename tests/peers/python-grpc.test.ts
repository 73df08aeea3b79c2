// The example of a client in Python (docs/examples/grpc/python), on grpcio, against a real gateway.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { root } from '../kit/program.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { testConfig } from '../kit/test-config.ts';
import { pythonFor } from './python.ts';

const folder = path.join(root, 'docs/examples/grpc/python');
let mock: MockUpstream | undefined;
let gateway: GatewayProcess | undefined;

afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
});

test('a Python client of grpcio is answered, whole and streamed, and refused with a status', async (context) => {
  const python = pythonFor(context, path.join(folder, 'requirements.txt'));
  const port = await freePort();
  mock = await startMock();
  gateway = await startGateway({
    config: testConfig(mock, { server: { listeners: [{ port, host: '127.0.0.1', grpc: true }] } }),
  });
  // The mock lives in this process: it must not stand still meanwhile.
  const ask = (key: string): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const child = execFile(
        python,
        [path.join(folder, 'client.py'), `127.0.0.1:${port}`, 'oa/ok', 'hi', 'oa/ok'],
        { encoding: 'utf8', timeout: 240_000, env: { ...process.env, HEADGATE_KEY: key } },
        (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  const answered = await ask(gateKey);
  expect(answered.stderr).toBe('');
  const said = /^whole: (.+)$/m.exec(answered.stdout)?.[1];
  expect(said).toContain('Hello from the mock provider');
  expect(answered.stdout).toContain(`streamed: ${said}`);
  expect(answered.stdout).toMatch(/^tokens: \d+ \d+$/m);
  expect(answered.stdout).toMatch(/^vector of [1-9]\d* numbers, [1-9]\d* tokens$/m);
  const refused = await ask('hg-nobody-knows-this-one');
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/^refused: UNAUTHENTICATED GW_CLIENT_AUTH req_/m);
});
