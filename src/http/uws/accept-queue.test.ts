import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  acceptQueueLength,
  openConnections,
  ownListener,
  parseSocketRow,
  readMigrateReq,
} from './accept-queue.ts';

const linux = existsSync('/proc/self/net/tcp');

describe('socket row', () => {
  it('tells port, state, accept queue and inode of IPv4 and IPv6', () => {
    expect(
      parseSocketRow(
        '   0: 0100007F:1F90 00000000:0000 0A 00000000:0000002A 00:00000000 00000000     0        0 123456 1 0000000000000000 100 0 0 10 0',
      ),
    ).toEqual({ port: 8080, state: 10, receiveQueue: 42, inode: '123456' });
    expect(
      parseSocketRow(
        '   1: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 01 00000001:00000000 02:000000AF 00000000  1000        0 77 2 0000000000000000 20 4 30 10 -1',
      ),
    ).toEqual({ port: 8081, state: 1, receiveQueue: 0, inode: '77' });
  });

  it('is none when it was cut off', () => {
    expect(parseSocketRow('   2: 0100007F:1F')).toBeNull();
    expect(parseSocketRow('')).toBeNull();
  });
});

describe.skipIf(!linux)('sockets of this process', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  it('counts connections that wait while the event loop is busy, and none once they are accepted', async () => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // Another process connects, so that its connections arrive while our loop stands still.
    const client = spawn(
      process.execPath,
      ['-e', `for (let i = 0; i < 5; i++) require('net').connect(${port}, '127.0.0.1')`],
      { stdio: 'ignore' },
    );
    closing.push(() => {
      client.kill('SIGKILL');
      server.close();
      for (const socket of accepted) socket.destroy();
    });
    const listener = ownListener(port);
    expect(listener?.inode).toMatch(/^\d+$/);
    const giveUpAt = performance.now() + 60_000;
    while (acceptQueueLength(port) < 5 && performance.now() < giveUpAt);
    expect(acceptQueueLength(port)).toBe(5);
    expect(acceptQueueLength(port, listener)).toBe(5);
    expect(openConnections(port)).toBe(0);
    while (accepted.length < 5) await once(server, 'connection');
    expect(acceptQueueLength(port, listener)).toBe(0);
    expect(openConnections(port)).toBe(5);
  });

  it("does not count another process's listener on the same port number", async () => {
    const other = spawn(
      process.execPath,
      [
        '-e',
        `const s = require('net').createServer(); s.listen(0, '127.0.0.1', () => { console.log(s.address().port); for (;;); })`,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    closing.push(() => other.kill('SIGKILL'));
    const [line] = (await once(other.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    closing.push(() => socket.destroy());
    await once(socket, 'connect');
    expect(ownListener(port)).toBeNull();
    expect(acceptQueueLength(port)).toBe(0);
  });

  it('reads the kernel setting as a plain yes or no where there is one', () => {
    expect([true, false, null]).toContain(readMigrateReq());
  });
});
