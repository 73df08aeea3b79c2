// Which rules a call meets. Decided once per key and model: a request follows pointers.
import type { LimitRule } from '../contracts/limits.ts';
import { matchesPattern } from '../names/pattern.ts';

/** True when the rule can only be judged once the provider is known: it is checked per attempt. */
export function needsProvider(rule: LimitRule): boolean {
  return rule.match.provider !== null || rule.per.includes('provider');
}

/** Rules of a call before its provider is known. @param model public name: an alias, or `provider/model`. */
export function rulesOfCall(rules: readonly LimitRule[], key: string, model: string): LimitRule[] {
  return rules.filter((rule) => !needsProvider(rule) && fits(rule, key, model));
}

/** Rules that this provider adds. */
export function rulesOfTarget(
  rules: readonly LimitRule[],
  key: string,
  model: string,
  provider: string,
): LimitRule[] {
  return rules.filter(
    (rule) =>
      needsProvider(rule) &&
      fits(rule, key, model) &&
      (rule.match.provider === null || matchesPattern(rule.match.provider, provider)),
  );
}

/** True when it counts what this gateway key does: the client is told of it. */
export function isOfKey(rule: LimitRule): boolean {
  return rule.per.includes('key') || rule.match.key !== null;
}

function fits({ match }: LimitRule, key: string, model: string): boolean {
  if (match.key !== null && !matchesPattern(match.key, key)) return false;
  return match.model === null || matchesModel(match.model, model);
}

/** A pattern without a provider also means the model at any provider: `gpt-4o*` fits `openai/gpt-4o`. */
function matchesModel(pattern: string, model: string): boolean {
  if (matchesPattern(pattern, model)) return true;
  const slash = model.indexOf('/');
  return slash > 0 && matchesPattern(pattern, model.slice(slash + 1));
}
