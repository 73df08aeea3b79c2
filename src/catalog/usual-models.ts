// What stands in for a list that could not be read yet: an interface that offers what is listed has something to offer
// while the provider is slow, down, or has no list at all.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { ProviderModel } from '../contracts/model-list.ts';
import { PROVIDERS } from '../providers/registry.ts';

/** Models of a provider known by name; none where the operator wrote down what it takes. */
export function usualModels(provider: ProviderConfig): ProviderModel[] {
  if (provider.modelsDeclared) return [];
  const names = PROVIDERS.find(({ name }) => name === (provider.vendor ?? provider.name))?.usualModels ?? [];
  return names.map((id) => ({ id, displayName: null, createdMs: null }));
}
