// The gatehouse seen from the primary: kept running beside the workers, never in their way. What it says of keys goes to
// the workers; when it dies they go on with what they know, and another one is started after a while.
//
//   idle --start--> starting --opened--> open --exit--> resting --back-off over--> starting
//                      \--bare--> bare            any --stop--> stopped
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import type {
  FileObjects,
  FromGatehouse,
  GatehouseAnswer,
  GatehouseAsk,
  ManagedLimit,
  ToGatehouse,
} from '../../src/contracts/gatehouse-ipc.ts';
import type { OwnHolder } from '../../src/contracts/holder.ts';
import { type ManagedConfig, NOTHING_MANAGED } from '../../src/contracts/managed-config.ts';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import type { Log } from '../../src/observability/log.ts';
import { SPOOL_FOLDER } from '../../src/contracts/request-log.ts';
import { restartDelayMs, STABLE_MS } from '../crew/backoff.ts';
import type { Desk } from './desk.ts';
import type { ForkGatehouse, GatehouseProcess } from './gatehouse-process.ts';
import { createIssuedKeys } from './issued-keys.ts';
import type { Life } from '../crew/life.ts';
import type { GatehouseHealth } from '../views/health.ts';

/** One that does not end by itself is ended. */
const END_MS = 2_000;

/** Name of the store's file in the data folder. */
export const STORE_FILE = 'headgate.db';

/** What the gatehouse is told of the gateway. */
export interface GatewayState {
  readonly file: FileObjects;
  readonly health: Record<string, unknown>;
  readonly configVersion: number;
}

export interface GatehouseDeps {
  readonly fork: ForkGatehouse;
  readonly log: Log;
  now(): number;
  lives(): readonly Life[];
  /** Of this gateway, as the gatehouse may show it to people. */
  readonly version: string;
  url(): string;
  state(): GatewayState;
  /** What people ask through it. */
  readonly desk: Desk;
  /** Something that /health shows has changed. */
  onChange(): void;
  /** It is there, and has said what it has to say of the store: what that took is over. */
  onOpened(): void;
  /** Limits of the store are others, or keys have some now; resolves when the workers were told of it. */
  onLimits(limits: readonly ManagedLimit[], ofKeys: boolean): Promise<void>;
  /** Rows of the log that a receiver got, or never will. */
  onHanded(sink: string, sent: number, dropped: number): void;
  /** Charges of the ledger that were corrected. */
  onCorrected(count: number): void;
  /** It changed objects of a store that other gateways may share. */
  onCommitted(): void;
  /** As `onLimits`, of the configuration. */
  onManaged(managed: ManagedConfig): Promise<void>;
}

export interface Gatehouse {
  /** From now on there is one, if the configuration wants one. */
  start(): void;
  /** How it is to be run now; another way means another process. */
  follow(admin: AdminConfig): void;
  /** Tells a worker that has just come all that is known. */
  greet(life: Life): void;
  /** The file or the group of processes changed. */
  update(): void;
  /** Another gateway wrote to the store. */
  rung(): void;
  /** Of keys by their names those that have limits of their own. */
  ownOf(names: ReadonlySet<string>): OwnHolder[];
  /** Keys that were used, from a worker. */
  used(used: [id: string, at: number][]): void;
  health(): GatehouseHealth;
  /** Resolves when all it said so far has taken effect. */
  inForce(): Promise<void>;
  stop(): Promise<void>;
  kill(): void;
}

