// The head of a request that node parsed, HTTP/1 or HTTP/2. Ambiguous framing never comes this far: node's parser is strict.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Peer } from '../../contracts/call.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import type { ArrivedHead } from '../exchange/exchange.ts';
import { HOST } from '../exchange/host-name.ts';
import { MAX_HEADER_BYTES } from '../exchange/loader.ts';

export type NodeRequest = IncomingMessage | Http2ServerRequest;

const CLOSE = /\bclose\b/i;
/** `: ` and the end of a line, as HTTP/1 has them. */
const LINE_BYTES = 4;
/** The target as proxies are asked; every server takes it, and its host is the one that counts (RFC 9112 3.2.2). */
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;

/** @param fault why it cannot be taken; '' = it can. */
export function headOf(request: NodeRequest, peer: Peer, fault = ''): ArrivedHead {
  const headers = new HeaderBag();
  const raw = request.rawHeaders;
  let contentLength = -1;
  let chunked = false;
  let asksClose = false;
  const first = request.httpVersionMajor === 1;
  const absolute = first ? ABSOLUTE.exec(request.url ?? '') : null;
  let hosts = 0;
  let bytes = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    bytes += name.length + value.length + LINE_BYTES;
    if (name.startsWith(':')) {
      // What HTTP/1 calls it.
      if (name === ':authority') headers.add('host', value);
      continue;
    }
    if (name === 'content-length') contentLength = Number(value);
    else if (name === 'transfer-encoding') chunked = true;
    else if (name === 'connection') asksClose = CLOSE.test(value);
    else if (name === 'host') {
      hosts += 1;
      if (first && fault === '' && !HOST.test(value)) fault = 'host is not a host name';
      if (absolute !== null) continue;
    }
    headers.add(name, value);
  }
  if (first && fault === '') {
    if (hosts > 1) fault = 'host is given twice';
    else if (hosts === 0 && request.httpVersion !== '1.0') fault = 'host is missing';
    else if (absolute !== null && !HOST.test(absolute[1]!)) fault = 'the target has no host name';
  }
  // Of HTTP/1 node's parser has counted them; in HTTP/2 the bound is told to the client and kept by nobody.
  if (!first && bytes > MAX_HEADER_BYTES) fault = `its head is larger than ${MAX_HEADER_BYTES} bytes`;
  if (absolute !== null) headers.add('host', absolute[1]!);
  const [path = '', query = ''] = (absolute === null ? (request.url ?? '') : rooted(absolute[2]!)).split(
    /\?(.*)/s,
  );
  return {
    method: request.method ?? '',
    path,
    query,
    headers,
    peer,
    contentLength,
    chunked,
    asksClose,
    fault,
  };
}

/** What stands behind the host, as it would stand alone. */
function rooted(rest: string): string {
  return rest.startsWith('/') ? rest : `/${rest}`;
}
