// Work that a call waits for and that may outlast it: what comes of it is nobody's once the call has settled.
import type { Call } from '../contracts/call.ts';

/** Calls one of the two, unless the call has ended by then. */
export function whileOpen<T>(
  call: Call,
  work: Promise<T>,
  done: (value: T) => void,
  failed: (cause: unknown) => void,
): void {
  work.then(
    (value) => {
      if (!call.settled) done(value);
    },
    (cause: unknown) => {
      if (!call.settled) failed(cause);
    },
  );
}
