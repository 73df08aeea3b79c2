// The worker's Redis authority across reloads: one at a time, made anew when its configuration changes.
import { randomBytes } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { redisPrint } from '../src/config/redis-print.ts';
import type { Claims } from '../src/contracts/claims.ts';
import type { RedisConfig } from '../src/contracts/config.ts';
import type { EstateRow } from '../src/contracts/ipc.ts';
import type { LimitAuthority, LimitAuthorityObserver, LimitHeir } from '../src/contracts/limits.ts';
import type { Clock, LogPort } from '../src/contracts/ports.ts';
import type { CacheNews, CacheNewsPort, RemoteAnswers } from '../src/contracts/cache-ports.ts';
import type { SharedTurns } from '../src/contracts/response-ports.ts';
import { bucketWire } from '../src/limits/bucket-wire.ts';

type Module = typeof import('../src/redis/limits/authority.ts');
type AnswersModule = typeof import('../src/redis/cache/shared-answers.ts');
type NewsModule = typeof import('../src/redis/cache/answer-news.ts');
type ClaimsModule = typeof import('../src/redis/claims/shared-claims.ts');
type TurnsModule = typeof import('../src/redis/responses/shared-responses.ts');

/** Calls that began under the old configuration settle with the old authority for so long. */
const OUTLIVE_MS = 60_000;

/** Who is told what goes back to a Redis if this process dies: the primary. */
export interface EstateLink {
  readonly listening: boolean;
  /** Resolves when the kernel has it, or the primary is gone. */
  tell(place: string, rows: EstateRow[]): Promise<void>;
}

export interface RedisHolder {
  readonly loaded: boolean;
  load(): Promise<void>;
  /** @throws when it was not loaded. */
  authority(config: RedisConfig, observer: LimitAuthorityObserver, log: LogPort): LimitAuthority;
  /** Resolves when Redis answers, or after `withinMs`; at once where no counters are there. */
  ready(withinMs: number): Promise<void>;
  /** The counters are elsewhere now: lets go of Redis. @returns its argument. */
  none(other: LimitAuthority): LimitAuthority;
  /** Where turns of Responses are kept; null without a Redis. @throws when it was not loaded. */
  turns(config: RedisConfig | null, log: LogPort): SharedTurns | null;
  /** Where answers are kept; null without a Redis. @throws when it was not loaded. */
  answers(config: RedisConfig | null, log: LogPort): RemoteAnswers | null;
  /** Where news of kept answers are told; null without a Redis. @throws when it was not loaded. */
  news(config: RedisConfig | null, log: LogPort, heard: (news: CacheNews) => void): CacheNewsPort | null;
  /** Who makes answers that several ask for; null without a Redis. @throws when it was not loaded. */
  claims(config: RedisConfig | null, log: LogPort): Claims | null;
  /** Gives back what is held, within a moment. */
  close(): Promise<void>;
}

export function createRedisHolder(clock: Clock, lookup: LookupFunction, link: EstateLink): RedisHolder {
  let module: Module | null = null;
  let claimsModule: ClaimsModule | null = null;
  let claims: { config: RedisConfig; shared: ReturnType<ClaimsModule['createSharedClaims']> } | null = null;
  let turnsModule: TurnsModule | null = null;
  let answersModule: AnswersModule | null = null;
  let answers: { config: RedisConfig; shared: ReturnType<AnswersModule['createSharedAnswers']> } | null =
    null;
  let newsModule: NewsModule | null = null;
  let news: { config: RedisConfig; shared: ReturnType<NewsModule['createAnswerNews']> } | null = null;
  let turns: { config: RedisConfig; shared: ReturnType<TurnsModule['createSharedResponses']> } | null = null;
  let held: { config: RedisConfig; authority: ReturnType<Module['createRedisAuthority']> } | null = null;

  function heirOf(config: RedisConfig): LimitHeir {
    const place = redisPrint(config);
    return {
      get listening() {
        return link.listening;
      },
      tell: (rows) =>
        link.tell(
          place,
          rows.map(([bucket, units]) => [bucketWire(bucket), units]),
        ),
    };
  }

  function letGo(): void {
    const old = held;
    held = null;
    if (old !== null) setTimeout(() => void old.authority.close(), OUTLIVE_MS).unref();
  }

  return {
    get loaded() {
      return module !== null;
    },
    async load() {
      [module, claimsModule, turnsModule, answersModule, newsModule] = await Promise.all([
        import('../src/redis/limits/authority.ts'),
        import('../src/redis/claims/shared-claims.ts'),
        import('../src/redis/responses/shared-responses.ts'),
        import('../src/redis/cache/shared-answers.ts'),
        import('../src/redis/cache/answer-news.ts'),
      ]);
    },
    authority(config, observer, log) {
      if (held !== null && isDeepStrictEqual(held.config, config)) return held.authority;
      letGo();
      const authority = module!.createRedisAuthority(config, {
        clock,
        log,
        random: Math.random,
        observer,
        heir: heirOf(config),
        lookup,
      });
      held = { config, authority };
      observer.health(authority.healthy); // not yet: a Redis that is absent at the start counts as down from now on
      return authority;
    },
    async ready(withinMs) {
      await held?.authority.ready(withinMs);
    },
    none(other) {
      letGo();
      return other;
    },
    turns(config, log) {
      if (turns !== null && isDeepStrictEqual(turns.config, config)) return turns.shared;
      const old = turns;
      turns = null;
      if (old !== null) setTimeout(() => old.shared.close(), OUTLIVE_MS).unref();
      if (config !== null)
        turns = { config, shared: turnsModule!.createSharedResponses(config, { clock, log, lookup }) };
      return turns?.shared ?? null;
    },
    answers(config, log) {
      if (answers !== null && isDeepStrictEqual(answers.config, config)) return answers.shared;
      const old = answers;
      answers = null;
      if (old !== null) setTimeout(() => old.shared.close(), OUTLIVE_MS).unref();
      if (config !== null)
        answers = { config, shared: answersModule!.createSharedAnswers(config, { clock, log, lookup }) };
      return answers?.shared ?? null;
    },
    news(config, log, heard) {
      if (news !== null && isDeepStrictEqual(news.config, config)) return news.shared;
      // What was told last is told to nobody's harm: it is not waited for.
      news?.shared.close();
      news = null;
      if (config !== null) {
        const origin = randomBytes(9).toString('base64url');
        const shared = newsModule!.createAnswerNews(config, { clock, log, lookup, origin, heard });
        news = { config, shared };
      }
      return news?.shared ?? null;
    },
    claims(config, log) {
      if (claims !== null && isDeepStrictEqual(claims.config, config)) return claims.shared;
      const old = claims;
      claims = null;
      if (old !== null) setTimeout(() => old.shared.close(), OUTLIVE_MS).unref();
      if (config !== null) {
        const origin = randomBytes(9).toString('base64url');
        claims = { config, shared: claimsModule!.createSharedClaims(config, { clock, log, lookup, origin }) };
      }
      return claims?.shared ?? null;
    },
    async close() {
      answers?.shared.close();
      news?.shared.close();
      claims?.shared.close();
      turns?.shared.close();
      await held?.authority.close();
    },
  };
}
