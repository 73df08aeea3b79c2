// Child processes of a bench: started on a given core, known to be listening, and all gone at the end.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, processTree } from './process-tree.ts';

const READY_MS = 20_000;
const STOP_MS = 3_000;
/** Short, since time to the first answer is measured through it. */
const POLL_MS = 5;

export interface StartOptions {
  /** Cores the process and all its children stay on. */
  cores: readonly number[];
  /** Working directory. */
  cwd?: string;
  /** It runs only when nobody else wants its core: its work holds up none of those that are measured. */
  idle?: boolean;
  /** It ends by itself when its work is done. */
  mayEnd?: boolean;
  env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();
const said = new WeakMap<ChildProcess, string>();

/** The end of what a process wrote, for error messages. */
export function lastWords(child: ChildProcess): string {
  return said.get(child) ?? '';
}

/** Starts a program pinned to cores. What it wrote is shown only when it dies by itself. */
export function start(command: string, args: readonly string[], options: StartOptions): ChildProcess {
  const rank = options.idle === true ? ['chrt', '--idle', '0'] : [];
  const child = spawn('taskset', ['-c', options.cores.join(','), ...rank, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const keep = (text: unknown): void => {
    said.set(child, ((said.get(child) ?? '') + String(text)).slice(-4000));
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  running.add(child);
  child.on('exit', (code, signal) => {
    if (!running.delete(child) || options.mayEnd) return;
    process.stderr.write(
      `${command} ${args.join(' ')} ended by itself (${code ?? signal})\n${lastWords(child)}`,
    );
  });
  child.on('error', (error) => process.stderr.write(`${command}: ${error.message}\n`));
  return child;
}

/** Moves a process with all its threads to other cores. */
export function moveTo(cores: readonly number[], pid: number): void {
  spawnSync('taskset', ['-acp', cores.join(','), String(pid)], { stdio: 'ignore' });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Resolves once something accepts connections on the port. @throws when nothing does in time, or the child died. */
export async function listening(port: number, child: ChildProcess, readyMs = READY_MS): Promise<void> {
  const deadline = Date.now() + readyMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the process for port ${port} ended\n${lastWords(child)}`);
    }
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        resolve(true);
        socket.destroy();
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await sleep(POLL_MS);
  }
  throw new Error(`nothing listens on port ${port}\n${lastWords(child)}`);
}

/** Ends everything `start` began, children of children included. */
export async function stopAll(): Promise<void> {
  await stopThese([...running]);
}

/** Ends one process and all below it. Its end counts as wanted. */
export async function stop(child: ChildProcess): Promise<void> {
  await stopThese([child]);
}

/** For the last moment of the process: nothing asynchronous runs any more. */
export function killAll(): void {
  const roots = [...running];
  running.clear();
  for (const pid of roots.flatMap(treeOf)) killHard(pid);
}

async function stopThese(roots: readonly ChildProcess[]): Promise<void> {
  const pids = roots.flatMap(treeOf);
  for (const child of roots) {
    running.delete(child);
    child.kill('SIGTERM');
  }
  const deadline = Date.now() + STOP_MS;
  while (pids.some(isAlive) && Date.now() < deadline) await sleep(20);
  for (const pid of pids) if (isAlive(pid)) killHard(pid);
}

function treeOf(child: ChildProcess): number[] {
  return child.pid === undefined ? [] : processTree(child.pid);
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
