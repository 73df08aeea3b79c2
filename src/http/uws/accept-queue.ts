// What Linux says about the connections that wait in this process's listening socket. With SO_REUSEPORT each worker
// has its own queue, and closing a listener resets what is in it unless net.ipv4.tcp_migrate_req is 1. Used by
// http/server before it closes, by workers/main while it drains, by cluster/main to warn.
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { measured } from '../../observability/measured.ts';

const ESTABLISHED = 0x01;
const LISTEN = 0x0a;
/** Of this process's network namespace. */
const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'] as const;
/** About a row: the kernel stops looking when a read is full, and looking through all connections takes milliseconds. */
const ROW_BYTES = 160;
const PIECE_BYTES = 65_536;

/** One row of /proc/net/tcp or tcp6. */
interface SocketRow {
  port: number;
  state: number;
  /** LISTEN: connections that nobody has accepted; else bytes that nobody has read. */
  receiveQueue: number;
  inode: string;
}

/** A listening socket of this process. */
export interface OwnListener {
  /** As the kernel lists it. */
  readonly inode: string;
  readonly descriptor: number;
}

/** Whether the kernel hands queued connections of a closing listener to another one; null where it cannot be read. */
export function readMigrateReq(): boolean | null {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'latin1').trim() !== '0';
  } catch {
    return null;
  }
}

/**
 * This process's listener on `port`; null if it has none. Takes time in proportion to all open files: best asked once,
 * right after listening, and handed to whoever asks about it.
 */
export function ownListener(port: number): OwnListener | null {
  const own = ownSockets();
  // Where the listeners end is not looked for if it can be helped: see ROW_BYTES.
  for (const { port: at, inode } of listenRows()) {
    const descriptor = at === port ? own.get(inode) : undefined;
    if (descriptor !== undefined) return { inode, descriptor };
  }
  return null;
}

/**
 * Connections on `port` that have finished their handshake and wait for this process to accept them; 0 if unknown.
 * Takes some ten microseconds when the listener is given, so that it can be closed while the answer is true.
 */
export function acceptQueueLength(port: number, listener = ownListener(port)): number {
  if (listener === null) return 0;
  for (const row of listenRows()) if (row.inode === listener.inode) return row.receiveQueue;
  return 0;
}

/** Connections on `port` that this process has accepted and that are open on both sides; 0 if unknown. */
export function openConnections(port: number): number {
  const own = ownSockets();
  let open = 0;
  for (const table of TABLES) {
    for (const row of readTable(table, PIECE_BYTES)) {
      if (row.state === ESTABLISHED && row.port === port && own.has(row.inode)) open += 1;
    }
  }
  return open;
}

/** The kernel prints listeners first: nothing behind them is read, however many connections there are. */
function* listenRows(): Generator<SocketRow> {
  for (const table of TABLES) {
    for (const row of readTable(table, ROW_BYTES)) {
      if (row.state !== LISTEN) break;
      yield row;
    }
  }
}

/** Rows of one table, read piece by piece; none where there is no such file. */
function* readTable(table: string, pieceBytes: number): Generator<SocketRow> {
  let file: number;
  try {
    file = openSync(table, 'r');
  } catch {
    return;
  }
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    let rest = '';
    let first = true;
    for (;;) {
      const length = measured(() => readSync(file, piece), 0);
      if (length === 0) return;
      const lines = (rest + piece.toString('latin1', 0, length)).split('\n');
      rest = lines.pop()!;
      for (const line of first ? lines.slice(1) : lines) {
        const row = parseSocketRow(line);
        if (row !== null) yield row;
      }
      first = false;
    }
  } finally {
    closeSync(file);
  }
}

/** A row as the kernel prints it: `sl local:PORT remote:PORT st tx:rx timer retrnsmt uid timeout inode ...`. */
export function parseSocketRow(line: string): SocketRow | null {
  const [, local, , state, queues, , , , , inode] = line.trim().split(/\s+/);
  if (local === undefined || state === undefined || queues === undefined || inode === undefined) return null;
  return {
    port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16),
    state: Number.parseInt(state, 16),
    receiveQueue: Number.parseInt(queues.slice(queues.indexOf(':') + 1), 16),
    inode,
  };
}

/** Descriptors of the sockets this process has open, by inode. */
function ownSockets(): Map<string, number> {
  const descriptors = new Map<string, number>();
  let fds: string[];
  try {
    fds = readdirSync('/proc/self/fd');
  } catch {
    return descriptors;
  }
  for (const fd of fds) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      if (inode !== undefined) descriptors.set(inode, Number(fd));
    } catch {
      // Closed since the folder was read.
    }
  }
  return descriptors;
}
