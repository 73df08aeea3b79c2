// How many streams a gateway carries at once, and what one takes in memory.
import type { Lab, Scenario } from '../contract.ts';
import { peakMemory, settledMemory } from './memory-watch.ts';
import { single } from './rounds.ts';
import { HEADGATE, inWords, starters, type Target, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const LEVELS = [128, 256, 512, 1024, 2048, 4096, 8192];
const LEVELS_QUICK = [1024];
/** A slow model's pace: at 20 ms the mock and the generator on one core are full at 2,000 streams, before the gateway. */
const PACE = { deltas: 10, everyMs: 200 } as const;
/** Of a level, once all its streams run: long enough that each of them ends in it. */
const WINDOW_SECONDS = 2.2;
/** A frame that comes later than so many paces counts as lost, as in other benches. */
const LATE_PACES = 10;

const SUSTAINED = 'streams sustained';
const PER_STREAM = 'memory per stream';

interface Level {
  streams: number;
  /** Why the level does not count as sustained, or null. */
  fault: string | null;
  /** The machine, not the gateway. */
  void: boolean;
  perStream: number;
  gapP99Ms: number;
}

export const streams: Scenario = {
  name: 'streams',
  title: 'Streams at once with no frame lost',
  method: `${LEVELS.join(', ')} concurrent streams of ${PACE.deltas} deltas at ${PACE.everyMs} ms, one after the other on each connection, one gateway at a time, up to the first level that fails. \
Sustained: every stream whole, every delta in order, no error, no gap above ${LATE_PACES} × the pace. Memory per stream is the highest proportional set size \
of the tree during the highest level sustained, less that before all streams, by the streams: garbage not yet collected is in it.`,
  metrics: [
    { name: SUSTAINED, unit: 'streams', better: 'higher', bar: { target: HEADGATE, least: 4096 } },
    { name: PER_STREAM, unit: 'KiB/stream', better: 'lower', bar: { target: HEADGATE, most: 48 } },
    { name: 'gap p99', unit: 'ms', better: 'lower' },
  ],
  async run(lab) {
    const measurements = [];
    const notes: string[] = [];
    // One gateway at a time: thousands of connections of another one would be in the way.
    for (const starter of starters(lab, ROUTE, () => roomy(lab))) {
      const levels = await withStarted(lab, ROUTE, PACE, [starter], async (cast) => {
        notes.push(...cast.notes);
        const target = cast.targets[0];
        return target === undefined ? [] : await climb(lab, target);
      });
      if (levels.length === 0) continue;
      const [name] = starter;
      const best = levels.findLast(({ fault }) => fault === null);
      const end = levels.at(-1);
      const stop = end?.fault == null ? undefined : `at ${end.streams}: ${end.fault}`;
      // A level that the machine could not drive says nothing about the gateway, except that it bears the one before.
      measurements.push(
        single(name, SUSTAINED, best?.streams ?? (end?.void === true ? null : 0), stop),
        single(name, PER_STREAM, best?.perStream ?? null, best && `at ${best.streams} streams`),
        single(name, 'gap p99', best?.gapP99Ms ?? null, best && `at ${best.streams} streams`),
      );
    }
    return { measurements, notes };
  },
};

/** Its lane must hold them all; whoever runs so many streams configures that. */
function roomy(lab: Lab): ReturnType<Lab['startHeadgate']> {
  return lab.startHeadgate({ name: HEADGATE, config: { lane: { concurrency: 16_384, queue: 16_384 } } });
}

async function climb(lab: Lab, { name, pid, endpoint }: Target): Promise<Level[]> {
  const levels: Level[] = [];
  const load = { endpoint, dialect: 'openai', ...PACE } as const;
  if (!lab.quick) await lab.streams({ ...load, streams: 64, seconds: 1 });
  const before = await settledMemory(lab, pid);
  for (const count of lab.quick ? LEVELS_QUICK : LEVELS) {
    let level: Level;
    try {
      const { peak, result } = await peakMemory(lab, pid, () =>
        lab.streams({ ...load, streams: count, seconds: WINDOW_SECONDS }),
      );
      const late = result.late > 0 ? `${result.late} gaps of more than ${LATE_PACES} × the pace` : null;
      const lost =
        result.failed > 0
          ? `${result.failed} streams broken: ${result.firstFault ?? 'no reason seen'}`
          : null;
      level = {
        streams: count,
        fault: lost ?? late ?? result.void,
        void: lost === null && late === null && result.void !== null,
        perStream: (peak - before) / 1024 / count,
        gapP99Ms: result.gapMicros.p99 / 1000,
      };
    } catch (error) {
      level = { streams: count, fault: inWords(error), void: false, perStream: 0, gapP99Ms: 0 };
    }
    levels.push(level);
    lab.say(
      `${name} ${count} streams: ${level.fault ?? `whole, ${level.perStream.toFixed(1)} KiB each, gap p99 ${level.gapP99Ms.toFixed(0)} ms`}`,
    );
    if (level.fault !== null) break;
  }
  return levels;
}
