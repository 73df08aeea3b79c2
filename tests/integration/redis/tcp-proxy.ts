// A proxy in front of Redis that makes the network bad: late, cut, silent, or closed.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Every chunk is that late, both ways together. */
  delayMs: number;
  /** Bytes go nowhere, connections stay. */
  silent: boolean;
  /** Said to every command in place of the server's answer; null = the server's. */
  answer: string | null;
  /** Resets every connection; new ones are taken. */
  cut(): void;
  /** New connections are reset at once. */
  refuse: boolean;
  readonly connections: number;
  close(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (proxy.refuse) {
      client.resetAndDestroy();
      return;
    }
    const redis = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (chunk) => {
        if (proxy.silent) return;
        if (proxy.answer !== null) {
          // One answer to each command: they begin with the number of their parts.
          if (from === client)
            client.write(proxy.answer.repeat(chunk.toString('latin1').split(/^\*\d+\r$/m).length - 1));
          return;
        }
        if (proxy.delayMs === 0) to.write(chunk);
        else setTimeout(() => to.writable && to.write(chunk), proxy.delayMs / 2);
      });
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    delayMs: 0,
    silent: false,
    answer: null,
    refuse: false,
    get connections() {
      return sockets.size / 2;
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
