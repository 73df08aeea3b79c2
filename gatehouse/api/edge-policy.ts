// `/api/edge/policy`: what holds for all devices.
import type { EdgeHost, EdgePolicy } from '../../src/contracts/edge.ts';
import type { Change, StoredData } from '../../src/contracts/store.ts';
import { blockPending } from './device-book.ts';
import { POLICY_NAME, readPolicy } from '../edge/policy.ts';
import { type ApiContext, commit, etagOf, lostUpdate } from './context.ts';
import { policyShape } from './edge-fields.ts';
import { object, whole } from './fields.ts';
import type { ApiAnswer, ApiRoute } from './route.ts';

const shape = object({
  ...policyShape.properties,
  version: whole(0, 1e15, 'Counts its changes; 0 = nobody has set it.'),
});
/** Where vendors have what the gate serves under the same paths. */
const USUAL = ['/v1/', '/v1beta/'].map((path) => ({ path, to: path }));

export function edgePolicyRoutes(context: ApiContext): ApiRoute[] {
  const { store } = context;
  const answer = (policy: EdgePolicy, version: number): ApiAnswer => ({
    status: 200,
    body: { ...policy, version },
    ...(version === 0 ? {} : { headers: { etag: etagOf(version) } }),
  });

  return [
    {
      method: 'GET',
      path: '/api/edge/policy',
      access: { resource: 'device', verb: 'read' },
      operation: 'get-edge-policy',
      summary: 'What holds for all devices.',
      answer: { status: 200, schema: shape },
      async handle() {
        const { policy, object: kept } = await readPolicy(store);
        return answer(policy, kept?.version ?? 0);
      },
    },
    {
      method: 'PUT',
      path: '/api/edge/policy',
      access: { resource: 'device', verb: 'update' },
      operation: 'set-edge-policy',
      summary: 'Sets all of it. `If-Match` guards against a lost update.',
      guarded: true,
      body: policyShape,
      answer: { status: 200, schema: shape },
      async handle(request) {
        const stated = request.body as unknown as EdgePolicy; // as the schema has it
        const { object: before, policy: was } = await readPolicy(store);
        if (request.ifMatch !== null && request.ifMatch !== (before?.version ?? 0))
          throw lostUpdate(before?.version ?? 0);
        const policy: EdgePolicy = {
          ...stated,
          intercept: { ...stated.intercept, hosts: stated.intercept.hosts.map(filled) },
        };
        const data = policy as unknown as StoredData; // of texts, numbers and truth values
        const id = before?.id ?? context.id('edge-policy');
        const change: Change =
          before === null
            ? { op: 'create', kind: 'edge-policy', id, name: POLICY_NAME, lookup: null, data }
            : {
                op: 'replace',
                kind: 'edge-policy',
                id,
                from: before.version,
                name: POLICY_NAME,
                lookup: null,
                data,
              };
        const [after] = await commit(context, request, [change], {
          action: 'edge-policy.set',
          target: `edge-policy/${id}`,
          before: before?.data ?? null,
          after: data,
        });
        if (policy.pendingDevices !== was.pendingDevices)
          await blockPending(context, policy.pendingDevices === 'block');
        return answer(policy, after!.version);
      },
    },
  ];
}

function filled({ host, routes, other }: Partial<EdgeHost> & Pick<EdgeHost, 'host'>): EdgeHost {
  return {
    host,
    routes: routes === undefined || routes.length === 0 ? USUAL : routes,
    other: other ?? 'pass',
  };
}
