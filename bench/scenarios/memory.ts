// How much memory a gateway holds, at rest, under load, and afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab, Measurement, Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { MEGABYTE, peakMemory, settledMemory } from './memory-watch.ts';
import { single } from './rounds.ts';
import { behave, HEADGATE, inWords, type Starter, starters, type Target, withStarted } from './targets.ts';
import { failures } from './verdict.ts';

const ROUTE = 'openai>openai';
const WORKERS = 2;
const PEAK = { connections: 1500, bodyBytes: 150 * 1024 } as const;
/** Longer than it takes to send 225 MB, so that at the end of the wave all are in flight. */
const HOLD_MS = 5000;
const PEAK_SECONDS = 12;
const HOLD_QUICK_MS = 1500;
const PEAK_QUICK_SECONDS = 3;
const STEADY = { connections: 64, perSecond: 200 } as const;
const RECOVER_MS = 60_000;
const RECOVER_QUICK_MS = 2_000;
const SETTLE_MS = 3_000;

const TO_IDLE = 'recovered, to idle';

/** Bytes. Null where calls failed: what a gateway refuses it does not hold. */
interface Stages {
  idle: number;
  steady: number | null;
  peak: number | null;
  remarks: string[];
}

export const memory: Scenario = {
  name: 'memory',
  title: 'Memory: idle, steady, peak, recovered',
  method: `Proportional set size of the whole process tree (Headgate: primary and ${WORKERS} workers). Idle: ${SETTLE_MS / 1000} s after the start, before any load. Steady: during 1 KB requests \
at ${STEADY.perSecond}/s. Peak: highest during ${PEAK_SECONDS} s of ${PEAK.connections} connections that each send ${PEAK.bodyBytes / 1024} KB and wait ${HOLD_MS / 1000} s for the answer, so that all bodies are in \
flight together. Recovered: ${RECOVER_MS / 1000} s later. Headgate has the machine to itself, the others recover while the next one is loaded.`,
  metrics: [
    { name: 'idle', unit: 'MB', better: 'lower', bar: { target: HEADGATE, most: 160 } },
    { name: 'steady', unit: 'MB', better: 'lower' },
    { name: 'peak', unit: 'MB', better: 'lower', bar: { target: HEADGATE, most: 700 } },
    { name: 'recovered', unit: 'MB', better: 'lower' },
    { name: TO_IDLE, unit: 'x', better: 'lower', bar: { target: HEADGATE, most: 1.3 } },
  ],
  async run(lab) {
    const headgate = () =>
      lab.startHeadgate({
        name: HEADGATE,
        workers: WORKERS,
        config: { lane: { concurrency: 2 * PEAK.connections, queue: 2 * PEAK.connections } },
      });
    const starting = starters(lab, ROUTE, headgate);
    // Ours has the machine to itself; the others recover while the next is loaded.
    const own = await inTurn(
      lab,
      starting.filter(([name]) => name === HEADGATE),
    );
    const others = await inTurn(
      lab,
      starting.filter(([name]) => name !== HEADGATE),
    );
    const measurements = [...own.measurements, ...others.measurements];
    const notes = [...own.notes, ...others.notes];
    return {
      measurements,
      notes,
      charts: [
        barsOf(measurements, {
          title: `Memory, and at ${PEAK.connections} × ${PEAK.bodyBytes / 1024} KB`,
          yLabel: 'MB',
          metrics: ['idle', 'steady', 'peak', 'recovered'],
          logY: true,
        }),
      ],
    };
  },
};

/** Starts one after the other, so that each is measured at rest before its load, and stops all at the end. */
async function inTurn(
  lab: Lab,
  starting: readonly Starter[],
): Promise<{ measurements: Measurement[]; notes: string[] }> {
  const [first, ...rest] = starting;
  if (first === undefined) return { measurements: [], notes: [] };
  const [name] = first;
  return withStarted(lab, ROUTE, {}, [first], async ({ targets, notes }) => {
    const target = targets[0];
    const measured = target === undefined ? null : await load(lab, target).catch(inWords);
    const recovering =
      target === undefined || measured === null || typeof measured === 'string'
        ? Promise.resolve(null)
        : recover(lab, target);
    const others = await inTurn(lab, rest);
    if (typeof measured === 'string') notes.push(`${name} failed: ${measured}`);
    else if (measured !== null) others.measurements.unshift(...rows(name, measured, await recovering));
    return { measurements: others.measurements, notes: [...notes, ...others.notes] };
  });
}

/** Null when it did not live so long. */
async function recover(lab: Lab, { name, pid }: Target): Promise<number | null> {
  await sleep(lab.quick ? RECOVER_QUICK_MS : RECOVER_MS);
  const recovered = await settledMemory(lab, pid).catch(() => null);
  lab.say(`${name} recovered: ${recovered === null ? 'gone' : mb(recovered)} MB`);
  return recovered;
}

async function load(lab: Lab, { name, pid, endpoint }: Target): Promise<Stages> {
  const remarks: string[] = [];
  await sleep(SETTLE_MS);
  const idle = await settledMemory(lab, pid);
  lab.say(`${name} idle: ${mb(idle)} MB in ${lab.memoryOf(pid).processes} processes`);

  const small = { endpoint, dialect: 'openai', ...STEADY, seconds: lab.quick ? 2 : 5 } as const;
  const [steadyLoad, steady] = await Promise.all([
    lab.unary(small),
    sleep(small.seconds * 700).then(() => settledMemory(lab, pid)),
  ]);
  if (steadyLoad.failed > 0) remarks.push(`steady: ${failures(steadyLoad)}`);

  await behave(lab, { delayMs: lab.quick ? HOLD_QUICK_MS : HOLD_MS });
  const large = {
    endpoint,
    dialect: 'openai',
    ...PEAK,
    seconds: lab.quick ? PEAK_QUICK_SECONDS : PEAK_SECONDS,
  } as const;
  const { peak, result } = await peakMemory(lab, pid, () => lab.unary(large), 250);
  await behave(lab, {});
  const held = result.failed === 0 && result.requests > 0;
  if (!held) remarks.push(`peak: ${failures(result) ?? result.void}`);
  lab.say(
    `${name} steady: ${mb(steady)} MB, peak: ${mb(peak)} MB, ${result.requests} large calls, ${result.failed} failed`,
  );

  return {
    idle,
    steady: steadyLoad.failed === 0 && steadyLoad.requests > 0 ? steady : null,
    peak: held ? peak : null,
    remarks,
  };
}

function rows(
  name: string,
  { idle, steady, peak, remarks }: Stages,
  afterwards: number | null,
): Measurement[] {
  const recovered = peak === null ? null : afterwards;
  const remark = remarks.join('; ');
  const inMb = (bytes: number | null): number | null => (bytes === null ? null : bytes / MEGABYTE);
  return [
    single(name, 'idle', inMb(idle)),
    single(name, 'steady', inMb(steady), remark),
    single(name, 'peak', inMb(peak), remark),
    single(name, 'recovered', inMb(recovered), remark),
    single(name, TO_IDLE, recovered === null ? null : recovered / idle, remark),
  ];
}

const mb = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);
