// `/api/edge`: machines with an edge of ours, what is found on them, and what holds there.
import { EDGE_ITEM_TYPES, EDGE_STATES } from '../../src/contracts/edge.ts';
import { readPolicy } from '../edge/policy.ts';
import type { Throttle } from '../who/throttle.ts';
import type { ApiContext } from './context.ts';
import { edgeAuthorityRoutes } from './edge-authority.ts';
import { edgeCatalogRoutes } from './edge-catalog.ts';
import { edgeDeviceRoutes } from './edge-devices.ts';
import { edgeEnrolRoutes } from './edge-enrol.ts';
import { edgeEventRoutes } from './edge-events.ts';
import { policyShape } from './edge-fields.ts';
import { edgePolicyRoutes } from './edge-policy.ts';
import { edgeSelfRoutes } from './edge-self.ts';
import { object, whole } from './fields.ts';
import type { ApiRoute } from './route.ts';

const PAGE = 500;
/** Beyond that a number is "so many or more": nobody decides them one by one. */
const MOST = 5_000;

const counts = (of: string) =>
  object(
    Object.fromEntries(
      EDGE_STATES.map((state) => [
        state,
        whole(0, MOST, `${of} that are ${state}; ${MOST} = so many or more.`),
      ]),
    ),
    [...EDGE_STATES],
  );

export function edgeRoutes(context: ApiContext, throttle: Throttle): ApiRoute[] {
  return [
    overview(context),
    ...edgeEnrolRoutes(context, throttle),
    ...edgeDeviceRoutes(context),
    ...edgeCatalogRoutes(context),
    ...edgePolicyRoutes(context),
    ...edgeSelfRoutes(context),
    ...edgeAuthorityRoutes(context),
    ...edgeEventRoutes(context),
  ];
}

function overview({ store }: ApiContext): ApiRoute {
  async function count(kind: 'device' | 'edge-item', where: Record<string, string>): Promise<number> {
    let found = 0;
    for (let after: string | null = null; found < MOST; ) {
      const page = await store.list({ kind, where, after, limit: PAGE });
      found += page.items.length;
      if (page.next === null) break;
      after = page.next;
    }
    return Math.min(found, MOST);
  }
  async function byState(kind: 'device' | 'edge-item', more: Record<string, string> = {}): Promise<object> {
    const found = EDGE_STATES.map(async (state) => [state, await count(kind, { ...more, state })] as const);
    return Object.fromEntries(await Promise.all(found));
  }
  return {
    method: 'GET',
    path: '/api/edge',
    access: { resource: 'device', verb: 'read' },
    operation: 'get-edge',
    summary: 'How many devices, apps and MCP servers there are in each state, and the policy.',
    answer: {
      status: 200,
      schema: object(
        {
          devices: counts('Devices'),
          apps: counts('Apps'),
          servers: counts('MCP servers'),
          policy: policyShape,
        },
        ['devices', 'apps', 'servers', 'policy'],
      ),
    },
    async handle() {
      const [app, server] = EDGE_ITEM_TYPES;
      const [devices, apps, servers, { policy }] = await Promise.all([
        byState('device'),
        byState('edge-item', { type: app }),
        byState('edge-item', { type: server }),
        readPolicy(store),
      ]);
      return { status: 200, body: { devices, apps, servers, policy } };
    },
  };
}
