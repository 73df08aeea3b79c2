// What one run of the bench leaves behind: written as JSON after each scenario, read by the report and by bench:check.
import type { Found, Metric, ScenarioResult } from './contract.ts';

/** The machine a run was on; names nothing that tells whose it is. */
export interface MachineFacts {
  cpu: string;
  cores: number;
  memoryBytes: number;
  kernel: string;
  node: string;
  uws: string;
  /** Short commit of Headgate, with `+` when the tree had changes; null outside a repository. */
  commit: string | null;
}

export interface RunSettings {
  rounds: number;
  /** Measured seconds of one load run. */
  seconds: number;
  /** A quick run shows that everything works; no number of it counts. */
  quick: boolean;
  gatewayCores: readonly number[];
  loadCores: readonly number[];
  /** Names the user chose; `all` without a choice. */
  scenarios: readonly string[] | 'all';
  versus: readonly string[] | 'all';
}

/** The mock called directly: what no gateway can exceed. */
export interface MockCeiling {
  perSecond: number;
  /** CPU microseconds of the mock per request. */
  cpuMicros: number;
  /** `wrk`, or `unary` where wrk is not installed. */
  by: 'wrk' | 'unary';
}

export interface PeerFacts {
  name: string;
  about: string;
  found: Found;
}

export interface ScenarioRecord {
  name: string;
  title: string;
  method: string;
  metrics: readonly Metric[];
  /** How long it took, seconds. */
  tookSeconds: number;
  result: ScenarioResult | null;
  /** Why there is no result. */
  error: string | null;
  /** Of the loads it ran: void ones and those near the ceiling of mock or generator, in words. */
  warnings: readonly string[];
}

export interface BenchRun {
  /** ISO date and time of the start. */
  at: string;
  machine: MachineFacts;
  settings: RunSettings;
  /** Null when it could not be measured. */
  ceiling: MockCeiling | null;
  peers: readonly PeerFacts[];
  scenarios: readonly ScenarioRecord[];
}
