// Starts that must fail with a clear message, and what the primary does with workers that misbehave at boot. The
// latter with a fake worker in place of the real one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { freePort } from '../../kit/port.ts';
import { waitUntil, within } from '../../kit/wait.ts';

describe('a busy port', () => {
  it('is refused with a message before any worker starts, also when another gateway holds it', async () => {
    const first = await startGateway({ workers: 1 });
    const second = await startGateway({
      workers: 2,
      env: { HEADGATE_PORT: String(first.port) },
      waitReady: false,
    });
    try {
      expect(await within(second.exit, 10_000, 'exit')).toEqual({ code: 1, signal: null });
      expect(second.output()).toContain(`127.0.0.1:${first.port} is in use by another program`);
      expect(second.logs()).toEqual([]);
      // The first is none the worse: every connection reaches it.
      for (let round = 0; round < 20; round++) expect((await fetch(`${first.url}/livez`)).status).toBe(200);
    } catch (error) {
      showOutput(second);
      throw error;
    } finally {
      second.kill('SIGKILL');
      await first.stop();
    }
  });

  it('is refused when a program of another kind holds it', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const gateway = await startGateway({ env: { HEADGATE_PORT: String(port) }, waitReady: false });
    expect((await within(gateway.exit, 10_000, 'exit')).code).toBe(1);
    server.close();
  });
});

it('an invalid configuration is refused with every problem before anything listens', async () => {
  const gateway = await startGateway({
    config: { sever: {}, server: { threads: 'many' } },
    waitReady: false,
  });
  expect((await within(gateway.exit, 10_000, 'exit')).code).toBe(1);
  expect(gateway.output()).toMatch(/sever/);
  expect(gateway.output()).toMatch(/threads/);
});

it('with nothing configured it says where it listens and prints a line that works as it stands', async () => {
  const gateway = await startGateway({ workers: 2 });
  try {
    await waitUntil(() => gateway.output().includes('curl -N'), 'the start-up text');
    const line = gateway
      .output()
      .split('\n')
      .find((one) => one.includes('curl -N'))!;
    const curl = spawn('sh', ['-c', line.trim()], { stdio: ['ignore', 'pipe', 'pipe'] });
    const pieces: Buffer[] = [];
    curl.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    await once(curl, 'close');
    expect(Buffer.concat(pieces).toString()).toMatch(/data: \[DONE\]\n\n$/);
    expect(gateway.output()).toMatch(/listening on loopback only/);
  } finally {
    await gateway.stop();
  }
});

it('port 0 is one free port that all workers share', async () => {
  const gateway = await startGateway({ workers: 2, env: { HEADGATE_PORT: '0' }, waitReady: false });
  try {
    await waitUntil(
      () => gateway.logs().filter((line) => line['msg'] === 'worker listens').length === 2,
      'both',
      10_000,
    );
    const ports = gateway.logs().flatMap((line) => (line['msg'] === 'worker listens' ? [line['port']] : []));
    expect(ports[0]).toBe(ports[1]);
    await waitUntil(
      async () => (await fetch(`http://127.0.0.1:${ports[0]}/readyz`)).status === 200,
      'both to be ready',
    );
  } finally {
    await gateway.stop();
  }
});

describe('the primary with a worker that', () => {
  let primary: ChildProcess;
  let output = '';
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-primary-'));
    output = '';
  });
  afterEach(() => {
    primary.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(behaviour: string, drainTimeoutMs = 30_000): Promise<void> {
    const entry = path.join(import.meta.dirname, 'primary.fixture.ts');
    primary = spawn(process.execPath, [entry, 'fake-worker.fixture.ts'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HEADGATE_PORT: String(await freePort()),
        HEADGATE_WORKERS: '2',
        HEADGATE_DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
        FAKE_WORKER: behaviour,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [primary.stdout, primary.stderr])
      stream?.on('data', (piece: Buffer) => (output += piece));
  }

  const ended = async (timeoutMs: number): Promise<number | null> => {
    // Behind the pipes' last bytes.
    const [code] = (await within(once(primary, 'close'), timeoutMs, 'exit')) as [number | null];
    return code;
  };

  it('crashes at every start stops, says why and exits with 1', async () => {
    await start('crash');
    expect(await ended(15_000)).toBe(1);
    expect(output).toMatch(
      /headgate: worker \d ended again and again before it could serve \(last: exit code 1/,
    );
    expect(output).toContain('this worker never starts');
  });

  it('cannot compile the configuration stops at once, with the reason', async () => {
    await start('reject');
    expect(await ended(10_000)).toBe(1);
    expect(output).toContain('headgate: the configuration cannot be used: no such thing');
    expect(output).not.toContain('will be replaced');
  });

  it('does not leave when it is told to ends it after its deadline, and says so in the exit code', async () => {
    await start('stay', 200);
    await waitUntil(() => output.includes('gateway listens'), 'the start', 10_000);
    primary.kill('SIGTERM');
    expect(await ended(15_000)).toBe(1);
    expect(output).toContain('still there after its drain deadline');
  });

  it('gets its part of each lane, and no worker a part of another', async () => {
    await start('');
    await waitUntil(() => output.includes('gateway listens'), 'the start', 10_000);
    const shares = output
      .split('\n')
      .flatMap((line) => (line.includes('"got":"config"') ? [JSON.parse(line) as { shares: unknown }] : []));
    expect(shares.map((one) => one.shares)).toEqual([
      { demo: { run: 2_048, wait: 2_048 } },
      { demo: { run: 2_048, wait: 2_048 } },
    ]);
    primary.kill('SIGTERM');
    expect(await ended(5_000)).toBe(0);
  });
});
