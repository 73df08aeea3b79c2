// What grants let a caller do. Lists are compiled once per set of grants, which keys of a team share; the plans a caller
// may use are kept by plan, so that a request pays for one look-up.

import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Grant } from '../contracts/holder.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import type { Permits } from '../contracts/principal.ts';
import type { Route } from '../contracts/route.ts';
import { isUnseen, otherNames, servesMakers } from '../models/unseen.ts';
import { vendorOf } from '../models/vendor.ts';
import { listedNames } from '../names/listed-operation.ts';
import { partOfTier, planOf, withFallbacks, wordsOf } from '../routing/plan-tiers.ts';
import { Networks } from './networks.ts';
import { Patterns } from './patterns.ts';

/** @returns null when they allow everything. @throws Error when an address is none. */
export function compilePermits(grants: readonly Grant[]): Permits | null {
  const compiled = new CompiledPermits(grants);
  return compiled.allowsAll ? null : compiled;
}

class CompiledPermits implements Permits {
  readonly #models: readonly Patterns[];
  readonly #providers: readonly Patterns[];
  readonly #endpoints: readonly Patterns[];
  readonly #addresses: readonly Networks[];
  readonly #routes = new WeakMap<Route, boolean>();
  readonly #plans = new WeakMap<Plan, Plan | null>();

  constructor(grants: readonly Grant[]) {
    const patterns = (lists: readonly (readonly string[] | undefined)[]): Patterns[] =>
      lists
        .filter((list) => list !== undefined)
        .map((list) => new Patterns(list))
        .filter((list) => !list.allowsAll);
    this.#models = patterns(grants.map(({ models }) => models));
    this.#providers = patterns(grants.map(({ providers }) => providers));
    this.#endpoints = patterns(grants.map(({ endpoints }) => endpoints));
    this.#addresses = grants.flatMap(({ ips }) =>
      ips === undefined || ips.includes('*') ? [] : [new Networks(ips)],
    );
  }

  get allowsAll(): boolean {
    return (
      this.#models.length + this.#providers.length + this.#endpoints.length + this.#addresses.length === 0
    );
  }

  get byAddress(): boolean {
    return this.#addresses.length > 0;
  }

  mayCall(route: Route): boolean {
    // Lists of models are no endpoint of a model: they show what may be used, and nothing else.
    if (this.#endpoints.length === 0 || route.kind !== 'model') return true;
    let may = this.#routes.get(route);
    if (may === undefined) {
      const names = [...listedNames(route.operation.name), route.template];
      this.#routes.set(route, (may = this.#endpoints.every((list) => list.allows(names))));
    }
    return may;
  }

  mayCallFrom(address: string): boolean {
    return this.#addresses.every((networks) => networks.has(address));
  }

  mayUse(model: string, provider: string, upstreamModel: string): boolean {
    const names = [model, `${provider}/${upstreamModel}`, upstreamModel];
    return (
      this.#providers.every((list) => list.allows([provider])) &&
      this.#models.every((list) => list.allows(names))
    );
  }

  mayUseAllOf(provider: ProviderConfig): boolean {
    return this.#allowsOf(provider, (list, nested) => list.allowsAllOf(provider.name, nested));
  }

  mayUseSomeOf(provider: ProviderConfig): boolean {
    return this.#allowsOf(provider, (list, nested) => list.allowsSomeOf(provider.name, nested));
  }

  #allowsOf(provider: ProviderConfig, allows: (list: Patterns, nested: boolean) => boolean): boolean {
    if (!this.#providers.every((list) => list.allows([provider.name]))) return false;
    if (this.#models.length === 0) return true;
    const nested = servesMakers(vendorOf(provider));
    return this.#models.every((list) => allows(list, nested));
  }

  /** An alias is the configuration's: what it stands for is known to who wrote it. */
  #mayTarget({ provider, model, label }: Target, name: string): boolean {
    if (!this.mayUse(name, provider.name, model)) return false;
    if (this.#models.length === 0) return true;
    const others = otherNames(model);
    if (others.length > 0) {
      const names = others.flatMap((other) => [other, `${provider.name}/${other}`]);
      if (this.#models.some((list) => list.denies(names))) return false;
    }
    if (name !== label || !isUnseen(model)) return true;
    const nested = servesMakers(vendorOf(provider));
    return this.#models.every(
      (list) => list.states([label, model]) || list.deniesNoneOf(provider.name, nested),
    );
  }

  within(plan: Plan): Plan | null {
    if (plan.parts !== undefined) return this.#withinParts(plan, plan.parts);
    const known = this.#plans.get(plan);
    if (known !== undefined) return known;
    const may = (target: Target): boolean => this.#mayTarget(target, plan.name);
    const tiers = plan.tiers.map((tier) => partOfTier(tier, may)).filter((tier) => tier !== null);
    const all = plan.targets.every(may);
    // What is only for failures of others is no way by itself.
    const none = tiers.every(({ targets }) => targets.every((target) => plan.kinds?.has(target) === true));
    const within = all ? plan : none ? null : planOf(plan.name, tiers, wordsOf(plan));
    this.#plans.set(plan, within);
    return within;
  }

  /** A fallback goes by its own name: whether it may be used has nothing to do with what it falls back from. */
  #withinParts(plan: Plan, parts: readonly Plan[]): Plan | null {
    const within = parts.map((part) => this.within(part));
    if (within.every((part, index) => part === parts[index])) return plan;
    const [first, ...rest] = within.filter((part) => part !== null);
    return first === undefined ? null : { ...withFallbacks(first, rest), name: plan.name };
  }
}
