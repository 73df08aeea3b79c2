// Which providers are on: those of the file, every known one whose key is in the environment, and the built-in demo
// when there is no other.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { BuildContext, SharedNumbers } from './build-context.ts';
import { baseUrlVariable } from './environment.ts';
import { buildProvider, demoProvider } from './provider.ts';
import { missingText, placeOfRecord } from './provider-address.ts';
import type { ProviderEntry } from './schema/provider.ts';
import { RESERVED_PROVIDERS } from './schema/vocabulary.ts';

export interface BuiltProviders {
  providers: ProviderConfig[];
  /** Every name that is on or meant to be on, the faulty ones included: what an alias may point at. */
  names: Set<string>;
}

/** The providers in order: the file's, then the environment's in registry order. */
export function buildProviders(
  entries: Readonly<Record<string, ProviderEntry | null>>,
  shared: SharedNumbers,
  context: BuildContext,
): BuiltProviders {
  const providers: ProviderConfig[] = [];
  const names = new Set<string>();
  for (const [name, value] of Object.entries(entries)) {
    const path = ['providers', name];
    const entry = value ?? {};
    if (RESERVED_PROVIDERS.has(name)) {
      context.report(path, `\`${name}\` is the name of a route and cannot name a provider`);
      continue;
    }
    if (entry.enabled === false) {
      context.note(`provider ${name}: off (enabled: false)`);
      continue;
    }
    names.add(name);
    if (!context.sound(path)) continue;
    const built = buildProvider(name, entry, shared, context.apart?.has(name) ? apart(context) : context);
    if (built !== null) providers.push(built);
  }
  for (const record of context.records) {
    if (Object.hasOwn(entries, record.name)) continue;
    const variable = record.keyEnv.find((name) => (context.env[name] ?? '') !== '');
    const urlVariable = baseUrlVariable(record.name);
    const hasUrl = (context.env[urlVariable] ?? '') !== '';
    const local = record.keyEnv.length === 0;
    if (variable === undefined && !(local && hasUrl)) {
      if (hasUrl)
        context.note(`${urlVariable} is ignored: ${record.name} has no key (${record.keyEnv.join(', ')})`);
      continue;
    }
    const missing = placeOfRecord(record, {}, context.env[urlVariable]?.trim() || undefined, context).missing;
    if (missing !== undefined) {
      context.note(`provider ${record.name}: off, though ${variable} is set (${missingText(missing)})`);
      continue;
    }
    names.add(record.name);
    const built = buildProvider(record.name, {}, shared, context);
    if (built === null) continue;
    providers.push(built);
    context.note(`provider ${record.name}: on, by ${variable ?? urlVariable}`);
  }
  if (names.size === 0) {
    names.add('demo');
    providers.push(demoProvider('demo', shared, {}));
    context.note(
      'no provider is configured: the built-in demo answers (set OPENAI_API_KEY, ANTHROPIC_API_KEY, …)',
    );
  }
  return { providers, names };
}

/** The environment's keys are the operator's, and would go wherever an administrator says the provider is. */
function apart(context: BuildContext): BuildContext {
  const proxies = Object.entries(context.env).filter(([name]) => /^(https?|no|all)_proxy$/i.test(name));
  return { ...context, env: Object.fromEntries(proxies) };
}
