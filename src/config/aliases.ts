// Aliases: public model names with their targets. Every target must name a provider that is on.
import type { Config, ProviderConfig } from '../contracts/config.ts';
import { nearest } from '../names/nearest.ts';
import { matchesPattern } from '../names/pattern.ts';
import type { BuildContext } from './build-context.ts';
import type { FileConfig } from './schema.ts';
import { showName } from './secrets.ts';

/** The aliases of the file; targets that lead nowhere are reported, doubtful ones noted. */
export function buildAliases(
  stated: NonNullable<FileConfig['models']>,
  providers: readonly ProviderConfig[],
  names: ReadonlySet<string>,
  context: BuildContext,
): Config['models'] {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const models: Config['models'] = {};
  for (const [name, entry] of Object.entries(stated)) {
    if (!context.sound(['models', name])) continue;
    entry.targets.forEach((target, index) => {
      const slash = target.indexOf('/');
      const wanted = target.slice(0, slash);
      const provider = byName.get(wanted);
      if (!names.has(wanted)) {
        const near = nearest(wanted, names);
        const hint = near === null ? ` (there are: ${[...names].join(', ')})` : `; did you mean \`${near}\`?`;
        context.report(['models', name, 'targets', index], `no provider ${showName(wanted)} is on${hint}`);
      } else if (provider !== undefined) {
        const doubt = doubtAbout(provider, target.slice(slash + 1));
        if (doubt !== null) context.note(`alias ${name}: ${doubt} \`${target}\``);
      }
    });
    models[name] = { targets: [...entry.targets] };
  }
  return models;
}

function doubtAbout(provider: ProviderConfig, model: string): string | null {
  if (provider.modelsDeclared && !covers(provider.models, model)) return 'the provider does not declare';
  const { keys } = provider;
  const served =
    keys.length === 0 || keys.some((key) => key.models.length === 0 || covers(key.models, model));
  return served ? null : 'no key of the provider may be used for';
}

function covers(patterns: readonly string[], model: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, model));
}
