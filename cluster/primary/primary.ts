// The primary put together: crew, configuration, shares, metrics, and what signals and faults do to them. It never
// touches a request. What each part does is in the file it is named after.
import type { Config } from '../../src/contracts/config.ts';
import { DEFAULT_BATCHES } from '../../src/config/schema/defaults.ts';
import type { Shares, ToPrimary } from '../../src/contracts/ipc.ts';
import { obtain } from '../../src/credentials/obtain.ts';
import { createNames } from '../../src/dns/names.ts';
import { nodeLookup } from '../../src/dns/node-lookup.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { createMetricTotals } from '../../src/observability/metric-totals.ts';
import { VERSION } from '../../src/version.ts';
import { banner, localUrl } from '../views/banner.ts';
import { type BatchBook, createBatchBook } from '../known/batch-book.ts';
import { type BudgetWatch, createBudgetWatch } from '../limits/budget-watch.ts';
import { type ClaimBook, createClaimBook } from '../known/claims.ts';
import { type CacheDesk, createCacheDesk } from '../gatehouse/cache-desk.ts';
import type { ClusterViews } from '../views/cluster-view.ts';
import { type ConfigWatch, watchConfig } from '../config/config-watch.ts';
import { type Configuration, createConfiguration } from '../config/configuration.ts';
import { type CredentialKeeper, createCredentialKeeper, withoutSources } from '../known/credentials.ts';
import { createEstates, type Estates } from '../limits/estates.ts';
import type { Gatehouse } from '../gatehouse/gatehouse.ts';
import { createKeeper } from '../gatehouse/keeper.ts';
import { createKeyTeller, type KeyTeller } from '../gatehouse/key-teller.ts';
import { crashLoopText, type DrainOrder, type Life } from '../crew/life.ts';
import { receive } from './link.ts';
import { createOwners, type Owners } from '../known/owners.ts';
import { createForkCrew } from './fork-crew.ts';
import type { PrimaryParts } from './primary-parts.ts';
import { createReporter, type Reporter, reportAcceptQueue } from '../views/reporter.ts';
import { createGroupRests, type GroupRests } from '../known/rests.ts';
import { createRoller, type Roller } from '../crew/rollout.ts';
import { createShareBroker, type PrimaryShareBroker } from '../shares/share-broker.ts';
import { createKeptLimits, type KeptLimits } from '../limits/kept-limits.ts';
import { keepRows, lastWords } from '../crew/last-words.ts';
import { laneTotals } from '../shares/lane-totals.ts';
import { createSiblingRelay, type SiblingRelay } from '../known/sibling-relay.ts';
import { handleSignals, SIGNAL_EXIT } from '../crew/signals.ts';
import { createStats, type Stats } from '../views/stats.ts';
import { createStoreBell, type StoreBell } from '../gatehouse/store-bell.ts';
import { createSupervisor, type Supervisor } from '../crew/supervisor.ts';
import { createTelemetry, type Telemetry } from '../views/telemetry.ts';
import type { WorkerLooks } from '../gatehouse/worker-looks.ts';
import { createWatchdog, killOverdue, TICK_MS } from '../crew/watchdog.ts';

/** A new configuration waits so long for the first token of a source that it brings. */
const CREDENTIAL_WAIT_MS = 3_000;
const LOG_CLOSE_MS = 2_000;
/** For what workers that had to be killed left in Redis. */
const LAST_RETURNS_MS = 1_000;

export class Primary {
  readonly #parts: PrimaryParts;
  readonly #log: Logger;
  readonly #totals = createMetricTotals();
  readonly #supervisor: Supervisor;
  readonly #shares: PrimaryShareBroker;
  readonly #limits: KeptLimits;
  readonly #estates: Estates;
  readonly #rests: GroupRests;
  readonly #credentials: CredentialKeeper;
  readonly #siblings: SiblingRelay;
  readonly #cache: CacheDesk;
  readonly #owners: Owners;
  readonly #claims: ClaimBook;
  readonly #batches: BatchBook;
  readonly #budgets: BudgetWatch;
  readonly #stats: Stats;
  readonly #roller: Roller;
  readonly #configuration: Configuration;
  readonly #keys: KeyTeller;
  readonly #bell: StoreBell;
  readonly #reporter: Reporter;
  readonly #gatehouse: Gatehouse;
  readonly #views: ClusterViews;
  readonly #looks: WorkerLooks;
  readonly #names = createNames();
  readonly #telemetry: Telemetry;
  #watch: ConfigWatch | null = null;
  #restarts = 0;
  #served = false;
  #draining = false;
  /** Some worker did not end by itself. */
  #unclean = false;

