// What holds for all devices, as administrators have set it; until they do, everything that is found works and nothing is opened.
import type { EdgeDecision, EdgePolicy, EdgeState } from '../../src/contracts/edge.ts';
import type { Store, StoredObject } from '../../src/contracts/store.ts';

/** There is one. */
export const POLICY_NAME = 'policy';

export const DEFAULT_POLICY: EdgePolicy = {
  pendingDevices: 'allow',
  pendingApps: 'allow',
  pendingServers: 'allow',
  refreshSeconds: 60,
  fallback: true,
  intercept: { enabled: false, hosts: [] },
};

export interface KeptPolicy {
  readonly policy: EdgePolicy;
  /** Null: nobody has set one yet. */
  readonly object: StoredObject | null;
}

export async function readPolicy(store: Pick<Store, 'byName'>): Promise<KeptPolicy> {
  const object = await store.byName('edge-policy', POLICY_NAME);
  // Written by `PUT /api/edge/policy` alone, which checks it.
  const stated = (object?.data ?? {}) as unknown as Partial<EdgePolicy>;
  return { policy: { ...DEFAULT_POLICY, ...stated }, object };
}

/** @param pending what the policy says of what nobody has decided */
export function decisionOf(state: EdgeState, pending: EdgeDecision): EdgeDecision {
  if (state === 'pending') return pending;
  return state === 'approved' ? 'allow' : 'block';
}
