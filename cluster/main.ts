// The primary: loads the configuration, makes sure of the port, starts the crew and answers to signals. It never
// touches a request. Composition only; what each part does is in the file it is named after.
import path from 'node:path';
import { type LoadedConfig, loadConfig } from '../src/config/load.ts';
import type { Config } from '../src/contracts/config.ts';
import type { Clock } from '../src/contracts/ports.ts';
import { readMigrateReq } from '../src/http/accept-queue.ts';
import { createLogger } from '../src/observability/logger.ts';
import { createMetricTotals } from '../src/observability/metric-totals.ts';
import { VERSION } from '../src/version.ts';
import { banner } from './banner.ts';
import { watchConfig } from './config-watch.ts';
import { createConfiguration } from './configuration.ts';
import { groupHealth } from './health.ts';
import type { DrainOrder, Life } from './life.ts';
import { type LinkDeps, receive } from './link.ts';
import { PortError, reservePort } from './port.ts';
import { dieLoudly, workerFlags } from './process-setup.ts';
import { createRoller } from './rollout.ts';
import { createShareBroker } from './share-broker.ts';
import type { LaneTotals } from './shares.ts';
import { handleSignals, SIGNAL_EXIT } from './signals.ts';
import { createStats } from './stats.ts';
import { createFork, createSupervisor } from './supervisor.ts';
import { createWatchdog, TICK_MS } from './watchdog.ts';

export interface PrimaryOptions {
  /** Path of the configuration file; before HEADGATE_CONFIG and the default names. */
  configFile?: string | undefined;
  /** Over the environment, by variable name: what the command line said. */
  overrides?: Readonly<Record<string, string>> | undefined;
  /** Another program in the workers' place, for tests of the primary alone. */
  workerEntry?: string | undefined;
}

const LOG_CLOSE_MS = 2_000;
const clock: Clock = { now: () => performance.now(), wall: () => Date.now() };

/**
 * Runs the gateway in this process; resolves once its workers are being started, and the process ends by itself.
 * @throws ConfigError when the configuration is not valid
 */
export async function runPrimary(options: PrimaryOptions = {}): Promise<void> {
  const env = { ...process.env, ...options.overrides };
  let file = options.configFile;
  const load = (): LoadedConfig => loadConfig({ env, cwd: process.cwd(), file });
  let first: LoadedConfig;
  let port: number;
  try {
    first = load();
    port = await reservePort(first.config.server.host, first.config.server.port);
  } catch (error) {
    if (error instanceof PortError) refuse(error.message);
    throw error;
  }
  // A file that was there at the start and is gone later is a fault, not a wish for the defaults.
  file ??= first.file ?? undefined;
  run(options, first, port, load, watchedPath(first));
}

/** With no file at the start, one that appears under the default name counts. */
function watchedPath(first: LoadedConfig): string {
  return first.file ?? path.join(process.cwd(), 'headgate.yaml');
}

/** Start-up ends here: nothing listens yet. */
function refuse(problem: string): never {
  process.stderr.write(`headgate: ${problem}\n`);
  process.exit(1);
}

