// The small bench: CPU per request and per streamed delta of the whole gateway, beside nginx and a bare loop.
// `npm run bench -- --help`. Method and how to read the numbers: bench/README.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureStreams, measureUnary, type Sample } from './measure.ts';
import { stopAll } from './processes.ts';
import { resultTable, summarise } from './summary.ts';
import { installed, startBareLoop, startGateway, startMock, startNginx, type Target } from './targets.ts';

const HELP = `node bench/run.ts [options]
  --rounds N       alternating rounds, the median counts (3)
  --seconds N      measured seconds per target and round (4)
  --connections N  keep-alive connections of the unary load (64)
  --streams N      concurrent streams (300)
  --only KIND      unary or stream
  --targets LIST   of nginx, bare, gateway (all)
  --quick          one round of two seconds
`;

const GATEWAY_CORE = 0;
const LOAD_CORE = 1;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    streams: { type: 'string', default: '300' },
    only: { type: 'string' },
    targets: { type: 'string', default: 'nginx,bare,gateway' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const starters = { nginx: startNginx, bare: startBareLoop, gateway: startGateway } as const;

async function main(): Promise<void> {
  const rounds = values.quick ? 1 : Number(values.rounds);
  const seconds = values.quick ? 2 : Number(values.seconds);
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
  try {
    const mock = await startMock(LOAD_CORE);
    const targets: Target[] = [];
    for (const name of values.targets.split(',')) {
      if (name === 'nginx' && !installed('nginx')) {
        process.stdout.write(
          'nginx is left out: it is not installed (apt-get install nginx), so there are no ratios\n',
        );
        continue;
      }
      const starter = starters[name as keyof typeof starters];
      if (starter === undefined)
        throw new Error(`no target ${name}; there are ${Object.keys(starters).join(', ')}`);
      targets.push(await starter({ core: GATEWAY_CORE, upstreamPort: mock.port, folder }));
    }

    const samples: Sample[] = [];
    const unary = values.only !== 'stream' && wrkThere();
    const streams = values.only !== 'unary';
    for (let round = 0; round <= rounds; round++) {
      // Round 0 warms up: code is compiled, connections are open. It is short and does not count.
      const last = round === 0 ? 1 : seconds;
      for (const target of targets) {
        const common = { target, core: LOAD_CORE, seconds: last, folder };
        const taken: Sample[] = [];
        if (unary) taken.push(await measureUnary({ ...common, connections: Number(values.connections) }));
        if (streams) taken.push(await measureStreams({ ...common, streams: Number(values.streams) }));
        for (const sample of taken) {
          if (round > 0) samples.push(sample);
          progress(round, sample);
        }
      }
    }
    const summary = summarise(samples);
    process.stdout.write(`\n${resultTable(summary)}\n`);
    const results = new URL('./results/', import.meta.url);
    mkdirSync(results, { recursive: true });
    const record = { at: new Date().toISOString(), node: process.version, rounds, seconds, summary, samples };
    writeFileSync(new URL('latest.json', results), `${JSON.stringify(record, null, 2)}\n`);
    if (samples.some((sample) => sample.failed > 0)) {
      process.stdout.write('\nVOID: some answers failed, see the table.\n');
      process.exitCode = 1;
    }
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

function wrkThere(): boolean {
  if (installed('wrk')) return true;
  process.stdout.write('the unary load is left out: wrk is not installed (apt-get install wrk)\n');
  return false;
}

function progress(round: number, { target, kind, micros, count, failed }: Sample): void {
  const label = round === 0 ? 'warm-up' : `round ${round}`;
  process.stdout.write(
    `${label.padEnd(8)} ${kind.padEnd(7)} ${target.padEnd(10)} ${micros.toFixed(1).padStart(7)} us  (${count} done, ${failed} failed)\n`,
  );
}

if (values.help) {
  process.stdout.write(HELP);
} else if (availableParallelism() < 2) {
  process.stdout.write('the bench needs two cores: one for what is measured, one for the load\n');
  process.exitCode = 1;
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stopAll().finally(() => process.exit(130)));
  }
  await main();
}
