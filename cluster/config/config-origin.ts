// Where the primary gets its configuration, as it sees it.
import type { LoadedConfig } from '../../src/config/load.ts';
import type { ManagedLimit } from '../../src/contracts/gatehouse-ipc.ts';
import type { ManagedConfig } from '../../src/contracts/managed-config.ts';

/** Of the configuration, what the store has of it; a part that is not there is as it was. */
export interface StoreContent {
  readonly limits?: readonly ManagedLimit[];
  /** Some key has limits of its own. */
  readonly keyRules?: boolean;
  readonly overlay?: ManagedConfig;
}

export interface ConfigSource {
  /** @param file undefined = as the environment says. @throws ConfigError */
  load(file: string | undefined): Promise<LoadedConfig>;
  /** What the store has: part of what is loaded from now on. */
  manage(store: StoreContent): void;
  /** Loads what there would be with this. @throws ConfigError */
  check(file: string | undefined, overlay: ManagedConfig): Promise<void>;
  /** That references named, as of the last load: their change is one of the configuration. */
  readonly files: readonly string[];
  /** A manager of secrets was asked for some of it. */
  readonly asks: boolean;
  /** Asks managers of secrets now and then. @param changed one of the secrets is another now */
  follow(changed: () => void): void;
}
