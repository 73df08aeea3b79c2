// Who is asked about answers and turns of others by a worker that has none.
import type { Claims } from '../contracts/claims.ts';

export const NOBODY: Claims = {
  claim: () => Promise.resolve({ kind: 'unknown' }),
  settle: () => undefined,
  purged: () => Promise.resolve(),
};
