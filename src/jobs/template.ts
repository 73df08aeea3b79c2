// JSON with places for values: `{{payload.text}}`. No code: a path finds a value or nothing, and nothing else happens. A string that
// is one place becomes the value itself, of whatever kind; within a text it is written as text.
//
//   {{ path }}   {{ path | json }}   {{ path | trim }}   {{ path | lower }}   {{ path | upper }}
import type { Json, JsonObject } from '../contracts/json.ts';
import { isObject } from '../dialects/read.ts';

/** Fills in the values. */
export type Template = (scope: JsonObject) => Json;

/** What a path does not find: as the whole of a string null, within a text nothing. */
type Find = (scope: JsonObject) => Json | undefined;

const PLACE = /\{\{([^{}]*)\}\}/g;
const NAMED = /^\s*([A-Za-z_$][\w$-]*(?:\.(?:[\w$-]+))*)\s*(?:\|\s*(json|trim|lower|upper)\s*)?$/;
const MAX_DEPTH = 64;

/** @param roots what paths may begin with. @throws Error that says what is wrong, and where. */
export function compileTemplate(source: Json, roots: readonly string[], depth = 0): Template {
  if (depth > MAX_DEPTH) throw new Error('it is nested too deeply');
  if (typeof source === 'string') return compileText(source, roots);
  if (Array.isArray(source)) {
    const items = source.map((item) => compileTemplate(item, roots, depth + 1));
    return (scope) => items.map((item) => item(scope));
  }
  if (!isObject(source)) return () => source;
  const members = Object.entries(source).map(
    ([name, value]) => [name, compileTemplate(value ?? null, roots, depth + 1)] as const,
  );
  return (scope) => {
    const made: JsonObject = {};
    for (const [name, value] of members) made[name] = value(scope);
    return made;
  };
}

function compileText(source: string, roots: readonly string[]): Template {
  const pieces: (string | Find)[] = [];
  let from = 0;
  for (const { index, 0: whole, 1: inner = '' } of source.matchAll(PLACE)) {
    if (index > from) pieces.push(source.slice(from, index));
    pieces.push(compilePlace(inner, roots));
    from = index + whole.length;
  }
  if (from < source.length) pieces.push(source.slice(from));
  const [first] = pieces;
  if (pieces.length === 0 || (pieces.length === 1 && typeof first === 'string')) return () => source;
  if (pieces.length === 1 && typeof first === 'function') return (scope) => first(scope) ?? null;
  return (scope) => {
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : textOf(piece(scope));
    return text;
  };
}

function compilePlace(inner: string, roots: readonly string[]): Find {
  const [, path, filter] = NAMED.exec(inner) ?? [];
  if (path === undefined)
    throw new Error(
      `\`{{${inner}}}\` is no path such as \`payload.text\`, with \`| json\`, \`trim\`, \`lower\` or \`upper\` behind it`,
    );
  const steps = path.split('.');
  if (!roots.includes(steps[0]!)) throw new Error(`\`${path}\` begins with none of ${roots.join(', ')}`);
  const find: Find = (scope) => {
    let value: Json | undefined = scope;
    for (const step of steps) {
      if (Array.isArray(value)) value = /^\d+$/.test(step) ? value[Number(step)] : undefined;
      // What stands on every object is no member of this one.
      else if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
      else return undefined;
    }
    return value;
  };
  switch (filter) {
    case 'json':
      return (scope) => JSON.stringify(find(scope) ?? null);
    case 'trim':
      return (scope) => textOf(find(scope)).trim();
    case 'lower':
      return (scope) => textOf(find(scope)).toLowerCase();
    case 'upper':
      return (scope) => textOf(find(scope)).toUpperCase();
    default:
      return find;
  }
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a template made, without members that it found nothing for: a message has its own idea of what holds then. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [name, inner] of Object.entries(value))
    if (inner !== null && inner !== undefined) kept[name] = withoutNulls(inner);
  return kept;
}
