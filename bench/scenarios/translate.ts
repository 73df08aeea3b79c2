// What it costs to speak two dialects.
import type { Measurement, Metric, Route, Scenario } from '../contract.ts';
import type { Book } from './book.ts';
import { barsOf } from './charts.ts';
import { envelopeFault, streamFault, type Translated } from './envelope.ts';
import { ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { type Answer, singleCall, smallBody } from './single-call.ts';
import { streamCost } from './stream-cost.ts';
import {
  alternate,
  clientDialect,
  HEADGATE,
  inWords,
  starters,
  type Target,
  withStarted,
} from './targets.ts';

const BYTE_PATH: Route = 'openai>openai';
const TRANSLATED: readonly Route[] = ['anthropic>openai', 'openai>anthropic'];
const CONNECTIONS = 64;
const STREAMS = 300;
const PACE = { deltas: 64, everyMs: 20 } as const;

const ROUTES: readonly Route[] = [BYTE_PATH, ...TRANSLATED];

const COST = 'CPU per request';
const RATE = 'req/s';
const DELTA = 'CPU per delta';
const on = (metric: string, route: Route): string => `${metric}, ${route}`;
const toBytes = (metric: string): string => `${metric}, to the byte path`;
const BAR = { target: HEADGATE, most: 2 } as const;

export const translate: Scenario = {
  name: 'translate',
  title: 'Translation',
  method: `As in cpu (${CONNECTIONS} connections, 1 KB) and cpu-stream (${STREAMS} streams), for a client that speaks another dialect than the provider. Before the \
load, an answer of each kind is read: one that is not in the client's dialect, or handed through as the mock sent it, counts as \
not translated and has no numbers. The byte path of the same gateway in the same round is the yardstick.`,
  metrics: [
    ...TRANSLATED.flatMap((route): Metric[] => [
      { name: toBytes(on(COST, route)), unit: 'x', better: 'lower', bar: BAR },
      { name: toBytes(on(DELTA, route)), unit: 'x', better: 'lower', bar: BAR },
    ]),
    ...ROUTES.flatMap((route): Metric[] => [
      { name: on(COST, route), unit: 'us', better: 'lower' },
      { name: on(RATE, route), unit: 'req/s', better: 'higher' },
      { name: on(DELTA, route), unit: 'us', better: 'lower' },
    ]),
  ],
  async run(lab) {
    const translators = new Set(TRANSLATED.flatMap((route) => lab.peers(route).map(({ name }) => name)));
    const starting = starters(lab, BYTE_PATH).filter(([name]) => translators.has(name));
    return withStarted(lab, BYTE_PATH, PACE, starting, async ({ targets, notes }) => {
      const { saturate, notes: generator } = createSaturate(lab);
      const routed = await translating(targets, notes);
      const unary = await alternate(lab, routed, async ({ pid, endpoint, route }, { seconds }) => {
        const { cpuMicros, result } = await lab.cpuOf(pid, () =>
          saturate({
            endpoint,
            dialect: clientDialect(route),
            bodyBytes: 1024,
            connections: CONNECTIONS,
            seconds,
          }),
        );
        return {
          values: { [COST]: cpuMicros / result.requests, [RATE]: result.perSecond },
          void: result.void,
        };
      });
      const streamed = await alternate(
        lab,
        routed,
        async ({ pid, endpoint, route }, { seconds }) => {
          const load = { endpoint, dialect: clientDialect(route), streams: STREAMS, seconds, ...PACE };
          const { micros, result } = await streamCost(lab, pid, load);
          return { values: { [DELTA]: micros }, void: result.void };
        },
        { seconds: lab.seconds * 0.75, warm: false },
      );
      const measurements = targets.flatMap(({ name }) => [
        ...rows(name, unary, COST),
        ...rows(name, unary, RATE),
        ...rows(name, streamed, DELTA),
      ]);
      return {
        measurements,
        notes: [...notes, ...generator],
        charts: [
          barsOf(measurements, {
            title: 'CPU per request, translated and not',
            yLabel: 'us of CPU',
            metrics: ROUTES.map((route) => on(COST, route)),
          }),
          barsOf(measurements, {
            title: 'CPU per streamed delta, translated and not',
            yLabel: 'us of CPU',
            metrics: ROUTES.map((route) => on(DELTA, route)),
          }),
        ],
      };
    });
  },
};

type Routed = Target & { route: Route };

const pageOf = (name: string, route: Route): string => `${name} ${route}`;

/** Every gateway on each route whose answers are what a client of that dialect expects. */
async function translating(targets: readonly Target[], notes: string[]): Promise<Routed[]> {
  const routed: Routed[] = [];
  for (const target of targets) {
    for (const route of ROUTES) {
      const endpoint = target.running?.endpoint(route) ?? null;
      if (endpoint === null) {
        notes.push(`${target.name} does not serve ${route}`);
        continue;
      }
      const dialect: Translated = route.startsWith('anthropic') ? 'anthropic' : 'openai';
      const ask = (stream: boolean): Promise<Answer> =>
        singleCall(endpoint, smallBody(dialect, endpoint.model, stream));
      let fault: string | null;
      try {
        fault = envelopeFault(dialect, await ask(false)) ?? streamFault(dialect, await ask(true));
      } catch (error) {
        fault = inWords(error);
      }
      if (fault === null) routed.push({ ...target, endpoint, route, name: pageOf(target.name, route) });
      else notes.push(`${target.name}, ${route}: ${fault}; no numbers`);
    }
  }
  return routed;
}

/** A cost or rate on every route that was measured, and of the translated ones how it stands to the byte path. */
function rows(name: string, book: Book, metric: string): Measurement[] {
  const bytes = book.rounds(pageOf(name, BYTE_PATH), metric);
  return ROUTES.filter((route) => book.targets().includes(pageOf(name, route))).flatMap((route) => {
    const page = pageOf(name, route);
    const own = { ...book.measurement(page, metric), target: name, metric: on(metric, route) };
    if (route === BYTE_PATH || bytes.length === 0 || metric === RATE) return [own];
    const beside = book.measurement(page, metric, ratio(book.rounds(page, metric), bytes));
    return [{ ...beside, target: name, metric: toBytes(on(metric, route)) }, own];
  });
}
