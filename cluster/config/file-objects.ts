// What stands in the file, as the admin API shows it beside what the store manages: names and numbers, never a secret.
import { shownBaseUrl } from '../../src/config/base-url.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { ClientKey } from '../../src/contracts/directory.ts';
import type { FileObjects } from '../../src/contracts/gatehouse-ipc.ts';
import type { LimitRule } from '../../src/contracts/limits.ts';

/** @param managed what of it the store has: LoadedConfig. */
export function fileObjects(
  config: Config,
  keys: readonly ClientKey[],
  managed: ReadonlySet<string>,
): FileObjects {
  return {
    keys: keys.map(({ value, accessKeyId, name, ...holder }) => ({
      name,
      // Of a short one four letters would be most of it.
      prefix: value.length >= 16 ? value.slice(0, 4) : '',
      lastFour: value.length >= 16 ? value.slice(-4) : '',
      data: { ...holder, ...(accessKeyId === undefined ? {} : { accessKeyId }) },
    })),
    providers: config.providers
      .filter(({ name }) => !managed.has(`providers/${name}`))
      .map(({ name, speaks, baseUrl, keys: own, models, lane }) => ({
        name,
        data: {
          dialects: speaks.map(({ dialect }) => dialect),
          baseUrl: shownBaseUrl(baseUrl),
          keys: own.map(({ alias, weight }) => ({ alias, weight })),
          models,
          lane,
        },
      })),
    models: Object.entries(config.models)
      .filter(([name]) => !managed.has(`models/${name}`))
      .map(([name, { targets }]) => ({ name, data: { targets } })),
    limits: config.limits.map((rule) => ({ name: rule.name, data: limitOf(rule) })),
    prices: Object.keys(config.prices ?? {}).filter((name) => !managed.has(`prices/${name}`)),
    priceChanges: config.priceChanges !== undefined && !managed.has('priceChanges'),
  };
}

function limitOf({ dimension, per, match, limit, periodMs }: LimitRule): Record<string, unknown> {
  const stated = Object.fromEntries(Object.entries(match).filter(([, value]) => value !== null));
  return { dimension, per, match: stated, limit, periodMs };
}
