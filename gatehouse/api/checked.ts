// A body or a query against its schema: what is wrong is one message with the place, the nearest name included.
import { check } from '../../src/config/check.ts';
import { showPath } from '../../src/config/path.ts';
import type { SchemaNode } from '../../src/config/schema/node.ts';
import { suggestion } from '../../src/names/nearest.ts';
import { ApiError } from '../errors/api-error.ts';

const MAX_DEPTH = 32;
/** Characters of a parameter, unless its schema says otherwise: a head of a request has 16 KiB in all. */
export const MAX_PARAMETER = 1_024;

/** An object, whatever is in it. @throws ApiError 400 */
export function checkRecord(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw bad('invalid_body', 'The body must be a JSON object.', '');
  checkTexts(value, 0);
  return value;
}

/** @returns with lists where one entry stood for a list of one. @throws ApiError 400 with the first of what is wrong, and all of it in words. */
export function checkBody(schema: SchemaNode, given: unknown): Record<string, unknown> {
  const value = checkRecord(given);
  const problems = check(schema, value);
  const first = problems[0];
  if (first !== undefined) {
    const code = first.atKey === true ? 'unknown_field' : 'invalid_value';
    const words = problems.slice(0, 20).map(({ path, message, atKey }) => {
      const place = showPath(atKey === true ? path.slice(0, -1) : path);
      return place === '' ? message : `${place}: ${message}`;
    });
    throw bad(code, words.join('; '), showPath(first.path));
  }
  return withLists(schema, value);
}

function withLists({ properties = {} }: SchemaNode, value: Record<string, unknown>): Record<string, unknown> {
  const lists = Object.entries(value)
    .filter(([field, one]) => properties[field]?.['x-one-or-list'] === true && !Array.isArray(one))
    .map(([field, one]) => [field, [one]]);
  return { ...value, ...Object.fromEntries(lists) };
}

/** A merge patch: as `schema`, with every field free to be left out or null. @throws ApiError 400 */
export function checkPatch(schema: SchemaNode, value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw bad('invalid_body', 'The body must be a JSON object.', '');
  const known = schema.properties ?? {};
  const stated = Object.entries(value).filter(
    ([field, item]) => item !== null || !Object.hasOwn(known, field),
  );
  const { required: _required, ...optional } = schema;
  return { ...value, ...checkBody(optional, Object.fromEntries(stated)) };
}

/** @param foreign what is not known is left out and no fault. @throws ApiError 400 */
export function checkQuery(
  known: Readonly<Record<string, SchemaNode>>,
  query: URLSearchParams,
  foreign = false,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of query) {
    if (!Object.hasOwn(known, name)) {
      if (foreign) continue;
      const near = suggestion(name, Object.keys(known));
      throw bad(
        'unknown_parameter',
        `unknown parameter \`${name.slice(0, 100)}\`${near}`,
        name.slice(0, 100),
      );
    }
    if (Object.hasOwn(values, name)) throw bad('invalid_value', `\`${name}\` stands twice`, name);
    checkTexts(value, 0);
    if (value.length > (known[name]!.maxLength ?? MAX_PARAMETER))
      throw bad('invalid_value', `${name}: it is too long`, name);
    const problem = check(known[name]!, value)[0];
    if (problem !== undefined) throw bad('invalid_value', `${name}: ${problem.message}`, name);
    values[name] = value;
  }
  return values;
}

/** No database takes a NUL or half a character, and nothing of ours is nested deep. */
function checkTexts(value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw bad('invalid_body', 'The body is nested too deep.', '');
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed())
      throw bad('invalid_value', 'A text holds a NUL or half of a character.', '');
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkTexts(key, depth + 1);
      checkTexts(item, depth + 1);
    }
  }
}

function bad(code: string, message: string, param: string): ApiError {
  return new ApiError(400, code, message, { param });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
