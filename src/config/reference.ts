// What is published of the schema: the JSON Schema file and the tables of docs/configuration.md.

import type { ProviderRecord } from '../contracts/provider.ts';
import { FILE_NODE } from './schema/schema.ts';
import { expectation, nodeType, type SchemaNode } from './schema/node.ts';

/** docs/headgate.schema.json, which `headgate schema` prints. */
export function schemaText(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...FILE_NODE,
    // Not part of the configuration: a place for anchors, which the loader takes out.
    patternProperties: { '^x-': {} },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** The providers that are known by name, as Markdown. */
export function providersText(records: readonly ProviderRecord[]): string {
  const rows = records.map((record) => {
    const key =
      record.keyEnv.length === 0 ? 'none needed' : record.keyEnv.map((name) => `\`${name}\``).join(', ');
    const models =
      record.modelPatterns.map((pattern) => `\`${pattern}\``).join(', ') || `\`${record.name}/…\` only`;
    return `| \`${record.name}\` | ${record.speaks.map(({ dialect }) => dialect).join(', ')} | ${record.baseUrl} | ${key} | ${models} |`;
  });
  return ['| name | dialect | base URL | key | bare model names |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** Every key with its value, default, variable and meaning, as Markdown. */
export function referenceText(): string {
  const sections: string[] = [];
  for (const [name, node] of Object.entries(FILE_NODE.properties ?? {})) {
    if (name === '$schema') continue;
    const entry = Object.values(node.patternProperties ?? {})[0];
    const title = entry !== undefined ? `${name}.<name>` : node.items !== undefined ? `${name}[]` : name;
    const rows = tableRows(entry ?? node.items ?? node, '');
    sections.push(
      [
        `### \`${title}\``,
        '',
        node.description ?? '',
        '',
        '| key | value | default | environment | meaning |',
        '|---|---|---|---|---|',
        ...rows,
      ].join('\n'),
    );
  }
  return sections.join('\n\n');
}

function tableRows(node: SchemaNode, prefix: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const name = /^[\w$]+$/.test(key) ? `${prefix}${key}` : `${prefix}"${key}"`;
    const nested =
      nodeType(child) === 'object' && child.properties !== undefined && child.anyOf === undefined;
    return nested ? tableRows(child, `${name}.`) : [row(name, child, node), ...listRows(child, name)];
  });
}

/** The keys of the objects a list may hold. */
function listRows(node: SchemaNode, name: string): string[] {
  const branches = node.items?.anyOf ?? (node.items === undefined ? [] : [node.items]);
  const shape = branches.find((branch) => branch.properties !== undefined);
  return shape === undefined ? [] : tableRows(shape, `${name}[].`);
}

function row(name: string, node: SchemaNode, parent: SchemaNode): string {
  const key = name.split('.').at(-1) ?? name;
  const required = parent.required?.includes(key) ? '(required)' : '';
  const fallback =
    node.default === undefined ? (node['x-default'] ?? required) : `\`${String(node.default)}\``;
  const env = node['x-env'] === undefined ? '' : `\`${node['x-env']}\``;
  const cells = [`\`${name}\``, valueWords(node, key), fallback, env, node.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function isList(node: SchemaNode): boolean {
  return nodeType(node) === 'array';
}

function valueWords(node: SchemaNode, key: string): string {
  if (nodeType(node) === 'integer') {
    const unit = key.endsWith('Ms') ? ' ms' : key.endsWith('Bytes') ? ' bytes' : '';
    return `${node.minimum} to ${node.maximum}${unit}`;
  }
  if (node.patternProperties !== undefined) return 'names to text';
  if (node.items !== undefined) {
    return node.items.anyOf === undefined ? `list: ${expectation(node.items)}` : 'list: text, or a mapping';
  }
  if (node.anyOf !== undefined) {
    if (node.anyOf.some((one) => nodeType(one) === 'integer'))
      return node.anyOf.map((one) => valueWords(one, key)).join(', or ');
    return node.anyOf.some(isList) ? 'text, or a list' : 'see meaning';
  }
  return node['x-secret'] ? 'text or a reference' : expectation(node);
}
