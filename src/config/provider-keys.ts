// The keys of one provider: those of the file, else the one in a known provider's environment variable.
import type { ProviderKeyConfig } from '../contracts/config.ts';
import type { ProviderRecord } from '../contracts/provider.ts';
import type { BuildContext } from './build-context.ts';
import type { ProviderEntry } from './schema-provider.ts';
import { keyFault } from './secrets.ts';

/** The provider's keys; what is wrong with one is reported where it was stated. */
export function buildProviderKeys(
  provider: string,
  stated: NonNullable<ProviderEntry['keys']>,
  record: ProviderRecord | undefined,
  context: BuildContext,
): ProviderKeyConfig[] {
  if (stated.length === 0) return environmentKey(record, context);
  const aliases = new Set<string>();
  return stated.map((item, index) => {
    const entry = typeof item === 'string' ? { value: item } : item;
    const path = ['providers', provider, 'keys', index];
    const fault = keyFault(entry.value, 1);
    if (fault !== null) context.report(typeof item === 'string' ? path : [...path, 'value'], fault);
    const alias = entry.alias ?? `key-${index + 1}`;
    if (aliases.has(alias)) context.report(path, `two keys of this provider are called \`${alias}\``);
    aliases.add(alias);
    return { value: entry.value, weight: entry.weight ?? 1, models: [...(entry.models ?? [])], alias };
  });
}

function environmentKey(record: ProviderRecord | undefined, context: BuildContext): ProviderKeyConfig[] {
  for (const name of record?.keyEnv ?? []) {
    const value = context.env[name];
    if (value === undefined || value === '') continue;
    context.secret(value);
    const fault = keyFault(value, 1);
    if (fault !== null) context.reportEnv(name, fault);
    return [{ value, weight: 1, models: [], alias: 'key-1' }];
  }
  return [];
}
