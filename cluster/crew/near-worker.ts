// One worker in the primary's own process, for a gateway beside one program, where memory counts for more than a worker that can die
// alone: what it holds twice otherwise (a Node, its heap, half of the modules) it holds once. To the worker this plays the part of the
// channel that node opens to a process it forked (`process.send`, `message`, `connected`); it is loaded by path as others are forked.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { packMessage, unpackToPrimary } from '../../src/ipc/codec.ts';
import type { Log } from '../../src/observability/log.ts';
import type { ForkWorker } from './worker-process.ts';

export interface NearWorkerOptions {
  /** Path of the worker's entry. */
  exec: string;
  /** Set in our own environment. */
  env: Readonly<Record<string, string>>;
  log: Log;
}

/** Starts it once: a second one, or the same again, needs another process. */
export function createNearWorker({ exec, env, log }: NearWorkerOptions): ForkWorker {
  let started = false;
  return (index, events) => {
    if (started) {
      log.error({}, 'the one worker of this process cannot be started again');
      process.exit(1);
    }
    started = true;
    Object.assign(process.env, env, { HEADGATE_WORKER_INDEX: String(index) });
    let open = true;
    const exited = (code: number): void => {
      if (!open) return;
      open = false;
      Object.assign(channel, { connected: false });
      setImmediate(() => events.onExit(code, null));
    };
    // Node has none of these in a process that nobody forked.
    const channel = Object.assign(process, {
      connected: true,
      send(bytes: Uint8Array, _handle: undefined, _options: undefined, sent: () => void): boolean {
        // As over a pipe: not before whoever sends is done, and bytes of its own.
        const copy = Buffer.from(bytes);
        setImmediate(() => {
          if (open) events.onMessage(unpackToPrimary(copy));
          sent();
        });
        return open;
      },
      disconnect: () => exited(0),
    });
    load(exec).catch((err: unknown) => {
      log.fatal({ err }, 'the worker cannot be loaded');
      exited(1);
    });
    return {
      pid: process.pid,
      send(message) {
        const bytes = Buffer.from(packMessage(message));
        setImmediate(() => open && process.emit('message', bytes, undefined));
      },
      // Not at once: whoever ends a worker says why.
      kill: () => void setImmediate(() => process.exit(1)),
    };
  };
}

/** A bundle (scripts/small-bundle.ts) is CommonJS, and spares itself the other loader. */
async function load(entry: string): Promise<void> {
  if (entry.endsWith('.cjs')) createRequire(import.meta.url)(entry);
  else await import(pathToFileURL(entry).href);
}
