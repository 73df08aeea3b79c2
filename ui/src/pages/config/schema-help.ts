// What may stand at a place of the configuration, by its schema.
import type { Caret } from './caret.ts';

/** The keywords of JSON Schema that the gateway's schemas use. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly default?: unknown;
  readonly 'x-default'?: string;
  readonly 'x-expected'?: string;
}

export interface Offer {
  /** What is put in. */
  readonly text: string;
  readonly about: string;
}

export interface Help {
  /** What the place itself is for; '' = nobody says. */
  readonly about: string;
  /** What it must be, and what it is where nothing is said. */
  readonly expected: string;
  readonly offers: readonly Offer[];
}

export function helpAt(schema: SchemaNode, { path, at, typed }: Caret): Help {
  const nodes = path.reduce<readonly SchemaNode[]>(
    (found, step) => found.flatMap((node) => stepsOf(node, step)),
    [schema],
  );
  const shapes = nodes.flatMap(shapesOf);
  const begun = typed.toLowerCase();
  const fits = ({ text }: Offer): boolean => text.toLowerCase().startsWith(begun) && text !== typed;
  const offers =
    at === 'name'
      ? shapes.flatMap(({ properties = {}, required = [] }) =>
          Object.entries(properties).map(([text, node]) => ({
            text,
            about: `${required.includes(text) ? 'Required. ' : ''}${aboutOf(node)}`,
          })),
        )
      : shapes.flatMap(valuesOf);
  const node = nodes[0];
  return {
    about: node === undefined ? '' : aboutOf(node),
    expected: node === undefined ? '' : expectedOf(node),
    offers: [...new Map(offers.filter(fits).map((offer) => [offer.text, offer])).values()],
  };
}

function shapesOf(node: SchemaNode): SchemaNode[] {
  return [node, ...(node.anyOf ?? []).flatMap(shapesOf)];
}

function stepsOf(node: SchemaNode, step: string): SchemaNode[] {
  return shapesOf(node).flatMap(({ properties, patternProperties, items }) => {
    if (step === '*') return items === undefined ? [] : [items];
    const own = properties?.[step];
    if (own !== undefined) return [own];
    const pattern = Object.entries(patternProperties ?? {}).find(([name]) =>
      new RegExp(name, 'u').test(step),
    );
    return pattern === undefined ? [] : [pattern[1]];
  });
}

function valuesOf(node: SchemaNode): Offer[] {
  if (node.enum !== undefined) return node.enum.map((text) => ({ text, about: '' }));
  return node.type === 'boolean' ? ['true', 'false'].map((text) => ({ text, about: '' })) : [];
}

function aboutOf({ description = '' }: SchemaNode): string {
  return description.replaceAll('`', '');
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
};

function expectedOf(node: SchemaNode): string {
  const { minimum, maximum } = node;
  const range =
    minimum === undefined && maximum === undefined ? '' : ` ${minimum ?? '…'} to ${maximum ?? '…'}`;
  const kind =
    node['x-expected'] ??
    (node.enum === undefined ? `${WORDS[node.type ?? ''] ?? ''}${range}` : 'one of these');
  const otherwise = node['x-default'] ?? (node.default === undefined ? '' : JSON.stringify(node.default));
  return [
    kind.replaceAll('`', '').trim(),
    otherwise === '' ? '' : `otherwise ${otherwise.replaceAll('`', '')}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}
