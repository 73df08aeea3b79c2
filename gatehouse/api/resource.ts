// The five routes that every kind of object has: list, create, read, change, delete. What differs is data.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { FileObject } from '../../src/contracts/gatehouse-ipc.ts';
import type { StoredData, StoredObject, StoredValue } from '../../src/contracts/store.ts';
import type { Verb } from '../../src/governance/roles.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import { checkBody } from './checked.ts';
import { type ApiContext, allow, commit, etagOf, lostUpdate } from './context.ts';
import { name, object, pageOf, shownFields } from './fields.ts';
import { listPage, pageQuery } from './paging.ts';
import { findObject, resolved } from './references.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { ApiRequest, ApiRoute } from './route.ts';
import { FILE_PREFIX, type Shown, shown, shownOfFile } from './view.ts';

/** The team whose admins may see it. */
export function teamOf({ kind, id, data }: StoredObject): string | null {
  if (kind === 'team') return id;
  const team = data['team'];
  return typeof team === 'string' ? team : null;
}

export interface ResourceParts {
  readonly shape: SchemaNode;
  readonly bodySchema: SchemaNode;
  read(request: ApiRequest, verb: Verb): Promise<StoredObject>;
  replace(
    request: ApiRequest,
    before: StoredObject,
    action: string,
    change: Partial<Replacement>,
  ): Promise<StoredObject>;
}

interface Replacement {
  readonly name: string;
  readonly lookup: string | null;
  readonly data: StoredData;
}

/** What the routes of a kind are made of, for kinds that have more of them. */
export function resourceParts(context: ApiContext, kind: ResourceKind): ResourceParts {
  const { store } = context;
  return {
    shape: object({ ...shownFields, name, ...kind.fields }, ['id', 'name', 'managed']),
    bodySchema: object({ name, ...kind.fields }, ['name', ...(kind.required ?? [])]),
    async read(request, verb) {
      const id = request.params['id']!;
      if (id.startsWith(FILE_PREFIX)) {
        if (fileObject(context, kind, id) === null) throw notFound(kind.kind);
        throw new ApiError(
          409,
          'managed_by_file',
          `This ${kind.kind} stands in the configuration file: change it there.`,
        );
      }
      const found = await findObject(store, kind.kind, id);
      if (found === null) throw notFound(kind.kind);
      allow(request, { resource: kind.permission, verb }, teamOf(found), kind.kind);
      return found;
    },
    async replace(request, before, action, change) {
      if (request.ifMatch !== null && request.ifMatch !== before.version) throw lostUpdate(before.version);
      const { name: next = before.name, lookup = before.lookup, data = before.data } = change;
      const [after] = await commit(
        context,
        request,
        [{ op: 'replace', kind: kind.kind, id: before.id, from: before.version, name: next, lookup, data }],
        {
          action: `${kind.kind}.${action}`,
          target: `${kind.kind}/${before.id}`,
          before: { name: before.name, ...before.data },
          after: { name: next, ...data },
        },
      );
      return after!;
    },
  };
}

