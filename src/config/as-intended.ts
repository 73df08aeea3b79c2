// Values as tools leave them, read as they are meant: a template quotes numbers, leaves sections empty, ends text with a
// line; people write INFO and 30s. Only what can be meant in one way; everything else stays as it is for the check.
import { nodeType, type SchemaNode } from './schema/node.ts';

/** Beginning of the top-level keys that are the operator's own, as a place for anchors. */
const EXTENSION = 'x-';
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)$/i;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** The file without its `x-...` blocks: only for anchors, not even read. */
export function withoutExtensions(file: unknown): unknown {
  if (!isMapping(file)) return file;
  return Object.fromEntries(Object.entries(file).filter(([key]) => !key.startsWith(EXTENSION)));
}

/**
 * `value` with everything of which the schema shows what was meant. Keys whose value was left empty are taken out,
 * as if they were not there, unless a list of secrets or of what is allowed is missing: that is no place to guess.
 * @param key the key that the value stands under
 */
export function asIntended(node: SchemaNode, value: unknown, key = ''): unknown {
  if (node.anyOf !== undefined) {
    const kind = kindOf(value);
    const branch = node.anyOf.find((one) => kindOfNode(one) === kind);
    if (typeof value === 'string' && node.anyOf.some(isNumber)) return scalarOf(node, value, key);
    return branch === undefined ? value : asIntended(branch, value, key);
  }
  switch (nodeType(node)) {
    case 'object':
      return isMapping(value) ? mappingOf(node, value) : value;
    case 'array':
      return Array.isArray(value) ? value.map((item) => asIntended(node.items!, item, key)) : value;
    default:
      return typeof value === 'string' ? scalarOf(node, value, key) : value;
  }
}

function isNumber(node: SchemaNode): boolean {
  return nodeType(node) === 'integer' || nodeType(node) === 'number';
}

/** Text as the scalar that the node wants; the text, trimmed, when it is none. */
export function scalarOf(node: SchemaNode, text: string, key: string): unknown {
  const plain = text.trim();
  if (node.anyOf?.some(isNumber) === true) return numberOf(plain, key) ?? plain.toLowerCase();
  switch (nodeType(node)) {
    case 'integer':
    case 'number':
      return numberOf(plain, key) ?? plain;
    case 'boolean':
      if (/^(true|on|yes|1)$/i.test(plain)) return true;
      return /^(false|off|no|0)$/i.test(plain) ? false : plain;
    default: {
      const lower = plain.toLowerCase();
      return node.enum?.includes(lower) === true ? lower : plain;
    }
  }
}

/** Decimal, also with an exponent (large numbers leave some templates so); of durations with a unit. */
function numberOf(plain: string, key: string): number | null {
  if (/^[+-]?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(plain)) return Number(plain);
  const [, count, unit] = (key.endsWith('Ms') ? DURATION.exec(plain) : null) ?? [];
  return count === undefined ? null : Math.round(Number(count) * UNIT_MS[unit!.toLowerCase()]!);
}

type Kind = 'mapping' | 'list' | 'scalar';

function kindOf(value: unknown): Kind {
  if (Array.isArray(value)) return 'list';
  return isMapping(value) ? 'mapping' : 'scalar';
}

function kindOfNode(node: SchemaNode): Kind {
  const type = nodeType(node);
  if (type === 'array') return 'list';
  return type === 'object' ? 'mapping' : 'scalar';
}

function mappingOf(node: SchemaNode, value: Record<string, unknown>): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  const [entry] = Object.values(node.patternProperties ?? {});
  for (const [key, item] of Object.entries(value)) {
    const known = node.properties !== undefined && Object.hasOwn(node.properties, key);
    const child = known ? node.properties![key] : entry;
    if (
      item === null &&
      known &&
      child !== undefined &&
      !holdsSecrets(child) &&
      child['x-empty-denies'] !== true
    )
      continue;
    // A key named __proto__ is data here, and an unknown key to the check.
    Object.defineProperty(made, key, {
      value: child === undefined ? item : asIntended(child, item, key),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return made;
}

function holdsSecrets(node: SchemaNode): boolean {
  if (node['x-secret'] === true) return true;
  if (node.anyOf?.some(holdsSecrets) === true) return true;
  if (node.items !== undefined) return holdsSecrets(node.items) || isKeyEntry(node.items);
  return false;
}

/** A key with more to say than its value. */
function isKeyEntry(node: SchemaNode): boolean {
  const shapes = node.anyOf ?? [node];
  return shapes.some((shape) => shape.properties?.['value']?.['x-secret'] === true);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
