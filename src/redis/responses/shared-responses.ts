// Turns of Responses in Redis: what one worker or node made, all can build on, also after a restart. Each is one key with a
// time to live. Writes are nobody's to wait for; reads are waited for as long as the background's deadline says.
import { createHash } from 'node:crypto';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { SharedTurns } from '../../contracts/response-ports.ts';
import type { BackgroundDeps } from '../background.ts';
import { BackgroundScript } from '../background-script.ts';

/** One script, so that one connection does all: `set` with its ms, `get` of any number, `del`. */
const SCRIPT = `
if ARGV[1] == 'set' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
elseif ARGV[1] == 'del' then
  return redis.call('DEL', KEYS[1])
end
return redis.call('MGET', unpack(KEYS))
`;
/** Keys of one call. */
const KEYS_A_CALL = 500;
/** Bytes that may be on their way to Redis: beyond them turns stay in the memory of their worker. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

export interface SharedResponses extends SharedTurns {
  close(): void;
}

class RedisResponses implements SharedResponses {
  readonly #script: BackgroundScript;
  #pendingBytes = 0;

  constructor(config: RedisConfig, deps: BackgroundDeps) {
    this.#script = new BackgroundScript(config, deps, {
      script: { name: 'hgResponses', lua: SCRIPT },
      failed: 'redis: responses are kept by single workers only',
    });
  }

  get ready(): boolean {
    return this.#script.ready;
  }

  async put(owner: string, id: string, text: string, ttlMs: number): Promise<boolean> {
    if (!this.ready || this.#pendingBytes + text.length > MAX_PENDING_BYTES) return false;
    this.#pendingBytes += text.length;
    const told = await this.#script.run([this.#key(owner, id)], ['set', text, Math.max(1, Math.ceil(ttlMs))]);
    this.#pendingBytes -= text.length;
    return told !== null;
  }

  async many(owner: string, ids: readonly string[]): Promise<(string | null)[] | null> {
    const found: (string | null)[] = [];
    for (let at = 0; at < ids.length; at += KEYS_A_CALL) {
      const keys = ids.slice(at, at + KEYS_A_CALL).map((id) => this.#key(owner, id));
      const texts = await this.#script.run(keys, ['get']);
      if (!Array.isArray(texts)) return null;
      for (const text of texts as unknown[]) found.push(typeof text === 'string' ? text : null);
    }
    return found;
  }

  async drop(owner: string, id: string): Promise<boolean | null> {
    const told = await this.#script.run([this.#key(owner, id)], ['del']);
    return told === null ? null : Number(told) > 0;
  }

  close(): void {
    this.#script.close();
  }

  // Names of keys and ids of clients' making are no part of a key: neither what they hold nor how long they are matters.
  #key(owner: string, id: string): string {
    const print = createHash('sha256').update(`${owner}\n${id}`).digest('base64url');
    return `${this.#script.prefix}:rs:${print}`;
  }
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedResponses(config: RedisConfig, deps: BackgroundDeps): SharedResponses {
  return new RedisResponses(config, deps);
}
