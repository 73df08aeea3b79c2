// Tool definitions and the choice among them of a client's request into neutral form. What is no function becomes one.
import type { ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import { objectAt, stringAt } from '../lenient.ts';
import type { Notes } from '../notes.ts';
import { customTool, functionTool } from '../openai-chat/tools-decode.ts';
import { asObject, at, needArray, needString, oneOf, readArray, readString } from '../read.ts';
import { BUILT_INS, builtInOf, namespaced } from './tool-kinds.ts';

/** `allowed_callers` says nothing of a tool to a model that calls it directly. */
const known = (...fields: string[]): ReadonlySet<string> => new Set(['type', 'allowed_callers', ...fields]);
const FUNCTION_FIELDS = known('name', 'description', 'parameters', 'strict');
const CUSTOM_FIELDS = known('name', 'description', 'format');
const NAMESPACE_FIELDS = known('name', 'description', 'tools');
const BUILT_IN_FIELDS = known('environment');

export interface DecodedTools {
  tools: ToolDef[];
  /** Names of those that were custom tools. */
  custom: string[];
}

/** `tools`, those of namespaces in their place. */
export function decodeTools(body: JsonObject, notes: Notes): DecodedTools {
  const decoded: DecodedTools = { tools: [], custom: [] };
  (readArray(body, 'tools', '') ?? []).forEach((item, index) => {
    decodeTool(item, at('tools', index), decoded, notes);
  });
  return decoded;
}

function decodeTool(item: Json, path: string, decoded: DecodedTools, notes: Notes): void {
  const tool = asObject(item, path);
  const type = needString(tool, 'type', path);
  const builtIn = builtInOf(type);
  if (builtIn !== null) {
    if (isRemote(tool)) notes.mustNotDrop.push(at(path, 'environment'));
    noteLeftOver(tool, BUILT_IN_FIELDS, path, notes.dropped);
    notes.adapted.push(path);
    const { description, schema } = BUILT_INS[builtIn];
    decoded.tools.push({ name: builtIn, description, schema, strict: null, cache: null });
    return;
  }
  if (type !== 'namespace') {
    const def = decodeNamed(tool, type, path, notes);
    if (def !== null) add(def, type, decoded);
    // Hosted tools run at the provider they belong to. Codex offers a search that is not to leave it, unasked.
    else if (tool['external_web_access'] === false) notes.dropped.push(path);
    else notes.mustNotDrop.push(path);
    return;
  }
  noteLeftOver(tool, NAMESPACE_FIELDS, path, notes.dropped);
  notes.adapted.push(path);
  const namespace = needString(tool, 'name', path);
  needArray(tool, 'tools', path).forEach((each, index) => {
    const where = at(at(path, 'tools'), index);
    const inner = asObject(each, where);
    const kind = oneOf(needString(inner, 'type', where), ['function', 'custom'], at(where, 'type'));
    const def = decodeNamed(inner, kind, where, notes)!;
    add({ ...def, name: namespaced(namespace, def.name) }, kind, decoded);
  });
}

function decodeNamed(tool: JsonObject, type: string, path: string, notes: Notes): ToolDef | null {
  if (type === 'function') {
    noteLeftOver(tool, FUNCTION_FIELDS, path, notes.dropped);
    return functionTool(tool, path);
  }
  if (type !== 'custom') return null;
  noteLeftOver(tool, CUSTOM_FIELDS, path, notes.dropped);
  return customTool(tool, path, notes);
}

function add(def: ToolDef, type: string, { tools, custom }: DecodedTools): void {
  tools.push(def);
  if (type === 'custom') custom.push(def.name);
}

// A shell in a container of OpenAI's.
function isRemote(tool: JsonObject): boolean {
  const environment = objectAt(tool, 'environment');
  return environment !== null && environment['type'] !== 'local';
}

const MODES = ['none', 'auto', 'required'] as const;

/** `tool_choice`; null when the client did not say, or names a hosted tool (noted in `mustNotDrop`). */
export function decodeToolChoice(body: JsonObject, notes: Notes): ToolChoice | null {
  const path = 'tool_choice';
  const choice = body[path];
  if (choice === undefined || choice === null) return null;
  if (typeof choice === 'string') return { kind: oneOf(choice, MODES, path) };
  const object = asObject(choice, path);
  if (needString(object, 'type', path) !== 'allowed_tools') {
    const name = chosenName(object, path, notes);
    return name === null ? null : { kind: 'tool', name };
  }
  const mode = oneOf(needString(object, 'mode', path), ['auto', 'required'], at(path, 'mode'));
  const names = needArray(object, 'tools', path).map((item, index) => {
    const where = at(at(path, 'tools'), index);
    return chosenName(asObject(item, where), where, notes);
  });
  return { kind: 'allowed', mode, names: names.filter((name) => name !== null) };
}

function chosenName(tool: JsonObject, path: string, notes: Notes): string | null {
  const type = needString(tool, 'type', path);
  const builtIn = builtInOf(type);
  if (builtIn !== null) return builtIn;
  if (type !== 'function' && type !== 'custom') {
    notes.mustNotDrop.push(path);
    return null;
  }
  const name = needString(tool, 'name', path);
  const namespace = readString(tool, 'namespace', path) ?? stringAt(tool, 'server_label');
  return namespace === null ? name : namespaced(namespace, name);
}
