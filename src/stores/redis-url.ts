// The URL is read in src/config, where a wrong one is a problem of the configuration.
export { parseRedisUrl, type RedisNode, type RedisPlace } from '../config/redis-url.ts';
