// What runs on a core: composes the gateway with a clock, a thread pool and the link to the primary, follows the
// primary's messages, and ends without failing a call. Forked by path by cluster/crew/supervisor.
import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { Config } from '../src/contracts/config.ts';
import type { KeyDelta } from '../src/contracts/directory.ts';
import type { Gateway } from '../src/contracts/gateway.ts';
import type { Shares, ToWorker } from '../src/contracts/ipc.ts';
import type { WorkerLook } from '../src/contracts/worker-look.ts';
import type { Clock } from '../src/contracts/ports.ts';
import { createCredentialBook } from '../src/credentials/book.ts';
import { createNames } from '../src/dns/names.ts';
import { nodeLookup } from '../src/dns/node-lookup.ts';
import { createGateway } from '../src/gateway/gateway.ts';
import { createGatewayParts } from '../src/gateway/parts.ts';
import { openConnections } from '../src/http/uws/accept-queue.ts';
import { createRemoteAuthority } from '../src/limiter/remote-authority.ts';
import { collectAll } from '../src/observability/collect-all.ts';
import { withPlaces } from '../src/observability/frame-places.ts';
import { KeyMask } from '../src/observability/key-mask.ts';
import { createLogger, type Logger } from '../src/observability/logger.ts';
import { createMeasuring, residentBytes } from '../src/observability/measured.ts';
import { createSecretMask } from '../src/observability/redact.ts';
import { createCallers } from '../src/pipeline/who/callers.ts';
import { KeyDirectory } from '../src/pipeline/who/directory.ts';
import { IssuedKeys } from '../src/pipeline/who/issued-keys.ts';
import { createClaims } from './claims.ts';
import { type DrainPlan, drain } from './drain.ts';
import { createHeapGrowth } from './heap-growth.ts';
import { createIdleMemory } from './idle-memory.ts';
import { openLink } from './link.ts';
import { loadMissing } from './missing.ts';
import { createPrimaryBooks } from './primary-books.ts';
import { sharedPlaces } from './shared-places.ts';
import { createPluginThread } from './plugin-thread.ts';
import { createRedisHolder } from './redis-holder.ts';
import { openJournal } from './open-journal.ts';
import { createRequestSpool } from './request-spool.ts';
import { createScraper } from './scraper.ts';
import { credentialIds, secretsOf } from './secrets.ts';
import { createSiblings } from './siblings.ts';
import { createThreadPool, poolOf } from './thread-pool.ts';

const TICK_MS = 1_000;
const LOG_CLOSE_MS = 1_000;
/** When keys were last used is told so often. */
const USED_TICKS = 5;
/** A Redis that is there answers by then: the first calls are not to be decided without it. Farther away it takes longer. */
const REDIS_START_MS = 300;
const REDIS_START_WAITS = 6;
/** A token server that answers has by then: the first calls are not to be refused for want of it. */
const CREDENTIAL_START_MS = 3_000;
/** Between cutting the last calls and the exit, for their error events to leave the sockets. */
const LAST_BYTES_MS = 100;

const clock: Clock = { now: () => performance.now(), wall: () => Date.now() };
const link = openLink({ onMessage, onOrphaned });
const scraper = createScraper(link.send);
const journal = openJournal(process.env);
const { owners, once } = createPrimaryBooks(link);
const primaryLimits = createRemoteAuthority(
  {
    get connected() {
      return link.connected;
    },
    send: (batch, sent) => link.send({ t: 'limits', batch }, sent),
  },
  clock.now,
  journal,
);
const siblings = createSiblings(link);
const names = createNames();
const claims = createClaims(link);
const redis = createRedisHolder(clock, nodeLookup(names), {
  get listening() {
    return link.connected && !link.clogged;
  },
  tell: (place, rows) => link.deliver({ t: 'estate', place, rows }),
});
const parts = createGatewayParts();
const directory = new KeyDirectory();
const credentials = createCredentialBook(clock.wall, (id) => {
  if (!link.clogged) link.send({ t: 'credential-refused', id });
});
const issued = new IssuedKeys();
const requestSpool = createRequestSpool(link.index, clock.wall, journal);
/** Where `/api/` is answered. */
let admin: { socket: string | null } | 'off' = 'off';
const keyMask = new KeyMask();
/** Version of the last configuration that came. */
let newest = 0;
let log: Logger | null = null;
let gateway: Gateway | null = null;
let config: Config | null = null;
let port = 0;
let health: Record<string, unknown> = {};
let draining = false;
let ticks = 0;

// The primary decides what a signal means; a terminal sends it to the whole group. Without a primary nobody else can.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) {
  process.on(signal, () => {
    if (!link.connected && (signal === 'SIGTERM' || signal === 'SIGINT')) process.exit(0);
  });
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (err) => die(event, err));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const measure = createMeasuring(() => log, clock.now);
const tidy = createIdleMemory({
  openCalls: () => gateway?.openCalls() ?? 0,
  cpuMicros() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  residentBytes,
  keptBytes: () => gateway?.keptBytes() ?? 0,
  now: clock.now,
  collect: collectAll,
});
/** A program with one process counts memory, not microseconds: it has flags of its own. */
const grow =
  process.env['HEADGATE_ONE_PROCESS'] === '1'
    ? (): void => {}
    : createHeapGrowth({ usedBytes: () => getHeapStatistics().used_heap_size, setFlag: setFlagsFromString });
