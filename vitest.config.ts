import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/kit/longest-first.ts';

// `unit` is pure or in-process. All others start real gateways under load, which mostly wait; `clients` and `peers` ask them by the
// vendors' SDKs and programs, `ui` by a real Chromium.
/** Giving up early makes a test fail that is right (tests/kit/wait.ts). */
const POLL = { poll: { timeout: 30_000, interval: 20 } };
/** A test that waits for several things, one after the other, on such a machine. */
const TIMES = { testTimeout: 180_000, hookTimeout: 180_000 };
/**
 * One process for many test files: half of a small file's time was that of a process, and of the same modules loaded once more. It asks
 * of a file that it leaves nothing behind: what it stubs, spies on or starts, it takes back.
 */
const SHARED = { isolate: false };
const GATEWAYS = {
  setupFiles: ['tests/kit/patience.ts'],
  expect: POLL,
  ...SHARED,
  // On two cores. Of all these projects together, which scripts/test runs as one.
  maxWorkers: 3,
  sequence: { groupOrder: 2 },
  ...TIMES,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'workers/**/*.test.ts',
            'cluster/**/*.test.ts',
            'gatehouse/**/*.test.ts',
            'scripts/**/*.test.ts',
            'ui/src/**/*.test.ts',
            'bench/**/*.test.ts',
            'tests/{golden,conformance,fuzz,kit}/**/*.test.ts',
          ],
          setupFiles: ['tests/kit/seed.ts', 'tests/kit/patience.ts'],
          expect: POLL,
          ...SHARED,
          // All cores: by itself vitest leaves one out, which of two is half.
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
          // A property that takes seconds takes a minute on a machine that is busy with something else.
          ...TIMES,
        },
      },
      {
        test: {
          ...GATEWAYS,
          name: 'integration',
          include: ['tests/integration/**/*.test.ts', 'tests/faults/*.test.ts'],
        },
      },
      { test: { ...GATEWAYS, name: 'clients', include: ['tests/clients/**/*.test.ts'] } },
      // `scripts/ui` builds the page first.
      { test: { ...GATEWAYS, name: 'ui', include: ['tests/ui/**/*.test.ts'] } },
      {
        test: {
          ...GATEWAYS,
          name: 'peers',
          include: ['tests/peers/**/*.test.ts'],
          // The first run installs what the suites need.
          testTimeout: 600_000,
        },
      },
      {
        // What takes minutes: `npm run test:faults`.
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.test.ts'],
          setupFiles: ['tests/kit/patience.ts'],
          expect: POLL,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          ...TIMES,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
