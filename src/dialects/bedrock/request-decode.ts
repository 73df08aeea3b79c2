// A Converse request into the neutral form. The path of the request says the model and whether to stream.
import type {
  ChatRequest,
  JsonObject,
  ResponseFormat,
  TextPart,
  ToolChoice,
  ToolDef,
  Turn,
} from '../../contracts/chat.ts';
import { type Assumed, noteLeftOver, saysSomething } from '../left-over.ts';
import { parseObject } from '../lenient.ts';
import type { Unmapped } from '../notes.ts';
import {
  asObject,
  at,
  badRequest,
  needArray,
  needObject,
  needString,
  oneOf,
  readArray,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
  readStrings,
} from '../read.ts';
import { decodeCachePoint, decodeContent, decodeSystem, kindOf } from './blocks-decode.ts';
import { decodeModelFields, type ModelFields } from './model-fields.ts';

/** Members read below, the gateway's own, and those with a word of their own. */
const READ: ReadonlySet<string> = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'outputConfig',
  'additionalModelRequestFields',
  'guardrailConfig',
  'promptVariables',
  'modelId',
  'fallbacks',
]);
const ASSUMED: Assumed = { performanceConfig: '{"latency":"standard"}', serviceTier: '{"type":"default"}' };
const INFERENCE: ReadonlySet<string> = new Set(['maxTokens', 'temperature', 'topP', 'stopSequences']);
/** Without them something else would be asked. */
const PROVIDER_OWN = ['guardrailConfig', 'promptVariables'] as const;

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the path of the first member that is missing or of a wrong type. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const unmapped: Unmapped = { dropped: [], mustNotDrop: [] };
  for (const key of PROVIDER_OWN) {
    if (saysSomething(body[key])) unmapped.mustNotDrop.push(key);
  }
  const { system, turns } = decodeMessages(body, unmapped);
  const inference = readObject(body, 'inferenceConfig', '') ?? {};
  const limits = 'inferenceConfig';
  noteLeftOver(inference, INFERENCE, limits, unmapped.dropped);
  const { tools, toolChoice } = decodeTools(body, unmapped);
  const fields = decodeModelFields(body, unmapped.dropped);
  const { effort, responseFormat } = decodeOutputConfig(body, unmapped);
  noteLeftOver(body, READ, '', unmapped.dropped, ASSUMED);
  return {
    model: '',
    system,
    turns,
    tools,
    toolChoice: fields.toolChoice ?? toolChoice,
    parallelToolCalls: fields.parallelToolCalls,
    maxTokens: readInteger(inference, 'maxTokens', limits),
    temperature: readNumber(inference, 'temperature', limits),
    topP: readNumber(inference, 'topP', limits),
    topK: fields.topK,
    stop: readStrings(inference, 'stopSequences', limits) ?? [],
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    responseFormat: responseFormat ?? fields.responseFormat,
    reasoning: reasoningOf(fields, effort),
    user: null,
    stream: false,
    includeUsage: true,
    dropped: unmapped.dropped,
    mustNotDrop: unmapped.mustNotDrop,
    ...(unmapped.citations && { citations: unmapped.citations }),
  };
}

function reasoningOf({ reasoning }: ModelFields, effort: string | null): ChatRequest['reasoning'] {
  if (effort === null) return reasoning;
  return { budgetTokens: null, adaptive: false, ...reasoning, effort: reasoning?.effort ?? effort };
}

function decodeMessages(body: JsonObject, unmapped: Unmapped): { system: TextPart[]; turns: Turn[] } {
  const system = decodeSystem(body['system'], 'system', unmapped);
  const turns: Turn[] = [];
  const messages = needArray(body, 'messages', '');
  if (messages.length === 0)
    throw badRequest('messages', "Invalid value: 'messages' must hold at least one message.");
  for (const [index, item] of messages.entries()) {
    const path = at('messages', index);
    const message = asObject(item, path);
    const role = oneOf(needString(message, 'role', path), ['user', 'assistant', 'system'], at(path, 'role'));
    const content = at(path, 'content');
    if (role !== 'system') {
      turns.push({ role, parts: decodeContent(message['content'], content, role, unmapped), name: null });
      continue;
    }
    const parts = decodeSystem(message['content'], content, unmapped);
    if (turns.length === 0) for (const part of parts) system.push(part);
    else turns.push({ role, parts, name: null });
  }
  return { system, turns };
}

