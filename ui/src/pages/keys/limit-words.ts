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

const THIS: Readonly<Record<string, string>> = {
  '1h': 'this hour',
  '1d': 'today',
  '1w': 'this week',
  '1M': 'this month',
  '1Q': 'this quarter',
  '1Y': 'this year',
};

/** The window of a budget: `this month`, `in 2w`, `in all`. */
export function windowWords(window: string, align: string): string {
  if (window === 'never') return 'in all';
  const words = align === 'calendar' ? THIS[window] : undefined;
  return words ?? (align === 'rolling' ? `in any ${window}` : `in ${window}`);
}
