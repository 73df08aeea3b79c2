// Gemini and Gemma on generateContent, at Google AI Studio and on Vertex. General records first.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';

const CHECKED = '2026-11-29';
const GUIDE = 'ai.google.dev/gemini-api/docs/thinking; sizes as the model pages had them, not read again';
const SIGNATURES = 'ai.google.dev/gemini-api/docs/thought-signatures';

function google(
  family: string,
  names: RegExp,
  from: string,
  change: CapabilityChange,
  source: string = GUIDE,
): CapabilityRecord {
  return { family, names, vendors: null, dialect: 'gemini', from, source, checked: CHECKED, change };
}

const sizes = (outputTokens: number): CapabilityChange => ({ contextTokens: 1_048_576, outputTokens });

export const GOOGLE_RECORDS: readonly CapabilityRecord[] = [
  google('gemini 1.5 and 2.0', /gemini-(1\.5|2\.0)-/, '2024-02', {
    ...sizes(8192),
    thinking: 'none',
    resultMedia: false,
  }),
  google('gemini 2.5', /gemini-2\.5-/, '2025-06', {
    ...sizes(65_536),
    thinking: 'budget',
    resultMedia: false,
  }),
  google('gemini 2.5 pro', /gemini-2\.5-pro/, '2025-06', { thinkingOff: false }),
  google('gemini 2.5 for pictures and speech', /gemini-2\.5-.*(image|tts)/, '2025-08', { thinking: 'none' }),
  google(
    'gemini 3 and later',
    /gemini-([3-9]|\d\d)(?!\d)|gemini-(pro|flash|flash-lite)-latest/,
    '2025-11',
    { ...sizes(65_536), thinking: 'effort', thinkingOff: false, signedCalls: true },
    `${SIGNATURES}; ${GUIDE}`,
  ),
  google('gemini 3 pro', /gemini-3-pro/, '2025-11', { efforts: ['low', 'high'] }),
  google('gemini 3.1 pro', /gemini-3\.1-pro/, '2026-02', { efforts: ['low', 'medium', 'high'] }),
  google('gemini 3 flash', /gemini-3(\.\d)?-flash/, '2025-12', {
    efforts: ['minimal', 'low', 'medium', 'high'],
  }),
  google('gemma', /gemma-/, '2025-03', { thinking: 'none', resultMedia: false, audio: false, pdf: false }),
];
