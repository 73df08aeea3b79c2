// Who of the gateways with one Redis keeps keys and settings in a store of its own: each says its name there now and then, and looks who else
// does. What is made at one is unknown at the others then, which somebody who runs several should hear of.
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { BackgroundDeps } from '../background.ts';
import { Watch } from '../watch.ts';

const NAME = 'hgStoreRoll';
/**
 * ARGV: own store and name, seconds after which one that said nothing is forgotten. Answers of the others store, seconds since 1970
 * and name, in turn.
 */
const SCRIPT = `
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
local all, others = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #all, 2 do
  local said, name = string.match(all[at + 1], '^(%d+) (.*)$')
  if now - tonumber(said) > tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], all[at])
  elseif all[at] ~= ARGV[1] then
    for _, value in ipairs({ all[at], said, name }) do others[#others + 1] = value end
  end
end
return others
`;
const LOOK_MS = 20_000;
const FORGOTTEN_S = 600;
/** Named in one line. */
const MOST_NAMED = 5;

export interface StoreRollDeps extends BackgroundDeps {
  /** Of this gateway's store: the same after a restart. */
  readonly store: string;
  /** As the log calls this gateway. */
  readonly name: string;
  readonly lookMs?: number;
}

class StoreRoll {
  readonly #deps: StoreRollDeps;
  readonly #watch: Watch;
  readonly #key: string;
  /** What others said last, by store. */
  #said = new Map<string, string>();
  /** Stores that the log has named. */
  #told = new Set<string>();

  constructor(config: RedisConfig, deps: StoreRollDeps) {
    this.#deps = deps;
    const { lookMs = LOOK_MS } = deps;
    this.#watch = new Watch(config, deps, {
      script: { name: NAME, lua: SCRIPT },
      look: () => this.#look(),
      lookMs,
      afterFaultMs: lookMs,
      failed: 'redis: it cannot be seen whether other gateways have stores of their own',
    });
    this.#key = `${this.#watch.prefix}:stores`;
  }

  close(): void {
    this.#watch.close();
  }

  /** @returns ms until the next one. */
  async #look(): Promise<number> {
    const { store, name, log, lookMs = LOOK_MS } = this.#deps;
    const found = await this.#watch.client.run(NAME, [this.#key], [store, name, FORGOTTEN_S]);
    const values = Array.isArray(found) ? found.map(String) : [];
    const said = new Map<string, string>();
    const others = new Map<string, string>();
    for (let at = 0; at + 2 < values.length; at += 3) {
      const [other, when, called] = values.slice(at, at + 3) as [string, string, string]; // in turn, as above
      said.set(other, when);
      // One that said something since the last look is there; what is older may be one that ended.
      const before = this.#said.get(other);
      if (before !== undefined && before !== when) others.set(other, called);
    }
    this.#said = said;
    // Nobody is told twice of one that only was late, while it is written down at all.
    const before = this.#told;
    this.#told = new Set([...before].filter((other) => said.has(other)));
    for (const other of others.keys()) this.#told.add(other);
    if ([...others.keys()].every((other) => before.has(other))) return lookMs;
    const names = [...others.values()].sort().slice(0, MOST_NAMED).join(', ');
    log.warn(
      { gateways: others.size },
      `gateways that share this Redis keep keys and settings in a SQLite each (${names}): what is made at one is unknown at the others; share a PostgreSQL by HEADGATE_DATABASE_URL`,
    );
    return lookMs;
  }
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createStoreRoll(config: RedisConfig, deps: StoreRollDeps): { close(): void } {
  return new StoreRoll(config, deps);
}
