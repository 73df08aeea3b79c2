// The edge of a machine in this process, before the gateway of a test: for agents that are to go by it.
import type { AddressInfo } from 'node:net';
import { createEdgeAgent } from '../../cluster/edge/passage/agent.ts';
import { appKey } from '../../cluster/edge/guard/local-keys.ts';
import type { EdgeEvent, EdgeOrders, EdgeVerdict } from '../../src/contracts/edge.ts';
import { gateKey } from '../kit/gateway.ts';

const LOCAL_KEY = 'hgl-the-key-of-this-machine-0123456789';

export interface TestEdge {
  readonly url: string;
  readonly events: readonly EdgeEvent[];
  /** What the centre says from now on. */
  verdicts: readonly EdgeVerdict[];
  key(app: string): string;
  close(): Promise<void>;
}

/** @param gate address of the gateway */
export async function startEdge(gate: string): Promise<TestEdge> {
  const events: EdgeEvent[] = [];
  let verdicts: readonly EdgeVerdict[] = [];
  const orders = (): EdgeOrders => ({
    device: { id: 'dev_1', name: 'laptop', state: 'approved' },
    decision: 'allow',
    verdicts,
    policy: {
      pendingDevices: 'allow',
      pendingApps: 'allow',
      pendingServers: 'allow',
      refreshSeconds: 60,
      fallback: false,
      intercept: { enabled: false, hosts: [] },
    },
  });
  const { server } = createEdgeAgent({
    gate,
    fallback: null,
    key: gateKey,
    localKey: LOCAL_KEY,
    tls: {},
    orders,
    blocked: () => [],
    record: (event) => void events.push(event),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port
    events,
    get verdicts() {
      return verdicts;
    },
    set verdicts(said) {
      verdicts = said;
    },
    key: (app) => appKey(LOCAL_KEY, app),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const denied = (app: string): EdgeVerdict => ({
  type: 'app',
  target: app,
  state: 'denied',
  decision: 'block',
  note: 'not on this machine',
});
