// What takes its time to load, and memory, is loaded only where a configuration asks for it, and before it is compiled.
import type { Config } from '../src/contracts/config.ts';
import type { GatewayParts } from '../src/gateway/parts.ts';
import type { RedisHolder } from './redis-holder.ts';

/** Null: nothing is missing, and nobody has to wait. */
export function loadMissing(
  config: Config,
  redis: RedisHolder,
  parts: GatewayParts,
): Promise<unknown> | null {
  const loads = [config.redis === null || redis.loaded ? null : redis.load(), parts.load(config)];
  return loads.every((one) => one === null) ? null : Promise.all(loads);
}
