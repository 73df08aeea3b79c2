// How much the kernel holds of a client's connection that nobody has read. uWebSockets.js reads a socket on as long as each read fills its
// buffer of 512 KB, whatever else is ready and also when it was told to pause: a client that sends as fast as it is read would have the worker to
// itself, for 30 to 50 ms with 25 MB, and what it sends would lie in memory where its provider is slow. Where the kernel holds less than that
// no read fills the buffer, and each turn of the event loop takes one piece of everybody. Connections have what their listening socket had when
// they came.
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { OwnListener } from './accept-queue.ts';

const ENTRY = path.join(import.meta.dirname, `narrow-socket${path.extname(import.meta.filename)}`);
const FLAGS = ['--no-deprecation', '--disable-warning=ExperimentalWarning'];
/** Node starts in some 40 ms; a machine may be busy. */
const PATIENCE_MS = 10_000;

/**
 * Bounds what the kernel holds of each connection that comes to a listening socket of this process from now on. Takes a process of some 40 ms.
 * @param listener null = there is none, and that is the problem
 * @param bytes SO_RCVBUF: Linux counts its own bookkeeping, too, and doubles it for that
 * @returns why it could not be done; null = it is
 */
export async function boundReceiveBuffer(
  listener: OwnListener | null,
  bytes: number,
): Promise<string | null> {
  if (listener === null) return 'the listening socket is not among the open files';
  try {
    return await narrowed(listener.descriptor, bytes);
  } catch (err) {
    // Node throws what it does not expect of a system: no memory for a further process, or a filter of calls that lets none begin.
    return err instanceof Error ? err.message : String(err);
  }
}

function narrowed(descriptor: number, bytes: number): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...FLAGS, ENTRY, String(bytes)], {
      stdio: ['ignore', 'ignore', 'ignore', descriptor],
      // What Node is told for a gateway (a debugger's port) is not for it.
      env: { ...process.env, NODE_OPTIONS: '' },
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', (err) => resolve(err.message));
    child.once('exit', (code, signal) => {
      resolve(code === 0 ? null : `setting it ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}
