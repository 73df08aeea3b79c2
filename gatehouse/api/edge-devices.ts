// `/api/edge/devices`: which machines there are, whether they may call, and what was found on them.
import type { EdgeState } from '../../src/contracts/edge.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import { decideDevice, enrol, removeDevice } from './device-book.ts';
import { findsOf } from '../edge/findings.ts';
import { readPolicy } from '../edge/policy.ts';
import { notFound } from '../errors/api-error.ts';
import { type ApiContext, commit, etagOf, lostUpdate } from './context.ts';
import { deviceName, deviceShape, findShape, platform, state } from './edge-fields.ts';
import { shownDevices, shownFind } from './edge-view.ts';
import { list, object, pageOf, reference, text } from './fields.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import { findObject, resolved } from './references.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';

export function edgeDeviceRoutes(context: ApiContext): ApiRoute[] {
  const { store } = context;

  async function read({ params, ifMatch }: ApiRequest): Promise<StoredObject> {
    const found = await findObject(store, 'device', params['id']!);
    if (found === null) throw notFound('device');
    if (ifMatch !== null && ifMatch !== found.version) throw lostUpdate(found.version);
    return found;
  }
  async function answer(device: StoredObject, status = 200, more: object = {}): Promise<ApiAnswer> {
    const { policy } = await readPolicy(store);
    const [body] = await shownDevices(store, [device], policy);
    return { status, body: { ...body, ...more }, headers: { etag: etagOf(device.version) } };
  }

  return [
    {
      method: 'GET',
      path: '/api/edge/devices',
      access: { resource: 'device', verb: 'read' },
      operation: 'list-edge-devices',
      summary: 'Machines at the edge, in the order of their enrolment.',
      query: {
        cursor: cursorParameter,
        limit: limitParameter,
        state,
        prefix: text('Only those whose name begins so.'),
        user: text('Only of this user; an id.'),
        team: text('Only of this team; an id.'),
      },
      answer: { status: 200, schema: pageOf(deviceShape) },
      async handle(request) {
        const { cursor = null, prefix, ...fields } = request.query;
        const where = Object.fromEntries(
          Object.entries(fields).filter(([field]) => ['state', 'user', 'team'].includes(field)),
        );
        const page = await store.list({
          kind: 'device',
          where,
          ...(prefix === undefined ? {} : { prefix }),
          after: cursor,
          limit: limitOf(request),
        });
        const { policy } = await readPolicy(store);
        return {
          status: 200,
          body: { items: await shownDevices(store, page.items, policy), next: page.next },
        };
      },
    },
    {
      method: 'POST',
      path: '/api/edge/devices',
      access: { resource: 'device', verb: 'create' },
      operation: 'create-edge-device',
      summary:
        'A device that cannot enrol by itself: approved, with a key that this answer holds and nothing else ever does.',
      body: object(
        {
          name: deviceName,
          platform,
          person: text('Whose it is.', 320),
          team: reference('team'),
          user: reference('user'),
        },
        ['name'],
      ),
      answer: {
        status: 201,
        schema: object({ ...deviceShape.properties, credential: text('The key itself.') }, [
          'id',
          'credential',
        ]),
      },
      async handle(request) {
        const { name, platform: said = '', person = '', ...stated } = request.body as Record<string, string>; // as the schema has it
        const owners = await resolved(store, { team: 'team', user: 'user' }, stated);
        const { device, key } = await enrol(context, request, {
          name: name!,
          platform: said,
          subject: '',
          person,
          state: 'approved',
          owners: owners as Record<string, string>, // ids, as `resolved` leaves them
        });
        return answer(device, 201, { credential: key });
      },
    },
    {
      method: 'GET',
      path: '/api/edge/devices/{id}',
      access: { resource: 'device', verb: 'read' },
      operation: 'get-edge-device',
      summary: 'One device, by id or by name, with all that was found on it.',
      answer: {
        status: 200,
        schema: object({ ...deviceShape.properties, found: list(findShape, 'Apps and MCP servers.') }),
      },
      async handle(request) {
        const device = await read(request);
        const finds = await findsOf(store, device);
        const items = await Promise.all(
          finds.map(({ data }) => store.get('edge-item', String(data['item']))),
        );
        return answer(device, 200, { found: finds.map((find, at) => shownFind(find, items[at] ?? null)) });
      },
    },
    {
      method: 'PATCH',
      path: '/api/edge/devices/{id}',
      access: { resource: 'device', verb: 'update' },
      operation: 'update-edge-device',
      summary:
        'Approves or denies it, or calls it something else. Calls of a device that is denied are refused at once.',
      body: object({ state, name: deviceName }),
      answer: { status: 200, schema: deviceShape },
      async handle(request) {
        const before = await read(request);
        const { name, state: next } = request.body as { name?: string | null; state?: EdgeState | null }; // as the schema has it
        let device = before;
        if (typeof name === 'string' && name !== before.name) {
          const { id, version, data } = before;
          const [renamed] = await commit(
            context,
            request,
            [{ op: 'replace', kind: 'device', id, from: version, name, lookup: null, data }],
            {
              action: 'device.rename',
              target: `device/${id}`,
              before: { name: before.name },
              after: { name },
            },
          );
          device = renamed!;
        }
        if (typeof next === 'string' && next !== device.data['state'])
          device = await decideDevice(context, request, device, next);
        return answer(device);
      },
    },
    {
      method: 'DELETE',
      path: '/api/edge/devices/{id}',
      access: { resource: 'device', verb: 'delete' },
      operation: 'delete-edge-device',
      summary: 'Forgets it and what was found on it; its key ends.',
      answer: { status: 204, schema: null },
      async handle(request) {
        await removeDevice(context, request, await read(request));
        return { status: 204 };
      },
    },
  ];
}
