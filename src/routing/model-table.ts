// From a model name to its plan: aliases, `provider/model`, declared and well-known bare names.
// Pure but for a bounded cache of compiled plans. The order of the rules is documented in docs/configuration.md.
import type { Capabilities, CapabilityChange } from '../contracts/capability.ts';
import type { AliasConfig, FallbackKind } from '../contracts/alias-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import type { Lane } from '../contracts/lane.ts';
import type { Operation } from '../contracts/operation.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import type { Price } from '../contracts/price.ts';
import type { Spoken } from '../contracts/provider.ts';
import type { ListedModel, ModelTable } from '../contracts/snapshot.ts';
import { capabilitiesOf } from '../models/lookup.ts';
import { makerOf } from '../models/maker.ts';
import { isParticular } from '../models/particular.ts';
import { nameInArn } from '../models/unseen.ts';
import { CUSTOM, vendorOf } from '../models/vendor.ts';
import { nearest } from '../names/nearest.ts';
import { matchesPattern } from '../names/pattern.ts';
import { balancerFor } from './balance/balancer.ts';
import { createLoadBook, type LoadBook } from './balance/load-book.ts';
import type { LoadSignal } from './balance/load-signal.ts';
import { offers } from './offers.ts';
import { planOf, tiersInOrder } from './plan-tiers.ts';
import { servedBy, spokenTo } from './served-by.ts';
import { isVendorName } from './vendor-names.ts';

/** Dialects whose vendors cache a prompt where it is marked, and nowhere else. */
const MARKED: ReadonlySet<DialectName> = new Set(['anthropic', 'bedrock', 'bedrock-invoke']);

/** Names that reached a provider through a pattern are the client's choice: compiled plans are capped. */
const CACHED_PLANS = 2048;
/** What Anthropic-type upstreams need when the client gave no `max_tokens` (wire.md 7.10). */
const DEFAULT_MAX_TOKENS = 4096;

/** Whose request is planned for. */
interface Caller {
  readonly client: DialectName;
  readonly operation: Operation | undefined;
  /** It has function tools. */
  readonly hasTools: boolean;
}

export interface BalanceInput {
  /** What this worker knows of targets that are balanced. */
  loads: LoadBook;
  /** What a million tokens in and as many out cost there together; null = not known. */
  costOf(provider: ProviderConfig, model: string): number | null;
  /** Number of this worker: where it begins with what takes turns. */
  start: number;
  /** What a provider's server says of its load; null = nothing. Absent: none says anything. */
  signalOf?(provider: string): LoadSignal | null;
}

export interface ModelTableInput {
  providers: readonly ProviderConfig[];
  aliases: Readonly<Record<string, AliasConfig>>;
  /** What the configuration says of models, by `provider/model` or a beginning of it with `*`. */
  capabilities?: Readonly<Record<string, CapabilityChange>>;
  /** Files that a request gives the address of are fetched for vendors that take bytes alone. */
  fetchesMedia?: boolean;
  lane(provider: string): Lane;
  /** What a model costs there; null = not known. Absent: nothing is. */
  priceOf?(provider: ProviderConfig, model: string): Price | null;
  /** Absent: of targets nothing is known from before, nor what they cost. */
  balance?: BalanceInput;
  dialect(name: DialectName): Dialect;
}

