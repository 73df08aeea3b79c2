// What Linux says about the connections that wait in this process's listening socket. With SO_REUSEPORT each worker
// has its own queue, and closing a listener resets what is in it unless net.ipv4.tcp_migrate_req is 1. Used by
// http/server before it closes, by workers/main while it drains, by cluster/main to warn.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const ESTABLISHED = 0x01;
const LISTEN = 0x0a;

/** One row of /proc/net/tcp or tcp6. */
interface SocketRow {
  port: number;
  state: number;
  /** LISTEN: connections that nobody has accepted. */
  receiveQueue: number;
  inode: string;
}

/** Whether the kernel hands queued connections of a closing listener to another one; null where it cannot be read. */
export function readMigrateReq(): boolean | null {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'latin1').trim() !== '0';
  } catch {
    return null;
  }
}

/** Connections on `port` that have finished their handshake and wait for this process to accept them; 0 if unknown. */
export function acceptQueueLength(port: number): number {
  const own = ownSockets();
  let waiting = 0;
  for (const row of rows()) {
    if (row.state === LISTEN && row.port === port && own.has(row.inode)) waiting += row.receiveQueue;
  }
  return waiting;
}

/** Connections on `port` that this process has accepted and that are open on both sides; 0 if unknown. */
export function openConnections(port: number): number {
  const own = ownSockets();
  let open = 0;
  for (const row of rows())
    if (row.state === ESTABLISHED && row.port === port && own.has(row.inode)) open += 1;
  return open;
}

/** Rows of this process's network namespace; none where there is no /proc. */
function* rows(): Generator<SocketRow> {
  for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    let text: string;
    try {
      text = readFileSync(table, 'latin1');
    } catch {
      continue;
    }
    yield* parseSocketTable(text);
  }
}

/** Rows of a table in the kernel's format: `sl local:PORT remote:PORT st tx:rx timer retrnsmt uid timeout inode ...`. */
export function* parseSocketTable(text: string): Generator<SocketRow> {
  const lines = text.split('\n');
  for (let at = 1; at < lines.length; at++) {
    const fields = lines[at]!.trim().split(/\s+/);
    const [, local, , state, queues, , , , , inode] = fields;
    if (local === undefined || state === undefined || queues === undefined || inode === undefined) continue;
    yield {
      port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16),
      state: Number.parseInt(state, 16),
      receiveQueue: Number.parseInt(queues.slice(queues.indexOf(':') + 1), 16),
      inode,
    };
  }
}

/** Inodes of the sockets this process has open. */
function ownSockets(): Set<string> {
  const inodes = new Set<string>();
  let fds: string[];
  try {
    fds = readdirSync('/proc/self/fd');
  } catch {
    return inodes;
  }
  for (const fd of fds) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed since the folder was read.
    }
  }
  return inodes;
}
