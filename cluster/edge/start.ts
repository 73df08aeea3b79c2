// `headgate edge start`: runs the edge of this machine until it is told to end.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createEdgeAgent } from './agent.ts';
import type { TlsMeans } from './plain-call.ts';
import { readIfThere, replaceFile } from './setup/plain-file.ts';

export const EDGE_PORT = 8788;
const LOOPBACK = '127.0.0.1';
const STOP_MS = 10_000;

export interface EdgeStart {
  readonly gate: string;
  readonly key: string;
  readonly fallback: string | null;
  /** 0 = any free one. */
  readonly port: number;
  /** PEM. */
  readonly files: { readonly [part in keyof TlsMeans]: string | undefined };
  /** Where the machine's own key is kept. */
  readonly folder: string;
}

/** @returns the exit code, once it ended. */
export async function startEdge({ gate, key, fallback, port, files, folder }: EdgeStart): Promise<number> {
  const tls: TlsMeans = Object.fromEntries(
    Object.entries(files).flatMap(([part, file]) =>
      file === undefined ? [] : [[part, readFileSync(file, 'utf8')] as const],
    ),
  );
  const localKey = localKeyIn(folder);
  const server = createEdgeAgent({ gate, key, fallback, localKey, tls });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const { port: opened } = server.address() as AddressInfo; // it listens on a port
  const url = `http://${LOOPBACK}:${opened}`;
  process.stdout.write(
    `edge: ${url} → ${gate}${fallback === null ? '' : `, else ${fallback}`}\n` +
      `  headgate edge setup claude --gate ${url} --gate-key "$(cat ${path.join(folder, 'local-key')})"\n`,
  );
  return new Promise((resolve) => {
    const stop = (): void => {
      server.close(() => resolve(0));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), STOP_MS).unref();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  });
}

/** The same from one start to the next: it stands in agents' files. */
function localKeyIn(folder: string): string {
  const file = path.join(folder, 'local-key');
  const known = readIfThere(file)?.trim() ?? '';
  if (known.length >= 32) return known;
  const made = `hgl-${randomBytes(24).toString('base64url')}`;
  replaceFile(file, made);
  return made;
}
