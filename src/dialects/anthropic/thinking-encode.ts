// How much the model may think. Claude up to 4.6 takes a budget in tokens; the later ones, which also take no sampling
// parameters (Capabilities.sampling), take only an effort (wire.md section 3). So:
// - effort `none` is `thinking: disabled` for all;
// - with sampling: `thinking: enabled` and a budget: low 1024, medium 8192, high 24576;
// - without: `thinking: adaptive` and `output_config.effort`.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, Num, ReasoningSettings } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { type Losses, unsupported } from '../losses.ts';
import { isObject, numberOf } from '../read.ts';

const PATH = 'reasoning_effort';

/** Smallest budget Anthropic takes. */
const MIN_BUDGET = 1024;

// A map, as the effort is the client's word: an object would know `constructor`.
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ['minimal', 1024],
  ['low', 1024],
  ['medium', 8192],
  ['high', 24_576],
  ['xhigh', 24_576],
  ['max', 24_576],
]);

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
  target: EncodeTarget,
  losses: Losses,
): ThinkingPlan {
  const maxTokens = request.maxTokens ?? target.defaultMaxTokens;
  const { reasoning } = request;
  const off: ThinkingPlan = { on: false, thinking: null, effort: null, maxTokens };
  if (reasoning === null) return off;
  if (reasoning.effort === 'none' || reasoning.budgetTokens === 0) {
    return { ...off, thinking: { type: 'disabled' } };
  }
  if (target.capabilities.thinking === 'adaptive') {
    return { on: true, thinking: { type: 'adaptive' }, effort: effortOf(reasoning, losses), maxTokens };
  }
  losses.adapt(PATH);
  // The answer that is being continued must begin with the thinking that led to it; if the client did not keep it,
  // thinking waits until the next turn.
  if (continuesUnthought(messages)) return off;
  const budget = budgetOf(reasoning);
  if (budget < numberOf(maxTokens)) {
    return { on: true, thinking: { type: 'enabled', budget_tokens: budget }, effort: null, maxTokens };
  }
  // The client's limit, or ours, was meant for what it sees: thinking comes on top.
  if (request.maxTokens !== null) losses.adapt('max_tokens');
  const raised = numberOf(maxTokens) + budget;
  return { on: true, thinking: { type: 'enabled', budget_tokens: budget }, effort: null, maxTokens: raised };
}

function effortOf(reasoning: ReasoningSettings, losses: Losses): string | null {
  const { effort, budgetTokens } = reasoning;
  switch (effort) {
    case 'low':
    case 'medium':
    case 'high':
    case 'xhigh':
    case 'max':
      return effort;
    case 'minimal':
      losses.adapt(PATH);
      return 'low';
    case null:
      if (budgetTokens === null) return null;
      losses.adapt(PATH);
      return nearestEffort(budgetTokens);
    default:
      throw unsupported(PATH, `The provider of this model knows no effort '${effort}'.`);
  }
}

function budgetOf({ effort, budgetTokens }: ReasoningSettings): number {
  if (budgetTokens !== null) return Math.max(MIN_BUDGET, budgetTokens);
  const budget = BUDGETS.get(effort ?? 'medium');
  if (budget === undefined)
    throw unsupported(PATH, `The provider of this model knows no effort '${effort}'.`);
  return budget;
}

function nearestEffort(budget: number): string {
  const levels = ['low', 'medium', 'high'] as const;
  const distance = (level: string): number => Math.abs(BUDGETS.get(level)! - budget);
  return levels.reduce((best, level) => (distance(level) < distance(best) ? level : best));
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
