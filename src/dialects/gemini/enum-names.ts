// Protobuf's JSON may write a value of an enumeration by its number, as Google's SDKs of before google-genai do over REST
// (`"type": 6`). Their names, in the order of generative-language's API. Pure.
import type { Json } from '../../contracts/json.ts';

export const SCHEMA_TYPES = [
  'TYPE_UNSPECIFIED',
  'STRING',
  'NUMBER',
  'INTEGER',
  'BOOLEAN',
  'ARRAY',
  'OBJECT',
  'NULL',
] as const;

export const CALLING_MODES = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'] as const;

export const TASK_TYPES = [
  'TASK_TYPE_UNSPECIFIED',
  'RETRIEVAL_QUERY',
  'RETRIEVAL_DOCUMENT',
  'SEMANTIC_SIMILARITY',
  'CLASSIFICATION',
  'CLUSTERING',
  'QUESTION_ANSWERING',
  'FACT_VERIFICATION',
  'CODE_RETRIEVAL_QUERY',
] as const;

export const MODALITIES = ['MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'AUDIO'] as const;

/** The name of a number that is one of theirs; anything else as it is. */
export function enumName(value: Json | undefined, names: readonly string[]): Json | undefined {
  return typeof value === 'number' ? (names[value] ?? value) : value;
}
