// Checks a value against the schema and says in plain words what is wrong: what was expected, which key is unknown
// and which known one is nearest. Reads the same schema that is published; check.test.ts holds it to typebox's
// verdict. Values are never repeated in messages, since any of them may be a secret in the wrong place.
import { suggestion } from '../names/nearest.ts';
import type { Path } from './path.ts';
import type { Problem } from './problem.ts';
import { expectation, nodeType, type SchemaNode } from './schema/node.ts';
import { showName } from './secrets.ts';

/** All that is wrong with `value`. An empty section (null) counts as `{}` where nothing in it is required. */
export function check(node: SchemaNode, value: unknown, path: Path = []): Problem[] {
  if (node['x-any'] === true) return [];
  if (node.anyOf !== undefined) return checkBranches(node, node.anyOf, value, path);
  switch (nodeType(node)) {
    case 'object':
      return checkObject(node, value, path);
    case 'array':
      return checkArray(node, value, path);
    default:
      return isScalarOf(node, value) ? [] : [mismatch(node, value, path)];
  }
}

/** Of several shapes, the one of the value's own type tells what is wrong with it. */
function checkBranches(node: SchemaNode, branches: SchemaNode[], value: unknown, path: Path): Problem[] {
  const type = typeOf(value);
  const fitting = branches.find(
    (branch) => nodeType(branch) === type || (nodeType(branch) === 'integer' && type === 'number'),
  );
  return fitting === undefined ? [mismatch(node, value, path)] : check(fitting, value, path);
}

function checkObject(node: SchemaNode, value: unknown, path: Path): Problem[] {
  const required = node.required ?? [];
  if (value === null && required.length === 0) return [];
  if (!isMapping(value)) return [mismatch(node, value, path)];
  const problems: Problem[] = [];
  const properties = node.properties ?? {};
  const [pattern, entry] = Object.entries(node.patternProperties ?? {})[0] ?? [];
  for (const [key, item] of Object.entries(value)) {
    const below = [...path, key];
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property !== undefined) problems.push(...check(property, item, below));
    else if (entry === undefined)
      problems.push({ path: below, atKey: true, message: unknownKey(key, item, properties) });
    else if (new RegExp(pattern!, 'u').test(key)) problems.push(...check(entry, item, below));
    else problems.push({ path: below, atKey: true, message: `the key must be ${node['x-expected']}` });
  }
  for (const key of required) {
    if (!Object.hasOwn(value, key)) problems.push({ path, message: `\`${key}\` is missing` });
  }
  return problems;
}

function checkArray(node: SchemaNode, value: unknown, path: Path): Problem[] {
  if (!Array.isArray(value)) return [mismatch(node, value, path)];
  if (value.length < (node.minItems ?? 0))
    return [{ path, message: 'the list is empty; at least one entry is needed' }];
  if (value.length > (node.maxItems ?? Number.POSITIVE_INFINITY))
    return [{ path, message: `the list has ${value.length} entries, ${node.maxItems} at most can be` }];
  return value.flatMap((item, index) => check(node.items!, item, [...path, index]));
}

function isScalarOf(node: SchemaNode, value: unknown): boolean {
  const type = nodeType(node);
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'string') {
    if (typeof value !== 'string') return false;
    if (node.enum !== undefined && !node.enum.includes(value)) return false;
    // JSON Schema counts characters, not UTF-16 units.
    const length = [...value].length;
    if (length < (node.minLength ?? 0) || length > (node.maxLength ?? Number.POSITIVE_INFINITY)) return false;
    return node.pattern === undefined || new RegExp(node.pattern, 'u').test(value);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (type === 'integer' && !Number.isInteger(value)) return false;
  if (node.exclusiveMinimum !== undefined && value <= node.exclusiveMinimum) return false;
  return value >= (node.minimum ?? -Infinity) && value <= (node.maximum ?? Infinity);
}

function mismatch(node: SchemaNode, value: unknown, path: Path): Problem {
  const near = node.enum !== undefined && typeof value === 'string' ? suggestion(value, node.enum) : '';
  return { path, message: `expected ${expectation(node)}, got ${found(node, value)}${near}` };
}

/** The kind of a value, in words, without the value. */
function found(node: SchemaNode, value: unknown): string {
  const type = typeOf(value);
  if (type === 'string') {
    if (value === '') return 'empty text';
    if (nodeType(node) === 'integer' || nodeType(node) === 'number') {
      return /^-?\d+(\.\d+)?$/.test(String(value)) ? 'a number in quotes' : 'text';
    }
    if (nodeType(node) === 'boolean') return 'text';
    return nodeType(node) === 'string' ? 'other text' : 'text';
  }
  if (type === 'number') {
    if (nodeType(node) === 'integer')
      return Number.isInteger(value) ? 'a number outside that range' : 'a fraction';
    return nodeType(node) === 'number'
      ? 'a number outside that range'
      : 'a number (put it in quotes if text is meant)';
  }
  if (type === 'boolean') return '`true` or `false`';
  if (type === 'array') return 'a list';
  return type === 'object' ? 'a mapping' : 'nothing';
}

function unknownKey(key: string, value: unknown, known: Record<string, SchemaNode>): string {
  const names = Object.keys(known).filter((name) => name !== '$schema');
  const near = suggestion(key, names);
  if (near !== '') return `unknown key ${showName(key)}${near}`;
  // Without a value it may be the rest of one: `{ value: sk-1,23 }` is two keys to YAML.
  const name = value === null ? 'without a value' : showName(key);
  return `unknown key ${name} (known here: ${names.join(', ')})`;
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
