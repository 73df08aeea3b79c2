// Latency at a low rate needs code that is compiled: at 200 calls a second a run-time compiler works for half a minute beside
// the calls, on the same core, and its pauses would be taken for the gateway's p99. How long a start takes is scenario `start`.
import type { Dialect, Lab } from '../contract.ts';
import { inWords, type Target } from './targets.ts';

const SECONDS = 3;
const CONNECTIONS = 64;
/** What the mock is to send for it: short, so that many streams begin and end. */
export const HEATING = { deltas: 4, everyMs: 1 };

/** A short full load on each target before what counts; a target that cannot bear it shows so later, in its numbers. */
export async function heat(
  lab: Lab,
  targets: readonly Target[],
  dialect: Dialect,
  kind: 'unary' | 'streams',
): Promise<void> {
  if (lab.quick) return; // no number of it counts
  for (const { name, endpoint } of targets) {
    try {
      const load = { endpoint, dialect, seconds: SECONDS };
      const { requests } =
        kind === 'unary'
          ? await lab.unary({ ...load, connections: CONNECTIONS })
          : await lab.streams({ ...load, streams: CONNECTIONS, ...HEATING });
      lab.say(`heated ${name} with ${requests} ${kind === 'unary' ? 'calls' : 'streams'}`);
    } catch (error) {
      lab.say(`${name} could not be heated: ${inWords(error)}`);
    }
  }
}
