// Model names as configuration writes them: exact, or with `*` at the end.

/** True when `pattern` is `model`, or ends in `*` and begins it. */
export function matchesPattern(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}
