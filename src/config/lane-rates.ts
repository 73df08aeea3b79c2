// What the limits say a provider takes, for lanes that find out their own concurrency: where Little's law begins.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { LimitRule } from '../contracts/limits.ts';
import { matchesPattern } from '../names/pattern.ts';

/** Rules on the requests of a provider, whoever makes them. */
function rateOf(name: string, { dimension, per, match, limit, periodMs }: LimitRule): number {
  const { provider, ...others } = match;
  const ofAll = Object.values(others).every((pattern) => pattern === null || pattern === undefined);
  const ofIt = provider === null ? per.includes('provider') : matchesPattern(provider, name);
  const whole = per.every((scope) => scope === 'provider');
  return dimension === 'requests' && ofAll && ofIt && whole
    ? limit / (periodMs / 1_000)
    : Number.POSITIVE_INFINITY;
}

/** `providers`, those with `concurrency: auto` with the least rate that the rules allow them. */
export function withRates(
  providers: readonly ProviderConfig[],
  rules: readonly LimitRule[],
): ProviderConfig[] {
  return providers.map((provider) => {
    const { auto } = provider.lane;
    if (auto === undefined) return provider;
    const ratePerS = Math.min(...rules.map((rule) => rateOf(provider.name, rule)));
    if (!Number.isFinite(ratePerS)) return provider;
    return { ...provider, lane: { ...provider.lane, auto: { ...auto, ratePerS } } };
  });
}
