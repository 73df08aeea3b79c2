// Cohere's models on its own v2 chat. Only the reasoning ones take `thinking`, only the vision ones take pictures.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';

const SOURCE =
  'cohere-ai 8.1.0 (npm), V2ChatRequest; sizes and modes as the model pages had them, not read again';

function record(
  family: string,
  names: RegExp | null,
  from: string,
  change: CapabilityChange,
): CapabilityRecord {
  return {
    family,
    names,
    vendors: ['cohere'],
    dialect: 'cohere',
    from,
    source: SOURCE,
    checked: '2026-11-29',
    change,
  };
}

export const COHERE_RECORDS: readonly CapabilityRecord[] = [
  record('cohere', null, '2024-09', { thinking: 'none', images: false }),
  record('command-r', /^command-r/, '2024-03', {
    contextTokens: 128_000,
    outputTokens: 4_096,
    maxTokensCap: 4_096,
  }),
  record('command-a', /^command-a/, '2025-03', {
    contextTokens: 256_000,
    outputTokens: 8_192,
    maxTokensCap: 8_192,
  }),
  record('command-a-reasoning', /reasoning/, '2025-08', {
    thinking: 'budget',
    outputTokens: 32_768,
    maxTokensCap: 32_768,
  }),
  record('vision', /vision/, '2025-03', { images: true }),
];
