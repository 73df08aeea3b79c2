// One full collection, where a process has grown by something that is over: V8 collects nothing while nothing is allocated.
import { Session } from 'node:inspector/promises';

/**
 * A full collection that also shrinks the heap, by the inspector's own means inside this process: no port is opened.
 * `global.gc` would need a flag and leaves the young generation at its size.
 */
export function collectAll(): void {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage').then(
    () => session.disconnect(),
    () => session.disconnect(),
  );
}
