import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { parseRedisUrl } from '../config/redis-url.ts';
import { createRedisClient, type RedisClient } from './client.ts';

let server: Server;
let client: RedisClient;
const sockets: Socket[] = [];
afterEach(() => {
  client.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

const INFO = 'redis_version:7.4.0\r\nloading:0\r\nrole:master\r\n';

/** Says yes to all that ioredis begins with; `asked` hears of what is called GET. @returns its port */
async function redis(asked: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const [, name] of bytes.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g))
        if (name?.toLowerCase() === 'get') asked(socket);
        else socket.write(name?.toLowerCase() === 'info' ? `$${INFO.length}\r\n${INFO}\r\n` : '+OK\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port; // it listens on a port
}

async function connected(port: number, log: string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  client = createRedisClient(
    parseRedisUrl(`redis://127.0.0.1:${port}`),
    [],
    { ready: resolve, down: () => log.push('down'), error: (fault) => log.push(fault) },
    { commandTimeoutMs: 300, socketTimeoutMs: 500, connectTimeoutMs: 20_000, maxReconnectMs: 100 },
  );
  await promise;
}

it('an answer that came while this process stood still is taken, and its connection is not silent', async () => {
  const log: string[] = [];
  const port = await redis((socket) => {
    // In the system's hands when it returns.
    socket.write('$4\r\nhere\r\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
  });
  await connected(port, log);
  for (let time = 0; time < 2; time++) expect(String(await client.call('get', ['key']))).toBe('here');
  expect(log).toEqual([]);
});

it('one that does not come is given up, and a connection that stays silent is cut', async () => {
  const log: string[] = [];
  const port = await redis(() => undefined);
  await connected(port, log);
  await expect(client.call('get', ['key'])).rejects.toThrow('Command timed out');
  await expect.poll(() => log, { timeout: 20_000 }).toContain('down');
  expect(log).toContain('timeout');
});

it('one that is silent from the beginning is given up, and tried anew', async () => {
  const log: string[] = [];
  let connections = 0;
  server = createServer((socket) => {
    connections++;
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // it listens on a port
  client = createRedisClient(
    parseRedisUrl(`redis://127.0.0.1:${port}`),
    [],
    { ready: () => log.push('ready'), down: () => log.push('down'), error: (fault) => log.push(fault) },
    { commandTimeoutMs: 20_000, socketTimeoutMs: 100, connectTimeoutMs: 20_000, maxReconnectMs: 100 },
  );
  await expect.poll(() => connections, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(log).toContain('timeout');
  expect(log).not.toContain('ready');
});
