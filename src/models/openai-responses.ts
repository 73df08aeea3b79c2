// OpenAI's models on Responses: as on Chat Completions, without what Chat alone refuses of them.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';
import { OPENAI_RECORDS } from './openai.ts';

/** Members that Responses has under the same name. */
const SHARED: ReadonlySet<string> = new Set(['top_logprobs', 'parallel_tool_calls', 'user', 'store']);

export const RESPONSES_RECORDS: readonly CapabilityRecord[] = OPENAI_RECORDS.map(
  (record): CapabilityRecord => ({
    ...record,
    dialect: 'openai-responses',
    change: onResponses(record.change),
  }),
).filter(({ change }) => Object.keys(change).length > 0);

function onResponses(change: CapabilityChange): CapabilityChange {
  const { effortWithTools, tools, maxTokensField, messageRefuses, refuses, audio, ...shared } = change;
  const kept = refuses?.filter((name) => SHARED.has(name)) ?? [];
  return kept.length > 0 ? { ...shared, refuses: kept } : shared;
}
