// The gatehouse: keeps what people manage (keys, teams, limits), answers the admin API and tells the workers of it. Forked
// by path by cluster/gatehouse-process. Nothing waits for it: when it ends, calls go on and another one is started.
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import type { FileObjects, ToGatehouse } from '../src/contracts/gatehouse-ipc.ts';
import { createLogger } from '../src/observability/logger.ts';
import { createEdgeEvents } from '../src/stores/log/edge-events.ts';
import { measured } from '../src/observability/measured.ts';
import type { ApiContext } from './api/context.ts';
import { createRepeats } from './api/repeats.ts';
import { createRouter } from './api/router.ts';
import { createApiServer } from './api/server.ts';
import { apiRoutes } from './api/table.ts';
import { readState } from './config/state.ts';
import { openRequestLog } from './ingest/request-log.ts';
import { createLogTail } from './ingest/tail.ts';
import { createIds } from './keep/ids.ts';
import { NoPlace, openStore } from './keep/open-store.ts';
import { createPrimaryAsks } from './keep/primary-asks.ts';
import { createPublisher, type Publisher } from './keep/publisher.ts';
import { createRotation } from './keep/rotation.ts';
import { createTellingStore } from './keep/telling-store.ts';
import { openLink } from './link.ts';
import { createPageFiles, docsFolder } from './page/files.ts';
import { createAuthenticate } from './who/authenticate.ts';
import { createSessions } from './who/sessions.ts';
import { offerSetupToken } from './who/setup-token.ts';
import { createThrottle } from './who/throttle.ts';

type Setup = Extract<ToGatehouse, { t: 'setup' }>;

const LOG_CLOSE_MS = 500;
const NICENESS = 5;
const wall = (): number => Date.now();

// What it writes is its own: the store, its copies, the key.
process.umask(0o077);
// Workers first: rows wait on disk, calls do not wait.
measured(() => setPriority(NICENESS), undefined);

const log = createLogger({ level: 'info', base: { role: 'gatehouse', pid: process.pid } });
const link = openLink({ onMessage, onOrphaned: () => end(0) });
let file: FileObjects = { keys: [], providers: [], models: [], limits: [] };
let health: Record<string, unknown> = {};
const primary = createPrimaryAsks((message) => link.send(message));
let closing = false;
const toClose: (() => unknown)[] = [];

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (err) => {
    log.fatal({ err, event }, 'gatehouse ends');
    log.flushSync();
    process.exit(1);
  });
}
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

link.send({ t: 'hello', pid: process.pid });

function onMessage(message: ToGatehouse): void {
  switch (message.t) {
    case 'setup':
      open(message).catch((err: unknown) => {
        if (err instanceof NoPlace) {
          const over = (): void => end(0);
          link.deliver({ t: 'bare', reason: err.message }).then(over, over);
          return;
        }
        log.error({ err }, 'gatehouse cannot open its store');
        end(1);
      });
      return;
    case 'state':
      file = message.file;
      health = { ...message.health, configVersion: message.configVersion };
      return;
    case 'answer':
      primary.answered(message.id, message.answer);
      return;
    case 'used':
      used(message.used);
      return;
    case 'rung':
      look();
      return;
    case 'end':
      end(0);
      return;
  }
}

let look = (): void => undefined;
let used = (_used: [id: string, at: number][]): void => undefined;

async function open({ admin, version, url }: Setup): Promise<void> {
  const opened = await openStore(admin, wall);
  const { keys } = opened;
  toClose.push(() => opened.store.close());
  const store = createTellingStore(opened.store, () => {
    look();
    link.send({ t: 'committed' });
  });
  const publisher: Publisher = createPublisher({
    store,
    secret: keys.virtualKey,
    managed: async () => (await readState(store, keys.envelopes)).managed,
    send: link.send,
    log,
  });
  look = () => void publisher.look();
  toClose.push(() => publisher.stop());
  // Before all else: calls with keys that were issued wait for it.
  await publisher.start();
  const tail = createLogTail();
  // A log that cannot be opened is no reason to manage nothing.
  const requestLog = await openRequestLog(admin, {
    tail,
    version,
    handed: (sink, sent, dropped) => link.send({ t: 'handed', sink, sent, dropped }),
    ask: primary.ask,
    corrected: (count) => link.send({ t: 'corrected', count }),
    log,
    now: wall,
  }).catch((err: unknown) => {
    log.error({ err }, 'the request log cannot be opened: none is kept');
    return null;
  });
  if (requestLog !== null) toClose.push(() => requestLog.stop());
  const edgeEvents = requestLog === null ? null : createEdgeEvents(requestLog.store.driver);
  const id = createIds(wall);
  const context: ApiContext = {
    store,
    keys,
    log,
    id,
    now: wall,
    file: () => file,
    ask: primary.ask,
    publish: () => publisher.look(),
    litellm: admin.litellm,
    oidc: admin.oidc,
    enrolment: admin.edge,
    health: () => health,
    version,
    url,
    logs: () => requestLog?.store ?? null,
    edgeEvents: () => edgeEvents,
    exporter: () => requestLog?.exporter ?? null,
    recalculator: () => requestLog?.recalculator ?? null,
    tail,
    dataDir: admin.dataDir,
  };
  const sessions = createSessions({ store, keys, id, now: wall });
  const throttle = createThrottle(() => performance.now());
  const deps = {
    context,
    router: createRouter(apiRoutes({ context, sessions, throttle })),
    authenticate: createAuthenticate({ store, keys, sessions, now: wall }),
    repeats: createRepeats({ store, keys, now: wall }),
    page: createPageFiles(),
    docs: createPageFiles(docsFolder),
  };
  used = (ids) => {
    store
      .touch(new Map(ids))
      .catch((err: unknown) => log.warn({ err }, 'when keys were used could not be kept'));
  };
  const rotation = createRotation({
    store,
    secret: keys.virtualKey,
    envelopes: keys.envelopes,
    now: wall,
    log,
  });
  toClose.push(() => rotation.stop());
  rotation.start();
  // A folder of its own, which nobody else may enter: the socket takes whoever reaches it for a worker.
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-'));
  toClose.push(() => rmSync(folder, { recursive: true, force: true }));
  const socket = path.join(folder, 'api.sock');
  await listen(createApiServer(deps, true), { path: socket });
  if (admin.port !== null) {
    const { host, port } = admin;
    await listen(createApiServer(deps, false), { host, port });
    log.info({ host, port }, 'admin API listens');
  }
  link.send({ t: 'opened', socket, shared: store.shared });
  await welcome(context, admin.port === null ? url : `http://${admin.host}:${admin.port}`);
}

function listen(server: Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  toClose.push(() => {
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

function end(code: number): void {
  if (closing) return;
  closing = true;
  const exit = (): never => process.exit(code);
  Promise.all([...toClose.map((close) => close()), log.close(LOG_CLOSE_MS)]).then(exit, exit);
}
