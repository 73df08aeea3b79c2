// Ports for programs that must be told theirs before they listen: the gateway (it is started again on the same one),
// redis-server, nginx, haproxy; and for upstreams that are to be dead. A gateway told to choose (port 0) is no help: its
// workers open the port that the primary tried and closed.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what kernels give to whoever asks for any port, clients and other tests' servers among them. */
const LOWEST = 10_000;
/** A Redis of a cluster opens the port 10000 above its own as well: not one of those either. */
const HIGHEST = 22_000;

/** The claims of this process: one UDP socket a port, open until it ends. */
const claims: Socket[] = [];

/**
 * A port on which nobody listens, and that is given to no other caller in any process while this one lives: the UDP port
 * of the same number is the claim, which no TCP server minds. Only a stranger's server with a fixed port could come between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    const claim = await claimed(port);
    if (claim === null) continue;
    if (await opens(port)) {
      claims.push(claim);
      return port;
    }
    claim.close();
  }
}

async function claimed(port: number): Promise<Socket | null> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
    return socket.unref();
  } catch {
    socket.close();
    return null;
  }
}

async function opens(port: number): Promise<boolean> {
  // On all addresses: a gateway may listen on one or on all.
  const server = createServer().listen({ port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
