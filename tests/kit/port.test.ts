import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './port.ts';

test('a port can be opened, by a server on one address or on all, and again', async () => {
  const port = await freePort();
  for (const host of ['127.0.0.1', '0.0.0.0', '127.0.0.1']) {
    const server = createServer().listen({ port, host, exclusive: true });
    await once(server, 'listening');
    expect((server.address() as AddressInfo).port).toBe(port);
    server.close();
    await once(server, 'close');
  }
});

test('a port is given once, and held against every other process', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
  const other = createSocket('udp4');
  const refused = once(other, 'error');
  other.bind({ port: ports[0]!, address: '127.0.0.1', exclusive: true });
  expect((await refused)[0]).toMatchObject({ code: 'EADDRINUSE' });
});

test('a claim keeps no process alive', async () => {
  const module = JSON.stringify(new URL('./port.ts', import.meta.url).href);
  const program = `await (await import(${module})).freePort()`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
  expect((await once(child, 'exit'))[0]).toBe(0);
});
