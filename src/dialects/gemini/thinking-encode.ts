// How much the model may think: Gemini 2.5 takes a budget in tokens, Gemini 3 and later a level, and not both; older ones do
// not think (Capabilities.thinking). Thoughts are shown to whoever asks for thinking: the other dialects show them too.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { Effort } from '../../contracts/capability.ts';
import type { ReasoningSettings } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { fitEffort, isEffort } from '../effort-level.ts';
import { type Losses, unsupported } from '../losses.ts';
import { budgetOfEffort, effortOfBudget } from '../thinking-budget.ts';

const PATH = 'reasoning_effort';
const LEVELS: readonly Effort[] = ['minimal', 'low', 'medium', 'high'];
/** `thinkingConfig`; null when nothing is to be said. @throws GatewayError GW_CLIENT_UNSUPPORTED for an unknown level. */
export function encodeThinking(
  settings: ReasoningSettings | null,
  { capabilities }: EncodeTarget,
  losses: Losses,
): JsonObject | null {
  if (settings === null) return null;
  const { effort, budgetTokens } = settings;
  if (effort !== null && !isEffort(effort)) {
    throw unsupported(PATH, `The provider of this model knows no effort '${effort}'.`);
  }
  const off = effort === 'none' || budgetTokens === 0;
  if (capabilities.thinking === 'none') {
    if (!off) losses.drop(PATH);
    return null;
  }
  if (off && !capabilities.thinkingOff) {
    losses.adapt(PATH);
    return weakest(capabilities.thinking, capabilities.efforts);
  }
  if (capabilities.thinking === 'budget') return byBudget(effort, budgetTokens, losses);
  if (off) return { thinkingBudget: 0 };
  if (effort === null && budgetTokens === null) return { includeThoughts: true };
  if (effort === null && capabilities.thinking === 'unknown') {
    return { includeThoughts: true, thinkingBudget: budgetTokens };
  }
  const asked = effort ?? effortOfBudget(budgetTokens!);
  const level = fitEffort(asked, capabilities.efforts ?? LEVELS);
  if (level !== effort) losses.adapt(PATH);
  return level === null ? null : { includeThoughts: true, thinkingLevel: level.toUpperCase() };
}

function byBudget(effort: Effort | null, budgetTokens: number | null, losses: Losses): JsonObject {
  if (effort !== null && effort !== 'none') losses.adapt(PATH);
  const thinkingBudget = budgetTokens ?? (effort === null ? -1 : budgetOfEffort(effort));
  return thinkingBudget === 0 ? { thinkingBudget } : { includeThoughts: true, thinkingBudget };
}

/** As little as a model may think that cannot stop it. */
function weakest(thinking: string, efforts: readonly Effort[] | null): JsonObject {
  return thinking === 'budget'
    ? { thinkingBudget: 128 }
    : { thinkingLevel: ((efforts ?? LEVELS).find((level) => level !== 'none') ?? 'low').toUpperCase() };
}
