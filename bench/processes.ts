// Child processes of a bench: started on a given core, known to be listening, and all gone at the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 20_000;
const STOP_MS = 3_000;

export interface StartOptions {
  /** Core the process and all its children stay on. */
  core: number;
  env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

/** Starts a program pinned to a core. Its stderr is shown only when it dies by itself. */
export function start(command: string, args: readonly string[], options: StartOptions): ChildProcess {
  const child = spawn('taskset', ['-c', String(options.core), command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let complaint = '';
  child.stdout?.resume();
  child.stderr?.on('data', (text) => {
    complaint = (complaint + String(text)).slice(-4000);
  });
  running.add(child);
  child.on('exit', (code, signal) => {
    if (!running.delete(child)) return;
    process.stderr.write(`${command} ${args.join(' ')} ended by itself (${code ?? signal})\n${complaint}`);
  });
  child.on('error', (error) => process.stderr.write(`${command}: ${error.message}\n`));
  return child;
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
export async function listening(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the process for port ${port} ended`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        resolve(true);
        socket.destroy();
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** Ends everything `start` began, children of children included. */
export async function stopAll(): Promise<void> {
  const roots = [...running];
  running.clear();
  const pids = roots.flatMap((child) => (child.pid === undefined ? [] : processTree(child.pid)));
  for (const child of roots) child.kill('SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (pids.some(isAlive) && Date.now() < deadline) await sleep(50);
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/** A process and all below it. `taskset` replaces itself, so the child is the program. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statFields(pid)?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (let at = 0; at < tree.length; at++) tree.push(...(children.get(tree[at]!) ?? []));
  return tree;
}

/** CPU time of a process tree so far in microseconds, all threads, user and kernel. */
export function cpuMicros(root: number): number {
  let ticks = 0;
  for (const pid of processTree(root)) {
    const fields = statFields(pid);
    if (fields !== null) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10_000; // USER_HZ is 100 on every Linux that Node runs on
}

/** Fields of /proc/<pid>/stat from `state` on (the name before may hold anything); null when it is gone. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== 'Z';
}
