// What the API manages of the configuration, as schemas: those of the file, less what only the file may say.
import { MANAGED_SECTIONS } from '../../src/config/overlay.ts';
import { FILE_NODE } from '../../src/config/schema/schema.ts';
import type { SchemaNode } from '../../src/config/schema/node.ts';

/** They hold secrets, or lead somewhere on the gateway's machine. */
const OF_THE_FILE = ['headers', 'proxy', 'tls', 'keys', 'enabled'];

const entryOf = (section: string): { pattern: string; node: SchemaNode; file: SchemaNode } => {
  const file = FILE_NODE.properties![section]!;
  const [pattern, node] = Object.entries(file.patternProperties!)[0]!;
  return { pattern, node, file };
};

function without({ properties = {}, ...node }: SchemaNode, fields: readonly string[]): SchemaNode {
  return {
    ...node,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !fields.includes(name))),
  };
}

const providers = entryOf('providers');
const models = entryOf('models');
/** An entry of `providers`, without its keys. */
export const providerNode = without(providers.node, OF_THE_FILE);
/** An entry of `models`. */
export const modelNode = models.node;

export const providerName: SchemaNode = {
  type: 'string',
  pattern: providers.pattern,
  'x-expected': providers.file['x-expected']!,
  description: 'Unique; as callers say it in `provider/model`.',
};
export const modelName: SchemaNode = {
  type: 'string',
  pattern: models.pattern,
  'x-expected': models.file['x-expected']!,
  description: 'What callers ask for.',
};

const prices = entryOf('prices');
/** What a name of the file’s `prices` says. */
export const priceFieldsNode: SchemaNode = prices.node;
export const pricedName: SchemaNode = {
  type: 'string',
  pattern: prices.pattern,
  'x-expected': prices.file['x-expected']!,
  description: '`provider/model` or `provider/region/model`, or the beginning of such a name with `*`.',
};

/** The fields of the file’s key entries, those for files and sign-ins of the gateway’s machine left out. */
const keyFields = providers.node.properties!['keys']!.items!.anyOf!.find(
  ({ properties }) => properties !== undefined,
)!.properties!;
const KEY_FIELDS = [
  'value',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
  'weight',
  'models',
  'organization',
  'alias',
] as const;
export const keyProperties: Record<string, SchemaNode> = Object.fromEntries(
  KEY_FIELDS.map((field) => [field, keyFields[field]!]),
);

/** The whole that the API manages. */
export const documentNode: SchemaNode = {
  type: 'object',
  description: 'As the file says it. A key without a `value` (or with `***`) keeps the one that is stored.',
  properties: {
    providers: {
      type: 'object',
      'x-expected': providers.file['x-expected']!,
      description: 'Providers, with keys by alias. Of one that stands in the file only `keys` and `paused`.',
      patternProperties: {
        [providers.pattern]: {
          ...providerNode,
          properties: {
            ...providerNode.properties,
            paused: { type: 'boolean', description: 'Nobody is sent there.' },
            keys: {
              type: 'array',
              items: { type: 'object', properties: keyProperties, required: ['alias'] },
              description: 'Keys beside those of the file.',
            },
          },
        },
      },
    },
    models: models.file,
    ...Object.fromEntries(MANAGED_SECTIONS.map((name) => [name, FILE_NODE.properties![name]!])),
  },
};
