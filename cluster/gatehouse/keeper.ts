// What the primary does for the gatehouse, put together: its process, what it is told, what it may ask and change.

import type { AdminConfig } from '../../src/contracts/admin.ts';
import type { RechargedCounters } from '../../src/contracts/ipc.ts';
import type { ManagedConfig } from '../../src/contracts/managed-config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import { collectAll } from '../../src/observability/collect-all.ts';
import type { Log } from '../../src/observability/log.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
import { VERSION } from '../../src/version.ts';
import type { StoreContent } from '../config/config-origin.ts';
import type { Configuration } from '../config/configuration.ts';
import { fileObjects } from '../config/file-objects.ts';
import type { Life } from '../crew/life.ts';
import type { GroupRests } from '../known/rests.ts';
import { createRecharges } from '../limits/recharges.ts';
import { createActivityBook } from '../views/activity.ts';
import { type ClusterViews, createClusterViews } from '../views/cluster-view.ts';
import type { Reporter } from '../views/reporter.ts';
import type { CacheDesk } from './cache-desk.ts';
import { createDesk } from './desk.ts';
import { createGatehouse, type Gatehouse } from './gatehouse.ts';
import { createForkGatehouse } from './gatehouse-process.ts';
import { createWorkerLooks, type WorkerLooks } from './worker-looks.ts';

const SETTLED_MS = 5_000;

export interface KeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly totals: MetricTotals;
  readonly admin: AdminConfig;
  lives(): readonly Life[];
  url(): string;
  /** These two are made later than the keeper is. */
  configuration(): Configuration;
  reporter(): Reporter;
  readonly rests: GroupRests;
  readonly cache: CacheDesk;
  /** What was spent of budgets whose counters are here. */
  correct(rows: RechargedCounters): void;
  /** The gatehouse wrote to a store that others share. */
  committed(): void;
  /** Loads what there would be with this. @throws ConfigError */
  check(overlay: ManagedConfig): Promise<void>;
  /** Loads with it; resolves when the workers were told. */
  manage(store: StoreContent): Promise<void>;
}

export interface Keeper {
  readonly gatehouse: Gatehouse;
  readonly views: ClusterViews;
  readonly looks: WorkerLooks;
}

export function createKeeper(deps: KeeperDeps): Keeper {
  const { clock, log, lives, configuration, reporter, rests } = deps;
  const views = createClusterViews({
    clock,
    version: VERSION,
    activity: createActivityBook(deps.totals),
    config: () => configuration().config,
    configVersion: () => configuration().version,
    lives,
    status: () => reporter().status(),
    rests: () => rests.current(),
    circuits: () => rests.circuits(),
  });
  const looks = createWorkerLooks(lives);
  const gatehouse: Gatehouse = createGatehouse(
    {
      fork: createForkGatehouse(process.execArgv, log, () => configuration().config.log),
      log,
      now: () => clock.now(),
      lives,
      version: VERSION,
      url: deps.url,
      state: () => {
        const { config, keys, managed, version } = configuration();
        return {
          file: fileObjects(config, keys.keys, managed),
          health: reporter().health(),
          configVersion: version,
        };
      },
      desk: createDesk({
        views,
        cache: deps.cache,
        configuration,
        lives,
        check: deps.check,
        inForce: () => gatehouse.inForce(),
        reset: (provider, model) => rests.reset(provider, model) + rests.unrest(provider, model),
        heard: looks.heard,
        written: looks.written,
        look: looks.ask,
        recharge: createRecharges({
          look: looks.ask,
          ownOf: (names) => gatehouse.ownOf(names),
          correct: deps.correct,
        }),
      }),
      onChange: () => reporter().update(),
      // The messages of a list of very many keys, and what the start itself left behind.
      onOpened: () => void setTimeout(collectAll, SETTLED_MS).unref(),
      onHanded(sink, sent, dropped) {
        if (sent > 0) deps.totals.inc('headgate_log_records_sent_total', [sink], sent);
        if (dropped > 0) deps.totals.inc('headgate_log_records_dropped_total', [sink], dropped);
      },
      onCorrected: (count) => deps.totals.inc('headgate_ledger_corrections_total', [], count),
      onCommitted: deps.committed,
      onLimits: (limits, keyRules) => deps.manage({ limits, keyRules }),
      onManaged: (overlay) => deps.manage({ overlay }),
    },
    deps.admin,
  );
  return { gatehouse, views, looks };
}
