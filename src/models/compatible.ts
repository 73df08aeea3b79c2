// Providers that speak OpenAI's dialect and refuse part of it: one record each, and models of theirs that differ.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';

const CHECKED = '2026-11-29';

function provider(
  name: string,
  from: string,
  source: string,
  change: CapabilityChange,
  names: RegExp | null = null,
): CapabilityRecord {
  return {
    family: name,
    names,
    vendors: [name],
    dialect: 'openai-chat',
    from,
    source,
    checked: CHECKED,
    change,
  };
}

function onResponses(...records: readonly CapabilityRecord[]): CapabilityRecord[] {
  return records.map((record) => ({ ...record, dialect: 'openai-responses' }));
}

/** Hints of OpenAI's own that providers with a strict reader answer with "extra inputs are not permitted". */
const OPENAI_HINTS = [
  'store',
  'safety_identifier',
  'prompt_cache_options',
  'prompt_cache_retention',
  'verbosity',
  'modalities',
  'web_search_options',
  'moderation',
];

const MISTRAL = '@mistralai/mistralai 2.7.0 (npm), ChatCompletionRequest: unknown members are a 422';
const MISTRAL_EFFORTS = '@ai-sdk/mistral 4.0.87 (npm), capabilities of its models';
const TOGETHER =
  'docs.together.ai/docs/inference/chat/reasoning; litellm 1.110.2 (PyPI), llms/together_ai/chat';
const GROQ = 'console.groq.com/docs/openai ("Currently unsupported"); groq-sdk 1.6.0 (npm)';

const GROQ_EFFORTS: CapabilityChange = { thinking: 'effort', efforts: ['low', 'medium', 'high'] };
const GROQ_CACHE = `${GROQ}; eigent-ai/eigent#1827 (prompt_cache_key)`;

/** Which levels its models take, on Chat and on Responses alike. */
const XAI_EFFORTS: readonly CapabilityRecord[] = [
  provider(
    'xai',
    '2025-07',
    'docs.x.ai/docs/guides/reasoning: an effort is an error for grok-3, grok-4 and their fast kin',
    {
      thinking: 'none',
    },
    /^grok-(3(?!-mini)|4(?!\.[3-9])|2|code)/,
  ),
  provider(
    'xai',
    '2025-07',
    'docs.x.ai/docs/guides/reasoning',
    {
      thinking: 'effort',
      efforts: ['low', 'high'],
    },
    /^grok-3-mini/,
  ),
  provider(
    'xai',
    '2026-04',
    'docs.x.ai/docs/guides/reasoning; vercel/ai @ai-sdk/xai 4.0.0',
    {
      thinking: 'effort',
      efforts: ['none', 'low', 'medium', 'high'],
    },
    /^grok-4\.3/,
  ),
  provider(
    'xai',
    '2026-07',
    'docs.x.ai/docs/guides/reasoning: cannot be switched off',
    {
      thinking: 'effort',
      efforts: ['low', 'medium', 'high'],
    },
    /^grok-4\.[5-9]/,
  ),
  provider(
    'xai',
    '2026-09',
    '@ai-sdk/xai 5.0.12 (npm): one level more than its kin',
    { efforts: ['low', 'medium', 'high', 'xhigh'] },
    /^grok-4\.6/,
  ),
  provider(
    'xai',
    '2025-07',
    'grok-4-…-non-reasoning and grok-4.20 take penalties, but no effort',
    {
      thinking: 'none',
    },
    /^grok-4\.20|non-reasoning/,
  ),
];

