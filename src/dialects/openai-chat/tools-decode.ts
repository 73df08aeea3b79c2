// Tool definitions, tool choice and calls of a client's request into neutral form, the legacy `functions` included.
import { stringifyJson } from '../../body/lossless.ts';
import type { ToolCallPart, ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import type { Notes } from '../notes.ts';
import {
  asObject,
  at,
  badRequest,
  isObject,
  needArray,
  needObject,
  needString,
  oneOf,
  readArray,
  readBoolean,
  readObject,
  readString,
} from '../read.ts';
import { cacheMark } from './parts-decode.ts';
import { legacyToolCallId } from './tool-ids.ts';

const TOOL_FIELDS: ReadonlySet<string> = new Set(['type', 'function', 'custom', 'cache_control']);
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict']);

/** `tools`, and `functions` of old clients behind them. */
export function decodeTools(body: JsonObject, notes: Notes): ToolDef[] {
  const tools: ToolDef[] = [];
  (readArray(body, 'tools', '') ?? []).forEach((item, index) => {
    const tool = decodeTool(item, at('tools', index), notes);
    if (tool !== null) tools.push(tool);
  });
  const functions = readArray(body, 'functions', '') ?? [];
  if (functions.length > 0) notes.adapted.push('functions');
  functions.forEach((item, index) => {
    const path = at('functions', index);
    tools.push(plainFunction(asObject(item, path), path, notes));
  });
  return tools;
}

/** Names of the custom tools that decodeTools makes functions of. */
export function customToolNames(body: JsonObject): string[] {
  return arrayAt(body, 'tools')
    .filter((tool) => isObject(tool) && tool['type'] === 'custom')
    .map((tool) => stringAt(objectAt(tool as JsonObject, 'custom') ?? {}, 'name') ?? '');
}

function decodeTool(item: Json, path: string, notes: Notes): ToolDef | null {
  const tool = asObject(item, path);
  const type = needString(tool, 'type', path);
  if (type !== 'function' && type !== 'custom') {
    // Hosted tools run at the provider they belong to.
    notes.mustNotDrop.push(path);
    return null;
  }
  noteLeftOver(tool, TOOL_FIELDS, path, notes.dropped);
  const def =
    type === 'function'
      ? plainFunction(needObject(tool, 'function', path), at(path, 'function'), notes)
      : customTool(needObject(tool, 'custom', path), at(path, 'custom'), notes);
  def.cache = cacheMark(tool, path);
  return def;
}

function plainFunction(fn: JsonObject, path: string, notes: Notes): ToolDef {
  noteLeftOver(fn, FUNCTION_FIELDS, path, notes.dropped);
  return functionTool(fn, path);
}

/** A function's definition, wherever it stands. */
export function functionTool(fn: JsonObject, path: string): ToolDef {
  return {
    name: toolName(fn, path),
    description: readString(fn, 'description', path),
    schema: readObject(fn, 'parameters', path),
    strict: readBoolean(fn, 'strict', path),
    cache: null,
  };
}

/** A custom tool as a function with one string field; what the text must look like goes into the description (wire.md 7.4). */
export function customTool(custom: JsonObject, path: string, notes: Notes): ToolDef {
  notes.adapted.push(path);
  const description = readString(custom, 'description', path);
  const format = readObject(custom, 'format', path);
  const grammar = format === null ? null : grammarText(format, at(path, 'format'));
  const told = [description, grammar].filter((text) => text !== null && text !== '');
  return {
    name: toolName(custom, path),
    description: told.length === 0 ? null : told.join('\n\n'),
    schema: {
      type: 'object',
      properties: { input: { type: 'string' } },
      required: ['input'],
      additionalProperties: false,
    },
    strict: null,
    cache: null,
    custom: flatFormat(format),
  };
}

/** `{type, syntax, definition}`, which Chat has inside `grammar`. */
function flatFormat(format: JsonObject | null): JsonObject {
  const { grammar, ...rest } = format ?? { type: 'text' };
  return isObject(grammar) ? { ...rest, ...grammar } : { ...rest };
}

function grammarText(format: JsonObject, path: string): string | null {
  if (needString(format, 'type', path) !== 'grammar') return null;
  const nested = readObject(format, 'grammar', path);
  const [grammar, where] = nested === null ? [format, path] : [nested, at(path, 'grammar')];
  const syntax = needString(grammar, 'syntax', where);
  return `The input must match this ${syntax} grammar:\n${needString(grammar, 'definition', where)}`;
}

function toolName(object: JsonObject, path: string): string {
  const name = needString(object, 'name', path);
  if (name === '')
    throw badRequest(at(path, 'name'), `Invalid value: '${at(path, 'name')}' must not be empty.`);
  return name;
}

const MODES = ['none', 'auto', 'required'] as const;

/** `tool_choice`, else `function_call` of old clients; null when the client did not say. */
export function decodeToolChoice(body: JsonObject): ToolChoice | null {
  const choice = body['tool_choice'];
  if (choice !== undefined && choice !== null) return choiceOf(choice);
  const legacy = body['function_call'];
  if (legacy === undefined || legacy === null) return null;
  if (typeof legacy === 'string') return { kind: oneOf(legacy, MODES, 'function_call') };
  return { kind: 'tool', name: needString(asObject(legacy, 'function_call'), 'name', 'function_call') };
}

function choiceOf(choice: Json): ToolChoice {
  const path = 'tool_choice';
  // Mistral's word for `required`.
  if (choice === 'any') return { kind: 'required' };
  if (typeof choice === 'string') return { kind: oneOf(choice, MODES, path) };
  const object = asObject(choice, path);
  const type = oneOf(
    needString(object, 'type', path),
    ['function', 'custom', 'allowed_tools'],
    at(path, 'type'),
  );
  if (type !== 'allowed_tools')
    return { kind: 'tool', name: needString(needObject(object, type, path), 'name', at(path, type)) };
  const allowed = needObject(object, type, path);
  const where = at(path, type);
  const mode = oneOf(needString(allowed, 'mode', where), ['auto', 'required'], at(where, 'mode'));
  const names = needArray(allowed, 'tools', where).map((item, index) =>
    allowedName(item, at(at(where, 'tools'), index)),
  );
  return { kind: 'allowed', mode, names };
}

function allowedName(item: Json, path: string): string {
  const tool = asObject(item, path);
  const type = oneOf(needString(tool, 'type', path), ['function', 'custom'], at(path, 'type'));
  return needString(needObject(tool, type, path), 'name', at(path, type));
}

/** `tool_calls` of an assistant message, and the one `function_call` of an old client. */
export function decodeToolCalls(message: JsonObject, path: string): ToolCallPart[] {
  const calls = (readArray(message, 'tool_calls', path) ?? []).map((item, index) =>
    toolCall(item, at(at(path, 'tool_calls'), index)),
  );
  const legacy = readObject(message, 'function_call', path);
  if (legacy !== null) {
    const call = callPart('', legacy, at(path, 'function_call'));
    calls.push({ ...call, id: legacyToolCallId(call.name, call.arguments) });
  }
  return calls;
}

function toolCall(item: Json, path: string): ToolCallPart {
  const call = asObject(item, path);
  const id = needString(call, 'id', path);
  if (id === '') throw badRequest(at(path, 'id'), `Invalid value: '${at(path, 'id')}' must not be empty.`);
  const type = oneOf(readString(call, 'type', path) ?? 'function', ['function', 'custom'], at(path, 'type'));
  const where = at(path, type);
  const object = needObject(call, type, path);
  if (type === 'function') return callPart(id, object, where);
  const input = JSON.stringify({ input: needString(object, 'input', where) });
  return { kind: 'tool_call', id, name: toolName(object, where), arguments: input, cache: null };
}

function callPart(id: string, fn: JsonObject, path: string): ToolCallPart {
  return {
    kind: 'tool_call',
    id,
    name: toolName(fn, path),
    // Some clients send the object itself.
    arguments: isObject(fn['arguments'])
      ? stringifyJson(fn['arguments'])
      : readString(fn, 'arguments', path) || '{}',
    cache: null,
  };
}
