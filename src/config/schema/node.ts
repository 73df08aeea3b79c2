// The JSON Schema keywords our schema uses, as check.ts, environment.ts and reference.ts read them.

export interface SchemaNode {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  properties?: Record<string, SchemaNode>;
  patternProperties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  minItems?: number;
  maxItems?: number;
  anyOf?: SchemaNode[];
  enum?: string[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  description?: string;
  default?: unknown;
  'x-default'?: string;
  'x-env'?: string;
  'x-expected'?: string;
  'x-secret'?: boolean;
  /** Any value at all: what is in it is no setting of ours. */
  'x-any'?: boolean;
  /** A list that is not there allows what an empty one denies: the key without a value is neither. */
  'x-empty-denies'?: boolean;
  /** One entry stands for a list of one, and becomes it. */
  'x-one-or-list'?: boolean;
}

/** The type a value must have; a bare `enum` is of strings. */
export function nodeType(node: SchemaNode): NonNullable<SchemaNode['type']> {
  return node.type ?? 'string';
}

/** What a value must be, in plain words. */
export function expectation(node: SchemaNode): string {
  if (node['x-any'] === true) return 'any value';
  if (node['x-expected'] !== undefined && nodeType(node) === 'string') return node['x-expected'];
  if (node.enum !== undefined) return `one of ${node.enum.map((name) => `\`${name}\``).join(', ')}`;
  if (node.anyOf !== undefined) return node.anyOf.map(expectation).join(', or ');
  switch (nodeType(node)) {
    case 'object':
      return 'a mapping of keys to values';
    case 'array':
      return 'a list';
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
      return `a whole number${range(node)}`;
    case 'number':
      return `a number${range(node)}`;
    case 'string':
      if (node.maxLength !== undefined)
        return `text of ${node.minLength ?? 0} to ${node.maxLength} characters`;
      return (node.minLength ?? 0) > 0 ? 'text that is not empty' : 'text';
  }
}

function range(node: SchemaNode): string {
  if (node.exclusiveMinimum !== undefined) return ` above ${node.exclusiveMinimum}, at most ${node.maximum}`;
  return node.minimum === undefined ? '' : ` from ${node.minimum} to ${node.maximum}`;
}
