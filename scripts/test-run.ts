// Runs the gates in order and all of them even after a failure, then adds up the counts.
// `scripts/test unit` runs one project or gate alone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.ts';
import { bundle } from './small-bundle.ts';

interface Counts {
  passed: number;
  failed: number;
  /** Not run, with a reason that was printed: what they need is not on this machine. */
  skipped: number;
  /** What failed and why, printed last of all: a log that is cut keeps its end. */
  failures: readonly string[];
}

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: readonly {
    name: string;
    message: string;
    assertionResults: readonly { status: string; fullName: string; failureMessages?: readonly string[] }[];
  }[];
}

const MAX_FAILURE_CHARS = 1500;

const bin = (name: string): string => join('node_modules', '.bin', name);
const out = mkdtempSync(join(tmpdir(), 'headgate-test-'));

const gates: Readonly<Record<string, readonly string[]>> = {
  format: [bin('biome'), 'format', '.'],
  lint: [bin('biome'), 'lint', '--error-on-warnings', '.'],
  layers: [process.execPath, 'scripts/check-layers.ts'],
  types: [bin('tsc'), '--noEmit'],
  'ui-types': [bin('tsc'), '-p', 'ui'],
  build: [bin('tsc'), '-p', 'tsconfig.build.json', '--outDir', join(out, 'dist')],
};
const projects = ['unit', 'integration', 'clients', 'ui', 'peers'];

const failedWhole = (what: string): Counts => ({ passed: 0, failed: 1, skipped: 0, failures: [what] });

/** A gate counts as one test. */
function runGate(name: string, command: readonly string[]): Counts {
  const [program, ...args] = command;
  const { status } = spawnSync(program!, args, { stdio: 'inherit' });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : failedWhole(name);
}

function failuresOf(report: VitestReport): string[] {
  const failures: string[] = [];
  for (const { name, message, assertionResults } of report.testResults) {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    for (const { fullName, failureMessages = [] } of failed) {
      failures.push(`${name}: ${fullName}\n${failureMessages.join('\n').slice(0, MAX_FAILURE_CHARS)}`);
    }
    if (failed.length === 0 && message !== '')
      failures.push(`${name}\n${message.slice(0, MAX_FAILURE_CHARS)}`);
  }
  return failures;
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
    const results = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    const { numPassedTests, numFailedTests, numPendingTests } = results;
    // A file that does not load fails no test: the exit status must count.
    const failed = status === 0 ? numFailedTests : Math.max(1, numFailedTests);
    return { passed: numPassedTests, failed, skipped: numPendingTests, failures: failuresOf(results) };
  } catch {
    return failedWhole(`${name} wrote no report`);
  }
}

const wanted = process.argv.slice(2);
if (projects.some((name) => wanted.length === 0 || wanted.includes(name))) {
  // What gateways of the tests run (tests/kit/program.ts): as scripts/start does, since hundreds of them start.
  const built = join(process.cwd(), '.cache/build');
  build(process.cwd(), built);
  await bundle(built);
  process.env['HEADGATE_TEST_PROGRAM'] = join(built, 'cluster/cli.js');
}
const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const report: string[] = [];
for (const name of [...Object.keys(gates), ...projects]) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  const begun = Date.now();
  const counts = gates[name] === undefined ? runProject(name) : runGate(name, gates[name]);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  failures.push(...counts.failures);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const skipped = counts.skipped === 0 ? '' : `${counts.skipped} skipped, `;
  report.push(
    `${name}: ${counts.failed === 0 ? 'ok' : 'FAILED'} (${counts.passed} passed, ${counts.failed} failed, ${skipped}${seconds} s)`,
  );
}
rmSync(out, { recursive: true, force: true });
if (failures.length > 0) console.log(`\n== failed\n${failures.join('\n\n')}`);
console.log(`\n${report.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed + total.skipped > 0 ? 0 : 1);
