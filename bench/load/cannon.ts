// Closed-loop load of a fixed number of requests, driven by autocannon: `each caller sends until its share is done` is
// what it was made for. Its own cost per request is several times that of unary-run.ts (bench/README.md), so it is not
// used where requests per second are the result, and it has no open loop that counts from intended times.
import { createRequire } from 'node:module';
import type { UnaryLoad } from '../contract.ts';
import { answerFault } from './answer-check.ts';
import { createLatencies } from './latency.ts';
import { requestBody } from './request-body.ts';
import { DEFAULT_BODY_BYTES } from './request-bytes.ts';
import type { Marks, Unary } from './unary-run.ts';

const TIMEOUT_SECONDS = 30;
const PARSED_EVERY = 64;

interface CannonOptions {
  url: string;
  method: 'POST';
  headers: Readonly<Record<string, string>>;
  body: string;
  connections: number;
  amount: number;
  timeout: number;
  /** How often it looks whether all is done, ms. */
  sampleInt: number;
  verifyBody(body: string): boolean;
}

/** What is used of autocannon, which brings no types. */
type Autocannon = (
  options: CannonOptions,
  done: (error: Error | null, result: { errors: number; timeouts: number; resets: number }) => void,
) => {
  on(
    name: 'response',
    listener: (client: unknown, status: number, bytes: number, responseMs: number) => void,
  ): void;
  on(name: 'reqError', listener: (error: Error) => void): void;
};

const autocannon = createRequire(import.meta.url)('autocannon') as Autocannon;

export async function runCannon(load: UnaryLoad & { total: number }, marks: Marks): Promise<Unary> {
  const { endpoint, dialect, total } = load;
  const latencies = createLatencies();
  let good = 0;
  let bad = 0;
  let bodies = 0;
  let firstFault: string | null = null;
  const fault = (what: string): void => {
    bad++;
    firstFault ??= what;
  };
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  let last = start;
  marks.begin();
  const result = await new Promise<{ errors: number; timeouts: number }>((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://127.0.0.1:${endpoint.port}${endpoint.path}`,
        method: 'POST',
        headers: { ...endpoint.headers, 'content-type': 'application/json' },
        body: requestBody({
          dialect,
          model: endpoint.model,
          bytes: load.bodyBytes ?? DEFAULT_BODY_BYTES,
          streamed: false,
        }),
        connections: Math.min(load.connections, total),
        amount: total,
        timeout: TIMEOUT_SECONDS,
        sampleInt: 50,
        verifyBody: (body) => {
          const what = bodies++ % PARSED_EVERY === 0 ? answerFault(dialect, body) : null;
          firstFault ??= what;
          return what === null;
        },
      },
      (error, outcome) => (error === null ? resolve(outcome) : reject(error)),
    );
    instance.on('response', (_client, status, _bytes, responseMs) => {
      last = performance.now();
      if (status !== 200) return fault(`status ${status}`);
      good++;
      latencies.record(responseMs * 1000);
    });
    instance.on('reqError', (error) => fault(error.message));
  });
  marks.end();
  const cpu = process.cpuUsage(cpuBefore);
  const elapsed = (last - start) * 1000;
  if (result.timeouts > 0) firstFault ??= `${result.timeouts} without an answer in ${TIMEOUT_SECONDS} s`;
  return {
    requests: good,
    failed: Math.max(bad, total - good),
    perSecond: (good / elapsed) * 1_000_000,
    latencyMicros: latencies.percentiles(),
    generatorBusy: (cpu.user + cpu.system) / elapsed,
    firstFault,
    lateMicros: 0,
  };
}
