import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../tests/kit/port.ts';
import { PortError, reservePort } from './port.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(host: string, port = 0): Promise<Server> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  open.push(server);
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe('port', () => {
  it('is refused when another program listens on it, or on all addresses, with a message that says what to do', async () => {
    const port = portOf(await listen('127.0.0.1'));
    const wide = portOf(await listen('0.0.0.0'));
    // Each is waited for a while.
    await Promise.all([
      expect(reservePort('127.0.0.1', port)).rejects.toThrow(
        `127.0.0.1:${port} is in use by another program`,
      ),
      expect(reservePort('127.0.0.1', wide)).rejects.toThrow(PortError),
    ]);
  });

  it('is waited for while a gateway that is going away still holds it', async () => {
    // Not of those that anybody is given who asks for one: it must be free once it is left.
    const port = await freePort();
    const server = await listen('127.0.0.1', port);
    setTimeout(() => server.close(), 300);
    expect(await reservePort('127.0.0.1', port)).toBe(port);
  });

  it('is chosen when none is asked for, and free for the workers afterwards', async () => {
    const port = await reservePort('127.0.0.1', 0);
    expect(port).toBeGreaterThan(0);
    expect(await reservePort('127.0.0.1', port)).toBe(port);
  });

  it('is refused at once on an address this machine does not have', async () => {
    await expect(reservePort('192.0.2.1', 0)).rejects.toThrow('192.0.2.1 is not an address of this machine');
  });
});
