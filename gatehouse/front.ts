// All of the gatehouse that people meet, behind the keys that callers wait for: the request log, the admin API, the page.
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
  FileObjects,
  FromGatehouse,
  GatehouseAsk,
  ToGatehouse,
} from '../src/contracts/gatehouse-ipc.ts';
import type { Store } from '../src/contracts/store.ts';
import type { Logger } from '../src/observability/logger.ts';
import { createEdgeEvents } from '../src/stores/log/edge-events.ts';
import type { ApiContext } from './api/context.ts';
import { createRepeats } from './api/repeats.ts';
import { createRouter } from './api/router.ts';
import { createApiServer } from './api/server.ts';
import { apiRoutes } from './api/table.ts';
import { openRequestLog } from './ingest/request-log.ts';
import { createLogTail } from './ingest/tail.ts';
import { createIds } from './keep/ids.ts';
import type { GatehouseKeys } from './keep/keys.ts';
import { createRotation } from './keep/rotation.ts';
import { createPageFiles, docsFolder } from './page/files.ts';
import { createClusterHistory } from './watch/cluster-history.ts';
import { createClusterSampler } from './watch/cluster-sampler.ts';
import { createAuthenticate } from './who/authenticate.ts';
import { createSessions } from './who/sessions.ts';
import { offerSetupToken } from './who/setup-token.ts';
import { createThrottle } from './who/throttle.ts';

export interface FrontDeps {
  readonly setup: Extract<ToGatehouse, { t: 'setup' }>;
  readonly store: Store;
  readonly keys: GatehouseKeys;
  readonly log: Logger;
  /** ms since 1970. */
  now(): number;
  file(): FileObjects;
  health(): Record<string, unknown>;
  ask(ask: GatehouseAsk): Promise<unknown>;
  publish(): Promise<void>;
  send(message: FromGatehouse): void;
  /** What is to be done when the process ends. */
  onClose(close: () => unknown): void;
}

/** Resolves when it listens and the primary was told. @returns takes when keys were used, ms since 1970 */
export async function openFront(
  deps: FrontDeps,
): Promise<(ids: readonly [id: string, at: number][]) => void> {
  const { store, keys, log, now, ask, send, onClose } = deps;
  const { admin, version, url } = deps.setup;
  const tail = createLogTail();
  // A log that cannot be opened is no reason to manage nothing.
  const requestLog = await openRequestLog(admin, {
    tail,
    version,
    handed: (sink, sent, dropped) => send({ t: 'handed', sink, sent, dropped }),
    ask,
    corrected: (count) => send({ t: 'corrected', count }),
    log,
    now,
  }).catch((err: unknown) => {
    log.error({ err }, 'the request log cannot be opened: none is kept');
    return null;
  });
  if (requestLog !== null) onClose(() => requestLog.stop());
  const edgeEvents = requestLog === null ? null : createEdgeEvents(requestLog.store.driver);
  const id = createIds(now);
  const history = createClusterHistory();
  const sampler = createClusterSampler(history, ask);
  onClose(() => sampler.stop());
  sampler.start();
  const context: ApiContext = {
    store,
    keys,
    log,
    id,
    now,
    file: deps.file,
    ask,
    publish: deps.publish,
    litellm: admin.litellm,
    oidc: admin.oidc,
    enrolment: admin.edge,
    health: deps.health,
    version,
    url,
    logs: () => requestLog?.store ?? null,
    catchUp: () => requestLog?.catchUp() ?? Promise.resolve(true),
    edgeEvents: () => edgeEvents,
    exporter: () => requestLog?.exporter ?? null,
    recalculator: () => requestLog?.recalculator ?? null,
    tail,
    history,
    dataDir: admin.dataDir,
  };
  const sessions = createSessions({ store, keys, id, now });
  const throttle = createThrottle(() => performance.now());
  const serverDeps = {
    context,
    router: createRouter(apiRoutes({ context, sessions, throttle })),
    authenticate: createAuthenticate({ store, keys, sessions, now }),
    repeats: createRepeats({ store, keys, now }),
    page: createPageFiles(),
    docs: createPageFiles(docsFolder),
  };
  const rotation = createRotation({
    store,
    secret: keys.virtualKey,
    envelopes: keys.envelopes,
    now,
    log,
  });
  onClose(() => rotation.stop());
  rotation.start();
  // A folder of its own, which nobody else may enter: the socket takes whoever reaches it for a worker.
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-'));
  onClose(() => rmSync(folder, { recursive: true, force: true }));
  const socket = path.join(folder, 'api.sock');
  await listen(createApiServer(serverDeps, true), { path: socket }, onClose);
  if (admin.port !== null) {
    const { host, port } = admin;
    await listen(createApiServer(serverDeps, false), { host, port }, onClose);
    log.info({ host, port }, 'admin API listens');
  }
  send({ t: 'opened', socket, shared: store.shared });
  await welcome(context, admin.port === null ? url : `http://${admin.host}:${admin.port}`);
  return (ids) => {
    store
      .touch(new Map(ids))
      .catch((err: unknown) => log.warn({ err }, 'when keys were used could not be kept'));
  };
}

function listen(
  server: Server,
  where: { path: string } | { host: string; port: number },
  onClose: FrontDeps['onClose'],
): Promise<void> {
  onClose(() => {
    server.close();
    server.closeAllConnections();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => resolve());
  });
}

/** On the operator's own screen, and nowhere else: not in the log. */
async function welcome({ store, keys, id }: ApiContext, url: string): Promise<void> {
  const token = await offerSetupToken(store, keys, id);
  if (token === null) return;
  process.stdout.write(
    [
      `  admin:     nobody administers this gateway yet. Its set-up token, good for one administrator:`,
      '',
      `    ${token}`,
      '',
      `    curl ${url}/api/setup -H 'authorization: Bearer ${token}' -H 'content-type: application/json' -d '{"name":"admin"}'`,
      '',
    ].join('\n'),
  );
}
