// From what is said of a holder to the object every call of it carries.
import type { Grant, Holder } from '../contracts/holder.ts';
import type { Permits, Principal } from '../contracts/principal.ts';
import { ownRules } from '../limits/own-rules.ts';
import { compilePermits } from './permits.ts';

/** Sets of grants that are kept compiled; beyond that all are forgotten, which costs memory and no more. */
const MAX_KEPT = 10_000;
const NO_TAGS: readonly string[] = Object.freeze([]);

/** Makes principals; those with the same grants share what these are compiled to. */
export type PrincipalMaker = (holder: Holder) => Principal;

export function createPrincipalMaker(): PrincipalMaker {
  const kept = new Map<string, Permits | null>();
  const permitsOf = (grants: readonly Grant[]): Permits | null => {
    const text = JSON.stringify(grants);
    let permits = kept.get(text);
    if (permits === undefined) {
      permits = compilePermits(grants);
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(text, permits);
    }
    return permits;
  };
  return (holder) => principalOf(holder, holder.grants === undefined ? null : permitsOf(holder.grants));
}

/** @param permits what its grants are compiled to. */
export function principalOf(holder: Holder, permits: Permits | null = null): Principal {
  const { expiresAtMs = 0, blocked = false, aliases, tags, fallbacks } = holder;
  return Object.freeze({
    id: holder.id ?? holder.name,
    name: holder.name,
    organization: holder.organization ?? null,
    team: holder.team ?? null,
    user: holder.user ?? null,
    customer: holder.customer ?? null,
    project: holder.project ?? null,
    tags: tags === undefined ? NO_TAGS : Object.freeze([...tags]),
    priority: holder.priority ?? 'normal',
    service: holder.service === true,
    expiresAtMs,
    blocked,
    permits,
    guarded: expiresAtMs !== 0 || blocked || permits !== null,
    aliases: aliases === undefined ? null : new Map(Object.entries(aliases)),
    fallbacks: fallbacks === undefined ? null : Object.freeze([...fallbacks]),
    rules: ownRules(holder),
  });
}
