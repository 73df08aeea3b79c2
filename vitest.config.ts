import { defineConfig } from 'vitest/config';

// Four projects: `unit` is pure or in-process; `integration` and `clients` start real gateways and mocks, and run
// one file at a time so that two cores are not shared by load from two files; `peers` runs the SDKs' own tests.
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
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            'tests/{golden,conformance,fuzz,kit}/**/*.test.ts',
          ],
          setupFiles: ['tests/kit/seed.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['tests/clients/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['tests/peers/**/*.test.ts'],
          // The first run installs what the suites need.
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
