// Whose objects are, in Redis: what was made over one node is its maker's over all, also after a restart. One key each, with a
// time to live. Asked by the primary, for what it does not know itself.
import { createHash } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { RedisConfig } from '../../contracts/config.ts';
import type { ObjectOwner } from '../../contracts/objects.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { taggedPrefix } from '../key-prefix.ts';

/** One script, so that one connection does all: `set` with its ms, `new` where there is none, else values of any number of keys. */
const SCRIPT = `
if ARGV[1] == 'set' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
if ARGV[1] == 'new' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], 'NX')
  return 1
end
return redis.call('MGET', unpack(KEYS))
`;
/** Providers keep files for longer only where nobody deletes them. */
const KEPT_MS = 90 * 24 * 3_600_000;
const KEYS_A_CALL = 500;
/** Notes that may be on their way; beyond that this node alone knows. */
const MAX_PENDING = 10_000;

export interface SharedOwners {
  /** It can be asked. */
  readonly ready: boolean;
  /** @param anew where it knows nobody else. */
  put(id: string, owner: ObjectOwner, anew?: true): void;
  /** In the order of `ids`; null where it is not known, or Redis cannot be asked. Never rejects. */
  many(ids: readonly string[]): Promise<(ObjectOwner | null)[]>;
  close(): void;
}

export interface SharedOwnersDeps {
  clock: Clock;
  log: LogPort;
  lookup?: LookupFunction | undefined;
}

class RedisOwners implements SharedOwners {
  readonly #client: RedisClient;
  readonly #gate: LineGate;
  readonly #prefix: string;
  #pending = 0;

  constructor(config: RedisConfig, { clock, log, lookup }: SharedOwnersDeps) {
    this.#prefix = `${taggedPrefix(redisPlace(config).prefix ?? 'headgate')}:ob:`;
    this.#gate = new LineGate(log, clock);
    this.#client = createBackgroundClient(
      config,
      { name: 'hgOwners', lua: SCRIPT },
      {
        ready: () => undefined,
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      lookup,
    );
  }

  get ready(): boolean {
    return this.#client.ready && this.#pending < MAX_PENDING;
  }

  put(id: string, { owner, provider, models, mentions }: ObjectOwner, anew?: true): void {
    if (this.#pending >= MAX_PENDING) return;
    this.#pending++;
    const over = (): void => {
      this.#pending--;
    };
    this.#run(
      [this.#key(id)],
      [
        anew === true ? 'new' : 'set',
        JSON.stringify(
          mentions !== undefined
            ? [owner, provider, null, mentions]
            : models === undefined
              ? [owner, provider]
              : [owner, provider, models],
        ),
        KEPT_MS,
      ],
    ).then(over, over);
  }

  async many(ids: readonly string[]): Promise<(ObjectOwner | null)[]> {
    const found: (ObjectOwner | null)[] = [];
    for (let at = 0; at < ids.length; at += KEYS_A_CALL) {
      const keys = ids.slice(at, at + KEYS_A_CALL).map((id) => this.#key(id));
      const told = await this.#run(keys, ['get']);
      for (let index = 0; index < keys.length; index++)
        found.push(Array.isArray(told) ? ownerOf(told[index]) : null);
    }
    return found;
  }

  close(): void {
    this.#client.close();
    this.#gate.close();
  }

  /** Null: it failed, and the log says so. */
  async #run(keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (!this.#client.ready) return null;
    try {
      return await this.#client.run('hgOwners', keys, args);
    } catch (error) {
      this.#failed(faultOf(error), (error instanceof Error ? error.message : String(error)).slice(0, 200));
      return null;
    }
  }

  #failed(fault: string, reason: string): void {
    this.#gate.say('warn', { fault, reason }, 'redis: owners of objects are known to this node only');
  }

  // Ids are a client's to write: neither what they hold nor how long they are matters.
  #key(id: string): string {
    return this.#prefix + createHash('sha256').update(id).digest('base64url');
  }
}

function ownerOf(text: unknown): ObjectOwner | null {
  if (typeof text !== 'string') return null;
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return null;
  const [owner, provider, models, mentions] = value as unknown[];
  if (typeof owner !== 'string' || typeof provider !== 'string') return null;
  return {
    owner,
    provider,
    ...(areNames(models) && { models }),
    ...(areNames(mentions) && { mentions }),
  };
}

function areNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedOwners(config: RedisConfig, deps: SharedOwnersDeps): SharedOwners {
  return new RedisOwners(config, deps);
}
