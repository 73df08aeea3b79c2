// Every capability record, as an explicit list: general ones first, as a later one wins.
import type { CapabilityRecord } from '../contracts/capability.ts';
import { ANTHROPIC_RECORDS } from './anthropic.ts';
import { BEDROCK_RECORDS } from './bedrock.ts';
import { COHERE_RECORDS } from './cohere.ts';
import { COMPATIBLE_RECORDS } from './compatible.ts';
import { GOOGLE_RECORDS } from './google.ts';
import { MODEL_SERVER_RECORDS } from './model-servers.ts';
import { OPENAI_RECORDS } from './openai.ts';
import { RESPONSES_RECORDS } from './openai-responses.ts';

export const CAPABILITY_RECORDS: readonly CapabilityRecord[] = [
  ...OPENAI_RECORDS,
  ...ANTHROPIC_RECORDS,
  ...BEDROCK_RECORDS,
  ...COHERE_RECORDS,
  ...GOOGLE_RECORDS,
  ...COMPATIBLE_RECORDS,
  ...MODEL_SERVER_RECORDS,
  ...RESPONSES_RECORDS,
];
