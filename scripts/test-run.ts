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
  testResults: readonly {
    name: string;
    status: string;
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
};
/**
 * Vitest's projects, by what runs as one: what starts gateways waits more than it computes, each in its own way, and nothing of one
 * has to be over before another begins. With the folders of their files.
 */
const rounds: readonly Readonly<Record<string, readonly string[]>>[] = [
  { unit: [''] },
  {
    integration: ['tests/integration/', 'tests/faults/'],
    clients: ['tests/clients/'],
    ui: ['tests/ui/'],
    peers: ['tests/peers/'],
  },
];
const projects = rounds.flatMap((round) => Object.keys(round));

const failedWhole = (what: string): Counts => ({ passed: 0, failed: 1, skipped: 0, failures: [what] });

/** A gate counts as one test. */
function runGate(name: string, command: readonly string[]): Counts {
  const [program, ...args] = command;
  const { status } = spawnSync(program!, args, { stdio: 'inherit' });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : failedWhole(name);
}

type FileResult = VitestReport['testResults'][number];

function countsOf(results: readonly FileResult[]): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] as string[] };
  for (const { name, status, message, assertionResults } of results) {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages = [] } of failed) {
      counts.failures.push(`${name}: ${fullName}\n${failureMessages.join('\n').slice(0, MAX_FAILURE_CHARS)}`);
    }
    // A file that does not load fails no test.
    if (failed.length === 0 && status === 'failed')
      counts.failures.push(`${name}\n${message.slice(0, MAX_FAILURE_CHARS)}`);
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    counts.passed += passed;
    counts.skipped += assertionResults.length - passed - failed.length;
  }
  return { ...counts, failed: counts.failures.length };
}

/** Runs those projects as one. @returns what came of each */
function runProjects(round: Readonly<Record<string, readonly string[]>>): Record<string, Counts> {
  const names = Object.keys(round);
  const report = join(out, `${names[0]}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...names.flatMap((name) => ['--project', name]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { stdio: 'inherit' },
  );
  const every = Object.fromEntries(names.map((name) => [name, failedWhole(`${name}: no file was run`)]));
  let results: readonly FileResult[];
  try {
    results = (JSON.parse(readFileSync(report, 'utf8')) as VitestReport).testResults;
  } catch {
    return every;
  }
  for (const name of names) {
    const within = round[name]!.map((folder) => join(process.cwd(), folder));
    const own = results.filter((file) => within.some((folder) => file.name.startsWith(folder)));
    // Of several projects vitest minds none that has no files any more.
    if (own.length > 0) every[name] = countsOf(own);
  }
  // An error outside of all tests: the exit status must count.
  if (status !== 0 && Object.values(every).every(({ failed }) => failed === 0))
    every[names[0]!] = {
      ...every[names[0]!]!,
      failed: 1,
      failures: [`${names.join(', ')}: vitest ended with ${status}`],
    };
  return every;
}

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
if (projects.some(isWanted)) {
  // What gateways of the tests run (tests/kit/program.ts): as scripts/start does, since hundreds of them start.
  const built = join(process.cwd(), '.cache/build');
  build(process.cwd(), built);
  await bundle(built);
  process.env['HEADGATE_TEST_PROGRAM'] = join(built, 'cluster/cli.js');
}
const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const report: string[] = [];

/** Runs one thing after its heading, and adds up what came of it. */
function step(names: readonly string[], run: () => Readonly<Record<string, Counts>>): void {
  console.log(`\n== ${names.join(', ')}`);
  const begun = Date.now();
  const results = Object.entries(run());
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  for (const [name, counts] of results) {
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    failures.push(...counts.failures);
    const skipped = counts.skipped === 0 ? '' : `${counts.skipped} skipped, `;
    const took = results.length === 1 ? `${seconds} s` : `of ${seconds} s together`;
    report.push(
      `${name}: ${counts.failed === 0 ? 'ok' : 'FAILED'} (${counts.passed} passed, ${counts.failed} failed, ${skipped}${took})`,
    );
  }
}

for (const [name, command] of Object.entries(gates)) {
  if (isWanted(name)) step([name], () => ({ [name]: runGate(name, command) }));
}
for (const all of rounds) {
  const round = Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));
  if (Object.keys(round).length > 0) step(Object.keys(round), () => runProjects(round));
}
rmSync(out, { recursive: true, force: true });
if (failures.length > 0) console.log(`\n== failed\n${failures.join('\n\n')}`);
console.log(`\n${report.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed + total.skipped > 0 ? 0 : 1);
