// Aliases: public model names with their targets, and what the file says of models. Every target and every model must name
// a provider that is on.
import type { CapabilityChange } from '../contracts/capability.ts';
import type { HedgeConfig } from '../contracts/alias-config.ts';
import type { Config } from '../contracts/config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { nearest } from '../names/nearest.ts';
import { matchesPattern } from '../names/pattern.ts';
import type { BuildContext } from './build-context.ts';
import { buildModelCache } from './cache.ts';
import { DEFAULT_HEDGE, DEFAULT_SHADOW } from './schema/defaults.ts';
import type { Path } from './path.ts';
import type { FileConfig } from './schema/schema.ts';
import { showName } from './secrets.ts';

/** The aliases of the file and what it says of models; names that lead nowhere are reported, doubtful ones noted. */
export function buildAliases(
  stated: NonNullable<FileConfig['models']>,
  cache: FileConfig['cache'],
  providers: readonly ProviderConfig[],
  names: ReadonlySet<string>,
  context: BuildContext,
): Pick<Config, 'models' | 'capabilities'> {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const models: Config['models'] = {};
  const capabilities: Config['capabilities'] = {};
  const knownProvider = (path: Path, target: string): ProviderConfig | undefined => {
    const wanted = target.slice(0, target.indexOf('/'));
    if (!names.has(wanted)) {
      const near = nearest(wanted, names);
      const hint = near === null ? ` (there are: ${[...names].join(', ')})` : `; did you mean \`${near}\`?`;
      context.report(path, `no provider ${showName(wanted)} is on${hint}`);
    }
    return byName.get(wanted);
  };
  for (const [name, entry] of Object.entries(stated)) {
    if (!context.sound(['models', name])) continue;
    const { targets } = entry;
    const path = ['models', name];
    // Checked by the schema: every field it has is one of CapabilityChange.
    const change = entry.capabilities as CapabilityChange | undefined;
    if (targets === undefined) {
      if (change === undefined)
        context.report(path, 'state `targets`, or `capabilities` of the model it names');
      else if (name.indexOf('/') <= 0) {
        context.report(path, 'without `targets` it must name a model: `provider/model`');
      } else {
        knownProvider(path, name);
        capabilities[name] = change;
      }
      continue;
    }
    if (name.endsWith('*')) context.report(path, 'an alias is one name: no `*`');
    const specs = targets.map((target) => (typeof target === 'string' ? { model: target } : target));
    const weighted = specs.some(({ weight }) => weight !== undefined);
    const { strategy } = entry;
    if (weighted && (strategy ?? 'order') === 'order')
      context.note(`alias ${name}: weights say nothing where the strategy is \`order\``);
    specs.forEach(({ model: target, weight }, index) => {
      if (weight === 0)
        context.report(
          [...path, 'targets', index, 'weight'],
          'must be above 0: leave the target out instead',
        );
      const provider = knownProvider([...path, 'targets', index], target);
      if (provider === undefined) return;
      const doubt = doubtAbout(provider, target.slice(target.indexOf('/') + 1));
      if (doubt !== null) context.note(`alias ${name}: ${doubt} \`${target}\``);
    });
    const { fallbacks, gate, rescue, hedge, shadow, split } = entry;
    const knownTarget = (at: Path, to: string): void => {
      if (stated[to]?.targets === undefined) knownProvider(at, to);
    };
    for (const [index, { to }] of (fallbacks ?? []).entries())
      knownTarget([...path, 'fallbacks', index, 'to'], to);
    for (const [index, { to }] of (split ?? []).entries()) knownTarget([...path, 'split', index, 'to'], to);
    if (shadow) knownTarget([...path, 'shadow', 'to'], shadow.to);
    if ((split ?? []).reduce((sum, { percent }) => sum + percent, 0) > 100)
      context.report([...path, 'split'], 'its percentages make more than 100');
    models[name] = {
      targets: specs.map(({ model }) => model),
      ...(weighted ? { weights: specs.map(({ weight }) => weight ?? 1) } : {}),
      ...(strategy === undefined ? {} : { strategy }),
      ...(change === undefined ? {} : { capabilities: change }),
      ...(fallbacks && { fallbacks: fallbacks.map(({ on, to }) => ({ on: [...on], to })) }),
      ...(gate !== undefined && { gate }),
      ...(rescue && { rescue }),
      ...(shadow && { shadow: { ...DEFAULT_SHADOW, ...shadow } }),
      ...(split && { split: split.map(({ to, percent }) => ({ to, percent })) }),
      ...(hedge !== undefined && hedge !== false && { hedge: hedgeOf(hedge) }),
      ...(entry.cache && { cache: buildModelCache(cache, entry.cache) }),
    };
  }
  return { models, capabilities };
}

/** `true` = as the defaults say. */
function hedgeOf(stated: true | Partial<HedgeConfig>): HedgeConfig {
  return { ...DEFAULT_HEDGE, ...(stated === true ? {} : stated) };
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
