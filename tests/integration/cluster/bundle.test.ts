// A gateway that was bundled (scripts/small-bundle.ts), as packages, images and checkouts with their tools have it.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withPlaces } from '../../../src/observability/frame-places.ts';
import { builtProgram } from '../../kit/built.ts';
import { startGateway } from '../../kit/gateway.ts';
import { root } from '../../kit/program.ts';
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

it.skipIf(!existsSync('/proc/self/cmdline'))(
  'a worker that dies is replaced by the same program, a roll brings the newest, and an installation may take the old one away',
  async () => {
    // Below the checkout, for its packages.
    const copy = mkdtempSync(path.join(root, '.cache/bundle-test-'));
    const built = path.dirname(path.dirname(builtProgram()));
    for (const part of ['src', 'workers', 'cluster', 'gatehouse', 'quick', 'package.json'])
      cpSync(path.join(built, part), path.join(copy, part), { recursive: true });
    const quick = path.join(copy, 'quick');
    const first = readFileSync(path.join(quick, 'current'), 'utf8');
    const isNow = (name: string): void => writeFileSync(path.join(quick, 'current'), name);
    const gateway = await startGateway({ program: path.join(copy, 'cluster/cli.js') });
    let count = 0;
    const next = async (): Promise<{ pid: number; bundle: string }> => {
      const pid = (await workerPids(gateway, ++count)).at(-1)!;
      return { pid, bundle: path.basename(path.dirname(programOf(pid))) };
    };
    const afterKill = async (pid: number): Promise<{ pid: number; bundle: string }> => {
      process.kill(pid, 'SIGKILL');
      return await next();
    };
    try {
      const began = await next();
      const second = '0'.repeat(16);
      cpSync(path.join(quick, first), path.join(quick, second), { recursive: true });
      isNow(second);
      const replaced = await afterKill(began.pid);
      gateway.kill('SIGUSR2');
      const rolled = await next();
      const again = await afterKill(rolled.pid);
      // As a package manager does it.
      const third = '1'.repeat(16);
      renameSync(path.join(quick, second), path.join(quick, third));
      rmSync(path.join(quick, first), { recursive: true });
      isNow(third);
      const installed = await afterKill(again.pid);
      expect([began, replaced, rolled, again, installed].map(({ bundle }) => bundle)).toEqual([
        first,
        first,
        second,
        second,
        third,
      ]);
    } finally {
      await gateway.stop();
      rmSync(copy, { recursive: true, force: true });
    }
  },
);

it('is as strict as modules are', () => {
  const built = path.dirname(path.dirname(builtProgram()));
  const current = readFileSync(path.join(built, 'quick/current'), 'utf8');
  for (const folder of [path.join(built, 'small'), path.join(built, 'quick', current)]) {
    const files = readdirSync(folder).filter((name) => name.endsWith('.cjs'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files)
      expect(readFileSync(path.join(folder, file), 'utf8').slice(0, 12), file).toMatch(/^['"]use strict['"]/);
  }
});