export function createModelTable(input: ModelTableInput): ModelTable {
  const providers = new Map(input.providers.map((provider) => [provider.name, provider]));
  const aliases = new Map(Object.entries(input.aliases));
  const cache = new Map<string, Plan>();
  const list = listModels(input);
  const names = list.map((model) => model.id);
  // The longest name last: it is the most particular, and wins.
  const { loads, costOf, start, signalOf }: BalanceInput = input.balance ?? {
    loads: createLoadBook(),
    costOf: () => null,
    start: 0,
  };
  const stated = Object.entries(input.capabilities ?? {}).sort(([a], [b]) => a.length - b.length);

  /** Where the provider speaks the caller's dialect too nothing is translated, unless its model wants that for tools. */
  const target = (
    provider: ProviderConfig,
    model: string,
    { client, operation, hasTools }: Caller,
    alias?: CapabilityChange,
    /** Of a target that is balanced; null = it is not. */
    weight: number | null = null,
  ): Target | null => {
    const served = servedBy(provider, model, operation, client, input.dialect);
    if (served === null) return null;
    let { spoken } = served;
    // Without a model it may be any.
    const label = `${provider.name}/${model || '*'}`;
    const changes = stated.filter(([name]) => matchesPattern(name, label)).map(([, change]) => change);
    if (alias !== undefined) changes.push(alias);
    const vendor = vendorOf(provider);
    const able = (dialect: DialectName) => capabilitiesOf({ vendor, dialect, model }, changes);
    let capabilities = able(spoken.dialect);
    // What stands in for the operation may ask with a function of its own.
    const byTool = operation?.standInByTool === true && served.operation !== operation.name;
    const elsewhere = hasTools || byTool ? toolsElsewhere(provider, model, capabilities) : undefined;
    let otherwise: Target | null = null;
    if (elsewhere !== undefined) {
      const plain: Caller = { client, operation, hasTools: false };
      if (hasTools && capabilities.tools === 'chat')
        otherwise = target(provider, model, plain, alias, weight);
      spoken = elsewhere;
      capabilities = able(spoken.dialect);
    }
    const lane = input.lane(provider.name);
    return {
      lane,
      cell: lane.cell(model),
      provider,
      dialect: input.dialect(spoken.dialect),
      spoken,
      operation: served.operation,
      model,
      label,
      encode: {
        model: provider.quirks.modelNames?.[model] ?? model,
        provider: provider.name,
        maker: makerOf(vendor === CUSTOM ? provider.name : vendor, model),
        capabilities,
        streamUsage: provider.quirks.streamUsage,
        defaultMaxTokens: DEFAULT_MAX_TOKENS,
        legacyMaxTokens: provider.quirks.legacyMaxTokens,
        strict: false,
        ...(spoken.hosted && { hosted: spoken.hosted }),
        ...(provider.promptCache === 'auto' && MARKED.has(spoken.dialect) && { marksPrompts: true }),
        ...(input.fetchesMedia === true &&
          input.dialect(spoken.dialect).manner.bytesOnly === true && { fetches: true }),
      },
      below: spoken.path.replaceAll('{model}', encodeURIComponent(model)),
      weight: weight ?? 1,
      steady: false,
      load: weight === null ? null : loads.load(label, signalOf?.(provider.name)),
      price: input.priceOf?.(provider, model) ?? null,
      particular: isParticular(capabilities, spoken.dialect),
      otherwise,
      retries: provider.retries,
      timeouts: provider.timeouts,
    };
  };

  /** `provider/model` where the provider exists; the model may hold further slashes. */
  const qualified = (name: string): { provider: ProviderConfig; model: string } | null => {
    const slash = name.indexOf('/');
    if (slash <= 0 || slash === name.length - 1) return null;
    const provider = providers.get(name.slice(0, slash));
    return provider === undefined ? null : { provider, model: name.slice(slash + 1) };
  };

  /**
   * Many vendors name models by who made them: below `/groq/v1` `openai/gpt-oss-120b` is Groq's, whoever else `openai` is here. Below
   * the name of a vendor whose clients any model may have (`/anthropic`), and of what the provider does not offer, a name in front is a
   * provider's.
   */
  const belowPath = (
    name: string,
    prefix: string | null,
    pinned: ProviderConfig | undefined,
  ): { provider: ProviderConfig; model: string } | null => {
    if (pinned === undefined || isVendorName(prefix!) || name.startsWith(`${prefix}/`)) return null;
    return offers(pinned, name) ? { provider: pinned, model: name } : null;
  };

  const bare = (name: string, caller: Caller, alias?: CapabilityChange): Target | null => {
    const all = input.providers.filter(
      (provider) => servedBy(provider, name, caller.operation, caller.client, input.dialect) !== null,
    );
    const declares = (provider: ProviderConfig, star: boolean): boolean =>
      provider.models.some((pattern) => (pattern === '*') === star && matchesPattern(pattern, name));
    const found =
      // What an operator or a provider's record names beats what takes anything, ...
      all.find((provider) => provider.modelsDeclared && declares(provider, false)) ??
      all.find((provider) => declares(provider, false)) ??
      // ... and among those that take anything the one that needs no translation goes first.
      all.find(
        (provider) => spokenTo(provider, caller.client, name) !== undefined && declares(provider, true),
      ) ??
      all.find((provider) => declares(provider, true)) ??
      // With a single provider there is nothing to guess.
      (all.length === 1 ? all[0] : undefined);
    return found === undefined ? null : target(found, name, caller, alias);
  };

  const targetsOf = (
    { targets, weights, capabilities, strategy = 'order' }: AliasConfig,
    caller: Caller,
  ): Target[] =>
    targets
      .map((spec, at) => {
        const named = qualified(spec);
        if (named === null) return bare(spec, caller, capabilities);
        const weight = strategy === 'order' ? null : (weights?.[at] ?? 1);
        const found = target(named.provider, named.model, caller, capabilities, weight);
        return strategy === 'hash' && found !== null ? steady(found) : found;
      })
      .filter((found) => found !== null);

  const resolve = (name: string, caller: Caller, prefix: string | null): Plan | null => {
    const alias = aliases.get(name);
    if (alias !== undefined) {
      const { strategy = 'order' } = alias;
      const usable = targetsOf(alias, caller);
      if (usable.length === 0) return null;
      const balancer = balancerFor(strategy, {
        targets: usable,
        costOf: ({ provider, model }) => costOf(provider, model),
        start,
      });
      const kinds = new Map<Target, ReadonlySet<FallbackKind>>();
      for (const { on, to } of alias.fallbacks ?? []) {
        const other = aliases.get(to) ?? { targets: [to] };
        for (const found of targetsOf(other, caller)) kinds.set(found, new Set(on));
      }
      const { gate, rescue, hedge, shadow } = alias;
      return planOf(
        name,
        [
          ...(balancer === null ? tiersInOrder(usable) : [{ targets: usable, balancer }]),
          ...tiersInOrder([...kinds.keys()]),
        ],
        {
          ...(kinds.size > 0 && { kinds }),
          ...(gate !== undefined && { gate }),
          ...(rescue !== undefined && { rescue }),
          ...(hedge !== undefined && { hedge }),
          ...(shadow !== undefined && { shadow }),
        },
      );
    }
    const pinned = prefix === null ? undefined : providers.get(prefix);
    const named = belowPath(name, prefix, pinned) ?? qualified(name) ?? ownOf(pinned, name);
    let single: Target | null;
    if (named === null) single = bare(name, caller);
    else single = offers(named.provider, named.model) ? target(named.provider, named.model, caller) : null;
    return single === null ? null : planOf(single.label, tiersInOrder([single]));
  };

  /** The plan of a name with the arms of its split, which go by its name: who may ask it may ask them. */
  const withArms = (plan: Plan, caller: Caller, prefix: string | null): Plan => {
    const arms = (aliases.get(plan.name)?.split ?? [])
      // As its other targets, an arm is where its name says, whatever path is asked below.
      .map(({ to, percent }) => ({
        percent,
        plan: resolve(to, caller, qualified(to) === null ? prefix : null),
      }))
      .filter((arm): arm is { percent: number; plan: Plan } => arm.plan !== null)
      .map((arm) => ({ percent: arm.percent, plan: { ...arm.plan, name: plan.name } }));
    return arms.length === 0 ? plan : { ...plan, arms };
  };

  const planned = (name: string, caller: Caller, prefix: string | null): Plan | null => {
    const own = nameInArn(name);
    // AWS's clients must say an ARN in places: whoever serves the model that it names is meant.
    const plan = resolve(name, caller, prefix) ?? (own === null ? null : resolve(own, caller, prefix));
    return plan === null ? null : withArms(plan, caller, prefix);
  };

  return {
    plan(name, dialect, prefix, operation) {
      const key = `${operation?.plannedAs ?? operation?.name ?? 'chat'} ${dialect} ${prefix ?? ''} ${name}`;
      const hit = cache.get(key);
      if (hit !== undefined) return hit;
      const plain = planned(name, { client: dialect, operation, hasTools: false }, prefix);
      const all = plain === null ? [] : [plain, ...(plain.arms ?? []).map((arm) => arm.plan)];
      const moves = all
        .flatMap(({ targets }) => targets)
        .some(
          ({ provider, model, encode }) => toolsElsewhere(provider, model, encode.capabilities) !== undefined,
        );
      const withTools = moves ? planned(name, { client: dialect, operation, hasTools: true }, prefix) : null;
      const plan = plain === null || withTools === null ? plain : { ...plain, withTools };
      if (plan !== null && cache.size < CACHED_PLANS) cache.set(key, plan);
      return plan;
    },
    at(name, client, operation) {
      const key = `${operation.name} ${client} ${name ?? ''} `;
      const hit = cache.get(key);
      if (hit !== undefined) return hit;
      const caller = { client, operation, hasTools: false };
      const provider =
        name === null
          ? input.providers.find(
              (one) => one.kind === 'http' && servedBy(one, '', operation, client, input.dialect) !== null,
            )
          : providers.get(name);
      const single = provider === undefined ? null : target(provider, '', caller);
      if (single === null) return null;
      const plan = planOf(single.label, tiersInOrder([single]));
      if (cache.size < CACHED_PLANS) cache.set(key, plan);
      return plan;
    },
    priceOf(name, model) {
      const provider = providers.get(name);
      return provider === undefined ? null : (input.priceOf?.(provider, model) ?? null);
    },
    similar(name) {
      const tails = names.filter((known) => known.endsWith(`/${name}`)).slice(0, 3);
      if (tails.length > 0) return tails;
      const found = nearest(name.slice(0, 100), names);
      return found === null ? [] : [found];
    },
    list,
  };
}

