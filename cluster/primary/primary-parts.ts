// What the primary is made of that its process gives it.
import type { ManagedConfig } from '../../src/contracts/managed-config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Logger } from '../../src/observability/logger.ts';
import type { Loaded } from '../config/configuration.ts';
import type { Guest } from '../crew/guest.ts';
import type { StoreContent } from '../config/config-origin.ts';

export interface PrimaryParts {
  clock: Clock;
  log: Logger;
  /** Loads the configuration anew. @throws ConfigError */
  load(): Loaded | Promise<Loaded>;
  /** What the store has: part of what is loaded from now on. */
  manage(store: StoreContent): void;
  /** Loads what there would be with this. @throws ConfigError */
  check(overlay: ManagedConfig): Promise<void>;
  /** What was loaded at the start. */
  first: Loaded;
  /** The port all workers open. */
  port: number;
  /** Files whose change means a new configuration: the file itself, and the secrets it refers to. */
  watched(): readonly string[];
  /** Calls back when something else that the configuration refers to has changed. */
  follow?: ((changed: () => void) => void) | undefined;
  /** Entry of the workers. */
  workerEntry?: string | undefined;
  /** Runs beside it; absent = the gateway is for anybody, and signals are its own. */
  guest?: Guest | undefined;
  /** Ends the process with a message on stderr. */
  refuse(problem: string): never;
}
