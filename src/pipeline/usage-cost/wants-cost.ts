// Whether a call's usage is told with what it cost: by its own header, else as the configuration says for its key and route.
import type { Call } from '../../contracts/call.ts';
import { matchesPattern } from '../../names/pattern.ts';

/** False for nearly all calls, and by two comparisons: nothing more is asked of those. */
export function mayWantCost({ usageCost, snapshot }: Call): boolean {
  return usageCost !== null || snapshot.config.usageCost !== undefined;
}

/** Of a call whose caller is known. */
export function wantsCost({ usageCost, snapshot, principal, route }: Call): boolean {
  if (usageCost !== null) return usageCost;
  const rule = snapshot.config.usageCost;
  if (rule === undefined) return false;
  const fits = (patterns: readonly string[] | null, text: string): boolean =>
    patterns === null || patterns.some((pattern) => matchesPattern(pattern, text));
  return fits(rule.keys, principal?.name ?? '') && fits(rule.routes, route.template);
}
