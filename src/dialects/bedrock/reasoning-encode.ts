// How much the model may reason. Each maker has a way of its own: Claude's `thinking` and gpt-oss' and Nova's levels among
// the fields of the model; Converse itself knows an effort.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, Num } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { planThinking } from '../anthropic/thinking-encode.ts';
import { fitEffort, isEffort } from '../effort-level.ts';
import { type Losses, unsupported } from '../losses.ts';
import { numberOf } from '../read.ts';
import { effortOfBudget } from '../thinking-budget.ts';
import type { ConverseMessage } from './messages-encode.ts';

const PATH = 'reasoning_effort';

export interface ReasoningPlan {
  /** The model will think: it can then not be forced to a tool, nor sampled freely. */
  on: boolean;
  /** For additionalModelRequestFields. */
  fields: JsonObject;
  /** `outputConfig.effort`. */
  effort: string | null;
  /** `maxTokens`; null = nothing is said. */
  maxTokens: Num | null;
}

export function planReasoning(
  request: ChatRequest,
  messages: readonly ConverseMessage[],
  target: EncodeTarget,
  losses: Losses,
): ReasoningPlan {
  return target.maker === 'anthropic'
    ? planClaude(request, messages, target, losses)
    : planOthers(request, target, losses);
}

function planClaude(
  request: ChatRequest,
  messages: readonly ConverseMessage[],
  target: EncodeTarget,
  losses: Losses,
): ReasoningPlan {
  const plan = planThinking(request, messages.map(asTyped), target, losses);
  // Without a word Bedrock gives what the model has; only a budget needs more than itself.
  const needed = plan.thinking?.['type'] === 'enabled';
  return {
    on: plan.on,
    fields: plan.thinking === null ? {} : { thinking: plan.thinking },
    effort: plan.effort,
    maxTokens: request.maxTokens === null && !needed ? null : plan.maxTokens,
  };
}

/** What the plan of thinking looks at: the types of blocks. */
function asTyped({ role, content }: ConverseMessage): JsonObject {
  return {
    role,
    content: content.map((block) => {
      if (block['reasoningContent'] !== undefined) return { type: 'thinking' };
      return { type: block['toolResult'] === undefined ? 'text' : 'tool_result' };
    }),
  };
}

function planOthers(request: ChatRequest, target: EncodeTarget, losses: Losses): ReasoningPlan {
  const { maxTokensCap, thinking, efforts } = target.capabilities;
  let { maxTokens } = request;
  if (maxTokens !== null && maxTokensCap !== null && numberOf(maxTokens) > maxTokensCap) {
    losses.adapt('max_tokens');
    maxTokens = maxTokensCap;
  }
  const plan: ReasoningPlan = { on: false, fields: {}, effort: null, maxTokens };
  const { reasoning } = request;
  if (reasoning === null) return plan;
  const asked =
    reasoning.effort ?? (reasoning.budgetTokens === null ? null : effortOfBudget(reasoning.budgetTokens));
  if (asked === null) return plan;
  if (!isEffort(asked)) throw unsupported(PATH, `The provider of this model knows no effort '${asked}'.`);
  if (thinking === 'none') {
    if (asked !== 'none') losses.drop(PATH);
    return plan;
  }
  const level = efforts === null ? asked : fitEffort(asked, efforts);
  if (level !== reasoning.effort) losses.adapt(PATH);
  if (level === null) return plan;
  if (/nova-2/i.test(target.model)) {
    plan.fields['reasoningConfig'] =
      level === 'none' ? { type: 'disabled' } : { type: 'enabled', maxReasoningEffort: level };
  } else if (target.maker === 'openai') plan.fields['reasoning_effort'] = level;
  else if (level !== 'none') plan.effort = level;
  // How a model that nobody described is told not to reason, nobody knows.
  else losses.drop(PATH);
  return plan;
}
