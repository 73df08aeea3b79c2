// What kept answers, guardrails and a balanced alias cost a call, beside Headgate with nothing on.
import type { Lab, Measurement, RunningPeer, Scenario } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import type { Book } from './book.ts';
import { barsOf } from './charts.ts';
import { difference, ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { streamCost } from './stream-cost.ts';
import { alternate, behave, type Target, variant, variantBar, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
const STREAMS = 300;
const PACE = { deltas: 64, everyMs: 20 } as const;

const PLAIN = 'plain';
const KEPT = 'kept answers';
const MISSED = 'kept answers, each body another one';
const PATTERNS = 'fifty patterns';
const HELD = 'hold-back';
const ADAPTIVE = 'adaptive over two';
const COST = 'CPU per request';
const DELTA = 'CPU per delta';
const HIT = 'CPU of a hit, to plain';
const KEEPING = 'CPU added by a miss that is kept';
const ADDED = 'CPU added by fifty patterns';
const STREAM = 'CPU per delta with a hold-back, to plain';
const BALANCED = 'CPU of an adaptive alias, to plain';

/** None of them is in what the load sends. */
const patterns = Array.from(
  { length: 50 },
  (_, i) => `proj${String.fromCharCode(97 + (i % 26))}${i}-[0-9]{4}`,
);
const CONFIGS: Readonly<Record<string, Record<string, unknown>>> = {
  [PLAIN]: {},
  [KEPT]: { cache: { exact: { ttlMs: 3_600_000, sampled: true } } },
  [MISSED]: { cache: { exact: { ttlMs: 3_600_000, sampled: true } } },
  [PATTERNS]: {
    guardrails: [{ name: 'patterns', on: ['input'], checks: [{ type: 'regex', patterns, maxLength: 64 }] }],
  },
  // What they look for begins in no delta: the load reads each one whole, and text that might be the beginning of something waits for the
  // next. So it is what a stream pays that is clean.
  [HELD]: {
    guardrails: [
      {
        name: 'held',
        on: ['output'],
        action: 'redact',
        checks: [{ type: 'keywords', words: ['zebra crossing', 'yellow jacket', 'xylophone'] }],
      },
    ],
  },
};

export const features: Scenario = {
  name: 'features',
  title: 'What kept answers, guardrails and a balanced alias cost',
  method: `Headgate with nothing on, with kept answers (each call a hit; each a miss whose answer is kept), with fifty patterns over each request, with an alias of two \
targets balanced by their state, and with words \
that may hold each stream back. Calls as in cpu, each body another one unless all are hits; streams as in cpu-stream; nothing that is looked for is in them. CPU is of the whole process tree; \
ratios and differences are to nothing on, in the same round.`,
  metrics: [
    variantBar(HIT, 'x', KEPT, 0.7),
    variantBar(KEEPING, 'us', MISSED, 3),
    variantBar(ADDED, 'us', PATTERNS, 15),
    variantBar(STREAM, 'x', HELD, 1.15),
    variantBar(BALANCED, 'x', ADAPTIVE, 1.02),
    { name: COST, unit: 'us', better: 'lower' },
    { name: DELTA, unit: 'us', better: 'lower' },
  ],
  async run(lab) {
    const starting = [...Object.keys(CONFIGS), ADAPTIVE].map(
      (feature) => [variant(feature), (): Promise<RunningPeer> => start(lab, feature)] as const,
    );
    return withStarted(lab, ROUTE, {}, starting, async ({ targets, notes }) => {
      const { saturate, notes: generator } = createSaturate(lab);
      const calls = await alternate(
        lab,
        targets.filter(({ name }) => name !== variant(HELD)),
        async ({ name, pid, endpoint }, { seconds }) => {
          const load = {
            endpoint,
            dialect: 'openai',
            bodyBytes: 1024,
            distinct: name !== variant(KEPT),
            connections: CONNECTIONS,
            seconds,
          } as const;
          const { cpuMicros, result } = await lab.cpuOf(pid, () => saturate(load));
          return { values: { [COST]: cpuMicros / result.requests }, void: result.void };
        },
      );
      await behave(lab, PACE);
      const streams = await alternate(
        lab,
        targets.filter(({ name }) => name === variant(PLAIN) || name === variant(HELD)),
        async ({ pid, endpoint }, { seconds }) => {
          const load = { endpoint, dialect: 'openai', streams: STREAMS, seconds, ...PACE } as const;
          const { micros, result } = await streamCost(lab, pid, load);
          return { values: { [DELTA]: micros }, void: result.void };
        },
      );
      const measurements = rows(targets, calls, streams);
      return {
        measurements,
        notes: [...notes, ...generator],
        charts: [
          barsOf(measurements, { title: 'CPU per request', yLabel: 'us of CPU', metrics: [COST] }),
          barsOf(measurements, { title: 'CPU per delta', yLabel: 'us of CPU', metrics: [DELTA] }),
        ],
      };
    });
  },
};

function start(lab: Lab, feature: string): Promise<RunningPeer> {
  return lab.startHeadgate({ name: variant(feature), config: CONFIGS[feature] ?? balanced(lab) });
}

/** The model that the load asks is an alias of two targets, with circuits as they come. */
function balanced({ mock }: Lab): Record<string, unknown> {
  const lane = { concurrency: 10_000, queue: 20_000, queueTimeoutMs: 10_000 };
  const second = {
    dialect: 'openai-chat',
    baseUrl: mock.baseUrl('openai'),
    keys: [{ value: UPSTREAM_KEY }],
    lane,
  };
  const asked = `openai/${MODEL}`;
  return {
    providers: { second },
    models: { [asked]: { strategy: 'adaptive', targets: [asked, `second/${MODEL}`] } },
  };
}

function rows(targets: readonly Target[], calls: Book, streams: Book): Measurement[] {
  const plain = calls.rounds(variant(PLAIN), COST);
  const plainDelta = streams.rounds(variant(PLAIN), DELTA);
  const measurements = [
    calls.measurement(variant(KEPT), HIT, ratio(calls.rounds(variant(KEPT), COST), plain)),
    calls.measurement(variant(MISSED), KEEPING, difference(calls.rounds(variant(MISSED), COST), plain)),
    calls.measurement(variant(PATTERNS), ADDED, difference(calls.rounds(variant(PATTERNS), COST), plain)),
    calls.measurement(variant(ADAPTIVE), BALANCED, ratio(calls.rounds(variant(ADAPTIVE), COST), plain)),
    streams.measurement(variant(HELD), STREAM, ratio(streams.rounds(variant(HELD), DELTA), plainDelta)),
  ];
  for (const { name } of targets) {
    if (name !== variant(HELD)) measurements.push(calls.measurement(name, COST));
    if (name === variant(PLAIN) || name === variant(HELD))
      measurements.push(streams.measurement(name, DELTA));
  }
  return measurements;
}
