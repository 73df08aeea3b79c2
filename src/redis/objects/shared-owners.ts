// Whose objects are, in Redis: what was made over one node is its maker's over all, also after a restart. One key each, with a
// time to live. Asked by the primary, for what it does not know itself.
import { createHash } from 'node:crypto';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { ObjectOwner } from '../../contracts/objects.ts';
import type { BackgroundDeps } from '../background.ts';
import { BackgroundScript } from '../background-script.ts';

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

class RedisOwners implements SharedOwners {
  readonly #script: BackgroundScript;
  #pending = 0;

  constructor(config: RedisConfig, deps: BackgroundDeps) {
    this.#script = new BackgroundScript(config, deps, {
      script: { name: 'hgOwners', lua: SCRIPT },
      failed: 'redis: owners of objects are known to this node only',
    });
  }

  get ready(): boolean {
    return this.#script.ready && this.#pending < MAX_PENDING;
  }

  put(id: string, { owner, provider, models, mentions }: ObjectOwner, anew?: true): void {
    if (this.#pending >= MAX_PENDING) return;
    this.#pending++;
    const named = mentions !== undefined ? [null, mentions] : models !== undefined ? [models] : [];
    const text = JSON.stringify([owner, provider, ...named]);
    void this.#script.run([this.#key(id)], [anew === true ? 'new' : 'set', text, KEPT_MS]).then(() => {
      this.#pending--;
    });
  }

  async many(ids: readonly string[]): Promise<(ObjectOwner | null)[]> {
    const found: (ObjectOwner | null)[] = [];
    for (let at = 0; at < ids.length; at += KEYS_A_CALL) {
      const keys = ids.slice(at, at + KEYS_A_CALL).map((id) => this.#key(id));
      const told = await this.#script.run(keys, ['get']);
      for (let index = 0; index < keys.length; index++)
        found.push(Array.isArray(told) ? ownerOf(told[index]) : null);
    }
    return found;
  }

  close(): void {
    this.#script.close();
  }

  // Ids are a client's to write: neither what they hold nor how long they are matters.
  #key(id: string): string {
    return `${this.#script.prefix}:ob:${createHash('sha256').update(id).digest('base64url')}`;
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
export function createSharedOwners(config: RedisConfig, deps: BackgroundDeps): SharedOwners {
  return new RedisOwners(config, deps);
}
