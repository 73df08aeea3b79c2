// A real PostgreSQL on a free port, in a folder of its own that goes with it. It refuses to run as root, so there it runs
// as `nobody`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';

export interface PostgresServer {
  readonly port: number;
  /** Makes a database and returns its address. */
  database(name: string): Promise<string>;
  /** Ends the server at once, as a crash does. */
  stop(): Promise<void>;
  /** To all its processes. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** The same data on the same port. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/** @throws with what is missing, where no PostgreSQL is installed. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPrograms();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'headgate-postgres-'));
  const who = process.getuid?.() === 0 ? idsOf('nobody') : null;
  if (who !== null) chownSync(folder, who.uid, who.gid);
  const data = join(folder, 'data');
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'headgate', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...who, stdio: 'ignore', cwd: folder },
  );
  const admin = `postgres://headgate@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const settings = ['fsync=off', 'shared_buffers=16MB', 'max_connections=60', 'listen_addresses=127.0.0.1'];
    child = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-p', String(port), '-k', folder, ...settings.flatMap((setting) => ['-c', setting])],
      { ...who, stdio: 'ignore', cwd: folder },
    );
    child.on('error', () => undefined);
    await waitUntil(() => answers(admin), `PostgreSQL on port ${port}`, 30_000, 50);
  }

  async function stop(): Promise<void> {
    const ended = child;
    child = null;
    if (ended === null || ended.exitCode !== null || ended.signalCode !== null) return;
    const gone = once(ended, 'exit');
    // Immediate shutdown: its children go too, nothing is written.
    ended.kill('SIGCONT');
    ended.kill('SIGQUIT');
    await gone;
  }

  await start();
  return {
    port,
    async database(name) {
      const sql = postgres(admin, { max: 1, onnotice: () => undefined });
      await sql.unsafe(`CREATE DATABASE ${name}`);
      await sql.end();
      return `postgres://headgate@127.0.0.1:${port}/${name}`;
    },
    stop,
    signal(name) {
      const { pid } = child!;
      // Each of its processes leads a group of its own.
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      for (const each of [pid!, ...children.map(Number)]) process.kill(each, name);
    },
    start,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
  try {
    await sql`SELECT 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function findPrograms(): string {
  const place = '/usr/lib/postgresql';
  const newest = readdirSync(place)
    .sort((a, b) => Number(b) - Number(a))
    .at(0);
  if (newest === undefined) throw new Error(`no PostgreSQL below ${place}`);
  return join(place, newest, 'bin');
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (what: string): number => Number(execFileSync('id', [what, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
