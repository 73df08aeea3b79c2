// A plugin in a thread of its own: one that hangs is ended together with its thread, and one that takes too much memory ends it;
// another thread takes its place with the next hook. The worker's loop only ever waits.
import { extname } from 'node:path';
import type { CreateRunner } from '../src/contracts/plugin-port.ts';
import type { PluginHook } from '../src/contracts/plugin.ts';
import { behindReads } from '../src/ipc/behind-reads.ts';
import { loadPiscina, type Piscina } from './tasks/piscina.ts';
import type { PluginTask } from './tasks/plugin-task.ts';

/** Hooks that wait for others may do so together. */
const TASKS_AT_ONCE = 16;
const MAX_QUEUE = 1_000;
const LOAD_MS = 10_000;
/** Behind the time in which the gateway waits: what then still runs hangs. */
const GRACE_MS = 100;

export const createPluginThread: CreateRunner = async ({ module, print, name, options, memoryMb }, log) => {
  const config = { module: module!, print, name, options };
  const pool = open(memoryMb);
  pool.on('message', (message: { pluginLog?: string }) => {
    if (typeof message.pluginLog === 'string') log(message.pluginLog);
  });
  let queued = 0;
  const run = async (task: PluginTask, timeoutMs: number): Promise<unknown> => {
    if (queued >= MAX_QUEUE) throw new Error('too many hooks wait for its thread');
    queued++;
    const deadline = new AbortController();
    const timer = behindReads(timeoutMs + GRACE_MS, () => deadline.abort());
    timer.unref();
    try {
      return await pool.run(task, { signal: deadline.signal });
    } finally {
      timer.clear();
      queued--;
    }
  };
  try {
    const names = (await run({ op: 'load', config }, LOAD_MS)) as PluginHook[]; // what plugin-task.ts answers to `load`
    return {
      hooks: new Set(names),
      run: (hook, event, timeoutMs) => run({ op: 'run', config, hook, event }, timeoutMs),
      delta: () => undefined,
      close: () => void pool.destroy(),
    };
  } catch (cause) {
    void pool.destroy();
    throw cause;
  }
};

function open(memoryMb: number): Piscina<PluginTask, unknown> {
  const { Piscina } = loadPiscina();
  const pool = new Piscina<PluginTask, unknown>({
    filename: new URL(`./tasks/plugin-task${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: TASKS_AT_ONCE,
    // Its own timers and sockets go on between hooks.
    atomics: 'disabled',
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  // A thread that dies between hooks is replaced; without a listener the process would end.
  pool.on('error', () => undefined);
  return pool;
}
