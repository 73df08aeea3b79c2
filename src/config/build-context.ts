// What the builders of the sections share: where to report, and the numbers that hold for every provider.
import type {
  BreakerConfig,
  CooldownConfig,
  RetryConfig,
  TimeoutConfig,
} from '../contracts/attempt-config.ts';
import type { ConnectionConfig, LaneConfig } from '../contracts/provider-config.ts';
import type { ManagedProviderKey } from '../contracts/managed-config.ts';
import type { ProviderRecord } from '../contracts/provider.ts';
import type { Env } from './environment.ts';
import type { Path } from './path.ts';

export interface BuildContext {
  env: Env;
  /** Folder that relative paths begin in: the file's. */
  folder: string;
  records: readonly ProviderRecord[];
  /** False where the schema already found fault: what is built from there would only add follow-on errors. */
  sound(path: Path): boolean;
  /** Something is wrong with a value of the file (or of the variable that replaced it). */
  report(path: Path, message: string): void;
  /** Something is wrong with an environment variable. */
  reportEnv(name: string, message: string): void;
  note(text: string): void;
  /** Keys that were added to a provider by the API. */
  keysOf?: (provider: string) => readonly ManagedProviderKey[];
  /** Providers that take nothing out of the environment but the proxy on the way: who may add one need not have its keys. */
  apart?: ReadonlySet<string>;
  /** Every key goes here before anything is said about it. */
  secret(value: string): void;
}

/** What a provider that states nothing gets. */
export interface SharedNumbers {
  /** `queue` null: as defaultQueue says. */
  lane: Omit<LaneConfig, 'queue' | 'concurrency' | 'auto'> & {
    concurrency: number | 'auto';
    minConcurrency?: number;
    maxConcurrency?: number;
    queue: number | null;
  };
  timeouts: TimeoutConfig;
  retries: RetryConfig;
  cooldown: CooldownConfig;
  breaker: BreakerConfig;
  connections: ConnectionConfig;
}
