// The example of an app in Python (docs/examples/sidecar/python): FastAPI and OpenAI's library, without a word of the gateway beside it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PROGRAM, root } from '../kit/program.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { testConfig, upstreamKeys } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';
import { pythonFor } from './python.ts';

const folder = path.join(root, 'docs/examples/sidecar/python');
const work = mkdtempSync(path.join(tmpdir(), 'headgate-sidecar-'));
let mock: MockUpstream | undefined;
let sidecar: ChildProcess | undefined;

afterAll(async () => {
  if (sidecar !== undefined && sidecar.exitCode === null) {
    sidecar.kill('SIGTERM');
    await once(sidecar, 'exit');
  }
  await mock?.close();
  rmSync(work, { recursive: true, force: true });
});

test('a FastAPI app gets a key, kept answers, limits and streams from the gateway beside it', async (context) => {
  const python = pythonFor(context, path.join(folder, 'requirements.txt'));
  mock = await startMock();
  const port = await freePort();
  const file = path.join(work, 'headgate.json');
  const rest = {
    cache: { exact: { ttlMs: 60_000, sampled: true } },
    limits: [{ per: ['key'], requests: '3/d', burst: 3 }],
  };
  writeFileSync(file, JSON.stringify(testConfig(mock, { open: true, rest })));
  const app = [python, '-m', 'uvicorn', 'app:app', '--app-dir', folder, '--port', String(port)];
  sidecar = spawn(process.execPath, [PROGRAM, 'sidecar', '-c', file, '--', ...app], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', HOME: work, MODEL: 'oa/ok', PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ask = (way: string, q: string) =>
    fetch(`http://127.0.0.1:${port}/${way}?q=${q}`).then(async (answer) => ({
      status: answer.status,
      text: await answer.text(),
    }));
  await waitUntil(
    () =>
      fetch(`http://127.0.0.1:${port}/docs`).then(
        ({ ok }) => ok,
        () => false,
      ),
    'the app',
    // Its packages have never been loaded before on a machine that has just got them.
    180_000,
    100,
  );
  const first = await ask('ask', 'one');
  expect([first.status, first.text]).toEqual([200, expect.stringContaining('Hello from the mock provider')]);
  // The provider's key is the gateway's, and the app's is no key of the provider's.
  expect(mock.lastRequest().headers['authorization']).toBe(`Bearer ${upstreamKeys.oa}`);
  const asked = mock.requests.length;
  expect(await ask('ask', 'one')).toEqual(first);
  expect(mock.requests).toHaveLength(asked);
  const streamed = await ask('stream', 'two');
  expect([streamed.status, streamed.text]).toEqual([
    200,
    expect.stringContaining('Hello from the mock provider'),
  ]);
  expect(mock.requests).toHaveLength(asked + 1);
  expect((await ask('ask', 'three')).status).toBe(200);
  const over = await ask('ask', 'four');
  expect([over.status, over.text]).toEqual([429, expect.stringContaining('refused')]);
  expect(mock.requests).toHaveLength(asked + 2);
  const ended = once(sidecar, 'exit');
  sidecar.kill('SIGTERM');
  // Uvicorn ends by the signal that it was given, once it has stopped.
  expect([0, 143]).toContain((await ended)[0]);
  await expect(fetch(`http://127.0.0.1:${port}/docs`)).rejects.toThrow();
});
