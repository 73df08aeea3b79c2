// The bench: Headgate beside its peers, scenario after scenario, each written down as soon as it is measured.
// `npm run bench -- --help`. Method and how to read the numbers: bench/README.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchArguments, chosen, HELP, readArguments } from './arguments.ts';
import type { Peer, Scenario } from './contract.ts';
import { type BenchLab, createLab, mockCoreOf } from './lab.ts';
import { machineFacts } from './machine.ts';
import { startMock } from './mock/mock.ts';
import { peers } from './peers/registry.ts';
import { killAll, stopAll } from './processes.ts';
import { writeReport } from './report/report.ts';
import type { BenchRun, PeerFacts, ScenarioRecord } from './result.ts';
import { scenarios } from './scenarios/registry.ts';

const HEADGATE = 'headgate';
const began = performance.now();

function say(text: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(7);
  process.stdout.write(`[${seconds} s] ${text}\n`);
}

/** Headgate always takes part. */
function chosenPeers({ versus }: BenchArguments): readonly Peer[] {
  return versus === null ? peers : chosen('peer', peers, [HEADGATE, ...versus]);
}

async function look(all: readonly Peer[]): Promise<PeerFacts[]> {
  return Promise.all(
    all.map(async (peer) => {
      const found = await peer.find().catch((error) => ({ missing: wordsOf(error) }));
      return { name: peer.name, about: peer.about, found };
    }),
  );
}

async function list(): Promise<void> {
  for (const { name, title, method } of scenarios)
    process.stdout.write(`${name}\n  ${title}\n  ${method}\n\n`);
  for (const { name, about, found } of await look(peers)) {
    const state = found.missing === undefined ? found.version : `left out: ${found.missing}`;
    process.stdout.write(`${name.padEnd(14)} ${state}\n${' '.repeat(15)}${about}\n`);
  }
}

async function run(args: BenchArguments): Promise<void> {
  const wanted = args.scenarios.length === 0 ? scenarios : chosen('scenario', scenarios, args.scenarios);
  const at = new Date().toISOString();
  const out =
    args.out ?? fileURLToPath(new URL(`./results/${at.slice(0, 19).replaceAll(':', '-')}`, import.meta.url));
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  // What only watches must not run on the cores of what is measured.
  spawnSync('taskset', ['-acp', args.loadCores.join(','), String(process.pid)], { stdio: 'ignore' });
  try {
    const facts = await look(chosenPeers(args));
    for (const { name, found } of facts) {
      say(found.missing === undefined ? `${name} ${found.version}` : `${name} is left out: ${found.missing}`);
    }
    const here = new Set(facts.filter(({ found }) => found.missing === undefined).map(({ name }) => name));
    const lab = createLab({
      ...args,
      mock: await startMock([mockCoreOf(args.loadCores)]),
      peers: peers.filter(({ name }) => here.has(name)),
      folder,
      say,
    });
    const ceiling = await lab.measureCeiling();
    lab.takeWarnings(); // the mock at its ceiling is at its ceiling
    if (ceiling !== null) {
      const { perSecond, cpuMicros, by } = ceiling;
      say(
        `the mock called directly: ${Math.round(perSecond)}/s by ${by}, ${cpuMicros.toFixed(1)} us of CPU each`,
      );
    }
    const records: ScenarioRecord[] = [];
    const result: BenchRun = {
      at,
      machine: machineFacts(),
      settings: {
        rounds: args.rounds,
        seconds: args.seconds,
        quick: args.quick,
        gatewayCores: args.gatewayCores,
        loadCores: args.loadCores,
        scenarios: args.scenarios.length === 0 ? 'all' : args.scenarios,
        versus: args.versus ?? 'all',
      },
      ceiling,
      peers: facts,
      scenarios: records,
    };
    for (const scenario of wanted) {
      records.push(await measure(scenario, lab));
      // A run that is cut off keeps what it has.
      writeFileSync(join(out, 'results.json'), `${JSON.stringify(result, null, 2)}\n`);
    }
    await writeReport(result, out);
    say(`written to ${out}`);
    if (records.some(({ error }) => error !== null)) process.exitCode = 1;
  } finally {
    await stopAll();
  }
}

/** A scenario that throws is told, and the others go on. */
async function measure(scenario: Scenario, lab: BenchLab): Promise<ScenarioRecord> {
  const { name, title, method, metrics } = scenario;
  say(`${name}: ${title}`);
  const start = performance.now();
  const scoped: BenchLab = { ...lab, say: (text) => say(`${name}: ${text}`) };
  let result: ScenarioRecord['result'] = null;
  let error: string | null = null;
  try {
    result = await scenario.run(scoped);
  } catch (caught) {
    error = wordsOf(caught);
    say(`${name} failed: ${caught instanceof Error ? caught.stack : error}`);
  }
  await lab.clear();
  const tookSeconds = Math.round((performance.now() - start) / 100) / 10;
  const warnings = lab.takeWarnings();
  for (const warning of warnings) say(`${name}: ${warning}`);
  return { name, title, method, metrics, tookSeconds, result, error, warnings };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2), availableParallelism());
  if (args.help) process.stdout.write(HELP);
  else if (args.list) await list();
  else if (args.loadCores.length === 0) {
    throw new Error('the bench needs two cores: one for what is measured, one for the load');
  } else if (spawnSync('taskset', ['--version'], { stdio: 'ignore' }).error !== undefined) {
    throw new Error('the bench needs Linux with taskset (util-linux)');
  } else await run(args);
}

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().finally(() => process.exit(130)));
}
try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${wordsOf(error)}\n`);
  process.exitCode = 1;
}
