// Of the models there are those that a caller may use: what a list shows is what a call would be let do.
import type { Call } from '../../contracts/call.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { ListedModel } from '../../contracts/snapshot.ts';
import { operations } from '../../registry/operations.ts';
import { offers } from '../../routing/offers.ts';
import { isVendorName } from '../../routing/vendor-names.ts';

export interface VisibleModels {
  /** @param models all there are, in a list that is another one once they change. */
  list(call: Call, models: readonly ListedModel[]): readonly ListedModel[];
  may(call: Call, model: ListedModel): boolean;
  /** A name that the caller alone has; null = it is none. */
  own(call: Call, name: string): ListedModel | null;
}

export function createVisibleModels(): VisibleModels {
  const kept = new WeakMap<Principal, { of: readonly ListedModel[]; seen: readonly ListedModel[] }>();
  const seenBy = (call: Call, models: readonly ListedModel[]): readonly ListedModel[] => {
    const principal = call.principal!;
    const { aliases, permits } = principal;
    if (permits === null && aliases === null) return models;
    const known = kept.get(principal);
    if (known?.of === models) return known.seen;
    const own = [...(aliases?.keys() ?? [])].map(ownName);
    const seen = [
      ...own,
      ...models.filter((model) => aliases?.has(model.id) !== true && mayUse(call, model)),
    ];
    kept.set(principal, { of: models, seen });
    return seen;
  };
  return {
    list: (call, models) => meantBelow(call, seenBy(call, models)),
    may: mayUse,
    own: ({ principal }, name) => (principal?.aliases?.has(name) === true ? ownName(name) : null),
  };
}

const OURS = 'headgate';

function ownName(id: string): ListedModel {
  return { id, ownedBy: OURS };
}

/** Below the name of a provider what it offers is its own, whoever else has a model of that name: that one is not shown there. */
function meantBelow({ prefix, snapshot }: Call, models: readonly ListedModel[]): readonly ListedModel[] {
  if (prefix === null || isVendorName(prefix)) return models;
  const provider = snapshot.config.providers.find(({ name }) => name === prefix);
  if (provider === undefined) return models;
  return models.filter(({ id, ownedBy }) => ownedBy === prefix || ownedBy === OURS || !offers(provider, id));
}

function mayUse(call: Call, { id, ownedBy }: ListedModel): boolean {
  const permits = call.principal?.permits ?? null;
  if (permits === null) return true;
  // Its own name is `provider/model`: no plan has to be made to see what it stands for.
  if (id.startsWith(`${ownedBy}/`)) return permits.mayUse(id, ownedBy, id.slice(ownedBy.length + 1));
  const plan = call.snapshot.models.plan(id, call.route.dialect, call.prefix, operations.chat);
  return plan !== null && permits.within(plan) !== null;
}
