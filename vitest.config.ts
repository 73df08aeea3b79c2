import { defineConfig } from 'vitest/config';

// Four projects: `unit` is pure or in-process; `integration` starts real gateways under load, two files at a time, which mostly
// wait; `clients` and `peers` ask one each, by the vendors' SDKs and programs.
/** Giving up early makes a test fail that is right (tests/kit/wait.ts). */
const POLL = { poll: { timeout: 30_000, interval: 20 } };
/** A test that waits for several things, one after the other, on such a machine. */
const TIMES = { testTimeout: 180_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
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
          // All cores: by itself vitest leaves one out, which of two is half.
          maxWorkers: '100%',
          // A property that takes seconds takes a minute on a machine that is busy with something else.
          ...TIMES,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts', 'tests/faults/*.test.ts'],
          setupFiles: ['tests/kit/patience.ts'],
          expect: POLL,
          maxWorkers: 3,
          ...TIMES,
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
          ...TIMES,
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['tests/clients/**/*.test.ts'],
          setupFiles: ['tests/kit/patience.ts'],
          expect: POLL,
          maxWorkers: '100%',
          ...TIMES,
        },
      },
      {
        // The page in a real Chromium; `scripts/ui` builds it first.
        test: {
          name: 'ui',
          include: ['tests/ui/**/*.test.ts'],
          setupFiles: ['tests/kit/patience.ts'],
          expect: POLL,
          maxWorkers: 3,
          ...TIMES,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['tests/peers/**/*.test.ts'],
          setupFiles: ['tests/kit/patience.ts'],
          expect: POLL,
          maxWorkers: '100%',
          ...TIMES,
          // The first run installs what the suites need.
          testTimeout: 600_000,
        },
      },
    ],
  },
});
