// What the kernel is told of a listening socket: by a real one, as a client that is not read sees it.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ownListener, parseSocketRow } from './accept-queue.ts';
import { boundReceiveBuffer } from './receive-buffer.ts';

const servers: ReturnType<typeof createServer>[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listener() {
  const server = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Bytes that have come to a port and that nobody has read. */
function unreadOf(port: number): number {
  let unread = 0;
  for (const line of readFileSync('/proc/self/net/tcp', 'latin1').split('\n')) {
    const row = parseSocketRow(line);
    if (row?.port === port && row.state === 1) unread += row.receiveQueue;
  }
  return unread;
}

it('holds for connections that come afterwards, and the socket goes on listening', async () => {
  const port = await listener();
  expect(await boundReceiveBuffer(ownListener(port), 16_384)).toBeNull();
  const client = connect(port, '127.0.0.1');
  sockets.push(client);
  await once(client, 'connect');
  client.write(Buffer.alloc(1_000_000));
  let unread = 0;
  let before = -1;
  while (unread === 0 || unread > before) {
    before = unread;
    await new Promise((resolve) => setTimeout(resolve, 50));
    unread = unreadOf(port);
  }
  // A connection begins with 64 KB otherwise, and nothing of it is read here.
  expect(unread).toBeLessThanOrEqual(32_768);
});

it('says that there is no such socket', async () => {
  expect(await boundReceiveBuffer(ownListener(1), 16_384)).toMatch(/not among the open files/);
});

it('says what kept a process from beginning, also where Node throws it', async () => {
  const port = await listener();
  const { execPath } = process;
  try {
    for (const [path, problem] of [
      ['/no/such/node', /ENOENT/],
      ['no\0node', /null bytes/],
    ] as const) {
      process.execPath = path;
      expect(await boundReceiveBuffer(ownListener(port), 16_384)).toMatch(problem);
    }
  } finally {
    process.execPath = execPath;
  }
});
