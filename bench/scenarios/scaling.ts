// Whether a second worker doubles what a gateway can do.
import type { Lab, RunningPeer, Scenario } from '../contract.ts';
import { ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { alternate, HEADGATE, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 128;
const WORKERS = [1, 2] as const;
const RATE = 'req/s';
const COST = 'CPU per request';
const GAIN = 'req/s, to 1 worker';
const PRICE = 'CPU per request, to 1 worker';

const named = (workers: number): string => `${HEADGATE}, ${workers} worker${workers > 1 ? 's' : ''}`;

export const scaling: Scenario = {
  name: 'scaling',
  title: 'From one worker to two',
  method: `1 KB request, instant mock, closed loop by wrk over ${CONNECTIONS} connections; one worker on one core, two workers on two. CPU per request says whether \
workers get into each other's way: it stays the same when they do not. Requests/s double only where mock and generator have cores of their own.`,
  metrics: [
    { name: RATE, unit: 'req/s', better: 'higher' },
    { name: COST, unit: 'us', better: 'lower' },
    { name: GAIN, unit: 'x', better: 'higher' },
    { name: PRICE, unit: 'x', better: 'lower' },
  ],
  async run(lab) {
    const { cores, shared } = coresFor(lab);
    const notes = shared
      ? [
          'two cores in all: the second worker shares its core with mock and generator, so requests/s cannot double here; CPU per request is what to read',
        ]
      : [];
    const starting = WORKERS.map((workers): [string, () => Promise<RunningPeer>] => [
      named(workers),
      () => lab.startHeadgate({ name: named(workers), workers, cores: cores.slice(0, workers) }),
    ]);
    return withStarted(lab, ROUTE, {}, starting, async (cast) => {
      const { saturate, notes: generator } = createSaturate(lab);
      const book = await alternate(lab, cast.targets, async ({ pid, endpoint }, { seconds }) => {
        const { cpuMicros, result } = await lab.cpuOf(pid, () =>
          saturate({ endpoint, dialect: 'openai', bodyBytes: 1024, connections: CONNECTIONS, seconds }),
        );
        return {
          values: { [RATE]: result.perSecond, [COST]: cpuMicros / result.requests },
          void: result.void,
        };
      });
      const measurements = cast.targets.flatMap(({ name }) => [
        book.measurement(name, RATE),
        book.measurement(name, COST),
        ...(name === named(1)
          ? []
          : [
              book.measurement(name, GAIN, ratio(book.rounds(name, RATE), book.rounds(named(1), RATE))),
              book.measurement(name, PRICE, ratio(book.rounds(name, COST), book.rounds(named(1), COST))),
            ]),
      ]);
      return { measurements, notes: [...notes, ...cast.notes, ...generator] };
    });
  },
};

/** Two gateway cores, else one of the load's as well. */
function coresFor(lab: Lab): { cores: readonly number[]; shared: boolean } {
  if (lab.gatewayCores.length >= 2) return { cores: lab.gatewayCores, shared: false };
  return { cores: [...lab.gatewayCores, ...lab.loadCores], shared: true };
}
