// Puts this process to a standstill, with something that came in time unread.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * Stands still for `ms`, at once; meanwhile `read` lies in a socket: it runs with the reads of the first turn behind that, which is behind the timers
 * that are due. Resolves behind that turn.
 */
type StandStill = (ms: number, read: () => void) => Promise<void>;

export async function standstill(): Promise<StandStill> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // of a server that listens on a port
  const mine = connect(port, '127.0.0.1');
  const [[theirs]] = (await Promise.all([once(server, 'connection'), once(mine, 'connect')])) as [
    [Socket],
    unknown,
  ];
  return async (ms, read) => {
    const heard = new Promise<void>((resolve) =>
      mine.once('data', () => {
        read();
        setImmediate(resolve);
      }),
    );
    // In the system's hands when it returns.
    theirs.write('x');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    await heard;
    mine.destroy();
    theirs.destroy();
    server.close();
  };
}
