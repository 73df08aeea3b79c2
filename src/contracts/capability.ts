// What a model takes and what it refuses, as its encoders and the byte path need it. Records (src/models/) state only
// what their source says; compiled, every field has a value. `null` and `unknown` always mean "not known: leave it as
// the client wrote it", so that a model nobody described is never changed.
import type { DialectName } from './dialect-name.ts';
import type { Json } from './json.ts';

/** Levels of effort, weakest first. */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

export interface ToolIdLimits {
  /** `any`; `word` = letters, digits, `_` and `-`; `alnum` = letters and digits. */
  alphabet: 'any' | 'word' | 'alnum';
  /** Fewest and most characters; null = not known. */
  min: number;
  max: number | null;
}

export interface ToolSchemaLimits {
  /** `anyOf`, `oneOf`, `allOf` (and `enum`, `not`) may stand at the top of a tool's schema. */
  topLevelCombinators: boolean;
  /** An object schema must have `properties`. */
  needsProperties: boolean;
}

export interface Capabilities {
  /**
   * temperature, top_p, top_k and penalties: `all`; `one` = temperature or top_p, not both; `unreasoned` = only beside
   * effort `none`; `none`.
   */
  sampling: 'all' | 'one' | 'unreasoned' | 'none';
  /**
   * How reasoning is asked for. Anthropic: `budget` (thinking enabled), `either`, `adaptive` (with an effort beside it).
   * OpenAI: `effort`. `none`: the model has no reasoning, or none that can be steered; the parameter is refused.
   */
  thinking: 'unknown' | 'none' | 'budget' | 'either' | 'adaptive' | 'effort';
  /** Levels it takes, weakest first; null = not known. */
  efforts: readonly Effort[] | null;
  /** False: thinking cannot be switched off (`thinking: disabled` is refused). */
  thinkingOff: boolean;
  /** Members that switch thinking off where no effort does; null = the effort `none` does, or nothing. */
  offBy: Readonly<Record<string, Json>> | null;
  /** Effort beside function tools on Chat: any level; only `none` or no word of it; `none` must be said. */
  effortWithTools: 'any' | 'none' | 'say-none';
  /** Where function tools are taken: on Chat, on Responses only, nowhere. */
  tools: 'chat' | 'responses' | 'none';
  /** False: `tool_choice` may not force a call. */
  forcedTool: boolean;
  /** The name of the limit: both are taken, or one is refused. */
  maxTokensField: 'either' | 'max_tokens' | 'max_completion_tokens';
  /** To state where the dialect wants a limit and the client gave none; null = the gateway's own default. */
  maxTokensDefault: number | null;
  /** Most that may be asked for, in tokens; more is a 400 there. Null = not known. */
  maxTokensCap: number | null;
  /** Stop sequences taken; 0 = `stop` is refused; null = not known. */
  stops: number | null;
  /** A last message of the assistant's own is taken as the beginning of the answer. */
  prefill: boolean;
  /** How a place in the prompt is marked for caching, where it can be marked. */
  cacheMarks: 'none' | 'cache_control' | 'breakpoint' | 'cache_point';
  /** Most marks a request may hold; null = not known. */
  cacheMarksMax: number | null;
  /** Inputs. False = known to be refused. */
  images: boolean;
  pdf: boolean;
  audio: boolean;
  /** `json_schema` formats: taken whole; only closed objects and without the keywords Claude refuses; not at all. */
  jsonSchema: 'full' | 'closed' | 'none';
  toolSchema: ToolSchemaLimits;
  /** Roles that instructions may have: both, or only one of them. */
  instructionsRole: 'either' | 'system' | 'developer' | 'none';
  toolId: ToolIdLimits;
  /** Field that takes the reasoning of earlier turns back; `none` = such a field is a 400. */
  reasoningReplay: 'reasoning_content' | 'reasoning' | 'reasoning_details' | 'none';
  /** Top-level members that are a 400 though the dialect has them. */
  refuses: readonly string[];
  /** Top-level members under another name there: dialect's name -> theirs. */
  renames: Readonly<Record<string, string>>;
  /** Members of a message or of a content part that are a 400 there. */
  messageRefuses: readonly string[];
  /** A call in the history has to carry the signature it was made with (Gemini 3 and later). */
  signedCalls: boolean;
  /** A tool's result may hold media where the dialect has a place for them beside its text. */
  resultMedia: boolean;
  /** Tokens of prompt and answer together, and of an answer; null = not known. For routing and prices; nothing is refused by them. */
  contextTokens: number | null;
  outputTokens: number | null;
}

