// Tells the workers (for /health) and the metrics how the process group is, whenever that changes.
import { readMigrateReq } from '../../src/http/uws/accept-queue.ts';
import { createDescriptorCount, readDescriptorLimit } from '../../src/observability/descriptors.ts';
import type { Log } from '../../src/observability/log.ts';
import { measured, residentBytes } from '../../src/observability/measured.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
import { VERSION } from '../../src/version.ts';
import { type GroupState, type GroupStatus, groupHealth, groupStatus } from './health.ts';
import type { Life } from '../crew/life.ts';

export interface Reporter {
  /** Something may have changed: told to everybody if it has. */
  update(): void;
  /** Tells a worker that has just come. */
  greet(life: Life): void;
  /** As /health shows it. */
  health(): Record<string, unknown>;
  status(): GroupStatus;
}

export function createReporter(totals: MetricTotals, state: () => GroupState): Reporter {
  let told = '';
  totals.setGauge('headgate_build_info', [VERSION], 1);
  const openDescriptors = createDescriptorCount();
  const descriptorLimit = readDescriptorLimit();
  if (descriptorLimit !== null) totals.setGauge('headgate_max_fds', ['primary'], descriptorLimit);

  function gauges({ lives, configVersion }: GroupState): void {
    const serving = lives.filter((life) => life.state === 'serving').length;
    totals.setGauge('headgate_workers', [], serving);
    totals.setGauge('headgate_config_version', [], configVersion);
    const resident = residentBytes();
    if (resident !== null) totals.setGauge('headgate_resident_memory_bytes', ['primary'], resident);
    const open = openDescriptors();
    if (open !== null) totals.setGauge('headgate_open_fds', ['primary'], open);
  }

  return {
    update(): void {
      const now = state();
      measured(() => gauges(now), undefined);
      const detail = groupHealth(now);
      const text = JSON.stringify(detail);
      if (text === told) return;
      told = text;
      for (const life of now.lives) life.send({ t: 'health', ready: !now.draining, detail });
    },
    health: () => groupHealth(state()),
    status: () => groupStatus(state()),
    greet(life): void {
      const now = state();
      life.send({ t: 'health', ready: !now.draining, detail: groupHealth(now) });
    },
  };
}

/** Says at start whether the kernel loses connections of a listener that goes (docs/operations.md). */
export function reportAcceptQueue(totals: MetricTotals, workers: number, log: Log): void {
  const migrates = readMigrateReq();
  if (migrates === null) return;
  totals.setGauge('headgate_reuseport_migrate', [], migrates ? 1 : 0);
  if (migrates || workers === 1) return;
  log.warn(
    { setting: 'net.ipv4.tcp_migrate_req' },
    'set it to 1: connections not yet accepted are lost when a worker dies (docs/operations.md)',
  );
}
