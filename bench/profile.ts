// Where the gateway's CPU goes: runs it under Node's sampling profiler with load on and prints what took most.
// `node bench/profile.ts [--stream] [--route openai>anthropic] [--seconds N] [--top N]`. Numbers of a profiled run are no benchmark.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Dialect, LoadResult, Route, StreamResult } from './contract.ts';
import { createLab } from './lab.ts';
import { startMock } from './mock/mock.ts';
import { stopAll } from './processes.ts';

const GATEWAY_CORE = 0;
const LOAD_CORE = 1;
const SAMPLE_US = 200;

const { values } = parseArgs({
  options: {
    stream: { type: 'boolean', default: false },
    route: { type: 'string', default: 'openai>openai' },
    seconds: { type: 'string', default: '6' },
    streams: { type: 'string', default: '300' },
    top: { type: 'string', default: '40' },
  },
});

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

const folder = mkdtempSync(join(tmpdir(), 'headgate-profile-'));
const profiles = join(folder, 'profiles');
try {
  const seconds = Number(values.seconds);
  const lab = createLab({
    rounds: 1,
    seconds,
    quick: false,
    gatewayCores: [GATEWAY_CORE],
    loadCores: [LOAD_CORE],
    mock: await startMock([LOAD_CORE]),
    peers: [],
    folder,
    say: (text) => void process.stdout.write(`${text}\n`),
  });
  const gateway = await lab.startHeadgate({
    name: 'headgate',
    env: { NODE_OPTIONS: `--cpu-prof --cpu-prof-interval=${SAMPLE_US} --cpu-prof-dir=${profiles}` },
  });
  const route = values.route as Route;
  const endpoint = gateway.endpoint(route);
  if (endpoint === null) throw new Error(`no route ${route}`);
  const dialect = route.slice(0, route.indexOf('>')) as Dialect;
  const { cpuMicros, result } = await lab.cpuOf<LoadResult>(gateway.pid, () =>
    values.stream
      ? lab.streams({ endpoint, dialect, streams: Number(values.streams), seconds, deltas: 64, everyMs: 20 })
      : lab.unary({ endpoint, dialect, connections: 64, seconds }),
  );
  const count = values.stream ? (result as StreamResult).deltas : result.requests;
  const micros = (cpuMicros / count).toFixed(1);
  process.stdout.write(
    `${count} x ${values.stream ? 'delta' : 'request'}, ${micros} us each under the profiler\n\n`,
  );
  await stopAll(); // an orderly exit writes the profiles
  process.stdout.write(`${report(busiest(profiles), Number(values.top), count)}\n`);
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}

/** The worker's profile: of primary, worker and threads it is the one with most work in it. */
function busiest(from: string): Profile {
  let best: Profile | null = null;
  let most = -1;
  for (const name of readdirSync(from)) {
    const profile = JSON.parse(readFileSync(join(from, name), 'utf8')) as Profile;
    const idle = new Set(
      profile.nodes.filter((node) => node.callFrame.functionName === '(idle)').map(({ id }) => id),
    );
    const work = profile.samples.filter((id) => !idle.has(id)).length;
    if (work > most) [best, most] = [profile, work];
  }
  if (best === null) throw new Error('no profile was written: the gateway did not end by itself');
  return best;
}

/** Self time by function, most first; `(program)` is native code without a JavaScript frame. */
function report(profile: Profile, top: number, count: number): string {
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url
        .replace(/^file:\/\//, '')
        .replace(/^.*\/node_modules\//, '')
        .replace(`${process.cwd()}/`, '');
      const name = functionName === '' ? '(anonymous)' : functionName;
      return [id, url === '' ? name : `${name}  ${file}:${lineNumber + 1}`];
    }),
  );
  const self = new Map<string, number>();
  let total = 0;
  profile.samples.forEach((id, at) => {
    const name = names.get(id) ?? '?';
    const micros = profile.timeDeltas[at] ?? 0;
    if (name === '(idle)') return;
    self.set(name, (self.get(name) ?? 0) + micros);
    total += micros;
  });
  const rows = [...self].sort((a, b) => b[1] - a[1]).slice(0, top);
  return rows
    .map(([name, micros]) => {
      const share = ((100 * micros) / total).toFixed(1).padStart(5);
      return `${share} %  ${(micros / count).toFixed(2).padStart(7)} us  ${name}`;
    })
    .join('\n');
}
