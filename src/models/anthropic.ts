// Claude on the Messages API, wherever it is served: the names may carry a cloud's prefix, date or region. General
// records first; a name that is none of these (`claude-test`) is left as the client wrote it.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';

const CHECKED = '2026-11-29';
const MIGRATION =
  'platform.claude.com/docs/en/about-claude/models/migration-guide; sizes as the model pages had them, not read again';
const SDK = '@anthropic-ai/sdk 1.14.0 (npm), resources/messages';

function claude(
  family: string,
  names: RegExp,
  from: string,
  change: CapabilityChange,
  source: string = MIGRATION,
): CapabilityRecord {
  return {
    family,
    names,
    vendors: null,
    dialect: 'anthropic',
    from,
    source,
    checked: CHECKED,
    change,
  };
}

const out = (tokens: number): CapabilityChange => ({
  maxTokensDefault: tokens,
  maxTokensCap: tokens,
  outputTokens: tokens,
  contextTokens: 200_000,
});

export const ANTHROPIC_RECORDS: readonly CapabilityRecord[] = [
  claude('claude 3', /claude-3-(opus|haiku|sonnet)/, '2024-03', {
    ...out(4096),
    thinking: 'none',
    efforts: [],
    jsonSchema: 'none',
    pdf: false,
  }),
  claude('claude 3.5', /claude-3[-.]5-/, '2024-06', {
    ...out(8192),
    thinking: 'none',
    efforts: [],
    jsonSchema: 'none',
  }),
  claude('claude 3.7', /claude-3[-.]7-/, '2025-02', {
    ...out(64_000),
    thinking: 'budget',
    efforts: [],
    jsonSchema: 'none',
  }),
  claude('claude sonnet 4', /claude-sonnet-4(-20\d{6}|@|-0|$)/, '2025-05', {
    ...out(64_000),
    thinking: 'budget',
    efforts: [],
    jsonSchema: 'none',
  }),
  claude('claude opus 4', /claude-opus-4(-20\d{6}|@|-0|$)/, '2025-05', {
    ...out(32_000),
    thinking: 'budget',
    efforts: [],
    jsonSchema: 'none',
  }),
  claude('claude opus 4.1', /claude-opus-4[-.]1(?!\d)/, '2025-08', {
    ...out(32_000),
    sampling: 'one',
    thinking: 'budget',
    efforts: [],
  }),
  claude('claude 4.5', /claude-(sonnet|haiku|opus)-4[-.]5(?!\d)/, '2025-09', {
    ...out(64_000),
    sampling: 'one',
    thinking: 'budget',
    efforts: [],
  }),
  claude('claude opus 4.5', /claude-opus-4[-.]5(?!\d)/, '2025-11', { efforts: ['low', 'medium', 'high'] }),
  claude('claude 4.6', /claude-(sonnet|opus|haiku)-4[-.]6(?!\d)/, '2026-02', {
    maxTokensDefault: 64_000,
    outputTokens: 64_000,
    contextTokens: 200_000,
    sampling: 'one',
    thinking: 'either',
    efforts: ['low', 'medium', 'high', 'max'],
    prefill: false,
  }),
  // 4.7 and all that came since: adaptive thinking only, no sampling parameters (400 even at their defaults).
  claude(
    'claude 4.7 and later',
    /claude-((opus|sonnet|haiku)-(4[-.][7-9]|[5-9])|fable|mythos)(?!\d)/,
    '2026-04',
    {
      maxTokensDefault: 64_000,
      outputTokens: 128_000,
      contextTokens: 200_000,
      sampling: 'none',
      thinking: 'adaptive',
      efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
      prefill: false,
    },
    `${MIGRATION}; BerriAI/litellm#27039`,
  ),
  // They always think, so `disabled` is no answer, and since 5.1 no call can be forced.
  claude(
    'claude fable and mythos',
    /claude-(fable|mythos)/,
    '2026-08',
    { thinkingOff: false },
    `${SDK}; platform.claude.com/docs/en/models/fable-5-2/whats-new-fable-5-2`,
  ),
  claude(
    'claude fable and mythos 5.1 and later',
    /claude-(fable|mythos)-(5[-.][1-9](?!\d)|[6-9])/,
    '2026-10',
    { forcedTool: false },
    'platform.claude.com/docs/en/models/fable-5-2/whats-new-fable-5-2',
  ),
];
