// The content codings we can undo, by their names in a `content-encoding` header.
import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { GatewayError } from '../contracts/errors.ts';

/** More codings than anybody stacks; each costs a window. */
const MAX_CODINGS = 3;
/** As browsers have it (RFC 9659): 8 MiB. */
const ZSTD_WINDOW_LOG = 23;

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

const CODINGS: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/**
 * Codings of a `content-encoding` header in the order they were applied; `identity` is none.
 * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT that names the one which cannot be undone.
 */
export function readCodings(header: string | readonly string[]): Coding[] {
  const codings: Coding[] = [];
  for (const part of String(header).toLowerCase().split(',')) {
    const name = part.trim();
    if (name === '' || name === 'identity') continue;
    const coding = CODINGS.get(name);
    if (coding === undefined)
      throw unreadable(`a content encoding the gateway cannot read: ${printable(name)}`);
    codings.push(coding);
  }
  if (codings.length > MAX_CODINGS) throw unreadable('too many content encodings');
  return codings;
}

/** Asking the same provider again gives the same encoding: only another one can help. */
function unreadable(what: string): GatewayError {
  return new GatewayError('GW_UPSTREAM_BAD_OUTPUT', {
    message: `The provider's answer has ${what}.`,
    retry: 'next',
  });
}

function printable(name: string): string {
  return name.slice(0, 40).replace(/[^\w.+-]/g, '?');
}

/** The stream that undoes `coding` of a body that begins with `first`: two bytes at least where it is `deflate`. */
export function decodingStream(coding: Coding, first: Buffer): Transform {
  switch (coding) {
    case 'gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } });
    case 'deflate': {
      // `deflate` means zlib's framing (RFC 9110, 8.4.1.2), but some servers send the bare stream.
      const framed = (first[0]! & 0x0f) === 8 && first.readUInt16BE(0) % 31 === 0;
      return framed ? createInflate() : createInflateRaw();
    }
  }
}
