// What goes to the bucket is signed as the vendor's own signer signs it: the server computes the signature anew.
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogExportConfig } from '../../src/contracts/log-receivers.ts';
import { createBucket } from './bucket.ts';

type SourceData = string | ArrayBuffer | ArrayBufferView;
const bytesOf = (data: SourceData): string | Buffer =>
  typeof data === 'string'
    ? data
    : ArrayBuffer.isView(data)
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : Buffer.from(data);

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: SourceData): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const PAIR = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
let server: Server;
let config: LogExportConfig;
let answers: { status: number; text: string; date?: string }[];
let paths: string[];
let bodies: string[];

beforeEach(async () => {
  answers = [];
  paths = [];
  bodies = [];
  server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    paths.push(request.url!);
    bodies.push(body.toString());
    const names = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split(';') ?? [];
    const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]));
    const theirs = await new SignatureV4({
      service: 's3',
      region: 'eu-central-1',
      sha256: Sha256,
      uriEscapePath: false,
      credentials: { ...PAIR, sessionToken: 'token/+=' },
    }).sign(
      { method: 'PUT', protocol: 'http:', hostname: 'x', path: request.url!, headers, body },
      { signingDate: new Date(dateOf(String(request.headers['x-amz-date']))) },
    );
    const right =
      theirs.headers['authorization'] === request.headers.authorization &&
      request.headers['x-amz-content-sha256'] === createHash('sha256').update(body).digest('hex');
    const next = right
      ? (answers.shift() ?? { status: 200, text: '' })
      : { status: 403, text: '<Code>SignatureDoesNotMatch</Code>' };
    response.statusCode = next.status;
    if (next.date !== undefined) response.setHeader('date', next.date);
    response.end(next.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  config = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    bucket: 'logs',
    prefix: "a=b/it's (1)",
    ...PAIR,
    sessionToken: 'token/+=',
    pathStyle: true,
    delayMs: null,
  };
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const dateOf = (text: string): string =>
  text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');

it('is signed as S3 wants it, whatever stands in the name', async () => {
  const bucket = createBucket(config, Date.now);
  const key = 'year=2026/hour=01/part-00000.ndjson.gz';
  expect(await bucket.put(key, Buffer.from('body'))).toEqual({ kind: 'taken' });
  expect(paths).toEqual([`/logs/a%3Db/it%27s%20%281%29/year%3D2026/hour%3D01/part-00000.ndjson.gz`]);
  expect(bodies).toEqual(['body']);
});

it('says what can be tried again and what cannot', async () => {
  const bucket = createBucket(config, Date.now);
  const put = () => bucket.put('k', Buffer.from('body'));
  answers = [
    { status: 503, text: '<Error><Code>SlowDown</Code></Error>' },
    { status: 404, text: '<Error><Code>NoSuchBucket</Code></Error>' },
    { status: 307, text: '' },
  ];
  expect(await put()).toMatchObject({ kind: 'later', reason: 'status 503 SlowDown' });
  expect(await put()).toEqual({ kind: 'refused', reason: 'status 404 NoSuchBucket' });
  expect(await put()).toMatchObject({ kind: 'refused', reason: 'status 307' });
  const other = createBucket({ ...config, secretAccessKey: 'another' }, Date.now);
  expect(await other.put('k', Buffer.from('body'))).toMatchObject({ kind: 'refused' });
});

it('goes by the clock of storage whose time is another', async () => {
  const wall = Date.UTC(2026, 0, 1);
  const bucket = createBucket(config, () => wall);
  const date = new Date(wall + 3_600_000).toUTCString();
  answers = [{ status: 403, text: '<Code>RequestTimeTooSkewed</Code>', date }];
  expect(await bucket.put('k', Buffer.from('x'))).toMatchObject({ kind: 'later' });
  expect(await bucket.put('k', Buffer.from('x'))).toEqual({ kind: 'taken' });
});
