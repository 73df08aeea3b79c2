// A TCP connection to one of several addresses (happy eyeballs, RFC 8305 section 5): the next is tried when one has
// failed or has not answered for a while, those under way go on, and the first that stands is taken.
import type { Socket } from 'node:net';
import type { Address } from '../contracts/names.ts';

/** RFC 8305 section 8 recommends it. */
const NEXT_MS = 250;

export interface Reached {
  reached(socket: Socket, address: Address): void;
  /** None of them; the fault of the only one, or an AggregateError of all with the code of the first. */
  unreached(fault: Error): void;
  /** One of them cannot be reached, or another was faster by far. */
  missed(address: Address): void;
}

export interface Attempts {
  /** Ends them all; nothing is told after it. */
  stop(): void;
}

/** @param open begins to connect to an address. */
export function reach(
  addresses: readonly Address[],
  open: (address: Address) => Socket,
  told: Reached,
): Attempts {
  /** In the order they began. */
  const trying = new Map<Socket, Address>();
  const faults: Error[] = [];
  let at = 0;
  let timer: NodeJS.Timeout | undefined;

  function stop(): void {
    clearTimeout(timer);
    at = addresses.length;
    for (const socket of trying.keys()) socket.destroy();
    trying.clear();
  }

  function next(): void {
    clearTimeout(timer);
    const address = addresses[at++]!;
    const socket = open(address);
    trying.set(socket, address);
    // Kept for good: a socket that was given up may still fail, and one that was taken has a listener more.
    socket.on('error', (fault) => failed(socket, fault));
    socket.once('connect', () => connected(socket));
    if (at < addresses.length) timer = setTimeout(next, NEXT_MS);
  }

  function failed(socket: Socket, fault: Error): void {
    const address = trying.get(socket);
    if (address === undefined) return;
    trying.delete(socket);
    faults.push(fault);
    told.missed(address);
    if (at < addresses.length) next();
    else if (trying.size === 0) told.unreached(faults.length === 1 ? fault : all(faults));
  }

  function connected(socket: Socket): void {
    const address = trying.get(socket);
    if (address === undefined) return;
    for (const [other, slower] of trying) {
      if (other === socket) break;
      // It had more time and nothing to show for it: it is to cost the next connections no wait.
      told.missed(slower);
    }
    trying.delete(socket);
    stop();
    told.reached(socket, address);
  }

  next();
  return { stop };
}

function all(faults: readonly Error[]): Error {
  const [first] = faults as [NodeJS.ErrnoException];
  return Object.assign(new AggregateError(faults, 'no address could be reached'), { code: first.code });
}
