// `generationConfig` of a client.
import type { ChatRequest, Num, ReasoningSettings, ResponseFormat } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import {
  asObject,
  at,
  badRequest,
  isObject,
  numberOf,
  oneOf,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
  readStrings,
} from '../read.ts';
import { enumName, MODALITIES } from './enum-names.ts';
import type { Notes } from './notes.ts';
import { decodeSchema } from './schema-decode.ts';
import { camel } from './spelling.ts';

const PATH = 'generationConfig';

const READ: ReadonlySet<string> = new Set([
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'responseLogprobs',
  'logprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'thinkingConfig',
]);

const LEVELS = ['THINKING_LEVEL_UNSPECIFIED', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] as const;

type Settings = Pick<
  ChatRequest,
  | 'maxTokens'
  | 'temperature'
  | 'topP'
  | 'topK'
  | 'stop'
  | 'seed'
  | 'frequencyPenalty'
  | 'presencePenalty'
  | 'responseFormat'
  | 'reasoning'
> & {
  logprobs: Num | null;
  /** The values of which the answer is one, as plain text; null = it is any. */
  oneOf: string[] | null;
} & Pick<ChatRequest, 'choices'>;

/** Reads `generationConfig`. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function decodeConfig(body: JsonObject, notes: Notes): Settings {
  const config = camel(readObject(body, PATH, '') ?? {}, notes.spelling);
  noteLeftOver(config, READ, PATH, notes.dropped);
  const modalities = readModalities(config);
  if (modalities.some((name) => !/^(text|modality_unspecified)$/i.test(name))) {
    notes.mustNotDrop.push(at(PATH, 'responseModalities'));
  }
  return {
    maxTokens: readInteger(config, 'maxOutputTokens', PATH),
    temperature: readNumber(config, 'temperature', PATH),
    topP: readNumber(config, 'topP', PATH),
    // Of type float there: `40.0` is what the SDKs write.
    topK: readTopK(config),
    stop: readStrings(config, 'stopSequences', PATH) ?? [],
    seed: readNumber(config, 'seed', PATH),
    frequencyPenalty: readNumber(config, 'frequencyPenalty', PATH),
    presencePenalty: readNumber(config, 'presencePenalty', PATH),
    responseFormat: readFormat(config, notes),
    reasoning: readThinking(config, notes),
    logprobs: readLogprobs(config),
    oneOf: readValues(config),
    ...readChoices(config),
  };
}

function readModalities({ responseModalities: said }: JsonObject): string[] {
  const named = Array.isArray(said) ? said.map((one) => enumName(one, MODALITIES) ?? null) : said;
  return (
    readStrings({ ...(named !== undefined && { responseModalities: named }) }, 'responseModalities', PATH) ??
    []
  );
}

function readChoices(config: JsonObject): Pick<ChatRequest, 'choices'> {
  const count = readInteger(config, 'candidateCount', PATH);
  if (count === null || numberOf(count) <= 1) return {};
  return { choices: { count, field: at(PATH, 'candidateCount') } };
}

function readTopK(config: JsonObject): Num | null {
  const value = readNumber(config, 'topK', PATH);
  if (value === null) return null;
  const number = numberOf(value);
  return Number.isInteger(number) ? number : value;
}

function readLogprobs(config: JsonObject): Num | null {
  const count = readInteger(config, 'logprobs', PATH);
  return readBoolean(config, 'responseLogprobs', PATH) === true ? (count ?? 0) : null;
}

function readFormat(config: JsonObject, notes: Notes): ResponseFormat | null {
  const type = readString(config, 'responseMimeType', PATH)?.trim().toLowerCase() ?? '';
  const whole = readSchema(config, 'responseJsonSchema');
  const subset = readSchema(config, 'responseSchema');
  const schema = whole ?? (subset === null ? null : decodeSchema(subset));
  if (type === ENUM) {
    // No other vendor has it: it is asked for in words, where it says of which.
    const list = readValues(config) === null ? notes.mustNotDrop : notes.adapted;
    list.push(at(PATH, 'responseMimeType'));
    return null;
  }
  if (type !== '' && type !== 'text/plain' && type !== 'application/json') {
    const where = at(PATH, 'responseMimeType');
    throw badRequest(where, `Invalid value: '${where}' must be 'text/plain' or 'application/json'.`);
  }
  if (schema !== null) return { kind: 'json_schema', name: nameOf(schema), schema, strict: null };
  return type === 'application/json' ? { kind: 'json_object' } : null;
}

/** One value of a list, without the quotes that JSON has around it. */
const ENUM = 'text/x.enum';

function readValues(config: JsonObject): string[] | null {
  const type = config['responseMimeType'];
  if (typeof type !== 'string' || type.trim().toLowerCase() !== ENUM) return null;
  const values = (readSchema(config, 'responseJsonSchema') ?? readSchema(config, 'responseSchema'))?.['enum'];
  const all = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  return all.length === 0 ? null : all;
}

function readSchema(config: JsonObject, key: string): JsonObject | null {
  const value = config[key];
  if (value === undefined || value === null || value === true) return null;
  return asObject(value, at(PATH, key));
}

// Other vendors want a name, of letters, digits, `_` and `-`.
function nameOf(schema: JsonObject): string {
  const title = typeof schema['title'] === 'string' ? schema['title'].replace(/[^A-Za-z0-9_-]/g, '_') : '';
  return title === '' ? 'response' : title.slice(0, 64);
}

function readThinking(config: JsonObject, notes: Notes): ReasoningSettings | null {
  const value = config['thinkingConfig'];
  if (value === undefined || value === null) return null;
  const path = at(PATH, 'thinkingConfig');
  const thinking = camel(isObject(value) ? value : asObject(value, path), notes.spelling);
  noteLeftOver(
    thinking,
    new Set(['includeThoughts', 'thinkingBudget', 'thinkingLevel']),
    path,
    notes.dropped,
  );
  const shown = readBoolean(thinking, 'includeThoughts', path);
  const budget = readNumber(thinking, 'thinkingBudget', path);
  const said = readString(thinking, 'thinkingLevel', path);
  const level = said === null ? null : oneOf(said.toUpperCase(), LEVELS, at(path, 'thinkingLevel'));
  if (level !== null && level !== 'THINKING_LEVEL_UNSPECIFIED') {
    return { effort: level.toLowerCase(), budgetTokens: null, adaptive: false };
  }
  const tokens = budget === null ? null : numberOf(budget);
  if (tokens === 0) return { effort: 'none', budgetTokens: null, adaptive: false };
  if (tokens !== null && tokens > 0) return { effort: null, budgetTokens: tokens, adaptive: false };
  // -1: as the model sees fit. So do those who only ask to be shown it.
  return tokens !== null || shown === true ? { effort: null, budgetTokens: null, adaptive: true } : null;
}