export const COMPATIBLE_RECORDS: readonly CapabilityRecord[] = [
  provider('mistral', '2023-12', MISTRAL, {
    maxTokensField: 'max_tokens',
    instructionsRole: 'system',
    toolId: { alphabet: 'alnum', min: 9, max: 9 },
    reasoningReplay: 'none',
    // The second is what it calls the length of vectors.
    renames: { seed: 'random_seed', dimensions: 'output_dimension' },
    refuses: ['stream_options', 'logprobs', 'top_logprobs', 'logit_bias', 'user', 'top_k', ...OPENAI_HINTS],
    messageRefuses: [
      'name',
      'reasoning_content',
      'reasoning',
      'reasoning_details',
      'thinking_blocks',
      'refusal',
      'annotations',
      'audio',
      'function_call',
      'cache_control',
      'prompt_cache_breakpoint',
    ],
  }),
  // The older ones take no effort, most of the newer two levels of it, and some three.
  provider('mistral', '2023-12', MISTRAL, { thinking: 'none' }),
  provider(
    'mistral',
    '2026-03',
    MISTRAL_EFFORTS,
    { thinking: 'effort', efforts: ['none', 'high'] },
    /^(mistral-(small|medium)-(latest|[4-9]|3[-.]5|26)|mistral-medium(-3)?$|magistral-(small|medium)-latest|mistral-vibe-cli|labs-leanstral|(zai-)?glm-5-2)/,
  ),
  provider(
    'mistral',
    '2026-09',
    MISTRAL_EFFORTS,
    { thinking: 'effort', efforts: ['low', 'medium', 'high'] },
    /^mistral-large-4/,
  ),
  provider(
    'mistral',
    '2026-09',
    MISTRAL_EFFORTS,
    { thinking: 'effort', efforts: ['low', 'high', 'max'] },
    /^zai-glm-(5(?!-2)|latest)/,
  ),
  provider('groq', '2024-02', GROQ_CACHE, {
    instructionsRole: 'system',
    reasoningReplay: 'none',
    refuses: ['logprobs', 'top_logprobs', 'logit_bias', 'prompt_cache_key', ...OPENAI_HINTS],
    messageRefuses: [
      'name',
      'reasoning_content',
      'reasoning_details',
      'thinking_blocks',
      'cache_control',
      'prompt_cache_breakpoint',
    ],
  }),
  provider('groq', '2024-02', GROQ, { thinking: 'none', jsonSchema: 'none' }, /^(llama-|gemma|mixtral)/),
  provider('groq', '2025-08', GROQ, GROQ_EFFORTS, /^openai\/gpt-oss/),
  // They think, or do not: of levels they know none.
  provider('groq', '2025-06', GROQ, { thinking: 'effort', efforts: ['none'] }, /^qwen\//),
  // Its Responses read as strictly, and keep and include nothing.
  ...onResponses(
    provider('groq', '2025-08', GROQ_CACHE, {
      refuses: ['top_logprobs', 'prompt_cache_key', 'include', 'truncation', ...OPENAI_HINTS],
    }),
    provider('groq', '2024-02', GROQ, { thinking: 'none', jsonSchema: 'none' }, /^(llama-|gemma|mixtral)/),
    provider('groq', '2025-08', GROQ, GROQ_EFFORTS, /^openai\/gpt-oss/),
  ),
  provider(
    'cerebras',
    '2024-08',
    'inference-docs.cerebras.ai/resources/openai; @cerebras/cerebras_cloud_sdk 1.91.0 (npm). Newer pages no longer list the penalties as refused: dropped to be safe',
    {
      efforts: ['none', 'low', 'medium', 'high'],
      instructionsRole: 'system',
      reasoningReplay: 'reasoning',
      refuses: ['frequency_penalty', 'presence_penalty', 'logit_bias', ...OPENAI_HINTS],
      messageRefuses: [
        'reasoning_content',
        'reasoning_details',
        'thinking_blocks',
        'cache_control',
        'prompt_cache_breakpoint',
      ],
    },
  ),
  provider(
    'xai',
    '2025-07',
    'docs.x.ai/docs/guides/reasoning: penalties and stop are an error for reasoning models',
    {
      stops: 0,
      refuses: ['presence_penalty', 'frequency_penalty'],
    },
    /^(?!.*non-reasoning)grok-(3-mini|4|5|6|code|build)/,
  ),
  ...XAI_EFFORTS,
  ...onResponses(...XAI_EFFORTS),
  provider(
    'deepseek',
    '2024-01',
    'api-docs.deepseek.com/guides/thinking_mode: sampling is ignored while it thinks, which a member of its own switches off; tool loops need reasoning_content; @ai-sdk/deepseek 3.0.56 (npm)',
    {
      efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
      offBy: { thinking: { type: 'disabled' } },
      maxTokensField: 'max_tokens',
      instructionsRole: 'system',
      jsonSchema: 'none',
    },
  ),
  ...onResponses(
    provider('perplexity', '2026-07', '@perplexity-ai/perplexity_ai 0.38.5 (npm), ReasoningConfig', {
      efforts: ['minimal', 'low', 'medium', 'high', 'xhigh'],
    }),
  ),
  provider('openrouter', '2023-07', 'openrouter.ai/docs: parameters a model has not are ignored', {
    reasoningReplay: 'reasoning_details',
    cacheMarks: 'cache_control',
    cacheMarksMax: 4,
  }),
  // Most of its models think unless a member of its own says that they are not to.
  provider('together', '2024-01', TOGETHER, {
    efforts: ['low', 'medium', 'high'],
    offBy: { reasoning: { enabled: false } },
    reasoningReplay: 'reasoning_content',
    messageRefuses: ['reasoning_details', 'thinking_blocks'],
  }),
  provider('together', '2026-04', TOGETHER, { efforts: ['high', 'max'] }, /^deepseek-ai\/deepseek-v4-pro/),
  provider('together', '2025-08', TOGETHER, { thinking: 'effort', offBy: null }, /^openai\/gpt-oss/),
  ...['huggingface', 'nvidia', 'perplexity'].map((name) =>
    provider(name, '2024-01', 'refuses messages with members it does not know (public issues)', {
      reasoningReplay: 'none',
      messageRefuses: ['reasoning_content', 'reasoning_details', 'thinking_blocks'],
    }),
  ),
];
