// A bell in Redis that gateways with one database ring when they have written to it, and listen to: where NOTIFY does not come through
// (a pooler in front of PostgreSQL) a change is heard of all the same. One mark: who rings leaves another one, who finds another
// one than before goes and reads. Nothing of what was written goes through Redis, so nothing there can be old; without it the
// database is asked each second.
import { randomUUID } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { RedisConfig } from '../../contracts/config.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { taggedPrefix } from '../key-prefix.ts';
import { LookLoop } from '../look-loop.ts';

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

export interface CommitBellDeps {
  clock: Clock;
  log: LogPort;
  /** For connections by name; own look-ups by default. */
  lookup?: LookupFunction | undefined;
  /** Somebody rang, or may have while we could not hear. */
  heard(): void;
}

class RedisBell implements CommitBell {
  readonly #deps: CommitBellDeps;
  readonly #client: RedisClient;
  readonly #gate: LineGate;
  readonly #key: string;
  readonly #loop: LookLoop;
  /** The mark that was seen last; null = none yet. */
  #seen: string | null = null;
  #ringing = false;

  constructor(config: RedisConfig, deps: CommitBellDeps) {
    this.#deps = deps;
    this.#key = `${taggedPrefix(redisPlace(config).prefix ?? 'headgate')}:bell`;
    this.#gate = new LineGate(deps.log, deps.clock);
    this.#loop = new LookLoop({
      look: () => this.#look(),
      failed: (error) => {
        this.#failed(faultOf(error), error instanceof Error ? error.message : String(error));
        return AFTER_FAULT_MS;
      },
    });
    this.#client = createBackgroundClient(
      config,
      { name: NAME, lua: SCRIPT },
      {
        ready: () => this.#loop.lookIn(0),
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      deps.lookup,
    );
    this.#loop.lookIn(LOOK_MS);
  }

  ring(): void {
    if (this.#loop.closed) return;
    // One that cannot be rung now is rung with the first look that works.
    this.#ringing = true;
    if (this.#client.ready) this.#loop.lookIn(0);
  }

  close(): void {
    this.#loop.close();
    this.#client.close();
    this.#gate.close();
  }

  /** @returns ms until the next one. */
  async #look(): Promise<number> {
    if (!this.#client.ready) return LOOK_MS;
    const mark = this.#ringing ? randomUUID() : '';
    this.#ringing = false;
    let found: string;
    try {
      found = String(await this.#client.run(NAME, [this.#key], [mark, STAYS_MS]));
    } catch (error) {
      this.#ringing ||= mark !== '';
      throw error;
    }
    if (this.#loop.closed) return LOOK_MS;
    const before = this.#seen;
    this.#seen = mark === '' ? found : mark;
    // Of a Redis that lost its memory it is another one, too: whoever rang meanwhile is not missed.
    if (before !== null && found !== before) this.#deps.heard();
    return this.#ringing ? 0 : LOOK_MS;
  }

  #failed(fault: string, reason: string): void {
    this.#gate.say(
      'warn',
      { fault, reason: reason.slice(0, 200) },
      'redis: other gateways are not told of changes in the store; each asks the database',
    );
  }
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createCommitBell(config: RedisConfig, deps: CommitBellDeps): CommitBell {
  return new RedisBell(config, deps);
}
