// The keys of callers as the primary has them: whole lists with a revision, and what leads from one to another.
import { isDeepStrictEqual } from 'node:util';
import type { ClientKey, KeyDelta } from '../../src/contracts/directory.ts';

/** Never changed: another list has another revision. */
export interface KeyList {
  /** From 1. */
  readonly revision: number;
  readonly keys: readonly ClientKey[];
}

/** What a worker that was told of `from` (null = of nothing) has to be told to know `to`. */
export function keyDelta(from: KeyList | null, to: KeyList): KeyDelta {
  const { revision } = to;
  if (from === null) return { base: 0, revision, put: to.keys, drop: [] };
  const before = new Map(from.keys.map((key) => [key.value, key]));
  const after = new Set(to.keys.map(({ value }) => value));
  return {
    base: from.revision,
    revision,
    put: to.keys.filter((key) => !same(key, before.get(key.value))),
    drop: from.keys.filter(({ value }) => !after.has(value)).map(({ value }) => value),
  };
}

function same(key: ClientKey, before: ClientKey | undefined): boolean {
  return before !== undefined && (key === before || isDeepStrictEqual(key, before));
}
