// `/api/edge/catalog`: apps and MCP servers that are found on devices, and what administrators think of them.
import type { EdgeState } from '../../src/contracts/edge.ts';
import type { StoredData, StoredObject } from '../../src/contracts/store.ts';
import { readPolicy } from '../edge/policy.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import { type ApiContext, commit, etagOf, lostUpdate } from './context.ts';
import { findShape, itemShape, state } from './edge-fields.ts';
import { shownFind, shownItem } from './edge-view.ts';
import { choice, object, pageOf, text } from './fields.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

export function edgeCatalogRoutes(context: ApiContext): ApiRoute[] {
  const { store } = context;

  async function read({ params, ifMatch }: ApiRequest): Promise<StoredObject> {
    const found = await store.get('edge-item', params['id']!);
    if (found === null) throw notFound('app or server');
    if (ifMatch !== null && ifMatch !== found.version) throw lostUpdate(found.version);
    return found;
  }

  return [
    {
      method: 'GET',
      path: '/api/edge/catalog',
      access: { resource: 'device', verb: 'read' },
      operation: 'list-edge-catalog',
      summary: 'Apps and MCP servers of all devices, in the order in which they were found.',
      query: {
        cursor: cursorParameter,
        limit: limitParameter,
        state,
        type: choice(['app', 'server'], 'Only these.'),
      },
      answer: { status: 200, schema: pageOf(itemShape) },
      async handle(request) {
        const { cursor = null, state: wanted, type } = request.query;
        const page = await store.list({
          kind: 'edge-item',
          where: {
            ...(wanted === undefined ? {} : { state: wanted }),
            ...(type === undefined ? {} : { type }),
          },
          after: cursor,
          limit: limitOf(request),
        });
        const { policy } = await readPolicy(store);
        const items = page.items.map((item) => shownItem(item, policy));
        return { status: 200, body: { items, next: page.next } };
      },
    },
    {
      method: 'GET',
      path: '/api/edge/catalog/{id}',
      access: { resource: 'device', verb: 'read' },
      operation: 'get-edge-item',
      summary: 'One of them.',
      answer: { status: 200, schema: itemShape },
      async handle(request) {
        const item = await read(request);
        const { policy } = await readPolicy(store);
        return {
          status: 200,
          body: shownItem(item, policy),
          headers: { etag: etagOf(item.version) },
        };
      },
    },
    {
      method: 'GET',
      path: '/api/edge/catalog/{id}/devices',
      access: { resource: 'device', verb: 'read' },
      operation: 'list-edge-item-devices',
      summary: 'Devices it is on.',
      query: {
        cursor: cursorParameter,
        limit: limitParameter,
        device: text('Only on this device, by its id.'),
      },
      answer: { status: 200, schema: pageOf(findShape) },
      async handle(request) {
        const item = await read({ ...request, ifMatch: null });
        const page = await store.list({
          kind: 'edge-find',
          where: {
            item: item.id,
            ...(request.query['device'] === undefined ? {} : { device: request.query['device'] }),
          },
          after: request.query['cursor'] ?? null,
          limit: limitOf(request),
        });
        return {
          status: 200,
          body: { items: page.items.map((find) => shownFind(find, item)), next: page.next },
        };
      },
    },
    {
      method: 'PATCH',
      path: '/api/edge/catalog/{id}',
      access: { resource: 'device', verb: 'update' },
      operation: 'decide-edge-item',
      summary: 'Approves or denies it, on every device: they hear of it when they ask next.',
      body: object({ state, note: text('Why; shown to who is refused.', 1_024) }),
      answer: { status: 200, schema: itemShape },
      async handle(request) {
        const before = await read(request);
        const { state: next, note } = request.body as { state?: EdgeState | null; note?: string | null }; // as the schema has it
        const { note: noted, ...rest } = before.data;
        const data: StoredData = {
          ...rest,
          ...(note === undefined
            ? noted === undefined
              ? {}
              : { note: noted }
            : note === null
              ? {}
              : { note }),
          ...(typeof next === 'string' ? { state: next, decidedBy: request.actor.name } : {}),
        };
        const { id, name, version } = before;
        const [after] = await commit(
          context,
          request,
          [{ op: 'replace', kind: 'edge-item', id, from: version, name, lookup: null, data }],
          { action: 'edge-item.decide', target: `edge-item/${id}`, before: before.data, after: data },
        );
        const { policy } = await readPolicy(store);
        return {
          status: 200,
          body: shownItem(after!, policy),
          headers: { etag: etagOf(after!.version) },
        };
      },
    },
    {
      method: 'DELETE',
      path: '/api/edge/catalog/{id}',
      access: { resource: 'device', verb: 'delete' },
      operation: 'delete-edge-item',
      summary: 'Forgets one that is on no device any more.',
      answer: { status: 204, schema: null },
      async handle(request) {
        const item = await read(request);
        if (Number(item.data['devices']) > 0)
          throw new ApiError(409, 'in_use', `It is on ${Number(item.data['devices'])} devices.`);
        await commit(
          context,
          request,
          [{ op: 'delete', kind: 'edge-item', id: item.id, from: item.version }],
          { action: 'edge-item.delete', target: `edge-item/${item.id}`, before: item.data },
        );
        return { status: 204 };
      },
    },
  ];
}
