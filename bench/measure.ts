// One measurement: load on one target, and the CPU time its whole process tree took meanwhile.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cpuMicros } from './accounting.ts';
import type { Target } from './targets.ts';
import { runWrk } from './wrk.ts';

export interface Sample {
  target: string;
  /** `request`: a unary call; `delta`: one content chunk of a stream. */
  kind: 'request' | 'delta';
  /** CPU microseconds per request or delta. */
  micros: number;
  count: number;
  failed: number;
  perSecond: number;
}

interface LoadOptions {
  target: Target;
  /** Core of the load generator. */
  core: number;
  seconds: number;
  folder: string;
}

export async function measureUnary(options: LoadOptions & { connections: number }): Promise<Sample> {
  const { target, core, seconds, connections, folder } = options;
  const pid = target.child.pid!;
  const before = cpuMicros(pid);
  const { requests, failed, perSecond } = await runWrk({
    port: target.port,
    core,
    seconds,
    connections,
    folder,
  });
  const micros = (cpuMicros(pid) - before) / requests;
  return { target: target.name, kind: 'request', micros, count: requests, failed, perSecond };
}

/** @throws when the stream client ends without a verdict. */
export async function measureStreams(options: LoadOptions & { streams: number }): Promise<Sample> {
  const { target, core, seconds, streams } = options;
  const pid = target.child.pid!;
  const script = fileURLToPath(new URL('./stream-client.ts', import.meta.url));
  // Half a second lets all streams run before the measured window opens.
  const args = [script, target.port, streams, 500, seconds * 1000].map(String);
  const client = spawn('taskset', ['-c', String(core), process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const marks = { begin: { cpu: 0, deltas: 0 }, end: { cpu: 0, deltas: 0 } };
  let verdict: { complete: number; faults: number; first: string | null } | null = null;
  for await (const line of createInterface({ input: client.stdout })) {
    const [word, rest = ''] = line.split(/ (.*)/);
    if (word === 'begin' || word === 'end') marks[word] = { cpu: cpuMicros(pid), deltas: Number(rest) };
    else if (word === 'verdict') verdict = JSON.parse(rest);
  }
  if (verdict === null) throw new Error(`the stream client said nothing about ${target.name}`);
  if (verdict.first !== null) process.stdout.write(`${target.name}: ${verdict.first}\n`);
  const count = marks.end.deltas - marks.begin.deltas;
  const micros = (marks.end.cpu - marks.begin.cpu) / count;
  return {
    target: target.name,
    kind: 'delta',
    micros,
    count,
    failed: verdict.faults,
    perSecond: count / seconds,
  };
}
