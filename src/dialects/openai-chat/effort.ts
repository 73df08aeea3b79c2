// Reasoning settings as `reasoning_effort`. Budgets become the level with the nearest budget (wire.md 7.7).

import type { EncodeTarget } from '../../contracts/body.ts';
import type { ReasoningSettings } from '../../contracts/chat.ts';
import type { Losses } from '../losses.ts';
import { numberOf } from '../read.ts';

const LEVELS: readonly (readonly [effort: string, budget: number])[] = [
  ['low', 1024],
  ['medium', 8192],
  ['high', 24576],
];

/** The level whose budget is nearest to `tokens`. */
export function effortOfBudget(tokens: number): string {
  let best = LEVELS[0]!;
  for (const level of LEVELS) if (Math.abs(level[1] - tokens) < Math.abs(best[1] - tokens)) best = level;
  return best[0];
}

/** `reasoning_effort` for these settings; null when the model's own default fits best. */
export function encodeEffort(
  settings: ReasoningSettings,
  target: EncodeTarget,
  losses: Losses,
): string | null {
  const { effort, budgetTokens, adaptive } = settings;
  if (effort === null) {
    if (budgetTokens === null && !adaptive) return null;
    losses.adapt('thinking');
    return budgetTokens === null ? null : effortOfBudget(numberOf(budgetTokens));
  }
  if (!target.legacyMaxTokens) return effort;
  // Most OpenAI-compatible servers know three levels.
  const nearest = NEAREST.get(effort);
  if (nearest === undefined) return effort;
  losses.adapt('reasoning_effort');
  return nearest;
}

const NEAREST: ReadonlyMap<string, string> = new Map([
  ['minimal', 'low'],
  ['xhigh', 'high'],
  ['max', 'high'],
]);
