// What workers and nodes have in common besides the limits, as the gateway asks for it: by the configuration it has then.
import type { Claims } from '../src/contracts/claims.ts';
import type { Config } from '../src/contracts/config.ts';
import type { GatewayPorts } from '../src/contracts/gateway.ts';
import type { Clock, LogPort } from '../src/contracts/ports.ts';
import type { RedisHolder } from './redis-holder.ts';
import { createVectorHolder } from './vector-holder.ts';

type SharedPlaces = Required<
  Pick<GatewayPorts, 'claims' | 'machines' | 'sharedTurns' | 'sharedAnswers' | 'cacheNews' | 'vectors'>
>;

/** @param claims those of this machine, where no Redis is. */
export function sharedPlaces(redis: RedisHolder, claims: Claims, clock: Clock, log: LogPort): SharedPlaces {
  const vectors = createVectorHolder(clock, log);
  const cached = ({ cache, redis: place }: Config): Config['redis'] => (cache === undefined ? null : place);
  return {
    claims: (config) => redis.claims(config.redis, log) ?? claims,
    machines: (config, heard) => redis.machines(config.redis, log, heard),
    sharedTurns: (config) => redis.turns(config.redis, log),
    sharedAnswers: (config) => redis.answers(cached(config), log),
    cacheNews: (config, heard) => redis.news(cached(config), log, heard),
    vectors: (config, failed) => vectors.index(config.cache?.vectors ?? null, failed),
  };
}