export function resourceRoutes(context: ApiContext, kind: ResourceKind, parts: ResourceParts): ApiRoute[] {
  const { store } = context;
  const path = `/api/${kind.plural}`;
  const at = `${path}/{id}`;
  const { shape, bodySchema } = parts;
  const needs = (verb: Verb) => ({ resource: kind.permission, verb });
  const answer = (object_: StoredObject, status = 200) => ({
    status,
    body: shown(object_),
    headers: { etag: etagOf(object_.version) },
  });

  return [
    {
      method: 'GET',
      path,
      access: needs('read'),
      operation: `list-${kind.plural}`,
      summary: `Those of the file first, then all others in the order of their creation.`,
      query: pageQuery(kind),
      answer: { status: 200, schema: pageOf(shape) },
      async handle(request) {
        return { status: 200, body: await listPage(context, kind, request) };
      },
    },
    {
      method: 'POST',
      path,
      access: needs('create'),
      operation: `create-${kind.kind}`,
      summary: `A new ${kind.kind}.`,
      body: bodySchema,
      answer: { status: 201, schema: shape },
      async handle(request) {
        const { name: named, data } = await newData(context, kind, request);
        const id = context.id(kind.kind);
        const [made] = await commit(
          context,
          request,
          [{ op: 'create', kind: kind.kind, id, name: named, lookup: null, data }],
          { action: `${kind.kind}.create`, target: `${kind.kind}/${id}`, after: { name: named, ...data } },
        );
        return answer(made!, 201);
      },
    },
    {
      method: 'GET',
      path: at,
      access: needs('read'),
      operation: `get-${kind.kind}`,
      summary: `One ${kind.kind}, by id or by name.`,
      answer: { status: 200, schema: shape },
      async handle(request) {
        const inFile = fileObject(context, kind, request.params['id']!);
        if (inFile !== null) return { status: 200, body: inFile };
        return answer(await parts.read(request, 'read'));
      },
    },
    {
      method: 'PATCH',
      path: at,
      access: needs('update'),
      operation: `update-${kind.kind}`,
      summary:
        'Changes the fields that are sent; null takes a field away. `If-Match` guards against a lost update.',
      body: bodySchema,
      answer: { status: 200, schema: shape },
      async handle(request) {
        const before = await parts.read(request, 'update');
        const { name: next, data } = await patchedData(context, kind, bodySchema, before, request);
        return answer(await parts.replace(request, before, 'update', { name: next, data }));
      },
    },
    {
      method: 'DELETE',
      path: at,
      access: needs('delete'),
      operation: `delete-${kind.kind}`,
      summary: `Refused while something belongs to it.`,
      answer: { status: 204, schema: null },
      async handle(request) {
        const before = await parts.read(request, 'delete');
        if (request.ifMatch !== null && request.ifMatch !== before.version) throw lostUpdate(before.version);
        for (const [other, field] of kind.usedBy ?? []) {
          const { items } = await store.list({ kind: other, where: { [field]: before.id }, limit: 1 });
          if (items.length > 0)
            throw new ApiError(409, 'in_use', `The ${other} \`${items[0]!.name}\` belongs to it.`);
        }
        await commit(
          context,
          request,
          [{ op: 'delete', kind: kind.kind, id: before.id, from: before.version }],
          {
            action: `${kind.kind}.delete`,
            target: `${kind.kind}/${before.id}`,
            before: { name: before.name, ...before.data },
          },
        );
        return { status: 204 };
      },
    },
  ];
}

/** Of a body that creates. @throws ApiError */
export async function newData(
  context: ApiContext,
  kind: ResourceKind,
  request: ApiRequest,
): Promise<{ name: string; data: StoredData }> {
  const { name: named, ...stated } = request.body as StoredData & { name: string }; // as its schema has it
  const data = await resolved(context.store, kind.references ?? {}, stated);
  const team = data['team'];
  // A team is made by who may make any: its id is nobody's yet.
  allow(
    request,
    { resource: kind.permission, verb: 'create' },
    typeof team === 'string' ? team : null,
    kind.kind,
  );
  await kind.check?.(data, context);
  refuseFileName(context, kind, named);
  return { name: named, data };
}

/** What a merge patch (RFC 7396) leaves. @throws ApiError */
export async function patchedData(
  context: ApiContext,
  kind: ResourceKind,
  bodySchema: SchemaNode,
  before: StoredObject,
  request: ApiRequest,
): Promise<{ name: string; data: StoredData }> {
  const fields = Object.keys(bodySchema.properties ?? {});
  const kept = Object.entries(before.data).filter(([field]) => fields.includes(field));
  const hidden = Object.entries(before.data).filter(([field]) => !fields.includes(field));
  const merged = Object.entries({ name: before.name, ...Object.fromEntries(kept), ...request.body }).filter(
    ([, value]) => value !== null,
  );
  const { name: next, ...stated } = checkBody(bodySchema, Object.fromEntries(merged)) as StoredData & {
    name: string;
  }; // as its schema has it
  const data = await resolved(context.store, kind.references ?? {}, stated);
  const team = data['team'];
  // It may be about to go to another team: both must be the caller's.
  if (kind.kind !== 'team')
    allow(
      request,
      { resource: kind.permission, verb: 'update' },
      typeof team === 'string' ? team : null,
      kind.kind,
    );
  await kind.check?.(data, context);
  if (next !== before.name) refuseFileName(context, kind, next);
  return { name: next, data: { ...data, ...(Object.fromEntries(hidden) as Record<string, StoredValue>) } };
}

function refuseFileName(context: ApiContext, { inFile, kind }: ResourceKind, named: string): void {
  if (inFile !== undefined && context.file()[inFile].some((object_) => object_.name === named))
    throw new ApiError(409, 'name_taken', `The ${kind} \`${named}\` stands in the configuration file.`, {
      param: 'name',
    });
}

function fileObject(context: ApiContext, { inFile }: ResourceKind, id: string): Shown | null {
  if (inFile === undefined || !id.startsWith(FILE_PREFIX)) return null;
  const objects: readonly FileObject[] = context.file()[inFile];
  const found = objects.find((object_) => object_.name === id.slice(FILE_PREFIX.length));
  return found === undefined ? null : shownOfFile(found);
}
