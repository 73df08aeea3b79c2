// What workers and nodes tell each other of kept answers: which questions were answered, and what was purged. One Redis stream, as
// long as an index is; who starts reads it from its beginning, so that questions outlive the workers that heard them. No call waits
// for it, and a Redis that is gone costs hits.
import type { CacheNews, CacheNewsPort } from '../../contracts/cache-ports.ts';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { BackgroundDeps } from '../background.ts';
import { Watch } from '../watch.ts';
import { packNews, unpackNews } from './news-code.ts';

const NAME = 'hgCacheNews';
/** ARGV: `tell`, how many stay, ms that this one is worth, bytes; or `hear`, how many, the last one known. */
const SCRIPT = `
if ARGV[1] == 'tell' then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'n', ARGV[4])
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
  return 1
end
return redis.call('XREAD', 'COUNT', ARGV[2], 'STREAMS', KEYS[1], ARGV[3])
`;
/** Between two looks: what one worker was answered the others know within a second. */
const LOOK_MS = 400;
/** Where more waits than one look takes, the loop is let go in between. */
const NEXT_MS = 5;
const NEWS_A_LOOK = 200;
const AFTER_FAULT_MS = 1_000;
/** A purge is told for so long; who starts later has nothing to purge. */
const PURGE_MS = 60_000;
/** Bytes on their way: beyond them others do not hear of it. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

export interface AnswerNewsDeps extends BackgroundDeps {
  /** Name of this process, which needs not hear itself. */
  origin: string;
  heard(news: CacheNews): void;
}

export interface ClosableNews extends CacheNewsPort {
  close(): void;
}

class RedisNews implements ClosableNews {
  readonly #deps: AnswerNewsDeps;
  readonly #watch: Watch;
  readonly #key: string;
  #last = '0-0';
  #pendingBytes = 0;

  constructor(config: RedisConfig, deps: AnswerNewsDeps) {
    this.#deps = deps;
    this.#watch = new Watch(config, deps, {
      script: { name: NAME, lua: SCRIPT },
      look: () => this.#look(),
      lookMs: LOOK_MS,
      afterFaultMs: AFTER_FAULT_MS,
      failed: 'redis: other workers do not hear which questions were answered',
    });
    this.#key = `${this.#watch.prefix}:cn`;
  }

  tell(news: CacheNews, keep: number): void {
    const forMs = news.kind === 'purged' ? PURGE_MS : Math.ceil(news.row.untilMs - this.#deps.clock.wall());
    if (!this.#watch.client.ready || forMs <= 0) return;
    const bytes = packNews(news, this.#deps.origin);
    if (this.#pendingBytes + bytes.length > MAX_PENDING_BYTES) return;
    this.#pendingBytes += bytes.length;
    this.#watch.client
      .runBytes(NAME, [this.#key], ['tell', keep, forMs, bytes])
      .catch((error: unknown) => this.#watch.say(error))
      .finally(() => (this.#pendingBytes -= bytes.length));
  }

  close(): void {
    this.#watch.close();
  }

  /** @returns ms until the next one. */
  async #look(): Promise<number> {
    const told = await this.#watch.client.runBytes(NAME, [this.#key], ['hear', NEWS_A_LOOK, this.#last]);
    if (told === null || this.#watch.loop.closed) return LOOK_MS;
    const [[, entries]] = told as [[Buffer, [Buffer, [Buffer, Buffer]][]]]; // what XREAD answers of one stream
    for (const [id, [, bytes]] of entries) {
      this.#last = id.toString('latin1');
      const news = unpackNews(bytes, this.#deps.origin);
      if (news !== null) this.#deps.heard(news);
    }
    return entries.length < NEWS_A_LOOK ? LOOK_MS : NEXT_MS;
  }
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createAnswerNews(config: RedisConfig, deps: AnswerNewsDeps): ClosableNews {
  return new RedisNews(config, deps);
}
