// What calls did with budgets since it was taken last, for whoever tells of it. Off the path: a call adds two numbers.
import type { BudgetUse } from '../contracts/budget.ts';
import type { Bucket } from '../contracts/limits.ts';

interface Row {
  readonly bucket: Bucket;
  nano: number;
  refused: number;
}

/** Budgets that wait to be told of; taken once a second. */
const MAX_ROWS = 20_000;

export class BudgetTally {
  #rows = new Map<string, Row>();

  used(bucket: Bucket, nano: number): void {
    const row = this.#row(bucket);
    if (row !== null) row.nano += nano;
  }

  refused(bucket: Bucket): void {
    const row = this.#row(bucket);
    if (row !== null) row.refused++;
  }

  take(): BudgetUse[] {
    if (this.#rows.size === 0) return [];
    const rows = this.#rows;
    this.#rows = new Map();
    return [...rows.values()].map(({ bucket, nano, refused }) => {
      const { id, rule, owner = 'the gateway' } = bucket;
      const { limit, endsAtMs = 0, budget } = rule;
      return {
        id,
        budget: budgetName(rule.name),
        owner,
        window: budget?.window ?? 'never',
        amountNano: limit,
        softNano: Math.ceil(limit * (budget?.softAt ?? 1)),
        endsAtMs,
        nano,
        refused,
      };
    });
  }

  #row(bucket: Bucket): Row | null {
    let row = this.#rows.get(bucket.id);
    if (row === undefined) {
      if (this.#rows.size >= MAX_ROWS) return null;
      this.#rows.set(bucket.id, (row = { bucket, nano: 0, refused: 0 }));
    }
    return row;
  }
}

/** As people called it: the rule is named after it. */
export function budgetName(rule: string): string {
  return rule.replace(/\.budget$/, '');
}