setInterval(tick, TICK_MS);
link.send({ t: 'hello', index: link.index, pid: process.pid });

/** Always answered: somebody waits. */
function answerLook(id: number, what: WorkerLook): void {
  const asked = async (): Promise<unknown> => gateway?.look(what);
  asked().then(
    (value) => link.send({ t: 'looked', id, value, fault: '' }),
    (err: unknown) =>
      link.send({ t: 'looked', id, value: null, fault: err instanceof Error ? err.message : String(err) }),
  );
}

function onMessage(message: ToWorker): void {
  switch (message.t) {
    case 'config':
      newest = message.version;
      if (message.keys !== null) learn(message.keys);
      follow(message);
      return;
    case 'keys':
      learn(message.keys);
      return;
    case 'credential':
      credentials.learn(message.credential);
      maskSecrets();
      return;
    case 'issued':
      issued.learn(message.frame, message.drop, message.secret);
      return;
    case 'whole':
      issued.whole = message.whole;
      return;
    case 'gatehouse':
      admin = message.on ? { socket: message.socket } : 'off';
      requestSpool.follow(message.spool);
      return;
    case 'grant':
      gateway?.shareHolder(message.lane)?.grant(message.kind, message.count);
      return;
    case 'reclaim': {
      const { lane, kind, id } = message;
      const count = gateway?.shareHolder(lane)?.yieldIdle(kind, message.count) ?? 0;
      link.send({ t: 'yielded', lane, kind, count, id });
      return;
    }
    case 'rest':
      gateway?.learnRest(message.rest);
      return;
    case 'unrest':
      gateway?.unrest(message.lane, message.model);
      return;
    case 'look':
      answerLook(message.id, message.what);
      return;
    case 'owners':
      owners.answered(message.ask, message.owners);
      return;
    case 'taken':
      once.taken(message.ask, message.mine);
      return;
    case 'granted':
      primaryLimits.answered(message.answers);
      return;
    case 'seek':
      link.send({ t: 'sought', ask: message.ask, found: seek(message) });
      return;
    case 'cache':
      tellCached(message);
      return;
    case 'found':
      siblings.found(message.id, message.found);
      return;
    case 'claimed':
      claims.claimed(message.id, message.claimed);
      return;
    case 'drain':
      leave(message);
      return;
    case 'collect':
      measure('metrics', () => pushMetrics(message.id));
      return;
    case 'scraped':
      scraper.scraped(message.id, message.text);
      return;
    case 'health':
      health = message.detail;
      return;
  }
}

function seek({ wish, owner, ids }: Extract<ToWorker, { t: 'seek' }>): (string | null)[] {
  return gateway?.sought(wish, owner, ids) ?? ids.map(() => null);
}

function tellCached({ ask, wanted, shared }: Extract<ToWorker, { t: 'cache' }>): void {
  const none = { entries: 0, bytes: 0, gone: 0, missed: false };
  const told = gateway?.cached(wanted, shared) ?? Promise.resolve(none);
  told.then(
    (sum) => link.send({ t: 'cache-told', ask, told: sum }),
    (err: unknown) => log?.error({ err }, 'kept answers could not be told'),
  );
}

function learn(keys: KeyDelta): void {
  directory.learn(keys);
  for (const key of keys.drop) keyMask.drop(key);
  for (const { value } of keys.put) keyMask.put(value);
}

function follow({ config: next, version, shares }: Extract<ToWorker, { t: 'config' }>): void {
  const use = (): void => {
    if (version !== newest) return;
    if (gateway === null) start(next, version, shares);
    else void reconfigure(gateway, next, version, shares);
  };
  const missing = loadMissing(next, redis, parts)?.then(use, (err: unknown) => die('load', err));
  if (missing === undefined) use();
}

