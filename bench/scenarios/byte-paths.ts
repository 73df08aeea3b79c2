// What the byte path costs in each dialect: a client and a provider of the same one.
import type { Dialect, Endpoint, Measurement, Metric, Scenario } from '../contract.ts';
import { mockPath, UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import { CLIENT_KEY } from '../peers/serve.ts';
import { barsOf } from './charts.ts';
import { ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { streamCost } from './stream-cost.ts';
import { alternate, HEADGATE, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
const STREAMS = 300;
const PACE = { deltas: 64, everyMs: 20 } as const;
const COST = 'CPU per request';
const DELTA = 'CPU per delta';
/** The yardstick. */
const CHAT: Dialect = 'openai';
/** Those that came later, and are to cost what it does. */
const LATER = ['responses', 'gemini'] as const satisfies readonly Dialect[];
const DIALECTS = [CHAT, ...LATER] as const;

const on = (metric: string, dialect: Dialect): string => `${metric}, ${dialect}`;
const toChat = (metric: string, dialect: Dialect): string => `${on(metric, dialect)}, to Chat`;
const BAR = { target: HEADGATE, most: 1.1 } as const;

const KEY_HEADERS: Readonly<Record<string, string>> = { gemini: 'x-goog-api-key', anthropic: 'x-api-key' };

/** Where a client of the dialect finds the bench's model. */
export function byteEndpoint(dialect: Dialect, port: number, streamed: boolean): Endpoint {
  const path = mockPath(dialect, streamed).replace(MODEL, `${dialect}/${MODEL}`);
  const header = KEY_HEADERS[dialect] ?? 'authorization';
  const key = header === 'authorization' ? `Bearer ${CLIENT_KEY}` : CLIENT_KEY;
  return { port, path, headers: { [header]: key }, model: `${dialect}/${MODEL}` };
}

export const bytePaths: Scenario = {
  name: 'byte-paths',
  title: 'Byte paths of the dialects',
  method: `As in cpu (${CONNECTIONS} connections, 1 KB) and cpu-stream (${STREAMS} streams), for clients and providers of one dialect: Chat \
Completions, Responses (with \`store: false\`: what is kept is another service) and Gemini, by one gateway in turns of a second. The Chat path of the same round is the yardstick.`,
  metrics: [
    ...LATER.flatMap((dialect): Metric[] => [
      { name: toChat(COST, dialect), unit: 'x', better: 'lower', bar: BAR },
      { name: toChat(DELTA, dialect), unit: 'x', better: 'lower', bar: BAR },
    ]),
    ...DIALECTS.flatMap((dialect): Metric[] => [
      { name: on(COST, dialect), unit: 'us', better: 'lower' },
      { name: on(DELTA, dialect), unit: 'us', better: 'lower' },
    ]),
  ],
  async run(lab) {
    const keys = [{ value: UPSTREAM_KEY }];
    const lane = { concurrency: 10_000, queue: 20_000, queueTimeoutMs: 10_000 };
    const provider = (dialect: string, of: Dialect): object => ({
      dialect,
      baseUrl: lab.mock.baseUrl(of),
      keys,
      lane,
    });
    const providers = {
      responses: provider('openai-responses', 'responses'),
      gemini: provider('gemini', 'gemini'),
    };
    const start = () => lab.startHeadgate({ name: HEADGATE, config: { providers } });
    return withStarted(lab, ROUTE, PACE, [[HEADGATE, start]], async ({ targets, notes }) => {
      const { saturate, notes: generator } = createSaturate(lab);
      const routed = targets.flatMap((target) =>
        DIALECTS.map((dialect) => ({ ...target, dialect, name: dialect, port: target.endpoint.port })),
      );
      const unary = await alternate(
        lab,
        routed,
        async ({ pid, port, dialect }, { seconds }) => {
          const endpoint = byteEndpoint(dialect, port, false);
          const load = { endpoint, dialect, bodyBytes: 1024, connections: CONNECTIONS, seconds };
          const { cpuMicros, result } = await lab.cpuOf(pid, () => saturate(load));
          return { values: { [COST]: cpuMicros / result.requests }, void: result.void };
        },
        { short: true },
      );
      const streamed = await alternate(
        lab,
        routed,
        async ({ pid, port, dialect }, { seconds }) => {
          const endpoint = byteEndpoint(dialect, port, true);
          const load = { endpoint, dialect, streams: STREAMS, seconds, ...PACE };
          const { micros, result } = await streamCost(lab, pid, load);
          return { values: { [DELTA]: micros }, void: result.void };
        },
        { warm: false },
      );
      const measurements = [unary, streamed].flatMap((book, at) => {
        const metric = at === 0 ? COST : DELTA;
        const chat = book.rounds(CHAT, metric);
        return DIALECTS.flatMap((dialect): Measurement[] => {
          const named = { target: HEADGATE, metric: on(metric, dialect) };
          const own = { ...book.measurement(dialect, metric), ...named };
          if (dialect === CHAT) return [own];
          const beside = book.measurement(dialect, metric, ratio(book.rounds(dialect, metric), chat));
          return [{ ...beside, target: HEADGATE, metric: toChat(metric, dialect) }, own];
        });
      });
      return {
        measurements,
        notes: [...notes, ...generator],
        charts: [
          barsOf(measurements, {
            title: 'CPU on the byte path of a dialect',
            yLabel: 'us of CPU',
            metrics: DIALECTS.flatMap((dialect) => [on(COST, dialect), on(DELTA, dialect)]),
          }),
        ],
      };
    });
  },
};
