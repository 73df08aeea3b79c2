// Effort and budget of thinking, each said as the other: a budget becomes the level whose own budget is nearest
// (wire.md 7.7, Google's own table).
import type { Effort } from '../contracts/capability.ts';

const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};
const LEVELS = ['low', 'medium', 'high'] as const;

/** Tokens for a level. */
export function budgetOfEffort(effort: Effort): number {
  return BUDGETS[effort];
}

/** The level for a budget in tokens. */
export function effortOfBudget(budget: number): Effort {
  const distance = (level: Effort): number => Math.abs(BUDGETS[level] - budget);
  return LEVELS.reduce((best, level) => (distance(level) < distance(best) ? level : best));
}
