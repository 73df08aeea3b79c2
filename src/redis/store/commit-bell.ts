// A bell in Redis that gateways with one database ring when they have written to it, and listen to: where NOTIFY does not come through
// (a pooler in front of PostgreSQL) a change is heard of all the same. One mark: who rings leaves another one, who finds another
// one than before goes and reads. Nothing of what was written goes through Redis, so nothing there can be old; without it the
// database is asked each second.
import { randomUUID } from 'node:crypto';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { BackgroundDeps } from '../background.ts';
import { Watch } from '../watch.ts';

const NAME = 'hgBell';
/** ARGV: a mark of who rings now ('' = nobody), ms that it stays. Answers the mark that was there. */
const SCRIPT = `
local before = redis.call('GET', KEYS[1]) or ''
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return before
`;
const LOOK_MS = 250;
const AFTER_FAULT_MS = 500;
/** Longer than anybody is away who would not read everything anyway. */
const STAYS_MS = 86_400_000;

export interface CommitBell {
  /** Something was written: the others should read. */
  ring(): void;
  close(): void;
}

export interface CommitBellDeps extends BackgroundDeps {
  /** Somebody rang, or may have while we could not hear. */
  heard(): void;
}

class RedisBell implements CommitBell {
  readonly #deps: CommitBellDeps;
  readonly #watch: Watch;
  readonly #key: string;
  /** The mark that was seen last; null = none yet. */
  #seen: string | null = null;
  #ringing = false;

  constructor(config: RedisConfig, deps: CommitBellDeps) {
    this.#deps = deps;
    this.#watch = new Watch(config, deps, {
      script: { name: NAME, lua: SCRIPT },
      look: () => this.#look(),
      lookMs: LOOK_MS,
      afterFaultMs: AFTER_FAULT_MS,
      failed: 'redis: other gateways are not told of changes in the store; each asks the database',
    });
    this.#key = `${this.#watch.prefix}:bell`;
  }

  ring(): void {
    if (this.#watch.loop.closed) return;
    // One that cannot be rung now is rung with the first look that works.
    this.#ringing = true;
    if (this.#watch.client.ready) this.#watch.loop.lookIn(0);
  }

  close(): void {
    this.#watch.close();
  }

  /** @returns ms until the next one. */
  async #look(): Promise<number> {
    const mark = this.#ringing ? randomUUID() : '';
    this.#ringing = false;
    let found: string;
    try {
      found = String(await this.#watch.client.run(NAME, [this.#key], [mark, STAYS_MS]));
    } catch (error) {
      this.#ringing ||= mark !== '';
      throw error;
    }
    if (this.#watch.loop.closed) return LOOK_MS;
    const before = this.#seen;
    this.#seen = mark === '' ? found : mark;
    // Of a Redis that lost its memory it is another one, too: whoever rang meanwhile is not missed.
    if (before !== null && found !== before) this.#deps.heard();
    return this.#ringing ? 0 : LOOK_MS;
  }
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createCommitBell(config: RedisConfig, deps: CommitBellDeps): CommitBell {
  return new RedisBell(config, deps);
}
