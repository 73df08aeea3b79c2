// Start of the gateway: the configuration must be valid and the port free before anything is forked.
import path from 'node:path';
import { type LoadedConfig, loadConfig } from '../src/config/load.ts';
import { managedReferences } from '../src/config/managed-references.ts';
import type { ManagedLimit } from '../src/contracts/gatehouse-ipc.ts';
import { type ManagedConfig, NOTHING_MANAGED } from '../src/contracts/managed-config.ts';
import type { Clock } from '../src/contracts/ports.ts';
import { createLogger, type Logger } from '../src/observability/logger.ts';
import { createManagedSecrets, type ManagedSecrets } from '../src/services/secrets/managed-secrets.ts';
import { createSecretSources } from '../src/services/secrets/secret-sources.ts';
import { PortError, reservePort } from './port.ts';
import { Primary } from './primary.ts';
import { dieLoudly } from './process-setup.ts';
import { reserveSocket } from './unix-socket.ts';

export interface PrimaryOptions {
  /** Path of the configuration file; before HEADGATE_CONFIG and the default names. */
  configFile?: string | undefined;
  /** Over the environment, by variable name: what the command line said. */
  overrides?: Readonly<Record<string, string>> | undefined;
  /** Another program in the workers' place, for tests of the primary alone. */
  workerEntry?: string | undefined;
}

/** How often secrets of managers of secrets are asked for again. */
const SECRETS_EVERY_MS = 60_000;

const clock: Clock = { now: () => performance.now(), wall: () => Date.now() };

/**
 * Runs the gateway in this process; resolves once its workers are being started, and the process ends by itself.
 * @throws ConfigError when the configuration is not valid
 */
export async function runPrimary(options: PrimaryOptions = {}): Promise<void> {
  const env = { ...process.env, ...options.overrides };
  let secretFiles: readonly string[] = [];
  let limits: readonly ManagedLimit[] = [];
  let overlay: ManagedConfig = NOTHING_MANAGED;
  let log: Logger | null = null;
  const secrets = createManagedSecrets(
    createSecretSources({ env, wall: () => clock.wall() }),
    (reference, reason) =>
      log?.warn(
        { reference, reason },
        'a secret could not be read again: the one that was read before stays',
      ),
  );
  const load = async (file: string | undefined): Promise<LoadedConfig> => {
    const found: string[] = [];
    const onFile = (path: string): void => void found.push(path);
    try {
      const cwd = process.cwd();
      await secrets.want(managedReferences({ env, cwd, file }));
      const loaded = loadConfig({ env, cwd, file, onFile, managed: secrets.values, limits, overlay });
      secretFiles = found;
      return loaded;
    } catch (error) {
      // What ran before runs on, so its secrets still count, and those that were not there yet may come.
      secretFiles = [...new Set([...secretFiles, ...found])];
      throw error;
    }
  };
  const first = await load(options.configFile);
  const port = await findPort(first);
  const { level, format } = first.config.log;
  log = createLogger({ level, format, base: { role: 'primary', pid: process.pid } });
  dieLoudly(log);
  // A file that was there at the start and is gone later is a fault, not a wish for the defaults.
  const file = options.configFile ?? first.file ?? undefined;
  // With no file at the start, one that appears under the default name counts.
  const watched = first.file ?? path.join(process.cwd(), 'headgate.yaml');
  new Primary({
    clock,
    log,
    load: () => load(file),
    manage: (store) => {
      limits = store.limits ?? limits;
      overlay = store.overlay ?? overlay;
    },
    check: async (next) => {
      const cwd = process.cwd();
      loadConfig({ env, cwd, file, managed: secrets.values, limits, overlay: next });
    },
    first,
    port,
    watched: () => [watched, ...secretFiles],
    follow: (changed) => followSecrets(secrets, changed),
    workerEntry: options.workerEntry,
    refuse,
  }).start();
}

/** Asks for known secrets again; with none nothing is asked. */
function followSecrets(secrets: ManagedSecrets, changed: () => void): void {
  setInterval(() => {
    if (secrets.values.size === 0) return;
    void secrets.refresh().then((other) => {
      if (other) changed();
    });
  }, SECRETS_EVERY_MS).unref();
}

async function findPort({ config }: LoadedConfig): Promise<number> {
  const { host, port, listeners = [] } = config.server;
  try {
    for (const listener of listeners) {
      if (listener.unix === null) await reservePort(listener.host, listener.port!);
      else await reserveSocket(listener.unix);
    }
    return await reservePort(host, port);
  } catch (error) {
    if (error instanceof PortError) refuse(error.message);
    throw error;
  }
}

function refuse(problem: string): never {
  process.stderr.write(`headgate: ${problem}\n`);
  process.exit(1);
}
