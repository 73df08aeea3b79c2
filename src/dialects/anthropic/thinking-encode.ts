// How much the model may think. Claude up to 4.5 takes a budget in tokens, the later ones an effort, and the oldest do not
// think at all (Capabilities.thinking). So:
// - effort `none` is `thinking: disabled` where that can be said;
// - a budget: `thinking: enabled`: low 1024, medium 8192, high 24576;
// - an effort: `thinking: adaptive` and `output_config.effort`.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { Capabilities, Effort } from '../../contracts/capability.ts';
import type { ChatRequest, Num, ReasoningSettings } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { fitEffort, isEffort } from '../effort-level.ts';
import { type Losses, unsupported } from '../losses.ts';
import { isObject, numberOf } from '../read.ts';
import { budgetOfEffort, effortOfBudget } from '../thinking-budget.ts';
import { MIN_BUDGET } from './min-budget.ts';

const PATH = 'reasoning_effort';

/** Levels of `output_config.effort`. */
const CLAUDE_EFFORTS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

export interface ThinkingPlan {
  /** The model will think: it can then not be forced to a tool, nor sampled freely. */
  on: boolean;
  thinking: JsonObject | null;
  /** `output_config.effort`. */
  effort: string | null;
  /** `max_tokens`, which must exceed the budget. */
  maxTokens: Num;
}

/** @param messages The encoded messages, as thinking may not begin in the middle of a tool loop. */
export function planThinking(
  request: ChatRequest,
  messages: readonly JsonObject[],
  { capabilities, defaultMaxTokens }: EncodeTarget,
  losses: Losses,
): ThinkingPlan {
  const { thinking, maxTokensCap, maxTokensDefault } = capabilities;
  const cap = maxTokensCap ?? Number.POSITIVE_INFINITY;
  let maxTokens = request.maxTokens ?? maxTokensDefault ?? defaultMaxTokens;
  if (numberOf(maxTokens) > cap) {
    losses.adapt('max_tokens');
    maxTokens = cap;
  }
  const { reasoning } = request;
  const off: ThinkingPlan = { on: false, thinking: null, effort: null, maxTokens };
  if (reasoning === null) return off;
  const level = levelOf(reasoning);
  if (level === 'none') return planOff(off, capabilities, losses);
  if (thinking === 'none') {
    losses.drop(PATH);
    return off;
  }
  if (thinking === 'adaptive' || thinking === 'either') {
    return {
      on: true,
      thinking: { type: 'adaptive' },
      effort: effortOf(reasoning, level, capabilities, losses),
      maxTokens,
    };
  }
  losses.adapt(PATH);
  // The answer that is being continued must begin with the thinking that led to it; if the client did not keep it,
  // thinking waits until the next turn.
  if (continuesUnthought(messages)) return off;
  const budget = budgetOf(reasoning, level);
  const plan = (tokens: number, limit: Num): ThinkingPlan => ({
    on: true,
    thinking: { type: 'enabled', budget_tokens: tokens },
    effort: null,
    maxTokens: limit,
  });
  if (budget < numberOf(maxTokens)) return plan(budget, maxTokens);
  // The client's limit, or ours, was meant for what it sees: thinking comes on top, as far as the model goes.
  if (request.maxTokens !== null) losses.adapt('max_tokens');
  const raised = Math.min(numberOf(maxTokens) + budget, cap);
  return plan(Math.max(MIN_BUDGET, Math.min(budget, raised - numberOf(maxTokens))), raised);
}

function planOff(off: ThinkingPlan, { thinking, thinkingOff }: Capabilities, losses: Losses): ThinkingPlan {
  if (!thinkingOff) {
    losses.drop(PATH);
    return { ...off, on: true };
  }
  // What cannot think is off already, and may not know the word.
  return thinking === 'none' ? off : { ...off, thinking: { type: 'disabled' } };
}

/** The level asked for; null when only a budget was, or nothing in particular. @throws GatewayError for another word. */
function levelOf({ effort, budgetTokens }: ReasoningSettings): Effort | null {
  if (budgetTokens === 0) return 'none';
  if (effort === null) return null;
  if (!isEffort(effort)) throw unsupported(PATH, `The provider of this model knows no effort '${effort}'.`);
  return effort;
}

function effortOf(
  { budgetTokens }: ReasoningSettings,
  level: Effort | null,
  { efforts }: Capabilities,
  losses: Losses,
): string | null {
  if (level === null && budgetTokens === null) return null;
  const asked = level ?? effortOfBudget(budgetTokens!);
  const fit = fitEffort(asked, efforts ?? CLAUDE_EFFORTS);
  if (fit !== level) losses.adapt(PATH);
  return fit;
}

function budgetOf({ budgetTokens }: ReasoningSettings, level: Effort | null): number {
  return budgetTokens === null ? budgetOfEffort(level ?? 'medium') : Math.max(MIN_BUDGET, budgetTokens);
}

// True when the last message is the assistant's own (a prefill) or holds the results of its calls, and that assistant
// message does not begin with thinking: Anthropic then answers 400 to `thinking: enabled`.
function continuesUnthought(messages: readonly JsonObject[]): boolean {
  const last = messages.at(-1);
  const assistant = last?.role === 'assistant' ? last : messages.at(-2);
  if (last === undefined || assistant?.role !== 'assistant') return false;
  if (last.role === 'user' && firstType(last.content) !== 'tool_result') return false;
  const first = firstType(assistant.content);
  return first !== 'thinking' && first !== 'redacted_thinking';
}

function firstType(content: Json | undefined): Json | undefined {
  if (!Array.isArray(content)) return 'text';
  return isObject(content[0]) ? content[0].type : undefined;
}
