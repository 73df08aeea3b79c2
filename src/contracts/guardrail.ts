// Guardrails as they are configured: what decides before and after the model.
import type { OperationName } from './operation.ts';

/** Where a guardrail looks. */
export const GUARD_PLACES = ['input', 'output', 'tool_call', 'tool_result'] as const;
export type GuardPlace = (typeof GUARD_PLACES)[number];

/** `block`: refuse; `redact`: take out what was found; `flag`: say so and go on; `retry`: ask the model once more. */
export const GUARD_ACTIONS = ['block', 'redact', 'flag', 'retry'] as const;
export type GuardAction = (typeof GUARD_ACTIONS)[number];

/** `before`: nothing goes on unchecked; `beside`: checked while it goes on, what comes is held; `after`: only said. */
export const GUARD_MODES = ['before', 'beside', 'after'] as const;
export type GuardMode = (typeof GUARD_MODES)[number];

/** What is looked for here, without asking anybody. */
export const LOCAL_CHECKS = [
  'keywords',
  'regex',
  'secrets',
  'pii',
  'injection',
  'schema',
  'length',
  'language',
  'topic',
  'tools',
] as const;
/** Whoever is asked over the network. */
export const REMOTE_CHECKS = [
  'moderation',
  'judge',
  'webhook',
  'presidio',
  'bedrock',
  'azure',
  'model_armor',
  'lakera',
] as const;
export const CHECK_TYPES = [...LOCAL_CHECKS, ...REMOTE_CHECKS] as const;
export type LocalCheckType = (typeof LOCAL_CHECKS)[number];
export type RemoteCheckType = (typeof REMOTE_CHECKS)[number];
export type CheckType = (typeof CHECK_TYPES)[number];

/** What PII is looked for by our own patterns. */
export const PII_ENTITIES = ['email', 'phone', 'iban', 'card', 'national_id', 'ip'] as const;
export type PiiEntity = (typeof PII_ENTITIES)[number];

/** One check; which members count is said by its type (config/guardrails.ts). */
export interface CheckConfig {
  type: CheckType;
  // keywords
  words?: string[];
  caseSensitive?: boolean;
  wholeWords?: boolean;
  // regex
  patterns?: string[];
  /** Longest text a pattern stands for, in characters: what a stream holds back for it. */
  maxLength?: number;
  // secrets
  entropy?: boolean;
  // pii
  entities?: string[];
  /** Placeholders that are turned back in the answer, in place of plain ones. */
  reversible?: boolean;
  // injection, moderation, presidio, azure
  threshold?: number;
  // schema; absent = the one the request asks for
  schema?: Record<string, unknown>;
  // length
  minChars?: number;
  maxChars?: number;
  // language, topic, tools
  allow?: string[];
  deny?: string[];
  // moderation, judge
  model?: string;
  policy?: string;
  categories?: string[];
  // remote
  url?: string;
  shape?: 'headgate' | 'litellm' | 'portkey';
  headers?: Record<string, string>;
  key?: string;
  secret?: string;
  /** Of Bedrock's or Model Armor's, Lakera's project. */
  id?: string;
  version?: string;
  region?: string;
  project?: string;
  language?: string;
  shield?: boolean;
}

/** Which calls a guardrail is for; every list that stands must have the call's. */
export interface GuardWhen {
  /** Names callers use, or patterns with `*` at the end. */
  models?: string[];
  operations?: OperationName[];
  keys?: string[];
  teams?: string[];
  organizations?: string[];
  users?: string[];
  projects?: string[];
  customers?: string[];
  tags?: string[];
}

/** Sound of spoken conversations that no words stand for: refused, said to be unchecked, or let through without a word. */
export const GUARD_SOUNDS = ['refuse', 'flag', 'allow'] as const;
export type GuardSound = (typeof GUARD_SOUNDS)[number];

export interface GuardrailConfig {
  name: string;
  on: GuardPlace[];
  when: GuardWhen;
  checks: CheckConfig[];
  action: GuardAction;
  mode: GuardMode;
  timeoutMs: number;
  onError: 'closed' | 'open';
  /** Share of calls it looks at, 0 to 1. */
  sample: number;
  /** Characters of a stream that may go out before a check beside it has answered; 0 = none. */
  maxUnchecked: number;
  /** Silence of a model after which a check beside its stream is asked about what it said, though no sentence ended. */
  pauseMs: number;
  /** Pictures, sound and files in a request or an answer that none of its checks looks at: said, or refused. */
  media: 'note' | 'refuse';
  sound: GuardSound;
  /** Status of a refusal. */
  status: number;
  /** What the client is told; absent = which guardrail it was. */
  message?: string;
}
