// Models as Converse takes them. Claude's are those of its own API in Bedrock's words; of the others it is known that they
// have no cache points.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';
import { ANTHROPIC_RECORDS } from './anthropic.ts';

const CACHING = 'docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching';
const CHECKED = '2026-11-29';

function record(
  family: string,
  names: RegExp,
  from: string,
  change: CapabilityChange,
  source: string,
): CapabilityRecord {
  return { family, names, vendors: null, dialect: 'bedrock', from, source, checked: CHECKED, change };
}

export const BEDROCK_RECORDS: readonly CapabilityRecord[] = [
  record(
    'models without cache points',
    /(^|[./])(ai21|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer|zai)\./,
    '2025-04',
    { cacheMarks: 'none' },
    CACHING,
  ),
  record(
    'claude on converse',
    /claude/,
    '2024-05',
    { jsonSchema: 'closed', audio: false },
    'docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-structured-outputs',
  ),
  record(
    'claude without cache points',
    /claude-(3-(opus|haiku|sonnet)|3[-.]5-sonnet|v2|instant)/,
    '2025-04',
    { cacheMarks: 'none' },
    CACHING,
  ),
  ...ANTHROPIC_RECORDS.map((known): CapabilityRecord => ({ ...known, dialect: 'bedrock' })),
];
