// The port is tried with a plain listener before any worker starts: workers share it with SO_REUSEPORT, which would
// join another program's listener in silence and take half of its connections.
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The listeners of a gateway whose primary was killed close at once, but not in no time. */
const RETRY_MS = 100;
/** Some two seconds; counted in tries, since a process that stands still meanwhile has not tried. */
const RETRIES = 20;

/** The address cannot be used; the message is for the operator. */
export class PortError extends Error {}

/**
 * Makes sure that nobody listens on host and port.
 * @param port 0 = choose a free one.
 * @returns the port that all workers are to open.
 * @throws PortError
 */
export async function reservePort(host: string, port: number): Promise<number> {
  for (let retries = 0; ; retries++) {
    try {
      return await tryListen(host, port);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code !== 'EADDRINUSE' || retries >= RETRIES) throw new PortError(explain(code, host, port, error));
    }
    await sleep(RETRY_MS);
  }
}

/**
 * Whether a start could open host and port now.
 * @returns false when a program holds it: perhaps the gateway that is to be reloaded.
 * @throws PortError when no start could: no such address here, or no right to it.
 */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  try {
    await tryListen(host, port);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EADDRINUSE') return false;
    throw new PortError(explain(code, host, port, error));
  }
}

function tryListen(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const taken = (server.address() as AddressInfo).port; // a TCP listener's address is never a string or null
      server.close(() => resolve(taken));
    });
  });
}

function explain(code: string, host: string, port: number, error: unknown): string {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (code === 'EADDRINUSE') {
    return `${where} is in use by another program; stop it or choose another port (HEADGATE_PORT, server.port)`;
  }
  if (code === 'EACCES')
    return `no permission to listen on ${where}; ports below 1024 need CAP_NET_BIND_SERVICE`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine (HEADGATE_HOST, server.host)`;
  return `cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`;
}
