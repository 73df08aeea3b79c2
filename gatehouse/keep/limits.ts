// Limits of the store: those that stand alone and those of a team, a user, … as entries of the configuration; those of a key, of which
// there are as many as there are keys, as what comes with it. Pure.
import type { ManagedLimit } from '../../src/contracts/gatehouse-ipc.ts';
import type { OwnHolder } from '../../src/contracts/holder.ts';
import type { OwnLimits } from '../../src/contracts/own-limits.ts';
import type { BriefObject, StoredData, StoredValue } from '../../src/contracts/store.ts';
import { budgetName, entryName } from '../../src/limits/own-rules.ts';

const NUMBERS = ['requests', 'tokens', 'concurrent', 'burst'] as const;
/** Kinds that a key may belong to, each under the field of its name. */
export const OWNER_KINDS = ['organization', 'team', 'user', 'customer', 'project'] as const;
export type OwnerKind = (typeof OWNER_KINDS)[number];
const SCOPES: readonly string[] = OWNER_KINDS;

/** What a key has of its own; undefined = nothing. */
export function ownLimitsOf({ version, data }: Pick<BriefObject, 'version' | 'data'>): OwnLimits | undefined {
  const limits = listed(data['limits']);
  const budgets = listed(data['budgets']);
  const credit = data['creditNano'];
  if (limits.length === 0 && budgets.length === 0 && typeof credit !== 'number') return undefined;
  // As the schema has them.
  return {
    version,
    ...(limits.length === 0 ? {} : { limits: limits as OwnLimits['limits'] & object }),
    ...(budgets.length === 0 ? {} : { budgets: budgets as unknown as OwnLimits['budgets'] & object }),
    ...(typeof credit === 'number' ? { creditNano: credit } : {}),
  };
}

/** A key as far as its own limits go; null = it is no key, or has none. */
export function ownHolderOf(object: BriefObject): OwnHolder | null {
  const own = object.kind === 'key' ? ownLimitsOf(object) : undefined;
  return own === undefined ? null : { name: object.name, id: object.id, own };
}

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
  const where = { per: kind, match: { [kind]: name } };
  return [
    ...listed(data['limits']).map((limit, index) => ({
      name: entryName(id, index),
      ...where,
      ...numbersOf(limit),
    })),
    ...listed(data['budgets']).map(
      (budget, index, all): ManagedLimit => ({ name: budgetName(id, all, index), ...where, budget }),
    ),
    // What was paid ahead: spent once, and more of it with each top-up.
    ...(typeof credit === 'number'
      ? [{ name: `${id}-credit`, ...where, budget: { amountUsd: credit / 1e9, window: 'never' } }]
      : []),
  ];
}

function listed(value: StoredValue | undefined): readonly StoredData[] {
  return Array.isArray(value) ? (value as StoredData[]) : []; // as the schema has them
}

function numbersOf(data: StoredData): Partial<ManagedLimit> {
  return Object.fromEntries(
    NUMBERS.filter((field) => data[field] !== undefined).map((field) => [field, data[field]]),
  );
}
