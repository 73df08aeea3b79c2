// Providers, their keys, and models one by one. Each change is a step of the managed configuration, so that it is checked
// against everything else, has its place in the history and is in force when it is answered.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { ManagedConfig, ManagedProviderKey } from '../../src/contracts/managed-config.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import type { Verb } from '../../src/governance/roles.ts';
import type { ConfigDesk } from './config-desk.ts';
import { keyProperties, modelName, modelNode, providerName, providerNode } from '../config/schema.ts';
import { keyName } from '../config/state.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import { checkBody } from './checked.ts';
import { type ApiContext, etagOf, lostUpdate } from './context.ts';
import { name as anyName, object, pageOf, shownFields, text } from './fields.ts';
import { listPage, pageQuery } from './paging.ts';
import { findObject } from './references.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { ApiRequest, ApiRoute } from './route.ts';
import { FILE_PREFIX, shown, shownOfFile } from './view.ts';

type Data = Readonly<Record<string, unknown>>;

interface ConfigKind extends ResourceKind {
  readonly kind: 'provider' | 'provider-key' | 'model';
  readonly inFile?: 'providers' | 'models';
  readonly body: SchemaNode;
  /** Shown beside what may be sent. */
  readonly shownOnly?: Record<string, SchemaNode>;
  nameOf(body: Data): string;
  /** @throws ApiError 400. @param data null = it goes. */
  put(config: ManagedConfig, name: string, data: Data | null, context: ApiContext): ManagedConfig;
}

const KEY_SECRETS = ['value', 'secretAccessKey', 'sessionToken'];

const PROVIDERS: ConfigKind = {
  kind: 'provider',
  plural: 'providers',
  permission: 'provider',
  fields: providerNode.properties!,
  inFile: 'providers',
  body: object({ name: providerName, ...providerNode.properties }, ['name']),
  nameOf: ({ name }) => String(name),
  put(config, name, data) {
    const { [name]: _before, ...others } = config.providers;
    if (data !== null) return { ...config, providers: { ...others, [name]: data } };
    const { paused, keys } = config;
    return {
      ...config,
      providers: others,
      paused: paused.filter((one) => one !== name),
      // They are of nobody now, and their secrets go with them.
      keys: keys.filter(({ provider }) => provider !== name),
    };
  },
};

const MODELS: ConfigKind = {
  kind: 'model',
  plural: 'models',
  permission: 'model',
  fields: modelNode.properties!,
  inFile: 'models',
  body: object({ name: modelName, ...modelNode.properties }, ['name']),
  nameOf: ({ name }) => String(name),
  put(config, name, data) {
    const { [name]: _before, ...others } = config.models;
    return { ...config, models: data === null ? others : { ...others, [name]: data } };
  },
};

const PROVIDER_KEYS: ConfigKind = {
  kind: 'provider-key',
  plural: 'provider-keys',
  permission: 'provider',
  fields: { provider: providerName, ...keyProperties },
  filters: ['provider'],
  body: object({ provider: providerName, ...keyProperties }, ['provider', 'alias']),
  shownOnly: { prefix: text('Its beginning.'), lastFour: text('Its end.') },
  nameOf: (body) => keyName(body as unknown as ManagedProviderKey), // as its schema has it
  put(config, name, data, context) {
    const before = config.keys.find((key) => keyName(key) === name);
    const others = config.keys.filter((key) => key !== before);
    if (data === null) return { ...config, keys: others };
    const key = data as unknown as ManagedProviderKey; // as its schema has it
    if (!Object.hasOwn(config.providers, key.provider) && !inFile(context, key.provider))
      throw new ApiError(400, 'unknown_reference', `provider: there is no provider \`${key.provider}\``, {
        param: 'provider',
      });
    return { ...config, keys: [...others, key] };
  },
};

const inFile = (context: ApiContext, provider: string): boolean =>
  context.file().providers.some(({ name }) => name === provider);

export function configResourceRoutes(context: ApiContext, desk: ConfigDesk): ApiRoute[] {
  return [PROVIDERS, PROVIDER_KEYS, MODELS].flatMap((kind) => routesOf(context, desk, kind));
}

