// One seam for all that rests: what a worker finds out goes to the other workers and, where Redis is configured, to the
// other nodes; what they found out goes to all workers here. The Redis client is loaded only where it is wanted.
import type { LookupFunction } from 'node:net';
import type { CircuitView } from '../../src/contracts/circuit.ts';
import type { ProviderConfig } from '../../src/contracts/provider-config.ts';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { CircuitRest, Rest } from '../../src/contracts/rests.ts';
import { restPrint } from '../../src/lanes/rest-print.ts';
import type { Log } from '../../src/observability/log.ts';
import type { SharedRests } from '../../src/redis/rests/shared-rests.ts';
import { Followed } from '../config/followed-redis.ts';
import type { Life } from '../crew/life.ts';
import { createRestBook } from './rest-book.ts';

export interface GroupRests {
  /** A worker was refused. */
  heard(rest: Rest, from: Life): void;
  /** All that rests now, with what is left of its time. */
  current(): Rest[];
  /** Circuits that are not closed, as far as this node knows. */
  circuits(): CircuitView[];
  /** Closes those that are not, of one provider and model or of all. @returns how many there were. */
  reset(provider: string | null, model: string | null): number;
  /** Ends cool-downs and rests of keys here, of one model or of all. @returns how many there were. */
  unrest(provider: string, model: string | null): number;
  /** Shares with other nodes as the configuration now says; null = with none. */
  follow(redis: RedisConfig | null): void;
}

/** How long a circuit that was closed by hand is told to be: longer than any word of its opening lasts. */
const CLOSED_MS = 120_000;

export interface GroupRestsDeps {
  clock: Clock;
  log: Log;
  lookup?: LookupFunction | undefined;
  lives(): readonly Life[];
  /** Of the configuration in force. */
  providers(): readonly ProviderConfig[];
}

export function createGroupRests({ clock, log, lookup, lives, providers }: GroupRestsDeps): GroupRests {
  const book = createRestBook(() => clock.now());
  const followed = new Followed<SharedRests>({
    async open(redis) {
      const { createSharedRests } = await import('../../src/redis/rests/shared-rests.ts');
      return createSharedRests(redis, {
        clock,
        log,
        lookup,
        learned: (rest) => void tell(inOwnName(rest, providers()), null),
        known: () => book.current(),
      });
    },
    failed: (err) => log.error({ err }, 'rests cannot be shared with other nodes'),
  });

  /** @param from heard it first, and knows. */
  function tell(rest: Rest, from: Life | null): boolean {
    if (!book.add(rest)) return false;
    for (const life of lives()) if (life !== from) life.send({ t: 'rest', rest });
    return true;
  }

  return {
    heard(rest, from) {
      if (tell(rest, from)) followed.here?.tell(rest);
    },
    current: () => book.current(),
    circuits: () => [...openCircuits(book.current()).values()].map(viewOf),
    reset(provider, model) {
      let closed = 0;
      for (const rest of openCircuits(book.current()).values()) {
        if ((provider !== null && rest.lane !== provider) || (model !== null && rest.model !== model))
          continue;
        const over: CircuitRest = { ...rest, state: 'closed', forMs: CLOSED_MS };
        closed++;
        if (tell(over, null)) followed.here?.tell(over);
      }
      return closed;
    },
    unrest(provider, model) {
      const ended = book.forget(provider, model);
      for (const life of lives()) life.send({ t: 'unrest', lane: provider, model });
      return ended;
    },
    follow: (redis) => followed.follow(redis),
  };
}

/** What one of our keys is called elsewhere, people here know by another name. */
function inOwnName(rest: Rest, providers: readonly ProviderConfig[]): Rest {
  if (rest.kind !== 'key') return rest;
  const provider = providers.find(({ name }) => name === rest.lane);
  const key = provider?.keys.find(({ value }) => restPrint(provider, value) === rest.print);
  return key === undefined ? rest : { ...rest, key: key.alias };
}

/** The last opening of each that has not ended. */
function openCircuits(rests: readonly Rest[]): ReadonlyMap<string, CircuitRest> {
  const last = new Map<string, CircuitRest>();
  for (const rest of rests) {
    if (rest.kind !== 'circuit') continue;
    const id = JSON.stringify([rest.lane, rest.print, rest.model]);
    const known = last.get(id);
    const newer =
      known === undefined || rest.at > known.at || (rest.at === known.at && rest.state === 'closed');
    if (newer) last.set(id, rest);
  }
  for (const [id, { state }] of last) if (state === 'closed') last.delete(id);
  return last;
}

function viewOf({ lane, model, state, at }: CircuitRest): CircuitView {
  return { provider: lane, model, state, since: at };
}
