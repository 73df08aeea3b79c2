// The client's side of a relay in tests: it takes what is written, and nothing goes wrong.
import type { LateOut } from './aside-relay.ts';

/** @param write takes all that the relay writes */
export const quietOut = (write: (bytes: Buffer | string) => void): LateOut => ({
  gated: false,
  write,
  hold() {},
  late() {},
  faulted: () => {
    throw new Error('no fault was expected here');
  },
  malformed() {},
});
