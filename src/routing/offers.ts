// What a provider's configuration says of the models it takes. Pure.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { matchesPattern } from '../names/pattern.ts';

/** A list the operator wrote is the whole offer; a known provider's own patterns are only hints. */
export function offers(provider: ProviderConfig, model: string): boolean {
  return !provider.modelsDeclared || provider.models.some((pattern) => matchesPattern(pattern, model));
}

/** Some key of the provider may be used for `model`, or it needs none. */
export function hasKeyFor(provider: ProviderConfig, model: string): boolean {
  return (
    provider.keys.length === 0 ||
    provider.keys.some(
      ({ models }) => models.length === 0 || models.some((pattern) => matchesPattern(pattern, model)),
    )
  );
}

/**
 * Nobody wrote down which models it has: all its names are patterns, and so are those of a key at least. Where one is
 * named, the names are the operator's list of it.
 */
export function isOpenEnded(provider: ProviderConfig): boolean {
  const pattern = (name: string): boolean => name.endsWith('*');
  return (
    provider.kind !== 'demo' &&
    (provider.models.length > 0 || !provider.modelsDeclared) &&
    provider.models.every(pattern) &&
    (provider.keys.length === 0 ||
      provider.keys.some(({ models }) => models.length === 0 || models.some(pattern)))
  );
}
