// OpenAI's models on Chat Completions, the general records first. At a custom provider only names that can hardly be
// anybody else's count: `o1` alone may be a deployment's own.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';

const OWN = ['openai', 'azure'];
const ANYWHERE = ['openai', 'azure', 'custom'];
const CHECKED = '2026-11-29';
const REFERENCE =
  'openai 6.49.0 (npm), resources/chat/completions; sizes as the model pages had them, not read again';

/** What only sampling models take, with `max_tokens` and `stop` (docs: reasoning models, "Parameter compatibility"). */
const REASONING_REFUSES = ['logit_bias', 'logprobs', 'top_logprobs'];

const reasoning: CapabilityChange = {
  sampling: 'none',
  thinking: 'effort',
  efforts: ['low', 'medium', 'high'],
  maxTokensField: 'max_completion_tokens',
  stops: 0,
  refuses: REASONING_REFUSES,
};
const oSeries: CapabilityChange = {
  ...reasoning,
  // They call one tool at a time and refuse to be told so.
  refuses: [...REASONING_REFUSES, 'parallel_tool_calls'],
  contextTokens: 200_000,
  outputTokens: 100_000,
  maxTokensCap: 100_000,
};
const plain: CapabilityChange = { thinking: 'none', stops: 4, maxTokensField: 'either' };

function record(
  family: string,
  names: RegExp,
  from: string,
  change: CapabilityChange,
  { vendors = ANYWHERE, source = REFERENCE }: { vendors?: readonly string[]; source?: string } = {},
): CapabilityRecord {
  return { family, names, vendors, dialect: 'openai-chat', from, source, checked: CHECKED, change };
}

export const OPENAI_RECORDS: readonly CapabilityRecord[] = [
  {
    family: 'openai',
    names: null,
    vendors: OWN,
    dialect: 'openai-chat',
    from: '2023-03',
    source: `${REFERENCE}; tool ids: 40 characters until 2026, 64 since (error texts in public issues)`,
    checked: CHECKED,
    change: {
      toolId: { alphabet: 'any', max: 40 },
      toolSchema: { topLevelCombinators: false, needsProperties: true },
      reasoningReplay: 'none',
      // A last assistant message is taken, and answered anew.
      prefill: false,
    },
  },
  // Members that clients write for other vendors. Only for names we know: at others the byte path looks for nothing.
  record(
    'all of OpenAI’s',
    /^(chatgpt|gpt-\d|o\d)/,
    '2023-03',
    {
      messageRefuses: [
        'reasoning_content',
        'reasoning',
        'reasoning_details',
        'thinking_blocks',
        'cache_control',
        'prompt_cache_breakpoint',
      ],
    },
    { vendors: OWN },
  ),
  record('gpt-3.5', /^gpt-3\.5-turbo/, '2023-03', {
    ...plain,
    images: false,
    pdf: false,
    audio: false,
    jsonSchema: 'none',
    maxTokensCap: 4096,
    contextTokens: 16_385,
    outputTokens: 4096,
  }),
  record('gpt-4', /^gpt-4(-\d{4}|-32k|-turbo|$)/, '2023-06', {
    ...plain,
    pdf: false,
    audio: false,
    jsonSchema: 'none',
  }),
  record('gpt-4-turbo', /^gpt-4-(turbo|1106|0125|vision)/, '2023-11', {
    maxTokensCap: 4096,
    contextTokens: 128_000,
    outputTokens: 4096,
  }),
  record('gpt-4o', /^(gpt-4o|chatgpt-4o)/, '2024-05', {
    ...plain,
    maxTokensCap: 16_384,
    contextTokens: 128_000,
    outputTokens: 16_384,
  }),
  record('gpt-4o of May 2024', /^gpt-4o-2024-05-13/, '2024-05-13', {
    jsonSchema: 'none',
    maxTokensCap: 4096,
    outputTokens: 4096,
  }),
  record('gpt-4.1', /^gpt-4\.1/, '2025-04-14', {
    ...plain,
    maxTokensCap: 32_768,
    contextTokens: 1_047_576,
    outputTokens: 32_768,
  }),
  record('o-series', /^o[134](-|$)/, '2024-12-17', oSeries, { vendors: OWN }),
  record('o-series elsewhere', /^(o[13]-(mini|pro|20)|o4-mini)/, '2024-12-17', oSeries, {
    vendors: ['custom'],
  }),
  record('o3-mini', /^o3-mini/, '2025-01-31', { images: false, pdf: false }),
  record('gpt-5', /^gpt-5(?!-chat)(-|\.|$)/, '2025-08-07', {
    ...reasoning,
    efforts: ['minimal', 'low', 'medium', 'high'],
    maxTokensCap: 128_000,
    contextTokens: 400_000,
    outputTokens: 128_000,
  }),
  record('gpt-5.1', /^gpt-5\.1(-|$)/, '2025-11-13', {
    sampling: 'unreasoned',
    efforts: ['none', 'low', 'medium', 'high'],
  }),
  record('gpt-5.2 to gpt-5.5', /^gpt-5\.[2-5](-|$)/, '2025-12-11', {
    sampling: 'unreasoned',
    efforts: ['none', 'low', 'medium', 'high', 'xhigh'],
  }),
  record(
    'gpt-5.4, gpt-5.5',
    /^gpt-5\.[45](-|$)/,
    '2026-03',
    { effortWithTools: 'none' },
    { source: 'BerriAI/litellm#34569, openai/openai-openapi#541: tools beside an effort are a 400 on Chat' },
  ),
  record(
    'gpt-5.6 and later',
    /^gpt-(5\.([6-9]|\d\d)|[6-9](\.\d+)?)(-|$)/,
    '2026-07',
    {
      ...reasoning,
      efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'],
      effortWithTools: 'say-none',
      cacheMarks: 'breakpoint',
    },
    {
      source: `${REFERENCE} (prompt_cache_options); khoj-ai/khoj#1377 (temperature); BerriAI/litellm#34569 (tools)`,
    },
  ),
  record(
    'gpt-6-astra, gpt-6.1-sol',
    /^gpt-6(-astra|\.1-sol)(-|$)/,
    '2026-09',
    { efforts: ['low', 'medium', 'high', 'xhigh', 'max'], tools: 'responses' },
    { source: 'BerriAI/litellm#34569: they know no effort `none`, so tools go by Responses only' },
  ),
  // The models behind ChatGPT take one effort or none, and are asked for no other.
  record('gpt-5-chat', /^gpt-5-chat/, '2025-08-07', {
    sampling: 'all',
    thinking: 'none',
    maxTokensCap: 16_384,
    outputTokens: 16_384,
    contextTokens: 128_000,
  }),
  record('gpt-5.x-chat', /^gpt-5\.\d-chat/, '2025-11-13', {
    sampling: 'none',
    thinking: 'none',
    effortWithTools: 'any',
    maxTokensCap: 16_384,
    outputTokens: 16_384,
    contextTokens: 128_000,
  }),
];