/** What a record or the configuration states; the rest comes from less specific records. */
export type CapabilityChange = Partial<Omit<Capabilities, 'toolSchema' | 'toolId'>> & {
  toolSchema?: Partial<ToolSchemaLimits>;
  toolId?: Partial<ToolIdLimits>;
};

/** One model family, or all models of a provider. */
export interface CapabilityRecord {
  /** The model family, or the provider, in a word. */
  family: string;
  /** Names of its models at the provider (lower case); null = all. */
  names: RegExp | null;
  /** Vendors it holds at: names of provider records, or `custom` for a provider nobody described; null = all. */
  vendors: readonly string[] | null;
  /** The dialect it describes: the same model may be served under several. */
  dialect: DialectName;
  /** When the family came out, `YYYY-MM` or `YYYY-MM-DD`. */
  from: string;
  /** Where it was read, and the day. */
  source: string;
  checked: string;
  change: CapabilityChange;
}

/** What both dialects' own documentation has alike. */
const PLAIN = {
  sampling: 'all',
  thinking: 'unknown',
  efforts: null,
  thinkingOff: true,
  offBy: null,
  effortWithTools: 'any',
  tools: 'chat',
  forcedTool: true,
  maxTokensDefault: null,
  maxTokensCap: null,
  stops: null,
  prefill: true,
  images: true,
  pdf: true,
  refuses: [],
  renames: {},
  messageRefuses: [],
  signedCalls: false,
  resultMedia: true,
  contextTokens: null,
  outputTokens: null,
} as const satisfies Partial<Capabilities>;

/** Claude's Messages, wherever it is served. */
const MESSAGES: Capabilities = {
  ...PLAIN,
  maxTokensField: 'max_tokens',
  cacheMarks: 'cache_control',
  cacheMarksMax: 4,
  audio: false,
  jsonSchema: 'closed',
  toolSchema: { topLevelCombinators: false, needsProperties: false },
  instructionsRole: 'system',
  toolId: { alphabet: 'word', min: 1, max: null },
  reasoningReplay: 'none',
};

/** A model nobody described, at a provider nobody described, as each dialect's own documentation has it. */
export const UNKNOWN_CAPABILITIES: Readonly<Record<DialectName, Capabilities>> = {
  'openai-chat': {
    ...PLAIN,
    maxTokensField: 'either',
    cacheMarks: 'none',
    cacheMarksMax: null,
    audio: true,
    jsonSchema: 'full',
    toolSchema: { topLevelCombinators: true, needsProperties: false },
    instructionsRole: 'either',
    toolId: { alphabet: 'any', min: 1, max: null },
    reasoningReplay: 'reasoning_content',
  },
  anthropic: MESSAGES,
  'bedrock-invoke': MESSAGES,
  bedrock: {
    ...PLAIN,
    maxTokensField: 'either',
    cacheMarks: 'cache_point',
    cacheMarksMax: 4,
    audio: true,
    jsonSchema: 'full',
    toolSchema: { topLevelCombinators: false, needsProperties: false },
    instructionsRole: 'system',
    toolId: { alphabet: 'word', min: 1, max: 64 },
    reasoningReplay: 'none',
  },
  cohere: {
    ...PLAIN,
    maxTokensField: 'max_tokens',
    cacheMarks: 'none',
    cacheMarksMax: null,
    stops: 5,
    prefill: false,
    pdf: false,
    audio: false,
    jsonSchema: 'full',
    toolSchema: { topLevelCombinators: false, needsProperties: false },
    instructionsRole: 'system',
    toolId: { alphabet: 'any', min: 1, max: null },
    reasoningReplay: 'none',
  },
  gemini: {
    ...PLAIN,
    prefill: false,
    maxTokensField: 'either',
    cacheMarks: 'none',
    cacheMarksMax: null,
    stops: 5,
    audio: true,
    jsonSchema: 'full',
    toolSchema: { topLevelCombinators: true, needsProperties: false },
    instructionsRole: 'system',
    toolId: { alphabet: 'any', min: 1, max: null },
    reasoningReplay: 'none',
  },
  'openai-responses': {
    ...PLAIN,
    prefill: false,
    maxTokensField: 'either',
    cacheMarks: 'none',
    cacheMarksMax: null,
    audio: false,
    jsonSchema: 'full',
    toolSchema: { topLevelCombinators: true, needsProperties: false },
    instructionsRole: 'either',
    toolId: { alphabet: 'any', min: 1, max: null },
    reasoningReplay: 'none',
  },
};

/** Dialects whose models are described under another's name: the same requests in other frames. */
export const DESCRIBED_AS: Partial<Readonly<Record<DialectName, DialectName>>> = {
  'bedrock-invoke': 'anthropic',
};