function start(first: Config, version: number, shares: Shares): void {
  const logger = createLogger({
    level: first.log.level,
    format: first.log.format,
    base: { worker: link.index },
    destination: process.env['HEADGATE_ONE_PROCESS'] === '1' ? 2 : 1,
  });
  log = logger;
  const { threads } = first.server;
  const made = createGateway({
    clock,
    parts,
    offload: threads === 0 ? null : createThreadPool(poolOf(threads)),
    log: logger,
    directory: createCallers(directory, issued),
    credentials,
    names,
    worker: String(link.index),
    droppedLogLines: () => logger.dropped(),
    shares: {
      get gone() {
        return !link.connected;
      },
      want(lane, kind, count) {
        if (link.connected && !link.clogged) link.send({ t: 'want', lane, kind, count });
        // Nobody is there to ask, or to hear it: what this worker holds is what it has.
        else setImmediate(() => made.shareHolder(lane)?.grant(kind, 0));
      },
    },
    limitAuthority: (current, observer) =>
      current.redis === null ? redis.none(primaryLimits) : redis.authority(current.redis, observer, logger),
    siblings,
    ticketSecret: process.env['HEADGATE_TICKET_SECRET'],
    ...sharedPlaces(redis, claims, clock, logger),
    rested(rest) {
      if (!link.clogged) link.send({ t: 'rested', rest });
    },
    owners,
    once,
    batchBegun: (watch) => link.send({ t: 'batch', watch }),
    budgets: (uses) => link.send({ t: 'budgets', uses }),
    pluginsAre: (plugins) => link.send({ t: 'plugins', plugins }),
    pluginThread: createPluginThread,
    scrape: scraper.scrape,
    health: () => health,
    admin: () => admin,
    requestSpool: () => requestSpool.current,
    ...(journal === null ? {} : { journal }),
  });
  const refused = reconfigure(made, first, version, shares);
  if (refused !== null) {
    const failed = (): void => end(1);
    refused.then(failed, failed);
    return;
  }
  gateway = made;
  const listen = async (): Promise<number> => {
    await Promise.all([
      redis.ready(Math.max(REDIS_START_MS, REDIS_START_WAITS * (first.redis?.timeoutMs ?? 0))),
      credentials.whenHeld(credentialIds(first), CREDENTIAL_START_MS),
    ]);
    return made.listen();
  };
  listen().then(
    (open) => {
      port = open;
      link.send({ t: 'listening', port });
    },
    (err: unknown) => {
      logger.error({ err }, 'cannot listen');
      const failed = (): void => end(1);
      link.deliver({ t: 'failed', reason: reasonOf(err) }).then(failed, failed);
    },
  );
}

/** Null when the configuration is in force, else a promise that resolves when the primary was told why not. */
function reconfigure(target: Gateway, next: Config, version: number, shares: Shares): Promise<void> | null {
  try {
    target.apply(next, version, shares);
  } catch (err) {
    log?.error({ err, version }, 'configuration cannot be used');
    return link.deliver({ t: 'rejected', version, reason: reasonOf(err) });
  }
  config = next;
  credentials.keep(credentialIds(next));
  maskSecrets();
  link.send({ t: 'applied', version });
  return null;
}

/** Starts the end of this worker, once: by order of the primary, or because it died. */
function leave(plan: DrainPlan): void {
  if (draining) return;
  draining = true;
  const leaving = gateway;
  if (leaving === null) {
    end(0);
    return;
  }
  const deps = {
    clock,
    gateway: leaving,
    connections: () => openConnections(port),
    onClosed: () => link.send({ t: 'closed' }),
  };
  drain(deps, plan)
    .then(async (cut) => {
      if (cut > 0) await new Promise((resolve) => setTimeout(resolve, LAST_BYTES_MS));
      log?.info({ reason: plan.reason, cut }, 'drained');
      measure('metrics', () => pushMetrics(0));
      // Of who ends well nobody reads the journal.
      primaryLimits.flush();
      await link.deliver({ t: 'drained', open: cut });
      end(0);
    })
    .catch((err: unknown) => die('drain', err));
}

function onOrphaned(): void {
  scraper.close();
  claims.close();
  log?.error({}, 'the primary is gone: finishing what is open');
  leave({ reason: 'orphan', preStopMs: 0, drainTimeoutMs: config?.server.drainTimeoutMs ?? 0 });
}

/** Which issued keys calls came with. */
function tellUsed(): void {
  const ids = link.clogged ? [] : issued.takeUsed();
  const now = clock.wall();
  if (ids.length > 0) link.send({ t: 'used', used: ids.map((id) => [id, now]) });
}

/** Each second: what was counted, which is also the sign of life. */
function tick(): void {
  measure('memory', tidy);
  measure('memory', grow);
  if (++ticks % USED_TICKS === 0) tellUsed();
  if (link.clogged) return;
  // A worker that cannot count is alive all the same, and says so.
  if (gateway === null || !measure('metrics', () => pushMetrics(0))) link.send({ t: 'beat' });
}

function pushMetrics(answers: number): void {
  if (gateway !== null && link.connected) link.send({ t: 'metrics', delta: gateway.takeMetrics(), answers });
}

function end(code: number): void {
  const closed = Promise.all([redis.close(), requestSpool.close(), log?.close(LOG_CLOSE_MS)]);
  const exit = (): void => link.exit(code);
  closed.then(exit, exit);
}

/** A broken invariant: this worker is not to be trusted any more, the primary starts another. */
function die(event: string, err: unknown): never {
  if (log === null)
    process.stderr.write(
      `headgate: worker ${link.index}: ${event}: ${err instanceof Error ? withPlaces(err.stack ?? err.message) : String(err)}\n`,
    );
  journal?.seal();
  log?.fatal({ err, event }, 'worker ends');
  log?.flushSync();
  process.exit(1);
}

function reasonOf(err: unknown): string {
  return err instanceof Error ? err.message : String(err);
}

/** What must not stand in a log line: what the configuration holds, and what credentials stand for now. */
function maskSecrets(): void {
  if (config === null) return;
  const own = createSecretMask([...secretsOf(config), ...credentials.secrets()]);
  log?.maskWith((text) => keyMask.mask(own(text)));
}