function decodeTools(
  body: JsonObject,
  unmapped: Unmapped,
): { tools: ToolDef[]; toolChoice: ToolChoice | null } {
  const config = readObject(body, 'toolConfig', '');
  if (config === null) return { tools: [], toolChoice: null };
  const tools: ToolDef[] = [];
  const path = at('toolConfig', 'tools');
  for (const [index, item] of (readArray(config, 'tools', 'toolConfig') ?? []).entries()) {
    const toolPath = at(path, index);
    const tool = asObject(item, toolPath);
    const kind = kindOf(tool, toolPath);
    if (kind === 'toolSpec')
      tools.push(decodeTool(needObject(tool, kind, toolPath), at(toolPath, kind), unmapped));
    else if (kind !== 'cachePoint') unmapped.mustNotDrop.push(at(toolPath, kind));
    else {
      const last = tools.at(-1);
      if (last === undefined) unmapped.dropped.push(toolPath);
      else last.cache = decodeCachePoint(tool, toolPath);
    }
  }
  return { tools, toolChoice: decodeToolChoice(config) };
}

function decodeTool(spec: JsonObject, path: string, unmapped: Unmapped): ToolDef {
  noteLeftOver(spec, TOOL, path, unmapped.dropped);
  return {
    name: needString(spec, 'name', path),
    description: readString(spec, 'description', path),
    schema: readObject(needObject(spec, 'inputSchema', path), 'json', at(path, 'inputSchema')),
    strict: readBoolean(spec, 'strict', path),
    cache: null,
  };
}

const TOOL: ReadonlySet<string> = new Set(['name', 'description', 'inputSchema', 'strict']);

function decodeToolChoice(config: JsonObject): ToolChoice | null {
  const choice = readObject(config, 'toolChoice', 'toolConfig');
  if (choice === null) return null;
  const path = at('toolConfig', 'toolChoice');
  const kind = oneOf(kindOf(choice, path), ['auto', 'any', 'tool'], path);
  const said = needObject(choice, kind, path);
  switch (kind) {
    case 'auto':
      return { kind: 'auto' };
    case 'any':
      return { kind: 'required' };
    case 'tool':
      return { kind: 'tool', name: needString(said, 'name', at(path, kind)) };
  }
}

function decodeOutputConfig(
  body: JsonObject,
  unmapped: Unmapped,
): { effort: string | null; responseFormat: ResponseFormat | null } {
  const path = 'outputConfig';
  const config = readObject(body, path, '') ?? {};
  noteLeftOver(config, OUTPUT, path, unmapped.dropped);
  return {
    effort: readString(config, 'effort', path),
    responseFormat: decodeFormat(config, at(path, 'textFormat')),
  };
}

const OUTPUT: ReadonlySet<string> = new Set(['textFormat', 'effort']);

function decodeFormat(config: JsonObject, path: string): ResponseFormat | null {
  const format = readObject(config, 'textFormat', 'outputConfig');
  if (format === null) return null;
  oneOf(needString(format, 'type', path), ['json_schema'], at(path, 'type'));
  const structure = needObject(format, 'structure', path);
  const schemaPath = at(at(path, 'structure'), 'jsonSchema');
  const stated = needObject(structure, 'jsonSchema', at(path, 'structure'));
  const schema = parseObject(needString(stated, 'schema', schemaPath));
  if (schema === null) {
    const where = at(schemaPath, 'schema');
    throw badRequest(where, `Invalid value: '${where}' must be the text of a JSON Schema.`);
  }
  // Not `strict`: what Bedrock takes, optional properties for one, another vendor's strict mode may refuse.
  const name = readString(stated, 'name', schemaPath) ?? 'response';
  return { kind: 'json_schema', name, schema, strict: null };
}
