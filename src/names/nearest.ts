// "did you mean": the known name that is closest to a mistyped one.

/** Letters and digits only: `queue_timeout_ms` is near `queueTimeoutMs`. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The closest of `known`, or null when none is close enough to be worth naming. */
export function nearest(name: string, known: Iterable<string>): string | null {
  const wanted = plain(name);
  if (wanted === '') return null;
  let best: string | null = null;
  // One slip in short names, up to a third of long ones.
  let limit = Math.max(1, Math.floor(wanted.length / 3)) + 0.5;
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate), limit);
    if (distance < limit) {
      best = candidate;
      limit = distance;
    }
  }
  return best;
}

/** `; did you mean \`x\`?` or nothing. */
export function suggestion(name: string, known: Iterable<string>): string {
  const found = nearest(name, known);
  return found === null ? '' : `; did you mean \`${found}\`?`;
}

/** Insertions, deletions, replacements and swaps of neighbours; Infinity when the lengths alone differ by `limit` or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, before[j - 2]! + 1);
      }
      row.push(value);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
