// Who gets rows of the request log in tests: a receiver of webhooks, and storage that speaks S3 (s3rver).
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import S3rver from 's3rver';
import type { Webhook } from 'standardwebhooks';
import type { LoggedRow } from '../../src/contracts/log-store.ts';

export interface Receiver {
  readonly url: string;
  /** All that came, in its order. @throws where a signature is wrong */
  rows(signedBy: Webhook): LoggedRow[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    got.push({ headers: request.headers, body });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rows: (webhook) =>
      got.flatMap(({ headers, body }) => {
        const message = webhook.verify(body, headers as Record<string, string>);
        return (message as { data: { rows: LoggedRow[] } }).data.rows; // as docs/api-logs.md has it
      }),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export interface Storage {
  readonly port: number;
  /** Rows of all objects below `prefix`, those of the newest hour first. */
  rows(prefix: string): LoggedRow[];
  close(): Promise<void>;
}

/** With a bucket `logs`, for the pair S3RVER. */
export async function startStorage(): Promise<Storage> {
  const directory = mkdtempSync(path.join(tmpdir(), 'headgate-s3-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: 'logs', configs: [] }],
  });
  const { port } = (await server.run()) as AddressInfo;
  return {
    port,
    rows(prefix) {
      const folder = path.join(directory, 'logs', prefix);
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const objects = names.filter((name) => name.endsWith('.ndjson.gz._S3rver_object')).sort();
      // Of an hour the newest rows are in its first part.
      const hours = Map.groupBy(objects, (name) => path.dirname(name));
      return [...hours.values()]
        .reverse()
        .flat()
        .flatMap((name) =>
          gunzipSync(readFileSync(path.join(folder, name)))
            .toString()
            .trimEnd()
            .split('\n'),
        )
        .map((line) => JSON.parse(line) as LoggedRow);
    },
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
