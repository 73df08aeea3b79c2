// Limits of the store as entries of the configuration: those that stand alone, and those of a key, a team, …. Pure.
import type { ManagedLimit } from '../../src/contracts/gatehouse-ipc.ts';
import type { BriefObject, StoredData, StoredValue } from '../../src/contracts/store.ts';
import { OWNER_KINDS } from './holders.ts';

const NUMBERS = ['requests', 'tokens', 'concurrent', 'burst'] as const;
const SCOPES: readonly string[] = ['key', ...OWNER_KINDS];

/** Named by its id, which no limit of the file has. */
export function limitsOf({ kind, id, name, data }: BriefObject): ManagedLimit[] {
  if (kind === 'limit') {
    const { per = ['gateway'], match = {} } = data;
    // As the schema has them.
    return [{ name: id, per: per as string[], match: match as Record<string, string>, ...numbersOf(data) }];
  }
  if (kind === 'budget') {
    const { per = ['gateway'], match = {}, description: _description, ...budget } = data;
    return [{ name: id, per: per as string[], match: match as Record<string, string>, budget }];
  }
  if (!SCOPES.includes(kind)) return [];
  const credit = data['creditNano'];
  const listed = (value: StoredValue | undefined): readonly StoredData[] =>
    Array.isArray(value) ? (value as StoredData[]) : []; // as the schema has them
  const where = { per: kind, match: { [kind]: name } };
  return [
    ...listed(data['limits']).map((limit, index) => ({
      name: index === 0 ? id : `${id}-${index + 1}`,
      ...where,
      ...numbersOf(limit),
    })),
    // Two of the same window are told apart; another amount, or their order, changes nothing of what is spent.
    ...listed(data['budgets']).map((budget, index, all): ManagedLimit => {
      const window = windowOf(budget);
      const before = all.slice(0, index).filter((other) => windowOf(other) === window).length;
      return { name: `${id}-${window}${before === 0 ? '' : `-${before + 1}`}`, ...where, budget };
    }),
    // What was paid ahead: spent once, and more of it with each top-up.
    ...(typeof credit === 'number'
      ? [{ name: `${id}-credit`, ...where, budget: { amountUsd: credit / 1e9, window: 'never' } }]
      : []),
  ];
}

function windowOf(budget: StoredData): string {
  return String(budget['window'] ?? '1M');
}

function numbersOf(data: StoredData): Partial<ManagedLimit> {
  return Object.fromEntries(
    NUMBERS.filter((field) => data[field] !== undefined).map((field) => [field, data[field]]),
  );
}
