// Budgets as a form shows them: `50/1M, 5/1d`, dollars and a window; JSON where they say more than that.

/** @param budgets as objects have them, of any shape */
export function budgetText(budgets: unknown): string {
  if (!Array.isArray(budgets)) return '';
  const simple = budgets.every((one) => isRecord(one) && Object.keys(one).every((name) => PARTS.has(name)));
  if (!simple) return JSON.stringify(budgets);
  return (budgets as Record<string, unknown>[]) // looked at above
    .map(({ amountUsd, window }) => `${String(amountUsd)}/${String(window ?? '1M')}`)
    .join(', ');
}

/** @throws SyntaxError for JSON that is none. What else is wrong the API says. */
export function budgetsIn(text: string): unknown {
  if (text.startsWith('[')) return JSON.parse(text);
  return text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map((one) => {
      const [amount = '', window = '1M'] = one.replace(/^\$/, '').split('/');
      return { amountUsd: Number(amount), window };
    });
}

const PARTS = new Set(['amountUsd', 'window']);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
