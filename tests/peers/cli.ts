// Command line programs of other vendors, as npm has them. They have some hundred MB, so they are no dependencies: kept in
// .cache/peers, so that only the first run loads them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ForwardProxy, startForwardProxy } from '../kit/forward-proxy.ts';
import { oneAtATime } from '../kit/one-at-a-time.ts';
import { root } from '../kit/program.ts';
import { Unavailable } from './python.ts';

const INSTALL_MS = 120_000;
const RUN_MS = 240_000;

/** How a program is had and run. */
export interface Cli {
  /** `name@version` at npm. */
  package: string;
  /** Its file in `node_modules`: JavaScript is run by Node, anything else by itself. */
  program: string;
  /** Without what npm calls optional: those only add comfort, and take long. */
  bare?: boolean;
}

/** One run of it. */
export interface CliCall {
  args: readonly string[];
  /** All of its environment but PATH, HOME and the proxy: what this machine has set must not decide. */
  env: Record<string, string>;
  /** Files in its home folder, by their path. `work/…` is where it runs. */
  files?: Record<string, string>;
}

export interface CliRun {
  status: number | null;
  /** All that it printed. */
  output: string;
}

export interface CliHarness {
  /** Why it cannot be had on this machine; empty when it can. */
  readonly missing: string;
  run(call: CliCall): Promise<CliRun>;
}

/** Fetches the program before the tests of a file; after them, fails if a run asked for any host but the gateway's. */
export function useCli(cli: Cli): CliHarness {
  let program = '';
  let missing = '';
  let outside: ForwardProxy | undefined;
  beforeAll(async () => {
    outside = await startForwardProxy({ refuse: 403 });
    try {
      program = fetchCli(cli);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      missing = error.message;
    }
  }, INSTALL_MS + 10_000);
  afterAll(() => {
    outside?.close();
    expect(outside?.asked).toEqual([]);
  });
  return {
    get missing() {
      return missing;
    },
    run: (call) => runCli(program, call, outside?.port ?? 0),
  };
}

/** @returns path of the program. @throws Unavailable */
function fetchCli(cli: Cli): string {
  const folder = path.join(root, '.cache/peers', cli.package.replace(/\W+/g, '-'));
  const program = path.join(folder, 'node_modules', cli.program);
  oneAtATime(folder, () => {
    if (!existsSync(path.join(folder, 'complete'))) install(cli, folder, program);
  });
  return program;
}

function install(cli: Cli, folder: string, program: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  const omit = cli.bare === true ? ['--omit=optional'] : [];
  const args = ['i', '--ignore-scripts', '--no-audit', '--no-fund', ...omit, cli.package];
  const { status, stderr, error } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: INSTALL_MS,
  });
  if (status !== 0)
    throw new Unavailable(`npm could not install ${cli.package} (${error?.message ?? stderr.trim()})`);
  if (!existsSync(program)) throw new Unavailable(`${cli.package} has no ${cli.program} for this machine`);
  writeFileSync(path.join(folder, 'complete'), '');
}

/** @param outside port of a proxy for all that is not on this machine. */
async function runCli(program: string, call: CliCall, outside: number): Promise<CliRun> {
  const home = mkdtempSync(path.join(tmpdir(), 'cli-'));
  const work = path.join(home, 'work');
  mkdirSync(work);
  for (const [name, text] of Object.entries(call.files ?? {})) {
    const file = path.join(home, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const proxy = `http://127.0.0.1:${outside}`;
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: home,
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    NO_PROXY: '127.0.0.1',
    ...call.env,
  };
  const [command, ...args] = program.endsWith('.js') ? [process.execPath, program] : [program];
  const child = spawn(command!, [...args, ...call.args], {
    cwd: work,
    env,
    timeout: RUN_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { status, output };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}
