// What single vendors and models refuse of the dialect they speak, worded as they word it. Written from the vendors' own
// error texts, and on purpose without a look at the gateway's table: the two must agree by themselves.

interface Body {
  model?: string;
  messages?: Record<string, unknown>[];
  tools?: unknown[];
  [name: string]: unknown;
}

type Rule = (body: Body, model: string) => string | null;

const has = (body: Body, name: string): boolean => Object.hasOwn(body, name);
const extra = (name: string): string => `Extra inputs are not permitted: ${name}`;

/** The first of `names` that stands in the body. */
function found(body: Body, names: readonly string[]): string | undefined {
  return names.find((name) => has(body, name));
}

function foundInMessages(body: Body, names: readonly string[]): string | null {
  for (const [index, message] of (body.messages ?? []).entries()) {
    const parts = Array.isArray(message['content']) ? (message['content'] as Record<string, unknown>[]) : [];
    for (const object of [message, ...parts]) {
      for (const name of names) {
        if (Object.hasOwn(object, name) && !(name === 'name' && message['role'] === 'tool')) {
          return `'messages.${index}' : property '${name}' is unsupported`;
        }
      }
    }
  }
  return null;
}

function hasRole(body: Body, role: string): boolean {
  return (body.messages ?? []).some((message) => message['role'] === role);
}

const openai: Rule = (body, model) => {
  const reasons = /^(o\d|gpt-5(?!-chat)|gpt-6)/.test(model);
  if (reasons) {
    const name = found(body, [
      'max_tokens',
      'stop',
      'frequency_penalty',
      'presence_penalty',
      'logit_bias',
      'logprobs',
    ]);
    if (name !== undefined) return `Unsupported parameter: '${name}' is not supported with this model.`;
    const free = /^gpt-5\.[1-5]/.test(model) && body['reasoning_effort'] === 'none';
    const sampled = found(body, ['temperature', 'top_p']);
    if (sampled !== undefined && !free) {
      return `Unsupported value: '${sampled}' does not support ${String(body[sampled])} with this model. Only the default (1) value is supported.`;
    }
  } else if (has(body, 'reasoning_effort')) return 'Unrecognized request argument supplied: reasoning_effort';
  const levels = /^o\d/.test(model)
    ? ['low', 'medium', 'high']
    : /^gpt-5(-mini|-nano)?$/.test(model)
      ? ['minimal', 'low', 'medium', 'high']
      : null;
  const effort = body['reasoning_effort'];
  if (levels !== null && effort !== undefined && !levels.includes(String(effort))) {
    return `Unsupported value: '${String(effort)}' is not supported with the '${model}' model.`;
  }
  if (body.tools !== undefined) {
    const refused = `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions.`;
    if (/^gpt-5\.[45]/.test(model) && effort !== undefined && effort !== 'none') return refused;
    if (/^gpt-(5\.[6-9]|6)/.test(model) && effort !== 'none') return refused;
  }
  if (/^gpt-4o/.test(model)) {
    const limit = Number(body['max_completion_tokens'] ?? body['max_tokens'] ?? 0);
    if (limit > 16_384)
      return `max_tokens is too large: ${limit}. This model supports at most 16384 completion tokens.`;
  }
  if (!/^gpt-(5\.[6-9]|6)/.test(model) && JSON.stringify(body).includes('"prompt_cache_breakpoint"')) {
    return 'prompt_cache_breakpoint is not supported on this model';
  }
  return null;
};

/** The same models on Responses. */
const openaiResponses: Rule = (body, model) => {
  if (!/^(o\d|gpt-5(?!-chat)|gpt-6)/.test(model)) return null;
  const effort = (body['reasoning'] as Record<string, unknown> | undefined)?.['effort'];
  const free = /^gpt-5\.[1-5]/.test(model) && effort === 'none';
  const sampled = found(body, ['temperature', 'top_p', 'top_logprobs']);
  return sampled === undefined || free
    ? null
    : `Unsupported parameter: '${sampled}' is not supported with this model.`;
};

const MISTRAL_LEVELS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^mistral-large-4/, ['low', 'medium', 'high']],
  [/^(mistral-medium-3|magistral-medium-latest)/, ['none', 'high']],
];

const mistral: Rule = (body, model) => {
  const levels = MISTRAL_LEVELS.find(([names]) => names.test(model))?.[1] ?? [];
  if (has(body, 'reasoning_effort') && !levels.includes(String(body['reasoning_effort'])))
    return extra('reasoning_effort');
  const name = found(body, [
    'stream_options',
    'max_completion_tokens',
    'seed',
    'user',
    'logprobs',
    'top_logprobs',
    'logit_bias',
    'store',
    'verbosity',
  ]);
  if (name !== undefined) return extra(name);
  if (hasRole(body, 'developer'))
    return "Input tag 'developer' found using 'role' does not match any of the expected tags";
  return foundInMessages(body, [
    'reasoning_content',
    'refusal',
    'annotations',
    'cache_control',
    'thinking_blocks',
  ]);
};

