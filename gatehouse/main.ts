// The gatehouse: keeps what people manage (keys, teams, limits), answers the admin API and tells the workers of it. Forked
// by path by cluster/gatehouse/gatehouse-process. Nothing waits for it: when it ends, calls go on and another one is started.
import { setPriority } from 'node:os';
import type { LogFormat } from '../src/contracts/log-config.ts';
import type { FileObjects, ToGatehouse } from '../src/contracts/gatehouse-ipc.ts';
import { collectAll } from '../src/observability/collect-all.ts';
import { createLogger } from '../src/observability/logger.ts';
import { measured } from '../src/observability/measured.ts';
import { readState } from './config/state.ts';
import { NoPlace, openStore } from './keep/open-store.ts';
import { createPrimaryAsks } from './keep/primary-asks.ts';
import { createPublisher, type Publisher } from './keep/publisher.ts';
import { createTellingStore } from './keep/telling-store.ts';
import { openLink } from './link.ts';

type Setup = Extract<ToGatehouse, { t: 'setup' }>;

const LOG_CLOSE_MS = 500;
const NICENESS = 5;
/** What the start left behind is given back once it is over. */
const SETTLED_MS = 5_000;
const wall = (): number => Date.now();

// What it writes is its own: the store, its copies, the key.
process.umask(0o077);

// Said by who forked it: there is no configuration here before its first message.
const { HEADGATE_LOG_LEVEL: level = 'info', HEADGATE_LOG_FORMAT: format = 'json' } = process.env;
const log = createLogger({
  level,
  format: format as LogFormat, // the primary's own word
  base: { role: 'gatehouse', pid: process.pid },
});
const link = openLink({ onMessage, onOrphaned: () => end(0) });
let file: FileObjects = { keys: [], providers: [], models: [], limits: [], prices: [], priceChanges: false };
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
      void look();
      return;
    case 'end':
      end(0);
      return;
  }
}

let look = (): Promise<void> => Promise.resolve();
let used: (ids: readonly [id: string, at: number][]) => void = () => undefined;

const nothing = (): void => undefined;

async function open(setup: Setup): Promise<void> {
  const opened = await openStore(setup.admin, wall);
  const { keys } = opened;
  toClose.push(() => opened.store.close());
  const store = createTellingStore(
    opened.store,
    () => {
      link.send({ t: 'committed' });
      return look();
    },
    // It is committed, whoever did not hear of it.
    () => primary.ask({ do: 'heard' }).then(nothing, nothing),
  );
  const publisher: Publisher = createPublisher({
    store,
    secret: keys.virtualKey,
    managed: async () => (await readState(store, keys.envelopes)).managed,
    send: link.send,
    log,
  });
  look = () => publisher.look();
  toClose.push(() => publisher.stop());
  // Before all else is even loaded: calls with keys that were issued wait for it.
  await publisher.start();
  // From now on workers go first: rows wait on disk, calls do not wait.
  measured(() => setPriority(NICENESS), undefined);
  const { openFront } = await import('./front.ts');
  used = await openFront({
    setup,
    store,
    keys,
    log,
    now: wall,
    file: () => file,
    health: () => health,
    ask: primary.ask,
    publish: () => publisher.look(),
    send: link.send,
    onClose: (close) => void toClose.push(close),
  });
  setTimeout(collectAll, SETTLED_MS).unref();
}

function end(code: number): void {
  if (closing) return;
  closing = true;
  const exit = (): never => process.exit(code);
  Promise.all([...toClose.map((close) => close()), log.close(LOG_CLOSE_MS)]).then(exit, exit);
}
