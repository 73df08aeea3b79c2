// Files from real servers on this machine: what is fetched, what is refused, and that a refusal tells no more than it must.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_MEDIA_FETCH } from '../config/schema/defaults.ts';
import type { MediaFetchConfig } from '../contracts/reach-config.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { WantedMedia } from '../contracts/media.ts';
import type { Address } from '../contracts/names.ts';
import { addressOf } from '../dns/address.ts';
import { CERT, KEY } from '../upstream/tls-pair.fixture.ts';
import { createMediaFetcher } from './media-fetcher.ts';

const PNG = Buffer.from('89504e470d0a1a0a00', 'hex');
const open: MediaFetchConfig = {
  ...DEFAULT_MEDIA_FETCH,
  enabled: true,
  plainHttp: true,
  privateNetworks: true,
};
const servers: { close(): void; closeAllConnections(): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer, tls = false): Promise<string> {
  const server = tls ? createHttpsServer({ cert: CERT, key: KEY }, answer) : createHttpServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `${tls ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`;
}

const hand =
  (bytes: Buffer, type: string): Answer =>
  (_, response) =>
    response.writeHead(200, { 'content-type': type }).end(bytes);

/** @param zone addresses of names; `localhost` is this machine. */
function fetcher(zone: Record<string, string[]> = {}) {
  const outcomes: string[] = [];
  const names = {
    find(host: string) {
      const literal = addressOf(host);
      const texts = zone[host] ?? (host === 'localhost' ? ['127.0.0.1'] : []);
      const addresses: Address[] = literal === null ? texts.map((text) => addressOf(text)!) : [literal];
      return { addresses, complete: true, serial: 1 };
    },
  };
  const { fetch } = createMediaFetcher({
    names,
    userAgent: 'test',
    ca: CERT,
    fetched: (outcome) => outcomes.push(outcome),
  });
  return { fetch, outcomes };
}

const image = (url: string): WantedMedia => ({ url, kind: 'image' });
const never = new AbortController().signal;

async function refusal(
  url: string,
  config: Partial<MediaFetchConfig> = {},
  kind: WantedMedia['kind'] = 'image',
  zone: Record<string, string[]> = {},
): Promise<string> {
  const error = await fetcher(zone)
    .fetch([{ url, kind }], { ...open, ...config }, never)
    .then(
      () => null,
      (cause: GatewayError) => cause,
    );
  expect(error).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED' });
  return error!.publicMessage;
}