  constructor(parts: PrimaryParts) {
    const { clock, log } = parts;
    this.#parts = parts;
    this.#log = log;
    this.#supervisor = createSupervisor({
      clock,
      log,
      fork: createForkCrew(parts.workerEntry, log),
      onMessage: (life, message) => this.#receive(life, message),
      onDrain: (life) => this.#shares.drain(life.id),
      onExit: (life, replaced) => this.#exited(life, replaced),
      onReady: () => this.#ready(),
      onCrashLoop: (life) => this.#fail(crashLoopText(life)),
    });
    const lives = (): readonly Life[] => this.#supervisor.lives();
    this.#shares = createShareBroker(
      {
        clock,
        send: (member, message) =>
          lives()
            .find(({ id }) => id === member)
            ?.send(message),
      },
      laneTotals(parts.first.config),
    );
    this.#names.configure(parts.first.config.dns);
    const lookup = nodeLookup(this.#names);
    this.#limits = createKeptLimits({ clock, log, lookup }, parts.first.admin.dataDir);
    this.#estates = createEstates({ clock, log, lookup });
    this.#estates.follow(parts.first.config.redis);
    this.#rests = createGroupRests({
      clock,
      log,
      lookup,
      lives,
      providers: () => this.#configuration.config.providers,
    });
    this.#credentials = createCredentialKeeper({
      clock,
      log,
      totals: this.#totals,
      env: process.env,
      obtain,
      tell: (credential) => {
        for (const life of lives()) life.send({ t: 'credential', credential });
      },
    });
    this.#credentials.follow(parts.first.config);
    this.#siblings = createSiblingRelay(lives);
    this.#cache = createCacheDesk(lives);
    this.#owners = createOwners({ clock, log, lookup });
    this.#claims = createClaimBook(
      () => this.#configuration.config.idempotency.maxBytes,
      () => clock.now(),
    );
    this.#budgets = createBudgetWatch(
      { clock, log, lookup, totals: this.#totals, booked: (id) => this.#limits.booked(id) },
      parts.first.admin.dataDir,
    );
    this.#batches = createBatchBook(
      {
        clock,
        log,
        lookup,
        totals: this.#totals,
        look: (what, withinMs) => this.#looks.ask(what, withinMs),
      },
      parts.first.admin.dataDir,
      parts.first.config.batches ?? DEFAULT_BATCHES,
    );
    this.#stats = createStats(this.#totals, lives, log);
    this.#telemetry = createTelemetry(this.#totals, clock, log);
    this.#roller = createRoller(this.#supervisor, log);
    this.#configuration = createConfiguration(
      {
        load: async () => {
          const loaded = await parts.load();
          await this.#credentials.prepare(loaded.config, CREDENTIAL_WAIT_MS);
          return loaded;
        },
        log,
        wall: () => clock.wall(),
        onApply: () => this.#apply(),
        onKeys: () => {
          if (this.#draining) return;
          this.#keys.tell(lives());
          this.#gatehouse.update();
        },
        onReport: ({ ok }) => {
          this.#totals.inc('headgate_config_reloads_total', [ok ? 'applied' : 'rejected']);
          this.#credentials.follow(this.#configuration.config);
          this.#reporter.update();
        },
        onAdmin: (admin) => this.#gatehouse.follow(admin),
      },
      parts.first,
      parts.port,
    );
    this.#keys = createKeyTeller(() => this.#configuration.keys);
    this.#bell = createStoreBell({ clock, log, lookup, heard: () => this.#gatehouse.rung() });
    const { gatehouse, views, looks } = createKeeper({
      clock,
      log,
      totals: this.#totals,
      admin: parts.first.admin,
      lives,
      url: () => localUrl(this.#configuration.config.server.host, parts.port),
      configuration: () => this.#configuration,
      reporter: () => this.#reporter,
      rests: this.#rests,
      cache: this.#cache,
      correct: (rows) => this.#limits.correct(rows),
      committed: () => this.#bell.ring(),
      check: parts.check,
      manage: (store) => {
        parts.manage(store);
        return this.#draining ? Promise.resolve() : this.#configuration.reload('file');
      },
    });
    this.#gatehouse = gatehouse;
    this.#views = views;
    this.#looks = looks;
    this.#reporter = createReporter(this.#totals, () => ({
      slots: this.#supervisor.slots(),
      lives: lives(),
      restarts: this.#restarts,
      rolling: this.#roller.rolling,
      draining: this.#draining,
      configVersion: this.#configuration.version,
      lastReload: this.#configuration.lastReload,
      admin: this.#gatehouse.health(),
      circuits: this.#rests.circuits(),
      rests: this.#rests.current(),
    }));
  }

  /** Starts the workers; from here on signals and the file decide. */
  start(): void {
    const { watched } = this.#parts;
    const { workers } = this.#parts.first.config.server;
    this.#watch = watchConfig(watched, () => this.#reload('file'));
    this.#parts.follow?.(() => this.#reload('file'));
    if (this.#parts.guest === undefined)
      handleSignals({
        stop: (signal) => this.#stop(signal),
        stopNow: (signal) => this.#stopNow(signal),
        reload: () => this.#reload('signal'),
        roll: () => this.#roll(),
      });
    reportAcceptQueue(this.#totals, workers, this.#log);
    this.#supervisor.resize(workers, this.#drainOrder('roll'));
    this.#reporter.update();
    const watchdog = createWatchdog();
    // The crew's channels keep the process alive; a ticker must not when nobody is left.
    // Behind the reads of its turn: beats that came while this process stood still are heard first.
    const look = (): void => {
      const { watchdogMs } = this.#configuration.config.server;
      killOverdue(watchdog, this.#supervisor.lives(), this.#parts.clock.now(), watchdogMs, this.#log);
      this.#views.look();
      this.#reporter.update();
    };
    setInterval(() => setImmediate(look), TICK_MS).unref();
  }

  #receive(life: Life, message: ToPrimary): void {
    receive(
      {
        clock: this.#parts.clock,
        log: this.#log,
        supervisor: this.#supervisor,
        configuration: this.#configuration,
        shares: this.#shares,
        limits: this.#limits,
        estates: this.#estates,
        rests: this.#rests,
        credentials: this.#credentials,
        siblings: this.#siblings,
        cache: this.#cache,
        owners: this.#owners,
        once: this.#limits.once,
        batches: this.#batches,
        claims: this.#claims,
        budgets: this.#budgets,
        stats: this.#stats,
        reporter: this.#reporter,
        gatehouse: this.#gatehouse,
        looks: this.#looks,
        sendConfig: (to, shares) => this.#sendConfig(to, shares),
        onUnusable: (reason) => this.#fail(`the configuration cannot be used: ${reason}`),
        // Another is tried in its place, where there can be one.
        onFailed: (reason) => {
          if (this.#parts.guest !== undefined) this.#fail(reason);
        },
      },
      life,
      message,
    );
  }

  #ready(): void {
    const { config, keys } = this.#configuration;
    const workers = this.#supervisor.slots().length;
    this.#log.info({ port: this.#parts.port, workers, version: VERSION }, 'gateway listens');
    // Not before: the start does not wait for the Redis client to load.
    this.#served = true;
    this.#follow(config);
    this.#batches.start();
    const { guest, first, port } = this.#parts;
    if (guest === undefined) process.stdout.write(banner(config, keys.keys.length, VERSION, first.admin));
    else void guest.run(port).then((code) => this.#stop('the program ended', { code }));
    // Last of all: the start does not wait for it, and it disturbs nobody.
    this.#gatehouse.start();
  }

  #exited(life: Life, replaced: boolean): void {
    this.#shares.leave(life.id);
    this.#lastWords(life);
    this.#estates.leave(life.id);
    this.#siblings.leave(life);
    this.#claims.leave(life);
    this.#cache.leave(life);
    this.#looks.leave(life);
    this.#stats.gone(life);
    if (replaced) {
      this.#restarts += 1;
      this.#views.replaced(life);
      this.#totals.inc('headgate_worker_restarts_total', []);
    } else if (this.#draining && life.loaded && life.end !== 'exit code 0') this.#unclean = true;
    this.#reporter.update();
  }

  /** What it held is free, but for what it had spent. */
  #lastWords(life: Life): void {
    const { charges, segments } = lastWords(life.journal, this.#log);
    const untold = this.#limits.leave(life.id, charges);
    const rows = keepRows(segments, this.#log);
    if (untold > 0 || rows > 0)
      this.#log.info({ worker: life.index, charges: untold, rows }, 'kept what a worker had not told');
  }

  /** The configuration in force is another one: everybody follows. */
  #apply(): void {
    if (this.#draining) return;
    const { config } = this.#configuration;
    this.#shares.resize(laneTotals(config));
    this.#names.configure(config.dns);
    this.#estates.follow(config.redis);
    if (this.#served) this.#follow(config);
    this.#supervisor.resize(config.server.workers, this.#drainOrder('roll'));
    for (const life of this.#supervisor.lives()) {
      if (life.state === 'loading') continue; // it gets the newest when it says hello
      this.#shares.snapshot(life.id, (shares) => this.#sendConfig(life, shares));
    }
    this.#gatehouse.update();
    this.#reporter.update();
  }

  /** What is loaded only once somebody serves. */
  #follow(config: Config): void {
    this.#rests.follow(config.redis);
    this.#owners.follow(config.redis);
    this.#bell.follow(config.redis, this.#configuration.admin);
    this.#limits.once.follow(config.redis);
    this.#batches.follow(config.batches ?? DEFAULT_BATCHES, config.redis);
    this.#budgets.follow(config);
    this.#telemetry.configure(config.telemetry);
  }

  #sendConfig(life: Life, shares: Shares): void {
    const { config, version } = this.#configuration;
    // Before it, so that no call meets a key without what it stands for. One that is told twice is the same.
    for (const credential of this.#credentials.current()) life.send({ t: 'credential', credential });
    life.send({
      t: 'config',
      version,
      config: withoutSources(config),
      shares,
      keys: this.#keys.untold(life),
    });
  }

  /** @param awaited somebody may still send calls here, who is to be told first */
  #drainOrder(reason: DrainOrder['reason'], awaited = reason !== 'roll'): DrainOrder {
    const { preStopMs, drainTimeoutMs } = this.#configuration.config.server;
    return { reason, preStopMs: awaited ? preStopMs : 0, drainTimeoutMs };
  }

  #reload(trigger: 'signal' | 'file'): void {
    if (this.#draining) return;
    this.#configuration.reload(trigger).catch((err: unknown) => this.#log.error({ err }, 'reload failed'));
  }

  #roll(): void {
    if (this.#draining) return;
    this.#log.info({}, 'rolling restart');
    const rolled = this.#roller.roll(() => this.#drainOrder('roll'));
    this.#reporter.update();
    const over = (outcome: string): void => this.#log.info({ outcome }, 'rolling restart over');
    const failed = (err: unknown): void => this.#log.error({ err }, 'rolling restart failed');
    void rolled.then(over, failed).then(() => this.#reporter.update());
  }

  /** @param alone nobody is there any more to drain for: how it ends. */
  #stop(signal: string, alone: { readonly code: number } | null = null): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#watch?.close();
    this.#roller.stop();
    const order = this.#drainOrder('shutdown', alone === null);
    this.#log.info({ signal, ...order }, 'draining');
    this.#reporter.update();
    const exit = (): never => process.exit(alone?.code ?? (this.#unclean ? 1 : 0));
    this.#supervisor
      .drainAll(order)
      .then(() => this.#closeParts())
      .then(() => {
        this.#log.info({ clean: !this.#unclean }, 'gateway ended');
        return this.#log.close(LOG_CLOSE_MS);
      })
      // Whatever failed on the way down: the process ends.
      .then(exit, exit);
  }

  async #closeParts(): Promise<void> {
    this.#batches.close();
    await this.#limits.close();
    const [estates, budgets] = [this.#estates.close(LAST_RETURNS_MS), this.#budgets.close()];
    await Promise.all([estates, budgets, this.#gatehouse.stop(), this.#telemetry.close()]);
  }

  #stopNow(signal: 'SIGTERM' | 'SIGINT'): void {
    this.#supervisor.killAll();
    this.#limits.close();
    this.#batches.close();
    void this.#budgets.close();
    this.#gatehouse.kill();
    this.#log.warn({ signal }, 'second signal: ending at once');
    this.#log.flushSync();
    process.exit(SIGNAL_EXIT[signal]);
  }

  #fail(reason: string): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#supervisor.killAll();
    this.#gatehouse.kill();
    this.#log.fatal({ reason }, 'gateway cannot run');
    this.#log.flushSync();
    this.#parts.refuse(reason);
  }
}
