// The path of a Unix socket is tried before any worker starts. One that was left behind by a program that is gone would
// keep the place for ever: it is taken away.
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { PortError } from './port.ts';

/** @throws PortError when somebody listens there, or it is no socket. */
export async function reserveSocket(path: string): Promise<void> {
  let kind: Awaited<ReturnType<typeof lstat>>;
  try {
    kind = await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new PortError(`cannot listen on ${path}: ${(error as Error).message}`);
  }
  if (!kind.isSocket()) throw new PortError(`cannot listen on ${path}: there is a file that is no socket`);
  if (await answers(path))
    throw new PortError(`${path} is in use by another program; stop it or choose another path`);
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const over = (found: boolean): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => over(true));
    socket.once('error', () => over(false));
  });
}
