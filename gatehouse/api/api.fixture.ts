// The admin API in this process over a store in a file, for tests: what the primary would say is said by `ask`.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Store, StoredData } from '../../src/contracts/store.ts';
import { createAuditSeal } from '../../src/governance/hash-chain.ts';
import { credentialHash, issueCredential } from '../../src/governance/virtual-key.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { createLogTail } from '../ingest/tail.ts';
import { createIds } from '../keep/ids.ts';
import { openKeys } from '../keep/keys.ts';
import { createAuthenticate } from '../who/authenticate.ts';
import { createSessions } from '../who/sessions.ts';
import { createThrottle } from '../who/throttle.ts';
import { createClusterHistory } from '../watch/cluster-history.ts';
import type { ApiContext } from './context.ts';
import { createRepeats } from './repeats.ts';
import type { ApiRoute } from './route.ts';
import { createRouter } from './router.ts';
import { createApiServer } from './server.ts';
import { apiRoutes } from './table.ts';

export interface TestApi {
  readonly url: string;
  /** The same as workers reach it: who they say the client is counts. */
  readonly workersUrl: string;
  /** Personal token of the administrator `ada`, `adm_1`. */
  readonly token: string;
  readonly store: Store;
  /** A personal token of a new administrator with this name. */
  tokenOf(name: string, data: StoredData): Promise<string>;
  readonly routes: readonly ApiRoute[];
  /** What was logged as an error. */
  readonly faults: readonly unknown[];
  close(): Promise<void>;
}

/** @param context in place of what a gateway of its own would have */
export async function startTestApi(context: Partial<ApiContext> = {}): Promise<TestApi> {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-api-'));
  const faults: unknown[] = [];
  const now = (): number => Date.now();
  const admin = { masterKey: randomBytes(32).toString('base64'), dataDir: folder };
  const keys = openKeys(admin as Parameters<typeof openKeys>[0]); // it reads no more of it
  const store = createSqlStore({
    driver: openSqlite(path.join(folder, 'store.db')),
    seal: createAuditSeal(keys.audit),
    now,
  });
  const id = createIds(now);
  const whole: ApiContext = {
    store,
    keys,
    id,
    now,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object) => void faults.push(fields),
    },
    file: () => ({
      ...{ keys: [], providers: [{ name: 'file', data: {} }], models: [], limits: [] },
      ...{ prices: ['file/*'], priceChanges: false },
    }),
    // The primary: nothing is wrong with any configuration, and it is in force at once.
    ask: async (ask) =>
      ask.do === 'check'
        ? []
        : ask.do === 'look'
          ? { lanes: [{ provider: 'file', paused: false, keys: [], cooling: [], circuits: [] }] }
          : ask.do === 'effective'
            ? { prices: {}, priceChanges: [], providers: [{ name: 'file', vendor: 'openai' }] }
            : ask.do === 'worker' && ask.what.do === 'standings'
              ? []
              : ask.do === 'worker' && ask.what.do === 'key'
                ? null
                : { workersBehind: 0, ended: 0 },
    publish: async () => undefined,
    health: () => ({}),
    version: 'test',
    litellm: true,
    oidc: null,
    enrolment: { oidc: null, certificates: false, team: null },
    url: 'http://127.0.0.1:1',
    logs: () => null,
    catchUp: () => Promise.resolve(true),
    edgeEvents: () => null,
    exporter: () => null,
    recalculator: () => null,
    tail: createLogTail(),
    history: createClusterHistory(),
    dataDir: folder,
    ...context,
  };
  const sessions = createSessions({ store, keys, id, now });
  const routes = apiRoutes({ context: whole, sessions, throttle: createThrottle(now) });
  let made = 0;
  async function tokenOf(name: string, data: StoredData): Promise<string> {
    const own = issueCredential('token', randomBytes);
    const admin = `adm_${++made}`;
    await store.commit(
      [
        { op: 'create', kind: 'admin', id: admin, name, lookup: null, data },
        {
          op: 'create',
          kind: 'token',
          id: `tok_${made}`,
          name: `${admin}/t`,
          lookup: credentialHash(keys.adminToken, own),
          data: { admin, label: 't' },
        },
      ],
      null,
    );
    return own;
  }
  const token = await tokenOf('ada', { role: 'admin' });
  const deps = {
    context: whole,
    router: createRouter(routes),
    authenticate: createAuthenticate({ store, keys, sessions, now }),
    repeats: createRepeats({ store, keys, now }),
    page: () => null,
    docs: () => null,
  };
  const servers = [createApiServer(deps, false), createApiServer(deps, true)] as const;
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
  return {
    url: urlOf(servers[0]),
    workersUrl: urlOf(servers[1]),
    token,
    tokenOf,
    store,
    routes,
    faults,
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
