// Answers that several ask for, over all gateways of one Redis: who makes one holds a key that it renews, and writes the answer into
// it; who waits looks again. A Redis that is away is nobody to ask: each makes its own then.
import type { Claimed, Claims, Made } from '../../contracts/claims.ts';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { Clock } from '../../contracts/ports.ts';
import { behindTurns } from '../../ipc/behind-reads.ts';
import type { BackgroundDeps } from '../background.ts';
import { BackgroundScript } from '../background-script.ts';
import { redisDeadlines } from '../deadlines.ts';
import { inTime } from '../in-time.ts';

/**
 * KEYS: the name, when the last purge was. ARGV: `claim`, own mark, ms it holds, age of the call in ms or '' | `hold`, own mark, ms |
 * `made`, own mark, text, ms it is there, ms from claim to answer | `over`, own mark | `purged`, ms it is known. A claim is answered
 * with what stands there, '' = it is mine now, and how many ms ago that was made.
 *
 * Behind what stands there is when it was claimed and, of an answer, made: in ms since 1970 of this Redis, 13 digits each. Calls say
 * how old they are, and makers how long they took, so that no two clocks are compared. What takes time on the way makes a call look
 * younger, and an answer older: less is given then.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] == 'purged' then
  redis.call('SET', KEYS[2], now, 'PX', ARGV[2])
  return 1
end
local there = redis.call('GET', KEYS[1])
local claimed, made
if there then
  claimed, made = string.match(string.sub(there, -28), '^ (%d+) (%d+)$')
  claimed = claimed or string.match(string.sub(there, -14), '^ (%d+)$')
end
if ARGV[1] == 'claim' then
  if there and claimed and ARGV[4] ~= '' then
    local began = now - ARGV[4]
    local purged = tonumber(redis.call('GET', KEYS[2]) or 0)
    local late = made and tonumber(made) <= began
    if late or (tonumber(claimed) <= purged and purged <= began) then there = false end
  end
  if there then return { there, made and now - made or 0 } end
  redis.call('SET', KEYS[1], string.format('%s %013.0f', ARGV[2], now), 'PX', ARGV[3])
  return { '', 0 }
end
if not there or string.sub(there, 1, #ARGV[2] + 1) ~= ARGV[2] .. ' ' then return 0 end
if ARGV[1] == 'hold' then return redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
if ARGV[1] == 'over' then return redis.call('DEL', KEYS[1]) end
made = math.min(now, claimed + ARGV[5])
redis.call('SET', KEYS[1], string.format('%s %s %013.0f', ARGV[3], claimed, made), 'PX', ARGV[4])
return 1
`;
/** A maker that does not renew its claim for so long is gone. */
const HOLD_MS = 10_000;
const RENEW_MS = 3_000;
/** Between two looks of who waits. */
const LOOK_MS = 100;
/** The first connection is waited for so long: a gateway that has just begun to serve keeps its promises too. */
const FIRST_MS = 2_000;
/** Who waits for an answer that is for those that wait alone finds it for so long. */
const LINGER_MS = 2_000;
interface Held {
  readonly mark: string;
  readonly at: number;
}

/** Beyond them the others wait until they expire. */
const MOST_GONE = 1_000;
/** No answer is under way for longer. */
const PURGE_KNOWN_MS = 86_400_000;

export interface SharedClaims extends Claims {
  close(): void;
}

export interface SharedClaimsDeps extends BackgroundDeps {
  /** Unlike that of any other process. */
  origin: string;
}

class RedisClaims implements SharedClaims {
  readonly #script: BackgroundScript;
  readonly #origin: string;
  readonly #clock: Clock;
  /** A call waits so long for a word of Redis, where it may go on without. */
  readonly #lookMs: number;
  /** What this process makes, by name: the mark that stands in Redis, and when it was heard of (monotonic ms). */
  readonly #held = new Map<string, Held>();
  /** What may stand in Redis as made here, and is not: said once it can be asked again, before anything else. */
  readonly #gone = new Map<string, string>();
  #renewal: NodeJS.Timeout | null = null;
  /** The first connection is being made; null = it was, or took too long. */
  #beginning: Promise<void> | null;
  #closed = false;

