// `additionalModelRequestFields`: what a model takes beside Converse, in its own maker's words. Those of Claude, gpt-oss and
// Nova that others have too are read; the rest is left out by name.
import type { Num, ReasoningSettings, ResponseFormat, ToolChoice } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import { at, isObject, numberOf, readBoolean, readNumber, readObject, readString } from '../read.ts';

export interface ModelFields {
  topK: Num | null;
  reasoning: ReasoningSettings | null;
  toolChoice: ToolChoice | null;
  parallelToolCalls: boolean | null;
  /** As Claude's own API has it: some clients ask a model of that name so. */
  responseFormat: ResponseFormat | null;
}

const PATH = 'additionalModelRequestFields';
const READ: ReadonlySet<string> = new Set([
  'top_k',
  'thinking',
  'reasoning_effort',
  'reasoningConfig',
  'output_config',
  'tool_choice',
]);

const OUTPUT: ReadonlySet<string> = new Set(['effort', 'format']);

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the path of a member of a wrong type. */
export function decodeModelFields(body: JsonObject, dropped: string[]): ModelFields {
  const fields = readObject(body, PATH, '') ?? {};
  noteLeftOver(fields, READ, PATH, dropped);
  const choice = readObject(fields, 'tool_choice', PATH);
  const oneAtATime =
    choice === null ? null : readBoolean(choice, 'disable_parallel_tool_use', at(PATH, 'tool_choice'));
  return {
    topK: readNumber(fields, 'top_k', PATH),
    reasoning: reasoningIn(fields),
    toolChoice: choice === null ? null : choiceOf(choice),
    parallelToolCalls: oneAtATime === null ? null : !oneAtATime,
    responseFormat: formatIn(fields, dropped),
  };
}

function formatIn(fields: JsonObject, dropped: string[]): ResponseFormat | null {
  const path = at(PATH, 'output_config');
  const output = readObject(fields, 'output_config', PATH) ?? {};
  noteLeftOver(output, OUTPUT, path, dropped);
  const format = readObject(output, 'format', path);
  if (format === null) return null;
  const { type, schema } = format;
  if (type === 'json_schema' && isObject(schema))
    return { kind: 'json_schema', name: 'response', schema, strict: null };
  dropped.push(at(path, 'format'));
  return null;
}

function choiceOf(choice: JsonObject): ToolChoice | null {
  const path = at(PATH, 'tool_choice');
  switch (readString(choice, 'type', path)) {
    case 'any':
      return { kind: 'required' };
    case 'tool': {
      const name = readString(choice, 'name', path);
      return name === null ? null : { kind: 'tool', name };
    }
    case 'none':
      return { kind: 'none' };
    default:
      return null;
  }
}

function reasoningIn(fields: JsonObject): ReasoningSettings | null {
  const claude = readObject(fields, 'thinking', PATH);
  const output = readObject(fields, 'output_config', PATH) ?? {};
  const effort =
    readString(output, 'effort', at(PATH, 'output_config')) ??
    readString(fields, 'reasoning_effort', PATH) ??
    effortOfNova(readObject(fields, 'reasoningConfig', PATH));
  if (claude === null) return effort === null ? null : { effort, budgetTokens: null, adaptive: false };
  switch (readString(claude, 'type', at(PATH, 'thinking'))) {
    case 'disabled':
      return { effort: 'none', budgetTokens: null, adaptive: false };
    case 'enabled': {
      const budget = readNumber(claude, 'budget_tokens', at(PATH, 'thinking'));
      return { effort, budgetTokens: budget === null ? null : numberOf(budget), adaptive: false };
    }
    default:
      return { effort, budgetTokens: null, adaptive: true };
  }
}

function effortOfNova(config: JsonObject | null): string | null {
  if (config === null) return null;
  const path = at(PATH, 'reasoningConfig');
  if (readString(config, 'type', path) === 'disabled') return 'none';
  return readString(config, 'maxReasoningEffort', path);
}
