// A rest as it stands in Redis: short text without any secret, read with suspicion, since others may write there.
import type { Rest } from '../../contracts/rests.ts';

/** Names longer than this are not shared. */
const MAX_NAME = 256;

/** Null when it is not worth or not fit to be shared. */
export function restNote(rest: Rest): string | null {
  if (rest.model.length > MAX_NAME) return null;
  const { lane, model, print, stated } = rest;
  // Whether a call finds out just now is no other node's business, but for how long it waits is.
  if (rest.kind === 'circuit')
    return JSON.stringify(['c', lane, model, print, rest.state === 'closed' ? 0 : 1, rest.at]);
  return JSON.stringify(
    rest.kind === 'key'
      ? ['k', lane, model, print, stated ? 1 : 0, rest.key, rest.limited ? 1 : 0]
      : ['t', lane, model, print, stated ? 1 : 0],
  );
}

/** Null for what no gateway of this kind wrote. */
export function readRestNote(note: string, forMs: number): Rest | null {
  if (!(forMs > 0) || note.length > 8 * MAX_NAME) return null;
  let parts: unknown;
  try {
    parts = JSON.parse(note);
  } catch {
    return null;
  }
  if (!Array.isArray(parts)) return null;
  const [kind, lane, model, print, stated, key, limited] = parts as unknown[];
  if (!isName(lane) || !isName(model) || !isName(print)) return null;
  if (kind === 'c')
    return isTime(key)
      ? {
          kind: 'circuit',
          lane,
          model,
          print,
          stated: false,
          forMs,
          state: stated === 1 ? 'open' : 'closed',
          at: key,
        }
      : null;
  const base = { lane, model, print, stated: stated === 1, forMs };
  if (kind === 't') return { kind: 'target', ...base };
  if (kind === 'k' && isName(key)) return { kind: 'key', ...base, key, limited: limited === 1 };
  return null;
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;
}
