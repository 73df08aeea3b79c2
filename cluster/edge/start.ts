// `headgate edge start`: runs the edge of this machine until it is told to end.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { EdgeEvent } from '../../src/contracts/edge.ts';
import { createEdgeAgent } from './passage/agent.ts';
import { findHere } from './find/findings.ts';
import { createGateApi, GateRefusal } from './centre/gate-api.ts';
import { createOrders } from './orders.ts';
import { createOutbox } from './outbox.ts';
import type { TlsMeans } from './centre/plain-call.ts';
import { createLeaves } from './proxy/leaves.ts';
import { createEdgeProxy } from './proxy/proxy.ts';
import type { Surroundings } from './setup/agent-files.ts';
import { readIfThere, replaceFile } from './setup/plain-file.ts';

export const EDGE_PORT = 8788;
export const PROXY_PORT = 8789;
const LOOPBACK = '127.0.0.1';
const STOP_MS = 10_000;

export interface EdgeStart {
  readonly gate: string;
  readonly key: string;
  readonly fallback: string | null;
  /** 0 = any free one. */
  readonly port: number;
  /** Of the proxy; null = there is none. */
  readonly proxyPort: number | null;
  readonly tls: TlsMeans;
  /** Of the edge on this machine. */
  readonly folder: string;
  readonly where: Surroundings;
  readonly version: string;
  /** This machine is enrolled: the centre is told what is found here, and says what may be used. */
  readonly enrolled: boolean;
}

/** @returns the exit code, once it ended. */
export async function startEdge(options: EdgeStart): Promise<number> {
  const { gate, key, fallback, port, proxyPort, tls, folder, where, version, enrolled } = options;
  const localKey = localKeyIn(folder);
  const api = createGateApi(gate, tls, key);
  const outbox = createOutbox(folder);
  let away = false;
  const orders = createOrders({
    api,
    version,
    find: () => findHere(where),
    folder,
    heard(trouble) {
      if (trouble !== null && !away)
        process.stderr.write(`edge: the centre says nothing: ${trouble.message}\n`);
      away = trouble !== null;
      if (trouble === null) send();
    },
  });
  function send(): void {
    outbox.send(api).catch((error: unknown) => {
      // It is kept, and the next answer of the centre tries again.
      if (error instanceof GateRefusal && error.code !== 'no_log')
        process.stderr.write(`edge: the centre does not take this machine's log: ${error.message}\n`);
    });
  }
  const watched = {
    orders: () => (enrolled ? orders.orders : null),
    blocked: () => (enrolled ? orders.blocked : []),
    record: (event: EdgeEvent) => {
      if (enrolled) outbox.add(event);
    },
    now: Date.now,
  };
  const agent = createEdgeAgent({ gate, key, fallback, localKey, tls, ...watched });
  const servers: Server[] = [agent.server];
  if (enrolled) {
    await orders.ask();
    orders.start();
  }
  const url = `http://${LOOPBACK}:${await listening(agent.server, port)}`;
  let proxied: number | null = null;
  if (proxyPort !== null) {
    const proxy = createEdgeProxy({ agent, leaves: createLeaves(api, Date.now), localKey, ...watched });
    servers.push(proxy);
    proxied = await listening(proxy, proxyPort);
  }
  const ended = new Promise<number>((resolve) => {
    const stop = (): void => {
      orders.stop();
      let open = servers.length;
      for (const server of servers) {
        server.close(() => {
          open -= 1;
          if (open === 0) resolve(0);
        });
        server.closeIdleConnections();
      }
      setTimeout(() => {
        for (const server of servers) server.closeAllConnections();
        // What was handed through unread is no connection of a server's any more.
        resolve(0);
      }, STOP_MS).unref();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
    // Asks the centre now.
    process.on('SIGHUP', () => void (enrolled && orders.ask()));
  });
  // Who reads the addresses may end it at once.
  const keyFile = path.join(folder, 'local-key');
  process.stdout.write(
    `edge: ${url} → ${gate}${fallback === null ? '' : `, else ${fallback}`}\n` +
      `  headgate edge setup claude --gate ${url} --gate-key "$(cat ${keyFile})"\n`,
  );
  if (proxied !== null) {
    const trusted = path.join(folder, 'authority.pem');
    process.stdout.write(
      `edge: proxy ${LOOPBACK}:${proxied}\n` +
        `  export HTTPS_PROXY="http://edge:$(cat ${keyFile})@${LOOPBACK}:${proxied}" NODE_EXTRA_CA_CERTS=${trusted}\n` +
        (existsSync(trusted)
          ? ''
          : '  headgate edge trust    # fetches the authority that opened connections need\n'),
    );
  }
  return ended;
}

/** @returns the port that was opened. */
async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  return (server.address() as AddressInfo).port; // it listens on a port
}

/** PEM texts of files. @throws Error for one that cannot be read */
export function tlsOf(files: { readonly [part in keyof TlsMeans]: string | undefined }): TlsMeans {
  return Object.fromEntries(
    Object.entries(files).flatMap(([part, file]) =>
      file === undefined ? [] : [[part, readFileSync(file, 'utf8')] as const],
    ),
  );
}

/** The same from one start to the next: it stands in agents' files. */
export function localKeyIn(folder: string): string {
  const file = path.join(folder, 'local-key');
  const known = readIfThere(file)?.trim() ?? '';
  if (known.length >= 32) return known;
  const made = `hgl-${randomBytes(24).toString('base64url')}`;
  replaceFile(file, made);
  return made;
}
