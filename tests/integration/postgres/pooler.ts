// What a pooler of connections (PgBouncer) does that a PostgreSQL does not: it refuses parameters of a connection that it does not know,
// and hands notices to nobody. Everything else goes through.
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Pooler {
  readonly port: number;
  /** Connections that were refused for a parameter. */
  refused(): number;
  close(): Promise<void>;
}

/** @param port of the PostgreSQL */
export async function startPooler(port: number): Promise<Pooler> {
  const open = new Set<Socket>();
  let refused = 0;
  const server = createServer((client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    client.once('data', (start) => {
      if (start.includes('statement_timeout')) {
        refused += 1;
        client.end(fatal('unsupported startup parameter: statement_timeout'));
        return;
      }
      const upstream = connect(port, '127.0.0.1');
      open.add(upstream);
      upstream.on('error', () => client.destroy());
      upstream.on('close', () => {
        open.delete(upstream);
        client.destroy();
      });
      client.on('close', () => upstream.destroy());
      upstream.write(start);
      client.pipe(upstream);
      upstream.pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    refused: () => refused,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** ErrorResponse of the protocol, which ends the connection. */
function fatal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
