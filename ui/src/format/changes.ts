// What differs between two values, by path.

export interface Change {
  /** `a.b[0]` */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly from: unknown;
  readonly to: unknown;
}

export function changesOf(before: unknown, after: unknown, path = ''): Change[] {
  if (same(before, after)) return [];
  const [a, b] = [recordOf(before), recordOf(after)];
  if (a === null || b === null) return [{ path: path === '' ? 'all of it' : path, from: before, to: after }];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => changesOf(a[name], b[name], path === '' ? name : `${path}.${name}`));
}

function recordOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>) // an object is a record of unknown values
    : null;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
