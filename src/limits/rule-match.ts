// Which rules a call meets. Decided once per caller and model: a request follows pointers. Rules that name a customer are
// the exception: for whom a call is, it may say itself.
import type { CallerScope, LimitRule, LimitScope } from '../contracts/limits.ts';
import type { Principal } from '../contracts/principal.ts';
import { matchesPattern } from '../names/pattern.ts';

/** Of a principal all that rules go by. */
export type LimitCaller = Pick<
  Principal,
  'name' | 'organization' | 'team' | 'user' | 'project' | 'tags' | 'customer' | 'rules'
>;

/** Scopes whose values are the caller's own. A customer may be, or be named by each call. */
export const CALLER_SCOPES: readonly CallerScope[] = [
  'key',
  'organization',
  'team',
  'user',
  'customer',
  'project',
  'tag',
];

/** Name of the header that a scope goes by; null = it is no header. */
export function headerOf(scope: LimitScope): string | null {
  return scope.startsWith('header:') ? scope.slice('header:'.length) : null;
}

/** What `caller` is in a scope: nothing, one name, or, of tags, several. */
export function valuesOf(caller: LimitCaller, scope: CallerScope): readonly string[] {
  if (scope === 'tag') return caller.tags;
  const value = scope === 'key' ? caller.name : caller[scope];
  return value === null ? [] : [value];
}

/** True when the rule can only be judged once the provider is known: it is checked per attempt. */
export function needsProvider(rule: LimitRule): boolean {
  return rule.match.provider !== null || rule.per.includes('provider');
}

/**
 * Rules of a call before its provider is known. @param model public name: an alias, or `provider/model`.
 * @param customer for whom the call is
 */
export function rulesOfCall(
  rules: readonly LimitRule[],
  caller: LimitCaller,
  model: string,
  customer = caller.customer,
): LimitRule[] {
  return rules.filter((rule) => !needsProvider(rule) && fits(rule, caller, model, customer));
}

/** Rules that this provider adds. */
export function rulesOfTarget(
  rules: readonly LimitRule[],
  caller: LimitCaller,
  model: string,
  provider: string,
  customer = caller.customer,
): LimitRule[] {
  return rules.filter(
    (rule) =>
      needsProvider(rule) &&
      fits(rule, caller, model, customer) &&
      (rule.match.provider === null || matchesPattern(rule.match.provider, provider)),
  );
}

/** True when it counts what this caller, or somebody it belongs to, does: the client is told of it. */
export function isOfCaller({ per, match }: LimitRule): boolean {
  return CALLER_SCOPES.some((scope) => per.includes(scope) || (match[scope] ?? null) !== null);
}

function fits({ match }: LimitRule, caller: LimitCaller, model: string, customer: string | null): boolean {
  for (const scope of CALLER_SCOPES) {
    const pattern = match[scope] ?? null;
    if (pattern === null) continue;
    const values = scope !== 'customer' ? valuesOf(caller, scope) : customer === null ? [] : [customer];
    if (!values.some((value) => matchesPattern(pattern, value))) return false;
  }
  return match.model === null || matchesModel(match.model, model);
}

/** A pattern without a provider also means the model at any provider: `gpt-4o*` fits `openai/gpt-4o`. */
function matchesModel(pattern: string, model: string): boolean {
  if (matchesPattern(pattern, model)) return true;
  const slash = model.indexOf('/');
  return slash > 0 && matchesPattern(pattern, model.slice(slash + 1));
}
