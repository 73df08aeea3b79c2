// Uploads in several steps end at an address that the provider gives (Google's): of several callers each gets one at this gateway in its
// place, with what stands for it sealed into it. SDKs send no key there; nobody keeps anything, and any worker goes on with it.
import type { Buffer } from 'node:buffer';
import type { Call, RequestHead } from '../contracts/call.ts';
import { ForwardingSink } from '../contracts/forwarding-sink.ts';
import type { RouteParams } from '../contracts/route.ts';
import type { HeaderList, Sink } from '../contracts/sink.ts';
import { type Credentials, createSeal, credentialsOf, withCredentials } from './who/sealed-credentials.ts';

const MARK = 'hgu_';
/** Google forgets an upload that stands still after a few days. */
const TTL_MS = 48 * 3_600_000;
/** Names of answers' headers that say where an upload goes on; Google's older SDKs read the last. */
const ADDRESSES: ReadonlySet<string> = new Set([
  'x-goog-upload-url',
  'x-goog-upload-control-url',
  'location',
]);

/** Where Google's uploads go on. */
const UPLOADS = /^\/(?:resumable\/)?upload\/v1/;

interface Sealed {
  readonly h: Credentials;
  /** The upload it is for: what its address asks for, by whatever name its provider has for it. */
  readonly u: string;
  /** Path of that at the provider: it opens nothing else there. */
  readonly w: string;
  /** Provider that has it. */
  readonly p: string;
  /** ms since 1970. */
  readonly e: number;
}

export interface UploadSeal {
  /** Whether a request begins one. */
  begins(head: RequestHead): boolean;
  /** Whether a request goes on with one. */
  goesOn(head: RequestHead): boolean;
  /** Whether its address is one that was given here, for this upload at this provider. */
  isOurs(query: string, place: RouteParams): boolean;
  /** A head with what its address stands for; the same where that stands for nothing, or names no provider. */
  redeem<T extends RequestHead>(head: T, place: RouteParams): T;
  /** Says in the answer to `call` that its upload goes on here. */
  around(call: Call, sink: Sink, base: URL): Sink;
}

/** @param secret any text; the same at every worker. @param wall ms since 1970. */
export function createUploadSeal(secret: () => string, wall: () => number): UploadSeal {
  const key = createSeal<Sealed>(MARK, 'upload', secret);

  function opened(query: string, { provider, rest }: RouteParams): Sealed | null {
    if (!query.includes(`key=${MARK}`)) return null;
    const asked = new URLSearchParams(query);
    const sealed = key.open(asked.get('key') ?? '');
    if (sealed === null) return null;
    // All of it and nothing else: which of two uploads its provider would take nobody knows.
    asked.delete('key');
    const fits = asked.toString() === sealed.u && sealed.p === provider && sealed.w === rest;
    return fits && sealed.e >= wall() ? sealed : null;
  }

  function seal(head: RequestHead, u: string, p: string, w: string): string {
    const h = credentialsOf(head);
    const inQuery = new URLSearchParams(head.query).get('key') ?? '';
    if (inQuery !== '' && head.headers.get('x-goog-api-key') === undefined)
      h.push(['x-goog-api-key', inQuery]);
    return key.close({ h, u, p, w, e: wall() + TTL_MS });
  }

  return {
    begins({ headers, query }) {
      if (isResumable(headers.get('x-goog-upload-protocol') ?? '')) return true;
      if (query === '') return false;
      const asked = new URLSearchParams(query);
      return ['uploadType', 'upload_protocol'].some((name) => asked.getAll(name).some(isResumable));
    },
    // However it is spelled.
    goesOn: ({ query }) => {
      if (query === '') return false;
      const asked = new URLSearchParams(query);
      return asked.has('upload_id') || (asked.get('key') ?? '').startsWith(MARK);
    },
    isOurs: (query, place) => opened(query, place) !== null,
    redeem(head, place) {
      const sealed = place['provider'] === undefined ? null : opened(head.query, place);
      return sealed === null ? head : { ...head, headers: withCredentials(head, sealed.h) };
    },
    around: (call, sink, base) => new AddressSink(call, sink, base, seal),
  };
}

function isResumable(protocol: string): boolean {
  return protocol.toLowerCase() === 'resumable';
}

type Seal = (head: RequestHead, upload: string, provider: string, path: string) => string;

class AddressSink extends ForwardingSink {
  readonly #call: Call;
  readonly #base: URL;
  readonly #seal: Seal;

  /** @param base URL of the provider */
  constructor(call: Call, sink: Sink, base: URL, seal: Seal) {
    super(sink);
    this.#call = call;
    this.#base = base;
    this.#seal = seal;
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    super.reply(status, this.#here(headers), body);
  }

  override start(status: number, headers: HeaderList): void {
    super.start(status, this.#here(headers));
  }

  #here(headers: HeaderList): HeaderList {
    return headers.flatMap(([name, value]): [string, string][] => {
      if (!ADDRESSES.has(name.toLowerCase())) return [[name, value]];
      const address = this.#addressHere(value);
      return address === null ? [] : [[name, address]];
    });
  }

  /** Null: it is none that could go on here, and is kept from who could go on with it past the gateway. */
  #addressHere(text: string): string | null {
    const { head, params, snapshot } = this.#call;
    const provider = params['provider'] ?? '';
    const there = URL.canParse(text) ? new URL(text) : null;
    if (there === null || there.origin !== this.#base.origin) return null;
    there.searchParams.delete('key');
    const upload = there.searchParams.toString();
    const path = below(this.#base.pathname, there.pathname);
    there.searchParams.set('key', this.#seal(head, upload, provider, path));
    const origin = originOf(
      head,
      (snapshot.config.server.listeners ?? []).filter(({ tls }) => tls !== null),
    );
    // As it was begun: below the provider's name alone it is known for a file, if it looks like one.
    const named = !head.path.startsWith('/passthrough/') && UPLOADS.test(path);
    const place = named ? '' : '/passthrough';
    return `${origin}${place}/${encodeURIComponent(provider)}${path}${there.search}`;
  }
}

/** A path at the provider as its clients write it: without what its base URL has in front of the version. */
function below(base: string, path: string): string {
  const front = base.replace(/\/(?:v\d\w*)?\/?$/, '');
  return front !== '' && path.startsWith(`${front}/`) ? path.slice(front.length) : path;
}

/** Of this gateway, as its client reaches it. */
function originOf({ headers }: RequestHead, secure: readonly { readonly port: number | null }[]): string {
  const host = headers.get('host') ?? 'localhost';
  const proxied = headers.get('x-forwarded-proto')?.split(',', 1)[0]?.trim().toLowerCase();
  const port = Number(/:(\d+)$/.exec(host)?.[1] ?? 443);
  const https =
    proxied === undefined ? secure.some((listener) => listener.port === port) : proxied === 'https';
  return `${https ? 'https' : 'http'}://${host}`;
}
