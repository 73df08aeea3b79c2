// Runs the gates in order and all of them even after a failure, then adds up the counts.
// `scripts/test unit` runs one project or gate alone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
  /** Not run, with a reason that was printed: what they need is not on this machine. */
  skipped: number;
}

const bin = (name: string): string => join('node_modules', '.bin', name);
const out = mkdtempSync(join(tmpdir(), 'headgate-test-'));

const gates: Readonly<Record<string, readonly string[]>> = {
  format: [bin('biome'), 'format', '.'],
  lint: [bin('biome'), 'lint', '--error-on-warnings', '.'],
  layers: [process.execPath, 'scripts/check-layers.ts'],
  types: [bin('tsc'), '--noEmit'],
  build: [bin('tsc'), '-p', 'tsconfig.build.json', '--outDir', join(out, 'dist')],
};
const projects = ['unit', 'integration', 'clients', 'peers'];

const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

/** A gate counts as one test. */
function runGate(command: readonly string[]): Counts {
  const [program, ...args] = command;
  const { status } = spawnSync(program!, args, { stdio: 'inherit' });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : FAILED;
}

function runProject(name: string): Counts {
  const report = join(out, `${name}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      name,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { stdio: 'inherit' },
  );
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
    };
    // A file that does not load fails no test: the exit status must count.
    const failed = status === 0 ? numFailedTests : Math.max(1, numFailedTests);
    return { passed: numPassedTests, failed, skipped: numPendingTests };
  } catch {
    return FAILED;
  }
}

const wanted = process.argv.slice(2);
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const report: string[] = [];
for (const name of [...Object.keys(gates), ...projects]) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  const begun = Date.now();
  const counts = gates[name] === undefined ? runProject(name) : runGate(gates[name]);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const skipped = counts.skipped === 0 ? '' : `${counts.skipped} skipped, `;
  report.push(
    `${name}: ${counts.failed === 0 ? 'ok' : 'FAILED'} (${counts.passed} passed, ${counts.failed} failed, ${skipped}${seconds} s)`,
  );
}
rmSync(out, { recursive: true, force: true });
console.log(`\n${report.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed + total.skipped > 0 ? 0 : 1);
