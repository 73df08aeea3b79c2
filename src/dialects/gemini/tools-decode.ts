// `tools` and `toolConfig` of a client. Functions alone can be offered by another provider; what Google runs itself cannot.
import type { ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import {
  asObject,
  at,
  needString,
  oneOf,
  readArray,
  readObject,
  readString,
  readStrings,
  wrongType,
} from '../read.ts';
import { CALLING_MODES, enumName } from './enum-names.ts';
import type { Notes } from './notes.ts';
import { decodeSchema } from './schema-decode.ts';
import { camel } from './spelling.ts';

const DECLARATION_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'parameters',
  'parametersJsonSchema',
]);
const MODES = ['AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'] as const;

/** Reads `tools`: a list, or one tool alone. */
export function decodeTools(body: JsonObject, notes: Notes): ToolDef[] {
  const value = body['tools'];
  if (value === undefined || value === null) return [];
  const tools: ToolDef[] = [];
  const list = Array.isArray(value) ? value : [value];
  list.forEach((item, index) => {
    const path = Array.isArray(value) ? at('tools', index) : 'tools';
    const tool = camel(asObject(item, path), notes.spelling);
    for (const [key, said] of Object.entries(tool)) {
      if (key === 'functionDeclarations' || said === undefined || said === null) continue;
      // `googleSearch: {}` asks for it by being there.
      notes.mustNotDrop.push(at(path, key));
    }
    const declarations = at(path, 'functionDeclarations');
    (readArray(tool, 'functionDeclarations', path) ?? []).forEach((entry, place) => {
      tools.push(decodeDeclaration(entry, at(declarations, place), notes));
    });
  });
  return tools;
}

function decodeDeclaration(entry: Json, path: string, notes: Notes): ToolDef {
  const declaration = camel(asObject(entry, path), notes.spelling);
  noteLeftOver(declaration, DECLARATION_FIELDS, path, notes.dropped);
  const whole = readObject(declaration, 'parametersJsonSchema', path);
  const subset = readObject(declaration, 'parameters', path);
  return {
    name: needString(declaration, 'name', path),
    description: readString(declaration, 'description', path),
    schema: whole ?? (subset === null ? null : decodeSchema(subset)),
    strict: null,
    cache: null,
  };
}

/** Reads `toolConfig`; null when it leaves the choice to the model. */
export function decodeToolChoice(body: JsonObject, notes: Notes): ToolChoice | null {
  const value = readObject(body, 'toolConfig', '');
  if (value === null) return null;
  const config = camel(value, notes.spelling);
  const path = 'toolConfig';
  noteLeftOver(config, new Set(['functionCallingConfig']), path, notes.dropped);
  const calling = readObject(config, 'functionCallingConfig', path);
  if (calling === null) return null;
  const where = at(path, 'functionCallingConfig');
  const { mode: written, allowedFunctionNames, ...rest } = camel(calling, notes.spelling);
  const said = enumName(written, CALLING_MODES);
  noteLeftOver(rest, new Set(['streamFunctionCallArguments']), where, notes.dropped);
  if (said !== undefined && said !== null && typeof said !== 'string') {
    throw wrongType(at(where, 'mode'), 'a string', said);
  }
  const mode = oneOf((said ?? 'AUTO').toUpperCase(), MODES, at(where, 'mode'));
  const names = readStrings({ allowedFunctionNames }, 'allowedFunctionNames', where) ?? [];
  switch (mode) {
    case 'NONE':
      return { kind: 'none' };
    case 'ANY':
      if (names.length === 0) return { kind: 'required' };
      return names.length === 1
        ? { kind: 'tool', name: names[0]! }
        : { kind: 'allowed', mode: 'required', names };
    case 'VALIDATED':
      // Arguments that fit their schema are what other vendors promise with `strict` alone.
      notes.adapted.push(at(where, 'mode'));
      return names.length === 0 ? { kind: 'auto' } : { kind: 'allowed', mode: 'auto', names };
    case 'AUTO':
      return said === undefined || said === null ? null : { kind: 'auto' };
    default:
      return null;
  }
}
