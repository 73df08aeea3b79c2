// Reading into unknown JSON without types: what tests and the mock use instead of casts.

/** The value at a dotted path (`choices.0.message.content`), undefined when any step is missing. */
export function pick(value: unknown, path: string): unknown {
  let at = value;
  for (const step of path.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

/** JSON text to a value, or undefined when it is not JSON. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
