// Reasoning settings as `reasoning_effort`, as far as the model takes it: not every model knows every level, some know
// none, and some take none beside function tools. Budgets become the level with the nearest budget (wire.md 7.7).

import type { EncodeTarget } from '../../contracts/body.ts';
import type { ReasoningSettings } from '../../contracts/chat.ts';
import { fitEffort, isEffort } from '../effort-level.ts';
import type { Losses } from '../losses.ts';
import { numberOf } from '../read.ts';
import { effortOfBudget } from '../thinking-budget.ts';

/** `reasoning_effort` for these settings (null: the client said nothing); null when none is to be sent. */
export function encodeEffort(
  settings: ReasoningSettings | null,
  target: EncodeTarget,
  losses: Losses,
  hasTools: boolean,
): string | null {
  const { thinking, effortWithTools } = target.capabilities;
  const asked = settings !== null && settings.effort !== 'none';
  if (thinking === 'none') {
    if (asked) dropAll(settings, losses);
    return null;
  }
  if (!hasTools || effortWithTools === 'any')
    return settings === null ? null : plainEffort(settings, target, losses);
  if (asked) dropAll(settings, losses);
  if (effortWithTools === 'none') return null;
  if (!asked && settings === null) losses.adapt('reasoning_effort');
  return 'none';
}

function plainEffort(settings: ReasoningSettings, target: EncodeTarget, losses: Losses): string | null {
  const { effort, budgetTokens, adaptive } = settings;
  if (effort === null) {
    if (budgetTokens === null && !adaptive) return null;
    losses.adapt('thinking');
    return budgetTokens === null ? null : fitted(effortOfBudget(numberOf(budgetTokens)), target);
  }
  if (effort === 'none' && target.capabilities.offBy !== null) return effort;
  const fit = fitted(effort, target);
  if (fit !== effort) losses.adapt('reasoning_effort');
  return fit;
}

function fitted(effort: string, { capabilities, legacyMaxTokens }: EncodeTarget): string | null {
  const { efforts } = capabilities;
  if (efforts !== null) return isEffort(effort) ? fitEffort(effort, efforts) : effort;
  // Most OpenAI-compatible servers know three levels.
  return legacyMaxTokens ? (NEAREST.get(effort) ?? effort) : effort;
}

const NEAREST: ReadonlyMap<string, string> = new Map([
  ['minimal', 'low'],
  ['xhigh', 'high'],
  ['max', 'high'],
]);

// Named as its writer knows it: thinking, an effort, or both.
function dropAll({ effort, budgetTokens, adaptive }: ReasoningSettings, losses: Losses): void {
  if (budgetTokens !== null || adaptive) losses.drop('thinking');
  if (effort !== null) losses.drop('output_config.effort');
}
