// What a device asks with its own key: what it is to do, and, with what it found, what is thought of that.
import type { EdgeFinding, EdgeOrders } from '../../src/contracts/edge.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import { stateOf } from './device-book.ts';
import { keepFindings, verdictsOf } from '../edge/findings.ts';
import { decisionOf, readPolicy } from '../edge/policy.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { findings, ordersShape } from './edge-fields.ts';
import { object, text } from './fields.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

/** The device whose key was shown. @throws ApiError 403 */
export async function ownDevice({ store }: ApiContext, { actor }: ApiRequest): Promise<StoredObject> {
  const key = actor.kind === 'key' && actor.id !== '' ? await store.get('key', actor.id) : null;
  const metadata = key?.data['metadata'];
  const id =
    typeof metadata === 'object' && metadata !== null && 'device' in metadata ? String(metadata.device) : '';
  const device = id === '' ? null : await store.get('device', id);
  // Metadata is anybody's to write: the device names its key, too.
  if (device === null || device.data['key'] !== key?.id)
    throw new ApiError(403, 'no_device', 'This key is no device’s: `headgate edge enrol` makes one.');
  return device;
}

export function edgeSelfRoutes(context: ApiContext): ApiRoute[] {
  const { store, now } = context;

  async function orders(device: StoredObject): Promise<EdgeOrders> {
    const { policy } = await readPolicy(store);
    await store.touch(new Map([[device.id, now()]]));
    const state = stateOf(device);
    return {
      device: { id: device.id, name: device.name, state },
      decision: decisionOf(state, policy.pendingDevices),
      verdicts: await verdictsOf(store, device, policy),
      policy,
    };
  }

  return [
    {
      method: 'GET',
      path: '/api/edge/self',
      access: 'self',
      operation: 'get-own-edge-orders',
      summary: 'What the device with this key is to do.',
      answer: { status: 200, schema: ordersShape },
      async handle(request) {
        return { status: 200, body: await orders(await ownDevice(context, request)) };
      },
    },
    {
      method: 'POST',
      path: '/api/edge/self/report',
      access: 'self',
      operation: 'report-edge-findings',
      summary: 'Says what is found on the device with this key now, and answers what it is to do.',
      body: object({ version: text('Of the edge.', 64), findings }, ['findings']),
      answer: { status: 200, schema: ordersShape },
      async handle(request) {
        let device = await ownDevice(context, request);
        const { version, findings: found } = request.body as {
          version?: string;
          findings: readonly EdgeFinding[];
        }; // as the schema has it
        device = await keepFindings(context, device, found);
        if (version !== undefined && version !== device.data['version']) device = await kept(device, version);
        return { status: 200, body: await orders(device) };
      },
    },
  ];

  /** It is no decision of anybody: nothing to audit, and nothing lost when somebody else is first. */
  async function kept(device: StoredObject, version: string): Promise<StoredObject> {
    const { id, name, version: from, data } = device;
    const result = await store.commit(
      [{ op: 'replace', kind: 'device', id, from, name, lookup: null, data: { ...data, version } }],
      null,
    );
    return result.ok ? result.objects[0]! : device;
  }
}
