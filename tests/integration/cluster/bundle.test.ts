// A gateway that was bundled (scripts/small-bundle.ts), as packages, images and checkouts with their tools have it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withPlaces } from '../../../src/observability/frame-places.ts';
import { builtProgram } from '../../kit/built.ts';
import { startGateway } from '../../kit/gateway.ts';
import { workerPids } from '../../kit/workers.ts';

/** The program a process runs. */
const programOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    .split('\0')
    .find((word) => /\.c?js$/.test(word)) ?? '';

it.skipIf(!existsSync('/proc/self/cmdline'))(
  'runs its workers from the bundle, those that come later from the same one, and tells faults by their sources',
  async () => {
    const gateway = await startGateway({ program: builtProgram() });
    try {
      const [first] = await workerPids(gateway, 1);
      const worker = programOf(first!);
      expect(worker).toMatch(/\/quick\/[0-9a-f]{16}\/worker\.cjs$/);
      process.kill(first!, 'SIGKILL');
      const [, second] = await workerPids(gateway, 2);
      expect(programOf(second!)).toBe(worker);
      // Nobody forked it: that is a fault.
      const { stderr } = spawnSync(process.execPath, [worker], { encoding: 'utf8' });
      expect(stderr).toContain('worker.cjs:');
      expect(withPlaces(stderr)).toMatch(/at openLink \(workers\/link\.ts:\d+\)/);
    } finally {
      await gateway.stop();
    }
  },
);
