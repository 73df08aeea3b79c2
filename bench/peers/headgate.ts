// Headgate as a user starts it: `headgate start` with a configuration file, client keys checked, metrics on, access log off.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { HeadgateOptions, Mock, Peer, PeerSetting, RunningPeer } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import { freePort } from '../processes.ts';
import { npmVersion } from './program.ts';
import { CLIENT_KEY, type Endpoints, gatewayEndpoints, serve } from './serve.ts';

type Config = Readonly<Record<string, unknown>>;

/** The command: `scripts/start` as a user runs it, or a build named by HEADGATE_BENCH_HEADGATE (dist/cluster/cli.js). */
export function headgateCommand(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const built = env.HEADGATE_BENCH_HEADGATE;
  return built === undefined || built === ''
    ? fileURLToPath(new URL('../../scripts/start', import.meta.url))
    : resolve(built);
}

/** Two providers that are the mock; places enough in their lanes that the load is what limits. */
export function headgateConfig(port: number, mock: Pick<Mock, 'baseUrl'>, workers: number): Config {
  const lane = { concurrency: 10_000, queue: 20_000, queueTimeoutMs: 10_000 };
  const keys = [{ value: UPSTREAM_KEY }];
  return {
    server: { port, host: '127.0.0.1', workers },
    log: { access: false },
    auth: { keys: [{ name: 'bench', value: CLIENT_KEY }] },
    providers: {
      openai: { baseUrl: mock.baseUrl('openai'), keys, lane },
      anthropic: { baseUrl: mock.baseUrl('anthropic'), keys, lane },
    },
  };
}

/** `over` wins; mappings are merged deeply, lists are replaced. */
export function merged(base: Config, over: Config): Config {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isMapping(before) && isMapping(value) ? merged(before, value) : value;
  }
  return result;
}

function isMapping(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function headgateEndpoints(port: number): Endpoints {
  return gatewayEndpoints(port, `openai/${MODEL}`, `anthropic/${MODEL}`);
}

/** @throws when it does not come up in time, with the end of what it wrote. */
export async function startHeadgate(setting: PeerSetting, options: HeadgateOptions): Promise<RunningPeer> {
  const port = await freePort();
  const cores = options.cores ?? setting.cores;
  const config = headgateConfig(port, setting.mock, options.workers ?? cores.length);
  mkdirSync(setting.folder, { recursive: true });
  const file = join(setting.folder, 'headgate.yaml');
  writeFileSync(file, stringify(merged(config, options.config ?? {})));
  const program = headgateCommand();
  const isScript = !/\.[jt]s$/.test(program);
  return serve(
    {
      name: options.name,
      ...(isScript
        ? { command: program, args: ['--config', file] }
        : { command: process.execPath, args: [program, 'start', '--config', file] }),
      endpoints: headgateEndpoints(port),
      ...(options.env === undefined ? {} : { env: options.env }),
    },
    { ...setting, cores },
  );
}

export const headgate: Peer = {
  name: 'headgate',
  about: 'One worker a core, client keys checked, metrics on, access log off.',
  routes: ['openai>openai', 'anthropic>anthropic', 'anthropic>openai', 'openai>anthropic'],
  find: async () => {
    const command = headgateCommand();
    if (!existsSync(command)) return { missing: `${command} is not there` };
    const version = npmVersion(command, 'headgate');
    if (version === null) return { missing: `${command} is not of headgate` };
    return { version };
  },
  start: (setting) => startHeadgate(setting, { name: 'headgate' }),
};
