// `headgate sidecar`: reads its arguments, then becomes the gateway (sidecar-main.ts) by replacing its own process: what V8 is to save has to
// be said before it starts, and a process that only waits beside the gateway would be 12 MB.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Environment, parsed, portOf } from '../edge/options.ts';
import { EdgeUsageError } from '../edge/setup/usage.ts';
import { split } from '../edge/split-words.ts';
import { reservePort } from '../crew/port.ts';
import { LOOPBACK, packOrder, type SidecarOrder } from './sidecar-order.ts';

/** As any worker has them (process-setup.ts): its one process is a worker, too. Those of memory are said when it runs (small-heap.ts). */
const FLAGS = [
  '--no-memory-reducer',
  '--disable-proto=throw',
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
] as const;

/** Read by glibc when a process begins: one arena for all threads, and what is freed goes back to the system. */
const FRUGAL = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '16384',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_TOP_PAD_: '16384',
  // Read by msgpackr as it is loaded: what its native half would read faster are a few messages, and it weighs more than they do.
  MSGPACKR_NATIVE_ACCELERATION_DISABLED: 'true',
} as const;

/** Returns to nobody: the process ends as the program does. @throws EdgeUsageError, PortError */
export async function sidecarCommand(words: readonly string[], env: Environment): Promise<number> {
  const [own, [program, ...args]] = split(words, ['--config', '-c', '--port', '-p']);
  const options = {
    config: { type: 'string', short: 'c' },
    port: { type: 'string', short: 'p' },
  } as const;
  const { values } = parsed({ args: own, options });
  if (program === undefined)
    throw new EdgeUsageError('a program is needed: `headgate sidecar -- python app.py`');
  const frugal = Object.fromEntries(Object.entries(FRUGAL).filter(([name]) => env[name] === undefined));
  const order: SidecarOrder = {
    configFile: values.config,
    port: await reservePort(LOOPBACK, portOf(values.port ?? '0')),
    program,
    args,
    added: Object.keys(frugal),
  };
  const entry = sidecarEntry();
  // Absent on Windows.
  if (process.execve === undefined) {
    const { runSidecar } = await import('./sidecar-main.ts');
    await runSidecar({ ...order, added: [] }, undefined, () => undefined);
    return await new Promise<never>(() => undefined); // it ends the process
  }
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...FLAGS, entry, ...packOrder(order)],
    { ...defined(env), ...frugal },
  );
  throw new Error('the process could not be replaced');
}

function defined(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The bundle (scripts/small-bundle.ts), where one was built; else the modules that it is made of. */
function sidecarEntry(): string {
  const bundle = path.join(import.meta.dirname, '../../small/sidecar.cjs');
  if (existsSync(bundle)) return bundle;
  return path.join(import.meta.dirname, `sidecar-entry${path.extname(import.meta.filename)}`);
}