function run(
  options: PrimaryOptions,
  first: LoadedConfig,
  port: number,
  load: () => LoadedConfig,
  watched: string,
): void {
  const log = createLogger({ level: first.config.log.level, base: { role: 'primary', pid: process.pid } });
  dieLoudly(log);
  const totals = createMetricTotals();
  totals.setGauge('headgate_build_info', [VERSION], 1);
  let restarts = 0;
  let draining = false;
  let unclean = false;
  let lastHealth = '';

  const supervisor = createSupervisor({
    clock,
    log,
    fork: createFork({
      exec:
        options.workerEntry ??
        path.join(import.meta.dirname, `../workers/main${path.extname(import.meta.filename)}`),
      // Read by the native part of uWebSockets.js when it loads.
      env: { UWS_HTTP_MAX_HEADERS_SIZE: '16384' },
      execArgv: workerFlags(process.execArgv),
      log,
    }),
    onMessage: (life, message) => receive(link, life, message),
    onExit,
    onReady,
    onCrashLoop: (life) => fail(crashLoopText(life)),
  });
  const shares = createShareBroker(
    { clock, send: (member, message) => lifeOf(member)?.send(message) },
    laneTotals(first.config),
  );
  const stats = createStats(totals, () => supervisor.lives(), log);
  const roller = createRoller(supervisor, log);
  const configuration = createConfiguration(
    {
      load: async () => load().config,
      log,
      wall: () => clock.wall(),
      onApply: applyConfig,
      onReport: (report) => {
        totals.inc('headgate_config_reloads_total', [report.ok ? 'applied' : 'rejected']);
        pushHealth();
      },
    },
    first.config,
    port,
  );
  const link: LinkDeps = {
    clock,
    log,
    supervisor,
    configuration,
    shares,
    stats,
    greet: (life) => life.send({ t: 'health', ready: !draining, detail: health() }),
    onChange: pushHealth,
    onUnusable: (reason) => fail(`the configuration cannot be used: ${reason}`),
  };
  const watchdog = createWatchdog();
  const watch = watchConfig(watched, () => void configuration.reload('file').catch(reloadFailed));
  const ticker = setInterval(tick, TICK_MS);

  handleSignals({
    stop,
    stopNow(signal): void {
      supervisor.killAll();
      log.warn({ signal }, 'second signal: ending at once');
      log.flushSync();
      process.exit(SIGNAL_EXIT[signal]);
    },
    reload: () => void configuration.reload('signal').catch(reloadFailed),
    roll: () => void roll().catch((err: unknown) => log.error({ err }, 'rolling restart failed')),
  });
  warnOfAcceptQueue();
  pushGauges();
  supervisor.resize(first.config.server.workers, drainOrder('shutdown'));

  function lifeOf(id: number): Life | undefined {
    return supervisor.lives().find((life) => life.id === id);
  }

  function onReady(): void {
    log.info({ port, workers: supervisor.slots().length, version: VERSION }, 'gateway listens');
    process.stdout.write(banner(configuration.config, VERSION));
  }

  function onExit(life: Life, replaced: boolean): void {
    shares.leave(life.id);
    stats.gone(life);
    if (replaced) {
      restarts += 1;
      totals.inc('headgate_worker_restarts_total', []);
    } else if (draining && life.loaded && life.end !== 'exit code 0') unclean = true;
    pushHealth();
  }

  function applyConfig(): void {
    const { config, version: number } = configuration;
    shares.resize(laneTotals(config));
    supervisor.resize(config.server.workers, drainOrder('roll'));
    for (const life of supervisor.lives()) {
      if (life.state === 'loading') continue; // it gets the newest when it says hello
      shares.snapshot(life.id, (own) => life.send({ t: 'config', version: number, config, shares: own }));
    }
    pushHealth();
  }

  function drainOrder(reason: DrainOrder['reason']): DrainOrder {
    const { preStopMs, drainTimeoutMs } = configuration.config.server;
    return { reason, preStopMs: reason === 'roll' ? 0 : preStopMs, drainTimeoutMs };
  }

  async function roll(): Promise<void> {
    if (draining) return;
    log.info({}, 'rolling restart');
    pushHealth();
    const outcome = await roller.roll(() => drainOrder('roll'));
    log.info({ outcome }, 'rolling restart over');
    pushHealth();
  }

  function stop(signal: string): void {
    draining = true;
    roller.stop();
    watch.close();
    const order = drainOrder('shutdown');
    log.info({ signal, ...order }, 'draining');
    pushHealth();
    supervisor
      .drainAll(order)
      .then(() => {
        log.info({ clean: !unclean }, 'gateway ended');
        return log.close(LOG_CLOSE_MS);
      })
      .finally(() => process.exit(unclean ? 1 : 0));
  }

  function fail(reason: string): void {
    if (draining) return;
    draining = true;
    supervisor.killAll();
    log.fatal({ reason }, 'gateway cannot run');
    log.flushSync();
    refuse(reason);
  }

  function reloadFailed(err: unknown): void {
    log.error({ err }, 'reload failed');
  }

  function tick(): void {
    for (const { life, why } of watchdog.check(
      supervisor.lives(),
      clock.now(),
      configuration.config.server.watchdogMs,
    )) {
      log.error({ worker: life.index, workerPid: life.pid, why }, 'worker is killed');
      life.reason = why;
      life.kill();
    }
    pushGauges();
    pushHealth();
  }

  function health(): Record<string, unknown> {
    return groupHealth({
      slots: supervisor.slots(),
      lives: supervisor.lives(),
      restarts,
      rolling: roller.rolling,
      draining,
      configVersion: configuration.version,
      lastReload: configuration.lastReload,
    });
  }

  function pushHealth(): void {
    const detail = health();
    const text = JSON.stringify(detail);
    if (text === lastHealth) return;
    lastHealth = text;
    pushGauges();
    for (const life of supervisor.lives()) life.send({ t: 'health', ready: !draining, detail });
  }

  function pushGauges(): void {
    totals.setGauge(
      'headgate_workers',
      [],
      supervisor.lives().filter((life) => life.state === 'serving').length,
    );
    totals.setGauge('headgate_config_version', [], configuration.version);
    totals.setGauge('headgate_resident_memory_bytes', ['primary'], process.memoryUsage.rss());
  }

  function warnOfAcceptQueue(): void {
    const migrates = readMigrateReq();
    if (migrates === null) return;
    totals.setGauge('headgate_reuseport_migrate', [], migrates ? 1 : 0);
    if (!migrates && first.config.server.workers > 1) {
      log.warn(
        { setting: 'net.ipv4.tcp_migrate_req' },
        'set it to 1: connections not yet accepted are lost when a worker dies (docs/operations.md)',
      );
    }
  }

  // Kept alive by the crew's channels; the ticker must not hold a primary that has nobody left.
  ticker.unref();
}

function crashLoopText(life: Life): string {
  const why = life.reason === '' ? 'what it printed stands above' : life.reason;
  return `worker ${life.index} ended again and again before it could serve (last: ${life.end}; ${why})`;
}

function laneTotals(config: Config): LaneTotals {
  return new Map(
    config.providers.map(({ name, lane }) => [name, { run: lane.concurrency, wait: lane.queue }]),
  );
}
