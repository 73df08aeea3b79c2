// A TCP proxy between the gateway and a provider that does to the answer what networks do: delay, a rate, a stall, a cut behind
// so many bytes, a reset, a black hole, single bytes. It knows no HTTP.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the bytes that come back. Null = nothing. */
export type NetworkFault =
  | { kind: 'delay'; ms: number }
  | { kind: 'rate'; bytesPerSecond: number }
  /** Behind so many bytes nothing comes any more, and the connection stays. */
  | { kind: 'stall'; afterBytes: number }
  /** Behind so many bytes the connection ends as if all were said. */
  | { kind: 'cut'; afterBytes: number }
  /** Behind so many bytes the connection is reset. */
  | { kind: 'reset'; afterBytes: number }
  /** Nothing goes through, either way. */
  | { kind: 'black-hole' }
  /** Each byte comes alone. */
  | { kind: 'byte-split' };

export interface FaultProxy {
  readonly port: number;
  /** Of connections made from now on. */
  fault: NetworkFault | null;
  /** Connections so far. */
  readonly accepted: number;
  close(): Promise<void>;
}

/** @param port of the provider, on this machine. */
export async function startFaultProxy(port: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const proxy = {
    port: 0,
    fault: null as NetworkFault | null,
    get accepted() {
      return accepted;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server: Server = createServer((client) => {
    accepted++;
    keep(sockets, client);
    const { fault } = proxy;
    if (fault?.kind === 'black-hole') return;
    const provider = connect({ port, host: '127.0.0.1', noDelay: true });
    keep(sockets, provider);
    client.setNoDelay(true);
    client.pipe(provider);
    client.once('close', () => provider.destroy());
    back(provider, client, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as { port: number }).port;
  return proxy;
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => sockets.delete(socket));
}

function back(provider: Socket, client: Socket, fault: NetworkFault | null): void {
  let passed = 0;
  let queue = Promise.resolve();
  const limit = fault !== null && 'afterBytes' in fault ? fault.afterBytes : Number.POSITIVE_INFINITY;
  provider.on('data', (bytes: Buffer) => {
    const rest = limit - passed;
    const piece = bytes.subarray(0, Math.max(0, rest));
    passed += bytes.length;
    queue = queue.then(() => send(client, piece, fault));
    if (passed < limit) return;
    provider.pause();
    queue = queue.then(() => {
      if (fault?.kind === 'cut') client.end();
      else if (fault?.kind === 'reset') client.resetAndDestroy();
    });
  });
  provider.once('end', () => {
    queue = queue.then(() => {
      client.end();
    });
  });
}

async function send(client: Socket, bytes: Buffer, fault: NetworkFault | null): Promise<void> {
  if (fault?.kind === 'delay') await pause(fault.ms);
  if (fault?.kind === 'rate') await pause((bytes.length * 1000) / fault.bytesPerSecond);
  if (fault?.kind !== 'byte-split') {
    client.write(bytes);
    return;
  }
  for (let at = 0; at < bytes.length; at++) {
    client.write(bytes.subarray(at, at + 1));
    if (at % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
