// Six gateways on addresses of loopback, one Redis (with Sentinel) and one PostgreSQL behind haproxy, and callers that go on
// whatever happens to them.
import { randomBytes } from 'node:crypto';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { freePort } from '../../kit/port.ts';
import { type FrontProxy, startNodesProxy } from '../../kit/proxy.ts';
import { testConfig } from '../../kit/test-config.ts';
import { sleep } from '../../kit/wait.ts';
import { type PostgresServer, startPostgres } from '../../integration/postgres/postgres-server.ts';
import { type SentinelGroup, startSentinelGroup } from '../../integration/redis/sentinel-group.ts';

export const NODES = 6;
/** Longer than haproxy takes to see that a node is not ready any more: two checks, a second apart. */
const PRE_STOP_MS = 4_000;

export interface Estate {
  readonly mock: MockUpstream;
  readonly redis: SentinelGroup;
  readonly postgres: PostgresServer;
  readonly proxy: FrontProxy;
  /** By its place; replaced by `start`. */
  readonly nodes: GatewayProcess[];
  /** The same node once more, on the same address. */
  start(at: number): Promise<GatewayProcess>;
  close(): Promise<void>;
}

export async function startEstate(rest: Record<string, unknown>): Promise<Estate> {
  const [mock, redis, postgres] = await Promise.all([startMock(), startSentinelGroup(), startPostgres()]);
  const port = await freePort();
  const database = await postgres.database('estate');
  const master = randomBytes(32).toString('base64');
  const config = testConfig(mock, { rest: { log: { access: false }, ...rest } });
  const start = (at: number): Promise<GatewayProcess> =>
    startGateway({
      admin: true,
      config,
      host: `127.0.0.${at + 2}`,
      readyTimeoutMs: 60_000,
      env: {
        HEADGATE_PORT: String(port),
        HEADGATE_REDIS_URL: redis.url,
        HEADGATE_REDIS_TIMEOUT_MS: '500',
        HEADGATE_DATABASE_URL: database,
        HEADGATE_MASTER_KEY: master,
        HEADGATE_PRE_STOP_MS: String(PRE_STOP_MS),
        HEADGATE_THREADS: '0',
      },
    });
  const nodes: GatewayProcess[] = [];
  // One after another: the first makes the tables.
  for (let at = 0; at < NODES; at++) nodes.push(await start(at));
  const proxy = await startNodesProxy(nodes.map((_, at) => `127.0.0.${at + 2}:${port}`));
  return {
    mock,
    redis,
    postgres,
    proxy,
    nodes,
    async start(at) {
      nodes[at] = await start(at);
      return nodes[at];
    },
    async close() {
      await proxy.stop();
      await Promise.all(nodes.map((node) => node.stop(20_000)));
      await Promise.all([redis.close(), postgres.close(), mock.close()]);
    },
  };
}

export interface Load {
  /** Answers by status; 0 = none came. */
  readonly statuses: Map<number, number>;
  /** What was said of those that failed, at most a few. */
  readonly faults: string[];
  stop(): Promise<void>;
}

/** @param callers how many ask at the same time, each again once it was answered. @param pauseMs of each between two */
export function callOn(target: { url: string }, key: string, callers: number, pauseMs: number): Load {
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  let stopped = false;
  const caller = async (): Promise<void> => {
    while (!stopped) {
      const { status, text } = await call(target, chatPath, { body: chatBody('oa/ok'), key }).catch(
        (error: unknown) => ({ status: 0, text: String(error) }),
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status !== 200 && faults.length < 5) faults.push(`${status} ${text.slice(0, 200)}`);
      await sleep(pauseMs);
    }
  };
  const running = Array.from({ length: callers }, caller);
  return {
    statuses,
    faults,
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
