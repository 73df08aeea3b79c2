// Limits in words: `600/min calls, 20 at once`.

/** @param limits as objects have them, of any shape */
export function limitWords(limits: unknown): string {
  if (!Array.isArray(limits) || limits.length === 0) return '–';
  return limits.map(wordsOf).join('; ');
}

function wordsOf(limit: unknown): string {
  if (typeof limit !== 'object' || limit === null) return String(limit);
  const { requests, tokens, concurrent, burst, per } = limit as Record<string, unknown>; // an object has fields of any kind
  const words = [
    requests === undefined ? '' : `${String(requests)} calls`,
    tokens === undefined ? '' : `${String(tokens)} tokens`,
    concurrent === undefined ? '' : `${String(concurrent)} at once`,
    burst === undefined ? '' : `burst of ${String(burst)}`,
    per === undefined ? '' : `for each ${Array.isArray(per) ? per.join(' and ') : String(per)}`,
  ];
  return words.filter((one) => one !== '').join(', ') || '–';
}
