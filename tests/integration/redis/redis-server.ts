// A real redis-server process on a free port, without persistence, in a folder of its own that goes with it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';

export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  /** Output of redis-cli. */
  cli(...args: string[]): string;
  /** SIGSTOP, SIGCONT, SIGKILL. */
  signal(name: NodeJS.Signals): void;
  /** Ends it as kill -9 does. */
  kill(): Promise<void>;
  /** A new, empty process on the same port. */
  restart(...args: string[]): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

export interface RedisServerOptions {
  port?: number;
  args?: readonly string[];
  /** Content of a configuration file, for what is no argument (Sentinel). */
  config?: string;
}

/** Starts it and waits until it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'headgate-redis-'));
  let child: ChildProcess | null = null;
  let password: string | null = null;

  const cli = (...args: string[]): string =>
    spawnSync(
      'redis-cli',
      ['-p', String(port), ...(password === null ? [] : ['-a', password, '--no-auth-warning']), ...args],
      {
        encoding: 'utf8',
        // One that a test has frozen says nothing.
        timeout: 20_000,
      },
    ).stdout.trim();

  async function start(extra: readonly string[]): Promise<void> {
    const at = extra.indexOf('--requirepass');
    password = at < 0 ? null : extra[at + 1]!;
    const own = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    child = spawn('redis-server', [...(extra[0]?.startsWith('/') ? extra : [...own, ...extra])], {
      stdio: 'ignore',
    });
    child.on('error', () => undefined);
    await waitUntil(() => cli('ping') === 'PONG', `redis-server on port ${port}`, 5_000, 20);
  }

  async function kill(): Promise<void> {
    const ended = child;
    child = null;
    if (ended === null || ended.exitCode !== null) return;
    const gone = once(ended, 'exit');
    ended.kill('SIGKILL');
    await gone;
  }

  await start(options.args ?? []);
  return {
    port,
    get pid() {
      return child!.pid!;
    },
    cli,
    signal: (name) => child!.kill(name),
    kill,
    async restart(...args) {
      await kill();
      await start(args.length > 0 ? args : (options.args ?? []));
    },
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
