// The program as packages have it, for tests that are about that: plain JavaScript, and bundles.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { build } from '../../scripts/build.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { root } from './program.ts';

/** What scripts/test built; by itself a test file builds it. @returns the path of its cluster/cli.js */
export function builtProgram(): string {
  const built = process.env['HEADGATE_TEST_PROGRAM'];
  if (built !== undefined) return built;
  const to = path.join(root, '.cache/tests-build');
  oneAtATime(to, () => {
    build(root, to);
    execFileSync(process.execPath, [path.join(root, 'scripts/small-bundle.ts'), to]);
  });
  return path.join(to, 'cluster/cli.js');
}
