// Whose connections to a port are open, as Linux lists them: of all workers of the gateway.
import { readFileSync } from 'node:fs';

const ESTABLISHED = '01';

/** Open connections by address of the other side, as text the way uWebSockets.js writes it; null where they cannot be read. */
export function openByAddress(port: number): Map<string, number> | null {
  const open = new Map<string, number>();
  try {
    count(readFileSync('/proc/self/net/tcp', 'latin1'), port, open);
  } catch {
    return null;
  }
  try {
    count(readFileSync('/proc/self/net/tcp6', 'latin1'), port, open);
  } catch {
    // IPv6 is switched off.
  }
  return open;
}

/** Adds the rows of one table: `sl local:PORT remote:PORT st tx:rx timer retrnsmt uid timeout inode …`. */
export function count(table: string, port: number, open: Map<string, number>): void {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table.split('\n')) {
    const [, own, other, state, , , , , , inode] = line.trim().split(/\s+/, 10);
    // Who has no inode waits to be accepted, and is counted then.
    if (inode === undefined || inode === '0' || state !== ESTABLISHED || !own!.endsWith(local)) continue;
    const address = addressOf(other!.slice(0, other!.indexOf(':')));
    open.set(address, (open.get(address) ?? 0) + 1);
  }
}

/** @param hex words of 32 bits in the order of this machine, which is little-endian wherever the gateway runs. */
export function addressOf(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8)
    for (let at = 6; at >= 0; at -= 2) bytes.push(Number.parseInt(hex.slice(word + at, word + at + 2), 16));
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 2)
    groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16).padStart(4, '0'));
  return groups.join(':');
}