  constructor(config: RedisConfig, deps: SharedClaimsDeps) {
    this.#origin = deps.origin;
    this.#clock = deps.clock;
    this.#lookMs = redisDeadlines(config.timeoutMs).lookMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = behindTurns(FIRST_MS, resolve).unref();
    this.#beginning = promise.then(() => {
      late.clear();
      this.#beginning = null;
    });
    this.#script = new BackgroundScript(config, deps, {
      script: { name: 'hgClaims', lua: SCRIPT },
      failed: 'redis: answers are shared by single gateways only',
      ready: () => {
        resolve();
        this.#sayGone();
      },
    });
  }

  async claim(name: string, print: string, since: number | null): Promise<Claimed> {
    const mark = `m ${print} ${this.#origin}`;
    for (;;) {
      let from = 0;
      const asked = this.#run(name, () => {
        from = this.#clock.now();
        return ['claim', mark, HOLD_MS, since === null ? '' : Math.max(0, Math.floor(from - since))];
      });
      const told = since === null ? await asked : await this.#inTime(name, mark, asked);
      if (!Array.isArray(told) || this.#closed) {
        // It may have been granted behind a connection that was lost.
        if (told === null && since !== null) this.#forget(name, mark);
        return { kind: 'unknown' };
      }
      const [there, agoMs] = told as [string, number]; // what the script answers to a claim
      if (there === '') {
        this.#hold(name, mark);
        return { kind: 'mine' };
      }
      const [state, known, text] = there.split(' ', 3);
      if (known !== print) return { kind: 'other' };
      if (state === 'a') {
        const answer = Buffer.from(text ?? '', 'base64');
        return since === null ? { kind: 'made', answer } : { kind: 'made', answer, madeAt: from - agoMs };
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  settle(name: string, made: Made | null): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    const { mark, at } = held;
    const said = this.#run(name, () => {
      if (made === null) return ['over', mark];
      const text = `a ${mark.split(' ')[1]!} ${made.answer.toString('base64')}`;
      return [
        'made',
        mark,
        text,
        Math.max(LINGER_MS, Math.ceil(made.ttlMs)),
        Math.max(0, Math.floor(made.madeAt - at)),
      ];
    });
    void said.then((told) => {
      if (told === null || told === undefined) this.#forget(name, mark);
    });
  }

  async purged(): Promise<void> {
    await this.#run('', () => ['purged', PURGE_KNOWN_MS]);
  }

  close(): void {
    this.#closed = true;
    if (this.#renewal !== null) clearInterval(this.#renewal);
    this.#script.close();
  }

  #hold(name: string, mark: string): void {
    this.#held.set(name, { mark, at: this.#clock.now() });
    this.#renewal ??= setInterval(() => {
      for (const [held, { mark: own }] of this.#held) void this.#run(held, () => ['hold', own, HOLD_MS]);
    }, RENEW_MS).unref();
  }

  /** Others would wait for it until it expires. */
  #forget(name: string, mark: string): void {
    if (!this.#script.ready && this.#gone.size < MOST_GONE) this.#gone.set(name, mark);
  }

  #sayGone(): void {
    const gone = [...this.#gone];
    this.#gone.clear();
    for (const [name, mark] of gone) if (!this.#held.has(name)) void this.#run(name, () => ['over', mark]);
  }

  /** Null: it takes too long; and what it grants later, to nobody, is given back: this goes the same way behind it. */
  async #inTime(name: string, mark: string, asked: Promise<unknown>): Promise<unknown> {
    const told = await inTime(asked, this.#lookMs);
    if (told !== 'late') return told;
    if (!this.#held.has(name)) void this.#run(name, () => ['over', mark]);
    return null;
  }

  /**
   * @param args as they are when they go out.
   * @returns undefined: there was nobody to say it to; null: it failed, and the log says so.
   */
  async #run(name: string, args: () => readonly (string | number)[]): Promise<unknown> {
    if (!this.#script.ready) await this.#beginning;
    if (!this.#script.ready) return undefined;
    const { prefix } = this.#script;
    return this.#script.run([`${prefix}:cl:${name}`, `${prefix}:cp`], args());
  }
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedClaims(config: RedisConfig, deps: SharedClaimsDeps): SharedClaims {
  return new RedisClaims(config, deps);
}