function routesOf(context: ApiContext, desk: ConfigDesk, kind: ConfigKind): ApiRoute[] {
  const { store } = context;
  const at = `/api/${kind.plural}/{id}`;
  const hidden = kind.kind === 'provider-key' ? KEY_SECRETS : [];
  const shownNode = Object.entries(kind.fields).filter(([field]) => !hidden.includes(field));
  const shape = object(
    { ...shownFields, name: anyName, ...Object.fromEntries(shownNode), ...kind.shownOnly },
    ['id', 'name', 'managed'],
  );
  const needs = (verb: Verb) => ({ resource: kind.permission, verb });
  const answer = (found: StoredObject, status = 200) => ({
    status,
    body: shown(found),
    headers: { etag: etagOf(found.version) },
  });

  async function find(request: ApiRequest): Promise<StoredObject> {
    const id = request.params['id']!;
    if (id.startsWith(FILE_PREFIX) || (await standsInFile(id)))
      throw new ApiError(
        409,
        'managed_by_file',
        `This ${kind.kind} stands in the configuration file: change it there.`,
      );
    const found = await findObject(store, kind.kind, id);
    if (found === null) throw notFound(kind.kind);
    if (request.ifMatch !== null && request.ifMatch !== found.version) throw lostUpdate(found.version);
    return found;
  }
  const standsInFile = async (name: string): Promise<boolean> =>
    kind.inFile !== undefined && context.file()[kind.inFile].some((one) => one.name === name);

  async function put(
    request: ApiRequest,
    verb: 'create' | 'update' | 'delete',
    before: StoredObject | null,
    name: string,
    data: Data | null,
  ): Promise<StoredObject | null> {
    const plain = data === null ? null : withoutSecrets(data);
    const deed = {
      action: `${kind.kind}.${verb}`,
      target: `${kind.kind}/${before?.id ?? name}`,
      before: before === null ? null : withoutSecrets(before.data),
      after: plain,
    };
    const step = await desk.change(request, deed as never, async (state) => {
      // Meanwhile somebody else may have been here: the objects say what the step is made from.
      const now = state.objects.find((one) => one.kind === kind.kind && one.name === name);
      if (verb === 'create' && now !== undefined)
        throw new ApiError(409, 'name_taken', `There is another ${kind.kind} \`${name}\`.`, {
          param: 'name',
        });
      if (verb !== 'create' && now?.version !== before!.version)
        throw now === undefined ? notFound(kind.kind) : lostUpdate(now.version);
      return kind.put(state.managed, name, data, context);
    });
    return step.objects.find((one) => one.kind === kind.kind && one.name === name) ?? before;
  }

  return [
    {
      method: 'GET',
      path: `/api/${kind.plural}`,
      access: needs('read'),
      operation: `list-${kind.plural}`,
      summary: 'Those of the file first, then all others in the order of their creation.',
      query: pageQuery(kind),
      answer: { status: 200, schema: pageOf(shape) },
      handle: async (request) => ({ status: 200, body: await listPage(context, kind, request) }),
    },
    {
      method: 'POST',
      path: `/api/${kind.plural}`,
      access: needs('create'),
      operation: `create-${kind.kind}`,
      summary: `A new ${kind.kind}, in force on every worker when this answers.`,
      body: kind.body,
      answer: { status: 201, schema: shape },
      async handle(request) {
        const name = kind.nameOf(request.body);
        const { name: _name, ...data } = request.body;
        if (await standsInFile(name))
          throw new ApiError(
            409,
            'name_taken',
            `The ${kind.kind} \`${name}\` stands in the configuration file.`,
            {
              param: 'name',
            },
          );
        return answer((await put(request, 'create', null, name, data))!, 201);
      },
    },
    {
      method: 'GET',
      path: at,
      access: needs('read'),
      operation: `get-${kind.kind}`,
      summary: `One ${kind.kind}, by id or by name.`,
      answer: { status: 200, schema: shape },
      async handle({ params }) {
        const id = params['id']!;
        const name = id.startsWith(FILE_PREFIX) ? id.slice(FILE_PREFIX.length) : id;
        const own =
          kind.inFile === undefined
            ? undefined
            : context.file()[kind.inFile].find((one) => one.name === name);
        if (own !== undefined) return { status: 200, body: shownOfFile(own) };
        const found = await findObject(store, kind.kind, id);
        if (found === null) throw notFound(kind.kind);
        return answer(found);
      },
    },
    {
      method: 'PATCH',
      path: at,
      access: needs('update'),
      operation: `update-${kind.kind}`,
      summary:
        'Changes the fields that are sent; null takes a field away. In force on every worker when this answers.',
      body: kind.body,
      answer: { status: 200, schema: shape },
      async handle(request) {
        const before = await find(request);
        const { managed } = await desk.read();
        const merged = Object.entries({
          name: before.name,
          ...dataOf(kind, managed, before),
          ...request.body,
        });
        const stated = Object.fromEntries(
          merged.filter(([field, value]) => value !== null && Object.hasOwn(kind.body.properties!, field)),
        );
        const body = checkBody(kind.body, stated);
        if (kind.nameOf(body) !== before.name)
          throw new ApiError(400, 'invalid_value', 'The name stays: others refer to it. Make another one.', {
            param: kind.kind === 'provider-key' ? 'alias' : 'name',
          });
        const { name: _name, ...data } = body;
        return answer((await put(request, 'update', before, before.name, data))!);
      },
    },
    {
      method: 'DELETE',
      path: at,
      access: needs('delete'),
      operation: `delete-${kind.kind}`,
      summary: 'Refused while the rest of the configuration needs it.',
      answer: { status: 204, schema: null },
      async handle(request) {
        const before = await find(request);
        await put(request, 'delete', before, before.name, null);
        return { status: 204 };
      },
    },
  ];
}

/** In the clear, to be merged with: what is not sent of a key stays. */
function dataOf({ kind }: ConfigKind, managed: ManagedConfig, { name }: StoredObject): Data {
  if (kind === 'provider') return managed.providers[name] ?? {};
  if (kind === 'model') return managed.models[name] ?? {};
  return { ...managed.keys.find((key) => keyName(key) === name) };
}

function withoutSecrets(data: Data): Data {
  const { secret: _sealed, ...rest } = data;
  return Object.fromEntries(
    Object.entries(rest).map(([field, value]) => [field, KEY_SECRETS.includes(field) ? '***' : value]),
  );
}
