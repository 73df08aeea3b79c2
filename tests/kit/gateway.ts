// Starts the real gateway as a child process, as an operator would, and stops it again. Used by every test that needs
// processes; keeps its output so that a failing test can show it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tryJson } from './json.ts';
import { freePort } from './port.ts';
import { PROGRAM } from './program.ts';
import { waitUntil, within } from './wait.ts';

export interface GatewayOptions {
  /** An object (written as JSON) or YAML text; none = no file at all. */
  config?: object | string;
  /** With a gatehouse. False by default: most tests are not about it, and start faster. */
  admin?: boolean;
  /** Over a clean environment without any provider key. */
  env?: Record<string, string | undefined>;
  /** Default 1, so that tests are exact unless they are about several. */
  workers?: number;
  /** Address it listens on, of loopback; default all of IPv4 and 127.0.0.1 to ask. */
  host?: string;
  /** Another version's entry; default PROGRAM. */
  program?: string;
  /** Arguments behind `start`. */
  args?: string[];
  /** `ulimit -n` of the gateway and its workers; default the machine's. */
  descriptors?: number;
  /** How long /readyz may take. */
  readyTimeoutMs?: number;
  /** False: return as soon as the process runs (for starts that must fail). */
  waitReady?: boolean;
}

export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface GatewayProcess {
  readonly pid: number;
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Path of the configuration file, '' when there is none. */
  readonly configFile: string;
  readonly child: ChildProcess;
  /** Resolves when the process is gone. */
  readonly exit: Promise<ExitStatus>;
  /** All output so far, stdout and stderr in order of arrival. */
  output(): string;
  /** Output lines that are JSON objects. */
  logs(): Record<string, unknown>[];
  /** Replaces the configuration file; the gateway may notice by itself. */
  writeConfig(config: object | string): void;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<ExitStatus>;
}

/** Key most tests use; see `auth` in testConfig. */
export const gateKey = 'hg-test-key-0123456789abcdef0123456789abcdef';

/** For what a gateway wrote before it was gone; workers that outlive it hold the pipes open for longer. */
const PIPES_MS = 1_000;

/** What gets a tenth of a core, as where other work fills the machine, loads its modules for more than a minute. */
const READY_MS = 120_000;

/** A machine that stands still refuses nobody here: what a test of that wants is in its configuration. */
const NEVER_BUSY = { HEADGATE_OVERLOAD_WAIT_MS: '0', HEADGATE_OVERLOAD_LOOP_DELAY_MS: '0' };

const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_EXTRA_CA_CERTS', 'NODE_V8_COVERAGE'];

/** Starts a gateway and waits until it says it is ready. @throws with its output when it does not get there. */
export async function startGateway(options: GatewayOptions = {}): Promise<GatewayProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-test-'));
  const configFile = options.config === undefined ? '' : path.join(folder, 'headgate.yaml');
  if (options.config !== undefined) writeFileSync(configFile, asText(options.config));
  const port = Number(options.env?.['HEADGATE_PORT'] ?? (await freePort()));
  const env: NodeJS.ProcessEnv = {};
  for (const name of inherited) if (process.env[name] !== undefined) env[name] = process.env[name];
  const sized = options.config !== undefined && /^\s*"?overload"?:/m.test(asText(options.config));
  Object.assign(env, {
    ...(sized ? {} : NEVER_BUSY),
    HEADGATE_PORT: String(port),
    ...(options.host === undefined ? {} : { HEADGATE_HOST: options.host }),
    HEADGATE_WORKERS: String(options.workers ?? 1),
    HEADGATE_ADMIN: options.admin === true ? 'on' : 'off',
    ...(configFile === '' ? {} : { HEADGATE_CONFIG: configFile }),
    ...options.env,
  });
  const command = [process.execPath, options.program ?? PROGRAM, 'start', ...(options.args ?? [])];
  const [program, ...args] =
    options.descriptors === undefined
      ? command
      : ['sh', '-c', `ulimit -n ${options.descriptors} && exec "$@"`, 'sh', ...command];
  const child = spawn(program!, args, {
    // A folder without headgate.yaml: nothing of the developer's own setup is picked up.
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gateway = new Gateway(child, port, folder, configFile, options.host);
  if (options.waitReady !== false) await gateway.ready(options.readyTimeoutMs ?? READY_MS);
  return gateway;
}

function asText(config: object | string): string {
  return typeof config === 'string' ? config : JSON.stringify(config, null, 2);
}

class Gateway implements GatewayProcess {
  readonly child: ChildProcess;
  readonly port: number;
  readonly configFile: string;
  readonly exit: Promise<ExitStatus>;
  readonly #folder: string;
  readonly #host: string;
  #output = '';
  #exited = false;

  constructor(child: ChildProcess, port: number, folder: string, configFile: string, host = '127.0.0.1') {
    this.#host = host;
    this.child = child;
    this.port = port;
    this.configFile = configFile;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) {
      // A read may end in a line: what the other stream says meanwhile is none of it.
      let begun = '';
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => {
        const end = text.lastIndexOf('\n') + 1;
        this.#keep(end === 0 ? '' : begun + text.slice(0, end));
        begun = end === 0 ? begun + text : text.slice(end);
      });
      stream?.once('end', () => this.#keep(begun));
    }
    this.exit = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        this.#exited = true;
        rmSync(folder, { recursive: true, force: true });
        const gone = (): void => resolve({ code, signal });
        if (signal === 'SIGKILL') return gone();
        // Its last lines may still be in the pipes; workers that outlive it hold those open.
        // Where this process stood still they are there already, and read behind the timers of the same turn.
        const orphaned = setTimeout(() => setImmediate(gone), PIPES_MS);
        child.once('close', () => {
          clearTimeout(orphaned);
          gone();
        });
      });
    });
    this.exit.catch(() => undefined);
  }

  #keep(text: string): void {
    this.#output += text;
    // A chatty run must not grow without bound; the end is what explains a failure.
    if (this.#output.length > 8_000_000) this.#output = this.#output.slice(-4_000_000);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get url(): string {
    return `http://${this.#host}:${this.port}`;
  }

  output(): string {
    return this.#output;
  }

  logs(): Record<string, unknown>[] {
    return this.#output
      .split('\n')
      .map((line) => (line.startsWith('{') ? tryJson(line) : undefined))
      .filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null);
  }

  writeConfig(config: object | string): void {
    writeFileSync(
      this.configFile === '' ? path.join(this.#folder, 'headgate.yaml') : this.configFile,
      asText(config),
    );
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(graceMs = 5_000): Promise<ExitStatus> {
    if (!this.#exited) this.child.kill('SIGTERM');
    try {
      return await within(this.exit, graceMs, 'gateway stop');
    } catch {
      this.child.kill('SIGKILL');
      return this.exit;
    }
  }

  async ready(timeoutMs: number): Promise<void> {
    try {
      await waitUntil(
        async () => {
          if (this.#exited) throw new Error('gateway exited at start');
          return fetch(`${this.url}/readyz`).then(
            (answer) => answer.ok,
            () => false,
          );
        },
        'gateway to be ready',
        timeoutMs,
        25,
      );
    } catch (error) {
      this.child.kill('SIGKILL');
      throw new Error(`${(error as Error).message}\n--- gateway output ---\n${this.#output}`);
    }
  }
}
