// Ceilings: wrk, one thread, closed loop, keep-alive. Less generator per request than anything in JavaScript.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuMicrosOf } from '../accounting.ts';
import type { LoadResult, Percentiles, UnaryLoad } from '../contract.ts';
import { start, stop } from '../processes.ts';
import type { GeneratorHooks } from './generator.ts';
import { askOf, NUMBER_DIGITS, numberAt, requestBody } from './request-body.ts';
import { DEFAULT_BODY_BYTES } from './request-bytes.ts';

export type WrkLoad = Pick<
  UnaryLoad,
  'endpoint' | 'dialect' | 'bodyBytes' | 'distinct' | 'connections' | 'seconds'
>;

export function wrkInstalled(): boolean {
  return spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined;
}

/** @throws when wrk is not installed or prints something else than expected. */
export async function runWrk(
  load: WrkLoad,
  core: number,
  folder: string,
  hooks: GeneratorHooks,
): Promise<Omit<LoadResult, 'void' | 'mockBusy' | 'flag'>> {
  if (!wrkInstalled()) throw new Error('wrk is not installed (apt-get install wrk)');
  const { endpoint, dialect, connections, seconds, bodyBytes = DEFAULT_BODY_BYTES, distinct } = load;
  const script = join(folder, 'wrk.lua');
  writeFileSync(
    script,
    wrkScript(
      { ...endpoint.headers, 'content-type': 'application/json' },
      requestBody({
        dialect,
        model: endpoint.model,
        bytes: bodyBytes,
        streamed: false,
        ...askOf(endpoint.path),
      }),
      distinct === true,
    ),
  );
  const url = `http://127.0.0.1:${endpoint.port}${endpoint.path}`;
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '--timeout',
    '20s',
    '-s',
    script,
    url,
  ];
  const child = start('wrk', args, { cores: [core], mayEnd: true });
  const began = performance.now();
  hooks.begin();
  // Its books are gone with it: the last look before its end counts.
  let busyMicros = 0;
  let seenAt = began;
  const look = setInterval(() => {
    const micros = cpuMicrosOf(child.pid!);
    if (micros > 0) [busyMicros, seenAt] = [micros, performance.now()];
  }, 100);
  let text = '';
  for await (const part of child.stdout!) text += String(part);
  clearInterval(look);
  hooks.end();
  await stop(child);
  const seen = readWrk(text);
  return { ...seen, generatorBusy: busyMicros / 1000 / Math.max(1, seenAt - began) };
}

/**
 * A script that sends one body, or with `distinct` another one each time, and prints counts and percentiles as one line of JSON-like
 * numbers.
 */
export function wrkScript(
  headers: Readonly<Record<string, string>>,
  body: string,
  distinct: boolean,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = [==[${value}]==]`);
  const at = distinct ? numberAt(body) : -1;
  // A script is a new one each run: what it counts begins where the clock is, so that no run repeats an earlier one.
  const another =
    at < 0
      ? ''
      : `
local before, behind = [==[${body.slice(0, at)}]==], [==[${body.slice(at + NUMBER_DIGITS)}]==]
local count = ${Date.now() % 1e4} * 1e4 % 1e8
function request()
  count = (count + 1) % 1e8
  return wrk.format(nil, nil, nil, before .. string.format("%0${NUMBER_DIGITS}d", count) .. behind)
end`;
  return `wrk.method = "POST"
wrk.body = [==[${body}]==]
${lines.join('\n')}${another}
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("SUMMARY %d %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect, e.read, e.write, e.status, e.timeout))
  io.write(string.format("LATENCY %d %d %d %d %d %d\\n", latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency:percentile(99.9), latency.max, latency.mean))
end
`;
}

/** @throws when the lines are not there. */
export function readWrk(
  text: string,
): Omit<LoadResult, 'void' | 'mockBusy' | 'flag' | 'generatorBusy'> & { latencyMicros: Percentiles } {
  const summary = numbersAfter(text, 'SUMMARY', 7);
  const latency = numbersAfter(text, 'LATENCY', 6);
  const [answered = 0, micros = 1, connect = 0, read = 0, write = 0, status = 0, timeout = 0] = summary;
  const [p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0, mean = 0] = latency;
  const failed = connect + read + write + status + timeout;
  const requests = answered - status;
  const words = `${status} answers other than 200, ${connect + read + write} broken connections, ${timeout} without answer`;
  return {
    requests,
    failed,
    perSecond: (requests / micros) * 1_000_000,
    latencyMicros: { p50, p90, p99, p999, max, mean },
    firstFault: failed > 0 ? words : null,
  };
}

function numbersAfter(text: string, word: string, count: number): number[] {
  const line = new RegExp(`^${word} ([\\d ]+)$`, 'm').exec(text)?.[1];
  const numbers = line?.split(' ').map(Number) ?? [];
  if (numbers.length !== count) throw new Error(`wrk measured nothing:\n${text}`);
  return numbers;
}
