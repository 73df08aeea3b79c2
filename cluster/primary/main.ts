// Start of the gateway: the configuration must be valid and the port free before anything is forked.
import path from 'node:path';
import type { LoadedConfig } from '../../src/config/load.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import { createLogger, type Logger } from '../../src/observability/logger.ts';
import type { ConfigSource } from '../config/config-origin.ts';
import type { Guest } from '../crew/guest.ts';
import { PortError, reservePort } from '../crew/port.ts';
import { Primary } from './primary.ts';
import { dieLoudly } from '../crew/process-setup.ts';
import { reserveSocket } from '../crew/unix-socket.ts';

export interface PrimaryOptions {
  /** Path of the configuration file; before HEADGATE_CONFIG and the default names. */
  configFile?: string | undefined;
  /** Over the environment, by variable name: what the command line said. */
  overrides?: Readonly<Record<string, string>> | undefined;
  /** Another program in the workers' place, for tests of the primary alone. */
  workerEntry?: string | undefined;
  /** Where the configuration comes from; by default it is read in this process. */
  source?: ConfigSource | undefined;
  /** The program that this gateway is for. */
  guest?: Guest | undefined;
  /** That is free, as somebody has seen already; in place of the configuration's. */
  port?: number | undefined;
}

const clock: Clock = { now: () => performance.now(), wall: () => Date.now() };

/**
 * Runs the gateway in this process; resolves once its workers are being started, and the process ends by itself.
 * @throws ConfigError when the configuration is not valid
 */
export async function runPrimary(options: PrimaryOptions = {}): Promise<void> {
  const env = { ...process.env, ...options.overrides };
  let log: Logger | null = null;
  const source = options.source ?? (await readHere(env, (fields, message) => log?.warn(fields, message)));
  const first = await source.load(options.configFile);
  const port = await findPort(first, options.port);
  const { level, format } = first.config.log;
  log = createLogger({
    level,
    format,
    base: { role: 'primary', pid: process.pid },
    // What a program beside us writes to stdout is its own.
    destination: options.guest === undefined ? 1 : 2,
  });
  dieLoudly(log);
  // A file that was there at the start and is gone later is a fault, not a wish for the defaults.
  const file = options.configFile ?? first.file ?? undefined;
  // With no file at the start, one that appears under the default name counts.
  const watched = first.file ?? path.join(process.cwd(), 'headgate.yaml');
  new Primary({
    clock,
    log,
    load: () => source.load(file),
    manage: (store) => source.manage(store),
    check: (next) => source.check(file, next),
    first,
    port,
    watched: () => [watched, ...source.files],
    follow: (changed) => source.follow(changed),
    workerEntry: options.workerEntry,
    guest: options.guest,
    refuse,
  }).start();
}

/** Loaded only where it is wanted: a gateway beside one program has it read by another process. */
export async function readHere(
  env: Readonly<Record<string, string | undefined>>,
  warn: (fields: { reference: string; reason: string }, message: string) => void,
): Promise<ConfigSource> {
  const { createConfigSource } = await import('../config/config-source.ts');
  return createConfigSource({
    env,
    cwd: process.cwd(),
    wall: () => clock.wall(),
    stale: (reference, reason) =>
      warn({ reference, reason }, 'a secret could not be read again: the one that was read before stays'),
  });
}

async function findPort({ config }: LoadedConfig, free: number | undefined): Promise<number> {
  const { host, port, listeners = [] } = config.server;
  try {
    for (const listener of listeners) {
      if (listener.unix === null) await reservePort(listener.host, listener.port!);
      else await reserveSocket(listener.unix);
    }
    return free ?? (await reservePort(host, port));
  } catch (error) {
    if (error instanceof PortError) refuse(error.message);
    throw error;
  }
}

function refuse(problem: string): never {
  process.stderr.write(`headgate: ${problem}\n`);
  process.exit(1);
}
