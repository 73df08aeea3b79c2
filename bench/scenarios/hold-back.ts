// What a stream pays for being held back, in each dialect: beside the same stream with nothing on, of a client and a provider of one
// dialect.
import type { Dialect, Lab, Measurement, Metric, RunningPeer, Scenario } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { byteEndpoint } from './byte-paths.ts';
import { barsOf } from './charts.ts';
import { ratio } from './rounds.ts';
import { streamCost } from './stream-cost.ts';
import { alternate, variant, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const STREAMS = 300;
const PACE = { deltas: 64, everyMs: 20 } as const;
const DELTA = 'CPU per delta';
const PLAIN = 'plain';
const WORDS = 'words';
const PII = 'personal data';
const DIALECTS = ['openai', 'responses', 'anthropic', 'gemini'] as const satisfies readonly Dialect[];
const MOST = 1.15;

/** None of it is in what the load sends, and no word begins in a delta; what has the form of personal data may begin in any. */
const CHECKS: Readonly<Record<string, readonly object[]>> = {
  [WORDS]: [{ type: 'keywords', words: ['zebra crossing', 'yellow jacket', 'xylophone'] }],
  [PII]: [{ type: 'pii' }],
};
const on = (metric: string, dialect: Dialect): string => `${metric}, ${dialect}`;
const toPlain = (feature: string, dialect: Dialect): string =>
  on(`${DELTA} with ${feature}, to plain`, dialect);

export const holdBack: Scenario = {
  name: 'hold-back',
  title: 'Streams that are held back',
  method: `As in cpu-stream (${STREAMS} streams), for clients and providers of one dialect, by a gateway with nothing on, one that looks for \
words in answers and one that looks for personal data, in turns. Nothing that is looked for is in the streams.`,
  metrics: [
    ...DIALECTS.flatMap((dialect) =>
      Object.keys(CHECKS).map(
        (feature): Metric => ({
          name: toPlain(feature, dialect),
          unit: 'x',
          better: 'lower',
          bar: { target: variant(feature), most: MOST },
        }),
      ),
    ),
    ...DIALECTS.map((dialect): Metric => ({ name: on(DELTA, dialect), unit: 'us', better: 'lower' })),
  ],
  async run(lab) {
    const features = [PLAIN, ...Object.keys(CHECKS)];
    const starting = features.map(
      (feature) => [variant(feature), (): Promise<RunningPeer> => start(lab, feature)] as const,
    );
    return withStarted(lab, ROUTE, PACE, starting, async ({ targets, notes }) => {
      const routed = DIALECTS.flatMap((dialect) =>
        targets.map((target) => ({ ...target, dialect, of: target.name, name: on(target.name, dialect) })),
      );
      const book = await alternate(lab, routed, async ({ pid, endpoint, dialect }, { seconds }) => {
        const asked = byteEndpoint(dialect, endpoint.port, true);
        const load = { endpoint: asked, dialect, streams: STREAMS, seconds, ...PACE } as const;
        const { micros, result } = await streamCost(lab, pid, load);
        return { values: { [DELTA]: micros }, void: result.void };
      });
      const measurements = routed.flatMap(({ dialect, of, name }): Measurement[] => {
        const own = { ...book.measurement(name, DELTA), target: of, metric: on(DELTA, dialect) };
        const feature = Object.keys(CHECKS).find((one) => variant(one) === of);
        if (feature === undefined) return [own];
        const plain = book.rounds(on(variant(PLAIN), dialect), DELTA);
        const beside = book.measurement(name, DELTA, ratio(book.rounds(name, DELTA), plain));
        return [{ ...beside, target: of, metric: toPlain(feature, dialect) }, own];
      });
      const metrics = DIALECTS.map((dialect) => on(DELTA, dialect));
      return {
        measurements,
        notes,
        charts: [barsOf(measurements, { title: 'CPU of a delta', yLabel: 'us of CPU', metrics })],
      };
    });
  },
};

function start(lab: Lab, feature: string): Promise<RunningPeer> {
  const keys = [{ value: UPSTREAM_KEY }];
  const lane = { concurrency: 10_000, queue: 20_000, queueTimeoutMs: 10_000 };
  const provider = (dialect: string, of: Dialect): object => ({
    dialect,
    baseUrl: lab.mock.baseUrl(of),
    keys,
    lane,
  });
  const checks = CHECKS[feature];
  const guardrails = checks === undefined ? [] : [{ name: 'held', on: ['output'], action: 'redact', checks }];
  return lab.startHeadgate({
    name: variant(feature),
    config: {
      guardrails,
      providers: {
        responses: provider('openai-responses', 'responses'),
        anthropic: provider('anthropic', 'anthropic'),
        gemini: provider('gemini', 'gemini'),
      },
    },
  });
}
