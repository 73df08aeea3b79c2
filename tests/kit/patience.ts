// Vitest's own waiting gives up after a second; ours goes on (wait.ts says why). For every project: vitest.config.ts.
import { type VitestUtils, vi } from 'vitest';
import { patience } from './wait.ts';

const ours = Symbol.for('headgate.patience');

/** Each test file is set up anew, `vi` is one for all of them. */
const utils = vi as VitestUtils & { [ours]?: boolean };
if (utils[ours] !== true) {
  utils[ours] = true;
  const waitFor = vi.waitFor.bind(vi);
  utils.waitFor = (callback, options = {}) => {
    const stated = typeof options === 'number' ? { timeout: options } : options;
    return waitFor(callback, { ...stated, timeout: patience(stated.timeout ?? 1_000) });
  };
}