const groq: Rule = (body, model) => {
  const effort = body['reasoning_effort'];
  if (/^qwen/.test(model) && effort !== undefined && effort !== 'none' && effort !== 'default')
    return '`reasoning_effort` must be one of `none` or `default`';
  const name = found(body, ['logprobs', 'top_logprobs', 'logit_bias']);
  if (name !== undefined) return `property '${name}' is unsupported`;
  if (hasRole(body, 'developer')) return "unknown role 'developer'";
  return foundInMessages(body, [
    'name',
    'reasoning_content',
    'reasoning_details',
    'thinking_blocks',
    'cache_control',
  ]);
};

const cerebras: Rule = (body) => {
  const name = found(body, ['frequency_penalty', 'presence_penalty', 'logit_bias']);
  if (name !== undefined) return `property '${name}' is unsupported`;
  if (hasRole(body, 'developer')) return 'developer role is not supported';
  return foundInMessages(body, ['reasoning_content', 'cache_control']);
};

const deepseek: Rule = (body) =>
  body['reasoning_effort'] === 'none' ? 'reasoning_effort: unknown variant `none`' : null;

const xai: Rule = (body, model) => {
  const name = found(body, ['presence_penalty', 'frequency_penalty', 'stop']);
  if (name !== undefined) return `Model ${model} does not support parameter ${name}.`;
  return has(body, 'reasoning_effort') ? `Model ${model} does not support parameter reasoningEffort.` : null;
};

const SCHEMA_LIMITS = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]);

function schemaFault(schema: unknown): string | null {
  if (typeof schema !== 'object' || schema === null) return null;
  for (const [key, value] of Object.entries(schema)) {
    if (SCHEMA_LIMITS.has(key) && typeof value !== 'object') return `property '${key}' is not supported`;
    if (key === 'minItems' && value !== 0 && value !== 1)
      return "'minItems' values other than 0 or 1 are not supported";
    if (key === 'additionalProperties' && value !== false)
      return "'additionalProperties: object' is not supported";
    const fault = schemaFault(value);
    if (fault !== null) return fault;
  }
  return null;
}

const anthropic: Rule = (body, model) => {
  const thinking = (body['thinking'] ?? {}) as { type?: string; budget_tokens?: number };
  const output = (body['output_config'] ?? {}) as { effort?: string; format?: { schema: unknown } };
  const late = /(opus-4-[78]|(opus|sonnet|haiku|fable|mythos)-5)/.test(model);
  if (late) {
    const name = found(body, ['temperature', 'top_p', 'top_k']);
    if (name !== undefined) return `\`${name}\` is deprecated for this model.`;
    if (thinking.type === 'enabled') return '"thinking.type.enabled" is not supported for this model.';
  }
  if (/(4-1|4-5|4-6)/.test(model) && has(body, 'temperature') && has(body, 'top_p')) {
    return '`temperature` and `top_p` cannot both be specified for this model. Please use only one.';
  }
  if (/(4-1|4-5)/.test(model) && thinking.type === 'adaptive')
    return 'adaptive thinking is not supported on this model';
  if (/(sonnet|haiku)-4-5/.test(model) && output.effort !== undefined) {
    return 'This model does not support the effort parameter.';
  }
  if (/4-6/.test(model) && output.effort === 'xhigh')
    return "output_config.effort: 'xhigh' is not supported by this model";
  if (/claude-3-5/.test(model)) {
    if (thinking.type !== undefined) return 'thinking is not supported on this model';
    if (Number(body['max_tokens']) > 8192) return `max_tokens: ${String(body['max_tokens'])} > 8192`;
  }
  if (thinking.type === 'enabled' && thinking.budget_tokens! >= Number(body['max_tokens'])) {
    return '`max_tokens` must be greater than `thinking.budget_tokens`';
  }
  if (/(fable|mythos)-5-[12]/.test(model)) {
    const choice = (body['tool_choice'] as { type?: string } | undefined)?.type;
    if (choice === 'any' || choice === 'tool')
      return `tool_choice: '${choice}' is not supported by this model`;
  }
  const marks = JSON.stringify(body).split('"cache_control"').length - 1;
  if (marks > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`;
  return output.format === undefined ? null : schemaFault(output.format.schema);
};

const RULES: Readonly<Record<string, Rule>> = { openai, mistral, groq, cerebras, xai, deepseek, anthropic };

/** Vendors the mock can be as strict as; each under its own path, `/<vendor>/v1/…`. */
export const STRICT_VENDORS = Object.keys(RULES);

/** Why the vendor refuses the request, in its words; null when it takes it. */
export function vendorComplaint(vendor: string, dialect: string, body: unknown): string | null {
  const request = body as Body;
  const rule = dialect === 'openai-responses' ? openaiResponses : RULES[vendor];
  return rule?.(request, request.model ?? '') ?? null;
}
