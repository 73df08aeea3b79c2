// Where the primary gets its configuration: the file, the environment, managers of secrets and the store, read in this process.
// A gateway beside one program has it read by another (distant-config.ts), since what reads it is not needed again until it changes.
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';
import { managedReferences } from '../../src/config/managed-references.ts';
import type { ManagedLimit } from '../../src/contracts/gatehouse-ipc.ts';
import { type ManagedConfig, NOTHING_MANAGED } from '../../src/contracts/managed-config.ts';
import { createManagedSecrets } from '../../src/services/secrets/managed-secrets.ts';
import { createSecretSources } from '../../src/services/secrets/secret-sources.ts';
import type { ConfigSource } from './config-origin.ts';

/** How often secrets of managers of secrets are asked for again. */
const SECRETS_EVERY_MS = 60_000;

export interface ConfigSourceDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  wall(): number;
  /** A secret that is known could not be read again. */
  stale(reference: string, reason: string): void;
}

export function createConfigSource({ env, cwd, wall, stale }: ConfigSourceDeps): ConfigSource {
  let files: readonly string[] = [];
  let limits: readonly ManagedLimit[] = [];
  let keyRules = false;
  let overlay: ManagedConfig = NOTHING_MANAGED;
  const secrets = createManagedSecrets(createSecretSources({ env, wall }), stale);
  return {
    async load(file) {
      const found: string[] = [];
      const onFile = (path: string): void => void found.push(path);
      try {
        await secrets.want(managedReferences({ env, cwd, file }));
        const loaded: LoadedConfig = loadConfig({
          env,
          cwd,
          file,
          onFile,
          managed: secrets.values,
          limits,
          keyRules,
          overlay,
        });
        files = found;
        return loaded;
      } catch (error) {
        // What ran before runs on, so its secrets still count, and those that were not there yet may come.
        files = [...new Set([...files, ...found])];
        throw error;
      }
    },
    manage(store) {
      limits = store.limits ?? limits;
      keyRules = store.keyRules ?? keyRules;
      overlay = store.overlay ?? overlay;
    },
    async check(file, next) {
      loadConfig({ env, cwd, file, managed: secrets.values, limits, overlay: next });
    },
    get files() {
      return files;
    },
    get asks() {
      return secrets.values.size > 0;
    },
    follow(changed) {
      setInterval(() => {
        if (secrets.values.size === 0) return;
        void secrets.refresh().then((other) => {
          if (other) changed();
        });
      }, SECRETS_EVERY_MS).unref();
    },
  };
}
