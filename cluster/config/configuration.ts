// The configuration in force and the way a new one gets there: load and validate whole, then send to every worker,
// each of which compiles it, swaps it in and says so. Whatever fails, what ran before keeps running. The keys of callers
// come with it and have a revision of their own: where they alone changed, nothing is compiled.
import type { AdminConfig } from '../../src/contracts/admin.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { ClientKey } from '../../src/contracts/directory.ts';
import type { Log } from '../../src/observability/log.ts';
import { type KeyList, keyDelta } from './key-list.ts';
import { planReload, sameConfig } from './reload-plan.ts';

/** What a load gives. */
export interface Loaded {
  config: Config;
  /** Of callers. */
  keys: readonly ClientKey[];
  admin: AdminConfig;
  /** Which of it the API manages: LoadedConfig. */
  managed?: ReadonlySet<string>;
}

/** How the last attempt to load a configuration ended. */
export interface ReloadReport {
  ok: boolean;
  at: string;
  /** One line each, for the log; never shown to callers. */
  problems: readonly string[];
  needsRestart: readonly string[];
  needsRoll: readonly string[];
}

export interface ConfigurationDeps {
  /** @throws an error with `problems: string[]` when the configuration is not valid. */
  load(): Promise<Loaded>;
  log: Log;
  wall(): number;
  /** A new configuration is in force: lane totals, worker count and workers have to follow. */
  onApply(): void;
  /** Keys came or went, and nothing else did. */
  onKeys(): void;
  /** How the gateway is administered was loaded; it is not part of what workers have. */
  onAdmin(admin: AdminConfig): void;
  /** Something that /health or the metrics show has changed. */
  onReport(report: ReloadReport): void;
}

export interface Configuration {
  readonly config: Config;
  readonly version: number;
  /** In force together with it; they change without it, too. */
  readonly keys: KeyList;
  /** How the gateway is administered, as it was loaded last. */
  readonly admin: AdminConfig;
  readonly lastReload: ReloadReport | null;
  /** Which of it the API manages. */
  readonly managed: ReadonlySet<string>;
  /** `file`: only when something changed. Attempts that come while one runs are followed by one more. */
  reload(trigger: 'signal' | 'file'): Promise<void>;
  /** Every worker runs the version in force: there is no going back from it. */
  confirmed(): void;
  /** A worker could not compile `version`: the one before is in force again. */
  rejected(version: number, worker: number, reason: string): void;
}

/** @param loaded the configuration of the start; @param port the open one. */
export function createConfiguration(deps: ConfigurationDeps, loaded: Loaded, port: number): Configuration {
  let current: Config = { ...loaded.config, server: { ...loaded.config.server, port } };
  let keys: KeyList = { revision: 1, keys: loaded.keys };
  let newestKeys = 1;
  let version = 1;
  let highest = 1;
  let previous: { config: Config; version: number; keys: KeyList } | null = null;
  let lastLoaded = loaded.config;
  let admin = loaded.admin;
  let managed: ReadonlySet<string> = loaded.managed ?? new Set();
  let lastReload: ReloadReport | null = null;
  let running: Promise<void> | null = null;
  let again: 'signal' | 'file' | null = null;

  function report(ok: boolean, rest: Partial<ReloadReport>): void {
    const at = new Date(deps.wall()).toISOString();
    lastReload = { ok, at, problems: [], needsRestart: [], needsRoll: [], ...rest };
    deps.onReport(lastReload);
  }

  function refuse(problems: readonly string[]): void {
    deps.log.error({ problems, version }, 'new configuration is not valid: nothing changed');
    report(false, { problems });
  }

  /** Whether they are others than before. */
  function takeKeys(next: readonly ClientKey[]): boolean {
    const list = { revision: newestKeys + 1, keys: next };
    const { put, drop } = keyDelta(keys, list);
    if (put.length === 0 && drop.length === 0) return false;
    deps.log.info(
      { revision: list.revision, known: next.length, put: put.length, drop: drop.length },
      'keys of callers have changed',
    );
    newestKeys = list.revision;
    keys = list;
    return true;
  }

  async function attempt(trigger: 'signal' | 'file'): Promise<void> {
    let next: Loaded;
    try {
      next = await deps.load();
    } catch (error) {
      refuse(problemsOf(error));
      return;
    }
    const plan = planReload(current, lastLoaded, next.config);
    if (plan.refused !== null) {
      refuse([plan.refused]);
      return;
    }
    admin = next.admin;
    deps.onAdmin(admin);
    managed = next.managed ?? new Set();
    const { needsRestart, needsRoll } = plan;
    const same = sameConfig(plan.config, current);
    const before = keys;
    const changed = takeKeys(next.keys);
    // A signal may have come before the watch saw the same change.
    const told = lastReload?.ok === true ? lastReload.needsRestart : [];
    if (trigger === 'file' && same && !changed && needsRestart.every((setting) => told.includes(setting))) {
      // The file is good (again), even if it says nothing new.
      if (lastReload?.ok === false) report(true, {});
      return;
    }
    lastLoaded = next.config;
    if (needsRestart.length > 0) deps.log.warn({ settings: needsRestart }, 'settings wait for a restart');
    if (needsRoll.length > 0)
      deps.log.warn({ settings: needsRoll }, 'settings wait for a rolling restart (SIGUSR2)');
    if (same && changed) {
      // Nobody can refuse them: there is no going back from them, only from the rest.
      if (previous !== null) previous = { ...previous, keys };
      deps.onKeys();
    } else {
      previous = { config: current, version, keys: before };
      current = plan.config;
      highest += 1;
      version = highest;
      deps.log.info({ version, trigger }, 'new configuration goes to the workers');
      deps.onApply();
    }
    report(true, { needsRestart, needsRoll });
  }

  return {
    get config() {
      return current;
    },
    get version() {
      return version;
    },
    get keys() {
      return keys;
    },
    get admin() {
      return admin;
    },
    get managed() {
      return managed;
    },
    get lastReload() {
      return lastReload;
    },
    async reload(trigger): Promise<void> {
      if (running !== null) {
        again = trigger === 'signal' || again === 'signal' ? 'signal' : 'file';
        return running;
      }
      running = (async () => {
        await attempt(trigger);
        while (again !== null) {
          const next = again;
          again = null;
          await attempt(next);
        }
      })();
      try {
        await running;
      } finally {
        running = null;
      }
    },
    confirmed(): void {
      previous = null;
    },
    rejected(which, worker, reason): void {
      // Compiling is deterministic, so all workers say the same: the first one decides.
      if (which !== version || previous === null) return;
      deps.log.error({ worker, version, reason }, 'worker could not use the new configuration: going back');
      current = previous.config;
      version = previous.version;
      keys = previous.keys;
      previous = null;
      deps.onApply();
      report(false, { problems: [reason] });
    },
  };
}

/** The lines to show for a failed load. */
export function problemsOf(error: unknown): readonly string[] {
  if (error instanceof Error && 'problems' in error && Array.isArray(error.problems))
    return error.problems.map(String);
  return [error instanceof Error ? error.message : String(error)];
}
