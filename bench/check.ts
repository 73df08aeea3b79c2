// `npm run bench:check`: measures the CPU scenarios and fails when a ratio to nginx or to the bare loop is worse than in the stored
// baseline by more than noise. `--store` writes the baseline, `--results FILE` judges a run that is there already.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bare } from './peers/bare.ts';
import { nginx } from './peers/nginx.ts';
import { type Baseline, baselineOf, type Comparison, compare } from './report/regression.ts';
import type { BenchRun } from './result.ts';
import { cpu } from './scenarios/cpu.ts';
import { cpuStream } from './scenarios/cpu-stream.ts';
import { translate } from './scenarios/translate.ts';

const SCENARIOS = [cpu, cpuStream, translate].map(({ name }) => name);
const VERSUS = [nginx, bare].map(({ name }) => name).join(',');
const BASELINE = fileURLToPath(new URL('./baseline.json', import.meta.url));

const { values } = parseArgs({
  options: {
    store: { type: 'boolean', default: false },
    results: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  },
});

function measure(): BenchRun {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-check-'));
  try {
    const script = fileURLToPath(new URL('./run.ts', import.meta.url));
    const args = [...SCENARIOS, '--vs', VERSUS, '--rounds', values.rounds, '--seconds', values.seconds];
    const { status } = spawnSync(process.execPath, [script, ...args, '--out', folder], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`the bench ended with ${status}`);
    return JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as BenchRun;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function line({ before, now, worse, noise, regressed }: Comparison): string {
  const what = `${before.scenario}: ${before.metric}, to ${before.against}`.padEnd(64);
  if (now === null || worse === null) return `${what} ${before.value.toFixed(2)} -> not measured`;
  const percent = `${worse >= 0 ? '+' : ''}${(100 * worse).toFixed(1)} %`;
  const verdict = regressed ? 'WORSE' : worse < -noise ? 'better' : 'same';
  return `${what} ${before.value.toFixed(2)} -> ${now.value.toFixed(2)}  ${percent.padStart(8)} (noise ${(100 * noise).toFixed(0)} %)  ${verdict}`;
}

function main(): void {
  if (values.help) {
    process.stdout.write(
      'node bench/check.ts [--store] [--results FILE] [--rounds N] [--seconds N]\nCompares with bench/baseline.json; --store writes it.\n',
    );
    return;
  }
  const run =
    values.results === undefined ? measure() : (JSON.parse(readFileSync(values.results, 'utf8')) as BenchRun);
  if (values.store) {
    // Of a full run only what a check measures, too.
    const scenarios = run.scenarios.filter(({ name }) => SCENARIOS.includes(name));
    const baseline = baselineOf({ ...run, scenarios });
    if (baseline.ratios.length === 0) throw new Error('the run has no ratios: was nginx there?');
    writeFileSync(BASELINE, `${JSON.stringify(baseline, null, 2)}\n`);
    process.stdout.write(`stored ${baseline.ratios.length} ratios\n`);
    return;
  }
  if (!existsSync(BASELINE)) throw new Error('there is no bench/baseline.json yet: make one with --store');
  const rows = compare(JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline, run);
  process.stdout.write(`${rows.map(line).join('\n')}\n`);
  const measured = rows.filter(({ now }) => now !== null).length;
  const regressed = rows.filter((row) => row.regressed).length;
  // A check that measured nothing has proved nothing.
  if (regressed > 0 || measured === 0) process.exitCode = 1;
  process.stdout.write(`${measured} of ${rows.length} ratios measured, ${regressed} worse than noise\n`);
}

main();
