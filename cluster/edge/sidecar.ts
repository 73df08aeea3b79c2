// A gateway beside one program: a process of its own, one worker, on loopback, for as long as the program runs. The program's
// libraries are pointed at it by their environment, with a key made for this run; the provider's keys stay with the gateway.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { sdkEnvironment } from './agents.ts';
import { runChild } from './child.ts';

export interface SidecarOptions {
  readonly configFile: string | undefined;
  /** 0 = any free one. */
  readonly port: number;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const LOOPBACK = '127.0.0.1';
const START_MS = 30_000;
/** The program is gone: nobody is there any more to drain for. */
const STOP_MS = 5_000;
/** One program asks: memory counts for more than the last microseconds of a request (measured, docs/performance.md). */
const SMALL = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--max-lazy',
  '--heap-growing-percent=30',
  // As any worker has them (process-setup.ts): its one process is a worker, too.
  '--disable-proto=throw',
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
] as const;

/** @returns the program's exit code, or 1 when there is no gateway for it. */
export async function runSidecar({ configFile, port, program, args, env }: SidecarOptions): Promise<number> {
  const key = `hg-sidecar-${randomBytes(24).toString('base64url')}`;
  const gateway = await startGateway(configFile, port, key, env);
  if (gateway === null) return 1;
  const url = `http://${LOOPBACK}:${gateway.port}`;
  const child = runChild(program, args, {
    ...env,
    ...sdkEnvironment({ url, key }),
    HEADGATE_SIDECAR_URL: url,
  });
  let runs = true;
  void gateway.ended.then(() => {
    if (runs) process.stderr.write('headgate: the gateway beside the program ended before it\n');
  });
  const code = await child.ended;
  runs = false;
  await gateway.stop();
  return code;
}

interface Beside {
  readonly port: number;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Null: it said on stderr why not. */
function startGateway(
  configFile: string | undefined,
  port: number,
  key: string,
  env: SidecarOptions['env'],
): Promise<Beside | null> {
  const started = spawn(
    process.execPath,
    [
      ...process.execArgv,
      ...SMALL,
      entry(),
      'start',
      ...(configFile === undefined ? [] : ['--config', configFile]),
    ],
    {
      // Its lines are its own business unless it fails: the terminal is the program's.
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...env,
        HEADGATE_HOST: LOOPBACK,
        HEADGATE_PORT: String(port),
        HEADGATE_WORKERS: '1',
        HEADGATE_ONE_PROCESS: '1',
        HEADGATE_THREADS: env['HEADGATE_THREADS'] ?? '0',
        HEADGATE_ADMIN: env['HEADGATE_ADMIN'] ?? 'off',
        HEADGATE_API_KEYS: `sidecar=${key}`,
        HEADGATE_LOG_FORMAT: 'json',
        // glibc keeps an arena for each thread otherwise.
        MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] ?? '1',
        HEADGATE_ACCESS_LOG: env['HEADGATE_ACCESS_LOG'] ?? 'off',
      },
    },
  );
  const ended = new Promise<void>((resolve) => started.once('exit', () => resolve()));
  return new Promise((resolve) => {
    let text = '';
    const late = setTimeout(() => started.kill('SIGKILL'), START_MS);
    started.stdout.setEncoding('utf8');
    started.stdout.on('data', (piece: string) => {
      text += piece;
      const open = /"port":(\d+)[^\n]*"msg":"gateway listens"/.exec(text);
      if (open === null) return;
      clearTimeout(late);
      started.stdout.removeAllListeners('data');
      started.stdout.resume();
      resolve({
        port: Number(open[1]),
        ended,
        async stop() {
          const hard = setTimeout(() => started.kill('SIGKILL'), STOP_MS);
          started.kill('SIGTERM');
          await ended;
          clearTimeout(hard);
        },
      });
    });
    void ended.then(() => {
      clearTimeout(late);
      resolve(null);
    });
  });
}

/** The command of this same checkout or package. */
function entry(): string {
  const extension = path.extname(import.meta.filename);
  const found = path.join(import.meta.dirname, `../cli${extension}`);
  if (!existsSync(found)) throw new Error('the command headgate is not where it was');
  return found;
}
