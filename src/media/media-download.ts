// One file from an address that a client wrote. Each host on the way, those of redirects too, is looked up once, all its
// addresses are judged, and the connection goes to one of just those.
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { MediaFetchConfig } from '../contracts/reach-config.ts';
import type { Address, Names } from '../contracts/names.ts';
import { nodeHttp, nodeHttps } from '../wire/node-http.ts';
import { mayFetchFrom } from './public-address.ts';

const MAX_REDIRECTS = 3;
const MAX_HEAD_BYTES = 16 * 1024;

/** Why a file was not fetched, in words that a client may read. */
export class MediaFault extends Error {}

export interface Download {
  bytes: Buffer;
  /** As the server says, in lower case and without parameters; '' = it does not. */
  mediaType: string;
}

export interface DownloadDeps {
  names: Pick<Names, 'find'>;
  userAgent: string;
  /** PEM of the only authorities to trust; absent = the well-known ones. */
  ca?: string;
}

/**
 * Gets the file at `url`.
 *
 * @param room takes what comes, piece by piece; false = it is too much.
 * @throws MediaFault, or what the network threw.
 */
export async function download(
  url: string,
  config: MediaFetchConfig,
  room: (bytes: number) => boolean,
  deps: DownloadDeps,
  signal: AbortSignal,
): Promise<Download> {
  let at = parse(url, config);
  for (let redirects = 0; ; redirects++) {
    const answer = await ask(at, await addressesOf(at, config, deps), deps, signal);
    const { statusCode = 0, headers } = answer;
    const next = statusCode >= 300 && statusCode < 400 ? headers.location : undefined;
    if (next !== undefined) {
      answer.destroy();
      if (redirects === MAX_REDIRECTS) throw new MediaFault('it is redirected too often');
      at = parse(next, config, at);
      continue;
    }
    try {
      if (statusCode !== 200) throw new MediaFault(`its server answered ${statusCode}`);
      const coding = headers['content-encoding'] ?? 'identity';
      if (coding !== 'identity') throw new MediaFault('its server compressed it without being asked');
      const mediaType = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
      return { bytes: await read(answer, room), mediaType };
    } finally {
      answer.destroy();
    }
  }
}

function parse(url: string, { plainHttp }: MediaFetchConfig, base?: URL): URL {
  const parsed = URL.parse(url, base?.href);
  if (parsed === null) throw new MediaFault('it is no address');
  const { protocol, username, password } = parsed;
  if (protocol !== 'https:' && !(plainHttp && protocol === 'http:'))
    throw new MediaFault(plainHttp ? 'it is no http or https address' : 'it is no https address');
  if (username !== '' || password !== '') throw new MediaFault('it holds a name or a password');
  return parsed;
}

// One that is not allowed forbids the name: what is judged is who answers for it, not who happened to be first.
async function addressesOf(
  { hostname }: URL,
  { privateNetworks }: MediaFetchConfig,
  { names }: DownloadDeps,
): Promise<readonly Address[]> {
  const { addresses } = await names.find(hostname);
  if (addresses.length === 0 || !addresses.every((address) => mayFetchFrom(address, privateNetworks)))
    throw new MediaFault('nothing is fetched from its host');
  return addresses;
}

function ask(
  url: URL,
  addresses: readonly Address[],
  { userAgent, ca }: DownloadDeps,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const lookup: LookupFunction = (_name, { all }, told) => {
    const [first] = addresses;
    if (all === true) told(null, [...addresses]);
    else told(null, first!.address, first!.family);
  };
  const options: RequestOptions = {
    agent: false,
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': userAgent },
    lookup,
    maxHeaderSize: MAX_HEAD_BYTES,
    signal,
  };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? nodeHttps().request(url, ca === undefined ? options : { ...options, ca })
        : nodeHttp().request(url, options);
    request.on('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

async function read(answer: IncomingMessage, room: (bytes: number) => boolean): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    const bytes = chunk as Buffer; // without an encoding a stream of HTTP gives nothing else
    if (!room(bytes.length)) throw new MediaFault('it is larger than is fetched');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
