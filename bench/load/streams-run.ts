// Stream load of one process: many streams at once, one after the other on each connection, every frame checked.
import type { StreamLoad, StreamResult } from '../contract.ts';
import { machineMicros } from '../mock/delta-text.ts';
import { createLatencies } from './latency.ts';
import { DEFAULT_BODY_BYTES, requestBytes } from './request-bytes.ts';
import type { StreamDialect } from './stream-check.ts';
import { Streamer } from './streamer.ts';
import type { Marks } from './unary-run.ts';

/** Starts are spread over a second at least, and no more than so many begin in one. */
const STARTS_PER_SECOND = 4000;
const SETTLE_MS = 500;
/** After the window each stream may come to its end; what takes so much longer than planned is lost. */
const TAIL_SLACK_MS = 5_000;
/** A gap of so many times the pace is a stall. */
const LATE_PACES = 10;

export type Streams = Omit<StreamResult, 'void' | 'mockBusy' | 'flag'>;

/** @throws for a dialect whose streams cannot be checked here. */
export async function runStreams(load: StreamLoad, marks: Marks): Promise<Streams> {
  const { endpoint, dialect, streams, everyMs } = load;
  if (dialect === 'bedrock') throw new Error(`no streams of ${dialect} here`);
  const request = requestBytes(endpoint, { dialect, bytes: DEFAULT_BODY_BYTES, streamed: true });
  const lateMicros = everyMs === 0 ? Number.POSITIVE_INFINITY : everyMs * LATE_PACES * 1000;

  const ttft = createLatencies();
  const gaps = createLatencies();
  const transit = createLatencies();
  const whole = createLatencies();
  let measuring = false;
  let stopping = false;
  let deltas = 0;
  let late = 0;
  let requests = 0;
  let complete = 0;
  let failed = 0;
  let firstFault: string | null = null;

  const callers: Streamer[] = [];
  const open = (): Streamer =>
    new Streamer({
      port: endpoint.port,
      dialect: dialect satisfies StreamDialect,
      request,
      deltas: load.deltas,
      nowMicros: machineMicros,
      delta(gapMicros, sinceSendMicros, transitMicros) {
        if (gapMicros > lateMicros) late++;
        if (!measuring) return;
        deltas++;
        if (gapMicros === -1) ttft.record(sinceSendMicros);
        else gaps.record(gapMicros);
        if (everyMs > 0) transit.record(transitMicros);
      },
      done(fault, tookMicros) {
        if (fault === null) complete++;
        else {
          failed++;
          firstFault ??= fault;
        }
        if (measuring) {
          requests++;
          if (fault === null) whole.record(tookMicros);
        }
        return !stopping;
      },
    });

  const spreadMs = Math.max(1000, (streams / STARTS_PER_SECOND) * 1000);
  const begin = performance.now();
  for (let i = 0; i < streams; i++) {
    const wait = begin + (i * spreadMs) / streams - performance.now();
    if (wait >= 1) await sleep(wait);
    callers.push(open());
  }
  await sleep(SETTLE_MS);

  const cpuBefore = process.cpuUsage();
  const windowAt = performance.now();
  measuring = true;
  marks.begin();
  await sleep(load.seconds * 1000);
  const elapsedMs = performance.now() - windowAt;
  const cpu = process.cpuUsage(cpuBefore);
  measuring = false;
  marks.end();

  stopping = true;
  const until = performance.now() + load.deltas * everyMs + TAIL_SLACK_MS;
  const openOnes = (): number => callers.filter(({ sinceMicros }) => sinceMicros !== -1).length;
  while (openOnes() > 0 && performance.now() < until) await sleep(20);
  const lost = openOnes();
  for (const caller of callers) caller.close();
  if (lost > 0) firstFault ??= `${lost} streams did not come to an end`;
  if (late > 0) firstFault ??= `${late} gaps of more than ${LATE_PACES} times the pace`;
  return {
    requests,
    failed: failed + lost,
    late,
    perSecond: requests / (elapsedMs / 1000),
    latencyMicros: whole.percentiles(),
    generatorBusy: (cpu.user + cpu.system) / 1000 / elapsedMs,
    firstFault,
    complete,
    deltas,
    ttftMicros: ttft.percentiles(),
    gapMicros: gaps.percentiles(),
    transitMicros: transit.percentiles(),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
