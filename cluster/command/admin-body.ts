// A body as people write it: YAML or JSON, and what they say of limits and budgets in a word.
import { WINDOW_PATTERN } from '../../src/budgets/window.ts';
import { parseConfig } from '../../src/config/file.ts';

/** @param text undefined = nothing was said. @throws Error in words for people */
export function bodyText(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const { value } = parseConfig(text, 'body');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('the body must be a mapping, in YAML or JSON');
  return value as Record<string, unknown>; // checked above
}

/**
 * What `--limit` and `--budget` say, each as often as one likes; nothing of what was not said.
 *
 * @throws Error in words for people
 */
export function rulesOf(
  limits: readonly string[] | undefined,
  budgets: readonly string[] | undefined,
): { limits?: object[]; budgets?: object[] } {
  return {
    ...(limits === undefined ? {} : { limits: limits.map((requests) => ({ requests })) }),
    ...(budgets === undefined ? {} : { budgets: budgets.map(budgetOf) }),
  };
}

/** `50/1M`: dollars, and the window they are for; `50` alone is for good. */
function budgetOf(text: string): object {
  const found = /^\$?(\d+(?:\.\d+)?)(?:\/(.+))?$/.exec(text);
  const window = found?.[2] ?? 'never';
  if (found === null || !new RegExp(WINDOW_PATTERN).test(window))
    throw new Error(
      `\`--budget ${text}\`: say dollars and a window, such as 50/1M (1h, 1d, 1w, 1M, 1Q, 1Y, never)`,
    );
  return { amountUsd: Number(found[1]), window };
}
