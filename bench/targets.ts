// What is measured: nginx, the bare loop, and Headgate as a user starts it. All speak to the same mock provider.
import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxConfig } from './peers/nginx.ts';
import { freePort, listening, start } from './processes.ts';

export const CLIENT_KEY = 'bench-client-key-0123456789abcdef';
/** The model as clients name it; the gateway cuts the provider off, the others pass it through. */
export const MODEL = 'mock/bench-model';

export interface Target {
  name: string;
  port: number;
  child: ChildProcess;
}

export interface TargetOptions {
  core: number;
  upstreamPort: number;
  /** For files a target needs. */
  folder: string;
  /** Further environment of the gateway, e.g. NODE_OPTIONS. */
  env?: Readonly<Record<string, string>>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** True when the program can be run. */
export function installed(program: string): boolean {
  return spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined;
}

async function launch(
  name: string,
  command: string,
  args: readonly string[],
  port: number,
  { core, env = {} }: Pick<TargetOptions, 'core' | 'env'>,
): Promise<Target> {
  const child = start(command, args, { cores: [core], env });
  await listening(port, child);
  return { name, port, child };
}

export async function startMock(core: number): Promise<Target> {
  const port = await freePort();
  return launch('mock', process.execPath, [here('./mock.ts'), String(port)], port, { core });
}

export async function startNginx(options: TargetOptions): Promise<Target> {
  const port = await freePort();
  const config = join(options.folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(port, options.upstreamPort, options.folder));
  return launch('nginx', 'nginx', ['-c', config, '-p', options.folder], port, options);
}

export async function startBareLoop(options: TargetOptions): Promise<Target> {
  const port = await freePort();
  const args = [here('./peers/bare-loop.ts'), String(port), String(options.upstreamPort)];
  return launch('bare loop', process.execPath, args, port, options);
}

/** One worker, client keys checked, metrics and access facts on, log lines off. */
export async function startGateway(options: TargetOptions): Promise<Target> {
  const port = await freePort();
  const config = join(options.folder, 'headgate.yaml');
  writeFileSync(
    config,
    `server: { port: ${port}, host: 127.0.0.1, workers: 1 }
auth: { keys: [{ name: bench, value: ${CLIENT_KEY} }] }
providers:
  mock:
    dialect: openai-chat
    baseUrl: http://127.0.0.1:${options.upstreamPort}/v1
    keys: [{ value: bench-upstream-key }]
    models: ["*"]
    lane: { concurrency: 1024, queue: 2048, queueTimeoutMs: 10000 }
`,
  );
  return launch('headgate', process.execPath, [here('../cluster/cli.ts'), 'start'], port, {
    core: options.core,
    env: { HEADGATE_CONFIG: config, HEADGATE_ACCESS_LOG: 'off', ...options.env },
  });
}
