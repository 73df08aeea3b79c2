// One full collection, where a process has grown by something that is over: V8 collects nothing while nothing is allocated.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What V8 offers to a context that is made while it is allowed to (its documentation of `--expose-gc`). */
type CollectGarbage = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * A full collection that also shrinks the heap: of the kind that V8 makes when memory is about to end. An inspector's session can ask for it,
 * too, and leaves a megabyte behind.
 */
export function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as CollectGarbage; // as V8 defines it
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