function ownOf(
  provider: ProviderConfig | undefined,
  model: string,
): { provider: ProviderConfig; model: string } | null {
  return provider === undefined ? null : { provider, model };
}

/** Responses, where the model takes tools there alone, or only there beside reasoning; undefined = they may stay. */
function toolsElsewhere(
  provider: ProviderConfig,
  model: string,
  { tools, effortWithTools }: Capabilities,
): Spoken | undefined {
  const moves = tools === 'responses' || (tools === 'chat' && effortWithTools !== 'any');
  return moves ? spokenTo(provider, 'openai-responses', model) : undefined;
}

/** Aliases and all names that are not patterns, as `provider/model`. */
function listModels(input: ModelTableInput): ListedModel[] {
  const listed: ListedModel[] = Object.keys(input.aliases).map((id) => ({ id, ownedBy: 'headgate' }));
  for (const provider of input.providers) {
    const concrete = new Set([...provider.models, ...provider.keys.flatMap((key) => key.models)]);
    for (const model of concrete) {
      if (!model.endsWith('*')) listed.push({ id: `${provider.name}/${model}`, ownedBy: provider.name });
    }
  }
  return listed;
}

/** Keeps each conversation at one of its keys. */
function steady(target: Target): Target {
  const { otherwise } = target;
  return { ...target, steady: true, otherwise: otherwise === null ? null : { ...otherwise, steady: true } };
}
