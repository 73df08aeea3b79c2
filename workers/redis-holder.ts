// The worker's Redis authority across reloads: one at a time, made anew when its configuration changes.
import { randomBytes } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { redisPrint } from '../src/config/redis-print.ts';
import type { Claims } from '../src/contracts/claims.ts';
import type { RedisConfig } from '../src/contracts/redis-config.ts';
import type { EstateRow } from '../src/contracts/ipc.ts';
import type { LimitAuthority, LimitAuthorityObserver, LimitHeir } from '../src/contracts/limits.ts';
import type { Clock, LogPort } from '../src/contracts/ports.ts';
import type { CacheNews, CacheNewsPort, RemoteAnswers } from '../src/contracts/cache-ports.ts';
import type { Heard, Machines } from '../src/contracts/machines.ts';
import type { SharedTurns } from '../src/contracts/response-ports.ts';
import { bucketWire } from '../src/limits/bucket-wire.ts';
import { createHeldOne } from './held-one.ts';

type Module = typeof import('../src/redis/limits/authority.ts');
type AnswersModule = typeof import('../src/redis/cache/shared-answers.ts');
type NewsModule = typeof import('../src/redis/cache/answer-news.ts');
type ClaimsModule = typeof import('../src/redis/claims/shared-claims.ts');
type MachinesModule = typeof import('../src/redis/machines/shared-machines.ts');
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
  /** Workers of other machines; null without a Redis. @throws when it was not loaded. */
  machines(config: RedisConfig | null, log: LogPort, heard: Heard): Machines | null;
  /** Gives back what is held, within a moment. */
  close(): Promise<void>;
}

export function createRedisHolder(clock: Clock, lookup: LookupFunction, link: EstateLink): RedisHolder {
  let module: Module | null = null;
  let claimsModule: ClaimsModule | null = null;
  let turnsModule: TurnsModule | null = null;
  let answersModule: AnswersModule | null = null;
  let newsModule: NewsModule | null = null;
  let machinesModule: MachinesModule | null = null;
  // Tokens that were given out begin with it, whatever becomes of the configuration.
  const here = randomBytes(9).toString('base64url');
  const claims = createHeldOne<RedisConfig, ReturnType<ClaimsModule['createSharedClaims']>>(OUTLIVE_MS);
  const turns = createHeldOne<RedisConfig, ReturnType<TurnsModule['createSharedResponses']>>(OUTLIVE_MS);
  const answers = createHeldOne<RedisConfig, ReturnType<AnswersModule['createSharedAnswers']>>(OUTLIVE_MS);
  // What was told last is told to nobody's harm: it is not waited for.
  const news = createHeldOne<RedisConfig, ReturnType<NewsModule['createAnswerNews']>>(0);
  const machines = createHeldOne<RedisConfig, ReturnType<MachinesModule['createSharedMachines']>>(0);
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
      [module, claimsModule, turnsModule, answersModule, newsModule, machinesModule] = await Promise.all([
        import('../src/redis/limits/authority.ts'),
        import('../src/redis/claims/shared-claims.ts'),
        import('../src/redis/responses/shared-responses.ts'),
        import('../src/redis/cache/shared-answers.ts'),
        import('../src/redis/cache/answer-news.ts'),
        import('../src/redis/machines/shared-machines.ts'),
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
      return turns.of(config, (place) => turnsModule!.createSharedResponses(place, { clock, log, lookup }));
    },
    answers(config, log) {
      return answers.of(config, (place) => answersModule!.createSharedAnswers(place, { clock, log, lookup }));
    },
    news(config, log, heard) {
      return news.of(config, (place) => {
        const origin = randomBytes(9).toString('base64url');
        return newsModule!.createAnswerNews(place, { clock, log, lookup, origin, heard });
      });
    },
    machines(config, log, heard) {
      return machines.of(config, (place) =>
        machinesModule!.createSharedMachines(place, { clock, log, lookup, here, heard }),
      );
    },
    claims(config, log) {
      return claims.of(config, (place) => {
        const origin = randomBytes(9).toString('base64url');
        return claimsModule!.createSharedClaims(place, { clock, log, lookup, origin });
      });
    },
    async close() {
      answers.close();
      news.close();
      machines.close();
      claims.close();
      turns.close();
      await held?.authority.close();
    },
  };
}
