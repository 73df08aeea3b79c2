// Kept answers in Redis: what one worker or node was answered, all can give again. Reads have the deadline that calls have towards
// Redis, and after one that came too late nobody asks for a while; writes are nobody's to wait for. Whatever goes wrong is a miss.
import type { LookupFunction } from 'node:net';
import { fits } from '../../cache/answer-store.ts';
import { redisPlace } from '../../config/redis-url.ts';
import type { CachedAnswer, CachePurge } from '../../contracts/cache.ts';
import type { RemoteAnswers } from '../../contracts/cache-ports.ts';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { redisDeadlines } from '../deadlines.ts';
import { inTime } from '../in-time.ts';
import { taggedPrefix } from '../key-prefix.ts';
import { packAnswer, unpackAnswer } from './answer-code.ts';

/** One script, so that one connection does all. `scan` goes over the keys of this deployment, some at a time. */
const SCRIPT = `
if ARGV[1] == 'get' then
  return redis.call('GET', KEYS[1])
elseif ARGV[1] == 'set' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
elseif ARGV[1] == 'del' then
  return redis.call('DEL', unpack(KEYS))
end
return redis.call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', ARGV[4])
`;
const NAME = 'hgAnswers';
/** Bytes on their way to Redis: beyond them answers are kept by their worker alone. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** No entry is larger when it is read (config/schema/cache.ts allows no more). */
const MAX_ENTRY_BYTES = 80 * 1024 * 1024;
/** After an answer that came too late nobody asks for so long. */
const PAUSE_MS = 1_000;
const SCAN_COUNT = 500;

export interface SharedAnswersDeps {
  clock: Clock;
  log: LogPort;
  lookup?: LookupFunction | undefined;
  /** It could not be asked, or did not answer in time. */
  failed?(): void;
}

export interface ClosableAnswers extends RemoteAnswers {
  close(): void;
}

class RedisAnswers implements ClosableAnswers {
  readonly #client: RedisClient;
  readonly #deps: SharedAnswersDeps;
  readonly #gate: LineGate;
  readonly #prefix: string;
  readonly #lookMs: number;
  /** Entries that are not there yet: of a purge they are behind what it looks at, and would stay. */
  readonly #writing = new Set<Promise<void>>();
  #pausedUntil = 0;
  #pendingBytes = 0;

  constructor(config: RedisConfig, deps: SharedAnswersDeps) {
    this.#deps = deps;
    this.#prefix = `${taggedPrefix(redisPlace(config).prefix ?? 'headgate')}:ca:`;
    this.#lookMs = redisDeadlines(config.timeoutMs).lookMs;
    this.#gate = new LineGate(deps.log, deps.clock);
    this.#client = createBackgroundClient(
      config,
      { name: NAME, lua: SCRIPT },
      {
        ready: () => undefined,
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      deps.lookup,
    );
  }

  get ready(): boolean {
    return this.#client.ready && this.#deps.clock.now() >= this.#pausedUntil;
  }

  async get(id: string): Promise<CachedAnswer | null> {
    const found = await inTime(this.#read(id), this.#lookMs);
    if (found !== 'late') return found;
    this.#pausedUntil = this.#deps.clock.now() + PAUSE_MS;
    this.#failed('timeout', 'no answer in time');
    return null;
  }

  async put(entry: CachedAnswer): Promise<void> {
    const bytes = entry.body.length;
    if (!this.#client.ready || this.#pendingBytes + bytes > MAX_PENDING_BYTES) return;
    this.#pendingBytes += bytes;
    const writing = this.#write(entry);
    this.#writing.add(writing);
    await writing;
    this.#writing.delete(writing);
    this.#pendingBytes -= bytes;
  }

  async purge(wanted: CachePurge): Promise<number | null> {
    if (!this.#client.ready) return null;
    await Promise.all(this.#writing);
    try {
      if (wanted.id !== undefined && Object.keys(wanted).length === 1) {
        return Number(await this.#client.runBytes(NAME, [this.#key(wanted.id)], ['del']));
      }
      return await this.#purgeAll(wanted);
    } catch (error) {
      this.#say(error);
      return null;
    }
  }

  close(): void {
    this.#client.close();
    this.#gate.close();
  }

  async #read(id: string): Promise<CachedAnswer | null> {
    try {
      const bytes = await this.#client.runBytes(NAME, [this.#key(id)], ['get']);
      return Buffer.isBuffer(bytes) ? await unpackAnswer(bytes, MAX_ENTRY_BYTES) : null;
    } catch (error) {
      this.#say(error);
      return null;
    }
  }

  async #write(entry: CachedAnswer): Promise<void> {
    const leftMs = Math.ceil(entry.staleUntilMs - this.#deps.clock.wall());
    if (leftMs <= 0) return;
    try {
      const bytes = await packAnswer(entry);
      await this.#client.runBytes(NAME, [this.#key(entry.id)], ['set', bytes, leftMs]);
    } catch (error) {
      this.#say(error);
    }
  }

  /** Goes over all entries and reads what each says of itself: purges are rare. */
  async #purgeAll(wanted: CachePurge): Promise<number> {
    let cursor = '0';
    let gone = 0;
    do {
      const page = (await this.#client.runBytes(
        NAME,
        [this.#prefix],
        ['scan', cursor, `${escaped(this.#prefix)}*`, SCAN_COUNT],
      )) as [Buffer, Buffer[]]; // what SCAN answers
      cursor = page[0].toString();
      for (const key of page[1]) {
        const id = key.toString().slice(this.#prefix.length);
        const entry = await this.#read(id);
        if (entry === null || fits(entry, wanted))
          gone += Number(await this.#client.runBytes(NAME, [this.#key(id)], ['del']));
      }
    } while (cursor !== '0');
    return gone;
  }

  #key(id: string): string {
    return this.#prefix + id;
  }

  #say(error: unknown): void {
    this.#failed(faultOf(error), (error instanceof Error ? error.message : String(error)).slice(0, 200));
  }

  #failed(fault: string, reason: string): void {
    this.#deps.failed?.();
    this.#gate.say('warn', { fault, reason }, 'redis: answers are kept by single workers only');
  }
}

function escaped(prefix: string): string {
  return prefix.replace(/[[\]*?\\]/g, '\\$&');
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedAnswers(config: RedisConfig, deps: SharedAnswersDeps): ClosableAnswers {
  return new RedisAnswers(config, deps);
}