export function createGatehouse(deps: GatehouseDeps, first: AdminConfig): Gatehouse {
  const { log } = deps;
  let admin = first;
  let started = false;
  let stopped = false;
  let process: GatehouseProcess | null = null;
  let openedAt = 0;
  let socket: string | null = null;
  let shared = admin.databaseUrl !== null;
  let bare = false;
  let deaths = 0;
  let timer: NodeJS.Timeout | null = null;
  let gone: (() => void) | null = null;
  let limits: readonly ManagedLimit[] = [];
  let limitsOfKeys = false;
  let managed: ManagedConfig = NOTHING_MANAGED;
  let turn: Promise<void> = Promise.resolve();
  let told = '';
  /** It was told to go: no death. */
  let ending = false;
  // A store that is not there yet holds no key; one that is there may hold any until it was read.
  const issued = createIssuedKeys(
    !admin.enabled || (admin.databaseUrl === null && !existsSync(path.join(admin.dataDir, STORE_FILE))),
  );

  const tell = (message: ToWorker): void => {
    for (const life of deps.lives()) if (life.state !== 'loading') life.send(message);
  };
  const whole = (next: boolean): void => {
    if (!issued.setWhole(next)) return;
    tell({ t: 'whole', whole: next });
    deps.onChange();
  };
  const at = (next: string | null): void => {
    socket = next;
    tell(place());
    deps.onChange();
  };
  /** With a listener of its own it is on no other port. */
  const place = (): Extract<ToWorker, { t: 'gatehouse' }> => ({
    t: 'gatehouse',
    socket,
    on: admin.enabled && !bare && admin.port === null,
    spool:
      admin.enabled && !bare && admin.log.enabled
        ? { folder: path.join(admin.dataDir, SPOOL_FOLDER), maxBytes: admin.log.spoolMaxBytes }
        : null,
  });
  /** What the gatehouse says takes effect in its order: no key is ever there before its limits. */
  const inTurn = (work: () => void | Promise<void>): void => {
    turn = turn.then(work).catch((err: unknown) => log.error({ err }, 'word of the gatehouse had no effect'));
  };
  const send = (message: ToGatehouse): void => process?.send(message);

  function begin(): void {
    timer = null;
    if (stopped || !started || !admin.enabled) return;
    told = '';
    const mine: GatehouseProcess = deps.fork({
      onMessage: (message) => {
        if (process === mine) heard(message);
      },
      onExit: (end) => {
        if (process === mine) exited(end);
      },
    });
    process = mine;
  }

  function heard(message: FromGatehouse): void {
    switch (message.t) {
      case 'hello':
        send({ t: 'setup', admin, version: deps.version, url: deps.url() });
        update();
        return;
      case 'ask':
        answer(message.id, message.ask).catch((err: unknown) =>
          log.error({ err }, 'no answer for the gatehouse'),
        );
        return;
      case 'opened':
        openedAt = deps.now();
        shared = message.shared;
        log.info({ gatehousePid: process?.pid, store: shared ? 'postgres' : 'sqlite' }, 'gatehouse is open');
        at(message.socket);
        deps.onOpened();
        return;
      case 'bare':
        bare = true;
        log.warn({ reason: message.reason }, 'no store: the gateway runs from its file alone');
        whole(true);
        tell(place());
        deps.onChange();
        return;
      case 'limits':
        learnLimits(message);
        return;
      case 'managed':
        if (isDeepStrictEqual(message.managed, managed)) return;
        managed = message.managed;
        inTurn(() => deps.onManaged(message.managed));
        return;
      case 'issued':
        inTurn(() => {
          const news = issued.learn(message);
          if (news !== null) tell(news);
        });
        return;
      case 'committed':
        if (shared) deps.onCommitted();
        return;
      case 'handed':
        deps.onHanded(message.sink, message.sent, message.dropped);
        return;
      case 'corrected':
        deps.onCorrected(message.count);
        return;
      case 'whole':
        inTurn(() => whole(message.whole));
        return;
    }
  }

  /** Keys that have limits once are looked at for good: one that starts again finds out about them behind its first word. */
  function learnLimits(message: Extract<FromGatehouse, { t: 'limits' }>): void {
    const ofKeys = limitsOfKeys || message.ofKeys;
    if (ofKeys === limitsOfKeys && isDeepStrictEqual(message.limits, limits)) return;
    limits = message.limits;
    limitsOfKeys = ofKeys;
    inTurn(() => deps.onLimits(message.limits, ofKeys));
  }

  async function answer(id: number, ask: GatehouseAsk): Promise<void> {
    const asker = process;
    let made: GatehouseAnswer;
    try {
      // A worker is asked behind what was said before: of a key, say, that was made a moment ago.
      if (ask.do === 'worker') await turn;
      made = { ok: true, value: await deps.desk(ask) };
    } catch (error) {
      made = { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
    if (process === asker) send({ t: 'answer', id, answer: made });
  }

  function exited(end: string): void {
    process = null;
    gone?.();
    if (socket !== null) at(null);
    // Others may issue keys meanwhile only where they share the store.
    if (shared && !bare && admin.enabled) whole(false);
    if (stopped || ending || bare || !admin.enabled) return;
    const stable = openedAt > 0 && deps.now() - openedAt >= STABLE_MS;
    deaths = stable ? 1 : deaths + 1;
    openedAt = 0;
    const delayMs = restartDelayMs(deaths);
    log.error({ end, delayMs }, 'gatehouse died; calls go on');
    timer = setTimeout(begin, delayMs);
    deps.onChange();
  }

  function update(): void {
    if (process === null) return;
    const state = deps.state();
    const text = JSON.stringify(state);
    if (text === told) return;
    told = text;
    send({ t: 'state', ...state });
  }

  async function end(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (process === null) return;
    ending = true;
    const ended = new Promise<void>((resolve) => {
      gone = resolve;
    });
    send({ t: 'end' });
    const late = setTimeout(() => process?.kill(), END_MS);
    await ended;
    clearTimeout(late);
    gone = null;
    ending = false;
  }

  return {
    start() {
      started = true;
      if (process === null && timer === null && !bare) begin();
    },
    follow(next) {
      if (isDeepStrictEqual(next, admin)) return;
      admin = next;
      bare = false;
      deaths = 0;
      if (!admin.enabled) whole(true);
      tell(place());
      const again = (): void => {
        if (process === null && timer === null) begin();
      };
      end().then(again, again);
    },
    greet(life) {
      for (const message of issued.all()) life.send(message);
      life.send({ t: 'whole', whole: issued.whole });
      life.send(place());
    },
    update,
    rung: () => send({ t: 'rung' }),
    ownOf: (names) => issued.ownOf(names),
    used: (used) => send({ t: 'used', used }),
    health() {
      if (!admin.enabled) return { gatehouse: 'off' };
      if (bare) return { gatehouse: 'none' };
      if (socket === null && openedAt === 0 && deaths === 0) return { gatehouse: 'starting' };
      // What others write to a store of several gateways is not heard of while nobody listens.
      if (socket === null) return { gatehouse: 'down', ...(issued.whole ? {} : { store: 'down' as const }) };
      return { gatehouse: 'open', store: issued.whole ? 'up' : 'down' };
    },
    inForce: () => turn,
    stop() {
      stopped = true;
      return end();
    },
    kill() {
      stopped = true;
      process?.kill();
    },
  };
}