describe('a file that a request gives the address of', () => {
  it('is fetched, over TLS too, with the type that its bytes have', async () => {
    const plain = await serve(hand(PNG, 'application/octet-stream'));
    const safe = await serve(hand(Buffer.from('%PDF-1.7'), 'application/pdf; charset=binary'), true);
    const { fetch, outcomes } = fetcher();
    const wanted: WantedMedia[] = [image(`${plain}/a`), { url: `${safe}/b`, kind: 'document' }];
    expect(await fetch(wanted, open, never)).toEqual({
      [`${plain}/a`]: { mediaType: 'image/png', data: PNG.toString('base64') },
      [`${safe}/b`]: { mediaType: 'application/pdf', data: 'JVBERi0xLjc=' },
    });
    expect(outcomes).toEqual(['ok', 'ok']);
  });

  it('is asked for without a word of ours but our name, and uncompressed', async () => {
    let asked: IncomingMessage['headers'] = {};
    const url = await serve((request, response) => {
      asked = request.headers;
      hand(PNG, 'image/png')(request, response);
    });
    await fetcher().fetch([image(url)], open, never);
    expect(Object.keys(asked).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
    expect(asked['accept-encoding']).toBe('identity');
  });

  it('may be somewhere else, three times over', async () => {
    const url = await serve(({ url: path }, response) => {
      const step = Number(path!.slice(1));
      if (step === 0) hand(PNG, 'image/png')({} as IncomingMessage, response);
      else response.writeHead(302, { location: `/${step - 1}` }).end();
    });
    expect(Object.values(await fetcher().fetch([image(`${url}/3`)], open, never))).toHaveLength(1);
    expect(await refusal(`${url}/4`)).toContain('it is redirected too often');
  });
});

describe('a file is refused', () => {
  it.each([
    ['http://93.184.216.34/a', {}, 'it is no https address'],
    ['ftp://93.184.216.34/a', { plainHttp: true }, 'it is no http or https address'],
    ['https://me:secret@93.184.216.34/a', {}, 'it holds a name or a password'],
    ['https://127.0.0.1/a', {}, 'nothing is fetched from its host'],
    ['https://127.1/a', {}, 'nothing is fetched from its host'],
    ['https://0x7f000001/a', {}, 'nothing is fetched from its host'],
    ['https://[::1]/a', {}, 'nothing is fetched from its host'],
    ['https://[::ffff:10.0.0.1]/a', {}, 'nothing is fetched from its host'],
    ['https://localhost/a', {}, 'nothing is fetched from its host'],
    [
      'https://169.254.169.254/latest/meta-data',
      { privateNetworks: true },
      'nothing is fetched from its host',
    ],
  ])('at %s', async (url, allowed, why) => {
    const closed = { plainHttp: false, privateNetworks: false };
    expect(await refusal(url, { ...closed, ...allowed })).toContain(why);
  });

  it('where one of the addresses of its name is not allowed', async () => {
    const zone = { 'rebind.test': ['93.184.216.34', '10.0.0.1'] };
    const message = await refusal('https://rebind.test/a', { privateNetworks: false }, 'image', zone);
    expect(message).toContain('nothing is fetched from its host');
    expect(message).not.toContain('10.0.0.1');
  });

  it('where it leads to a host that is not allowed', async () => {
    const url = await serve((_, response) =>
      response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end(),
    );
    expect(await refusal(url)).toContain('nothing is fetched from its host');
  });

  it('that is larger than is fetched, whatever its server says of it', async () => {
    const url = await serve(hand(Buffer.concat([PNG, Buffer.alloc(100_000)]), 'image/png'));
    expect(await refusal(url, { maxBytes: 50_000 })).toContain('it is larger than is fetched');
  });

  it('that is another thing than was asked for', async () => {
    const page = await serve(hand(Buffer.from('<html>'), 'text/html'));
    expect(await refusal(page)).toContain('it is text/html');
    const svg = await serve(hand(Buffer.from('<svg/>'), 'image/svg+xml'));
    expect(await refusal(svg)).toContain('it is image/svg+xml');
    const bare = await serve((_, response) => response.end('x'));
    expect(await refusal(bare, {}, 'document')).toContain('it is of no known type');
  });

  it('that comes late, compressed or not at all', async () => {
    const silent = await serve(() => {});
    expect(await refusal(silent, { timeoutMs: 50 })).toContain('it took longer than 50 ms');
    const zipped = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' }).end('x'),
    );
    expect(await refusal(zipped)).toContain('compressed it without being asked');
    const gone = await serve((_, response) => response.writeHead(404).end());
    expect(await refusal(gone)).toContain('its server answered 404');
    expect(await refusal('http://127.0.0.1:1/a')).toContain('its server could not be reached');
  });

  it('together with too many others', async () => {
    const { fetch } = fetcher();
    const wanted = [image('https://a.test/1'), image('https://a.test/2')];
    await expect(fetch(wanted, { ...open, maxFiles: 1 }, never)).rejects.toMatchObject({
      code: 'GW_CLIENT_UNSUPPORTED',
    });
  });
});

it('a caller that leaves ends what is fetched for it', async () => {
  let cut: () => void;
  const ended = new Promise<void>((resolve) => (cut = resolve));
  const leaving = new AbortController();
  const url = await serve((request) => {
    request.socket.on('close', () => cut());
    leaving.abort(new Error('left'));
  });
  await expect(fetcher().fetch([image(url)], open, leaving.signal)).rejects.toThrow('left');
  await ended;
});

it('only some requests are served at once, the others in their turn', async () => {
  let running = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const url = await serve((request, response) => {
    most = Math.max(most, ++running);
    waiting.push(() => {
      running--;
      hand(PNG, 'image/png')(request, response);
    });
    if (waiting.length === 16) setImmediate(release);
  });
  const release = (): void => {
    for (const go of waiting.splice(0)) go();
  };
  const { fetch } = fetcher();
  const first = Array.from({ length: 32 }, (_, at) => fetch([image(`${url}/${at}`)], open, never));
  expect(await Promise.all(first)).toHaveLength(32);
  expect(most).toBe(16);
});
