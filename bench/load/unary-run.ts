// Unary load of one process: open loop (requests are due at fixed times) or closed loop (each caller sends when it has
// its answer). Latency counts from the intended time, so a request that waits for a free connection waits on the clock.
import type { LoadResult, UnaryLoad } from '../contract.ts';
import { Caller } from './caller.ts';
import { createLatencies } from './latency.ts';
import { Pace } from './pace.ts';
import { NUMBER_DIGITS, numberAt } from './request-body.ts';
import { DEFAULT_BODY_BYTES, requestBytes } from './request-bytes.ts';

/** Connections are opened so many at a time: a listener's backlog is not what is measured. */
const OPEN_AT_ONCE = 128;
const OPEN_EVERY_MS = 10;
const OPEN_WITHIN_MS = 10_000;
/** A run of a fixed number of requests ends after so long in any case. */
const LONGEST_TOTAL_MS = 120_000;
export const DEFAULT_WARM_SECONDS = 0.5;

/** What the generator process reports; the lab adds what only it can know. */
export type Unary = Omit<LoadResult, 'void' | 'mockBusy' | 'flag'> & {
  /** How late the timer released requests, p99, microseconds; 0 in a closed loop. */
  lateMicros: number;
};

export interface Marks {
  begin(): void;
  end(): void;
}

export async function runUnary(load: UnaryLoad, marks: Marks): Promise<Unary> {
  const { endpoint, dialect, connections, perSecond, total, mixed } = load;
  const request = requestBytes(endpoint, {
    dialect,
    bytes: load.bodyBytes ?? DEFAULT_BODY_BYTES,
    streamed: false,
  });
  // ASCII, so that places in the text are places in the bytes.
  const countedAt = load.distinct === true ? numberAt(request.toString('latin1')) : -1;
  const odd = mixed && requestBytes(endpoint, { dialect, bytes: mixed.bodyBytes, streamed: false });
  const latencies = createLatencies();
  const lateness = createLatencies();
  const sheds = createLatencies();
  let shed = 0;
  const nowMicros = (): number => performance.now() * 1000;

  /** Callers that can take a request, last in first out: their caches are warm. */
  const free: Caller[] = [];
  /** Intended times of requests that wait for a caller; `waitingFrom` is the first that still waits. */
  let waiting: number[] = [];
  let waitingFrom = 0;
  let pace: Pace | null = null;
  let sent = 0;
  let made = Math.floor(Date.now() % 1e4) * 1e4;
  let running = false;
  let measuring = false;
  let windowMicros = 0;
  let requests = 0;
  let failed = 0;
  let firstFault: string | null = null;
  let finish: () => void = () => {};

  const send = (caller: Caller, sinceMicros: number): void => {
    const isOdd = mixed !== undefined && odd !== undefined && ++sent % mixed.every === 0;
    caller.send(isOdd ? odd : countedAt < 0 ? request : another(), sinceMicros, isOdd);
  };
  /** A copy: an earlier one may be on its way yet. */
  const another = (): Buffer => {
    const copy = Buffer.from(request);
    copy.write(String(++made % 1e8).padStart(NUMBER_DIGITS, '0'), countedAt);
    return copy;
  };
  const take = (caller: Caller): void => {
    if (!running) free.push(caller);
    else if (perSecond === undefined) send(caller, nowMicros());
    else if (waitingFrom < waiting.length) send(caller, waiting[waitingFrom++]!);
    else free.push(caller);
  };
  const done = (caller: Caller, fault: string | null): void => {
    const now = nowMicros();
    if (fault !== null) firstFault ??= fault;
    if (measuring) {
      if (fault !== null) failed++;
      else if (caller.shed) {
        shed++;
        if (caller.sinceMicros >= windowMicros) sheds.record(now - caller.sinceMicros);
      } else {
        requests++;
        if (!caller.odd && caller.sinceMicros >= windowMicros) latencies.record(now - caller.sinceMicros);
      }
      if (requests + failed === total) finish();
    }
    // Answers wake this process more often than the timer does.
    if (pace !== null) release(now);
  };
  const release = (now: number): void => {
    for (;;) {
      const since = pace!.release(now, (micros) => measuring && lateness.record(micros));
      if (since === -1) break;
      const caller = nextFree();
      if (caller !== null) send(caller, since);
      else waiting.push(since);
    }
    if (waitingFrom > 4096) {
      waiting = waiting.slice(waitingFrom);
      waitingFrom = 0;
    }
  };
  /** A caller may have lost its connection while it waited. */
  const nextFree = (): Caller | null => {
    for (;;) {
      const caller = free.pop();
      if (caller === undefined || caller.ready) return caller ?? null;
    }
  };

  const callers: Caller[] = [];
  const opening = performance.now();
  for (let i = 0; i < connections; i++) {
    callers.push(
      new Caller({ port: endpoint.port, dialect, nowMicros, sheds: load.sheds === true, free: take, done }),
    );
    if (i % OPEN_AT_ONCE === OPEN_AT_ONCE - 1) await sleep(OPEN_EVERY_MS);
  }
  while (free.length < connections && performance.now() - opening < OPEN_WITHIN_MS) await sleep(5);
  if (free.length < connections) firstFault = `only ${free.length} of ${connections} connections opened`;

  running = true;
  let timer: NodeJS.Timeout | undefined;
  if (perSecond === undefined) {
    for (const caller of free.splice(0)) take(caller);
  } else {
    pace = new Pace(perSecond, nowMicros());
    const turn = (): void => {
      release(nowMicros());
      timer = setTimeout(turn, Math.max(0, (pace!.nextMicros - nowMicros()) / 1000));
    };
    turn();
  }
  const warmSeconds = load.warmSeconds ?? (total === undefined ? DEFAULT_WARM_SECONDS : 0);
  if (warmSeconds > 0) await sleep(warmSeconds * 1000);

  const cpuBefore = process.cpuUsage();
  windowMicros = nowMicros();
  measuring = true;
  marks.begin();
  if (total === undefined) await sleep(load.seconds * 1000);
  else {
    await new Promise<void>((resolve) => {
      const guard = setTimeout(resolve, LONGEST_TOTAL_MS);
      finish = () => {
        clearTimeout(guard);
        resolve();
      };
    });
  }
  const elapsed = nowMicros() - windowMicros;
  const cpu = process.cpuUsage(cpuBefore);
  marks.end();
  measuring = false;
  running = false;
  clearTimeout(timer);
  pace = null;
  // Whoever still waits has waited at least so long: leaving it out would flatter a gateway that stands still.
  if (perSecond !== undefined) {
    const now = nowMicros();
    const open = callers.filter(({ odd }) => !odd).map(({ sinceMicros }) => sinceMicros);
    for (const since of [...waiting.slice(waitingFrom), ...open]) {
      if (since >= windowMicros) latencies.record(now - since);
    }
  }
  for (const caller of callers) caller.close();
  return {
    requests,
    failed,
    perSecond: (requests / elapsed) * 1_000_000,
    latencyMicros: latencies.percentiles(),
    generatorBusy: (cpu.user + cpu.system) / elapsed,
    firstFault,
    lateMicros: lateness.percentiles().p99,
    ...(load.sheds === true && { shed: { requests: shed, latencyMicros: sheds.percentiles() } }),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
