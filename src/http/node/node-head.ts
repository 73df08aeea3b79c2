// The head of a request that node parsed, HTTP/1 or HTTP/2. Ambiguous framing never comes this far: node's parser is strict.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Peer } from '../../contracts/call.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import type { ArrivedHead } from '../exchange/exchange.ts';

export type NodeRequest = IncomingMessage | Http2ServerRequest;

const CLOSE = /\bclose\b/i;

/** @param fault why it cannot be taken; '' = it can. */
export function headOf(request: NodeRequest, peer: Peer, fault = ''): ArrivedHead {
  const headers = new HeaderBag();
  const raw = request.rawHeaders;
  let contentLength = -1;
  let chunked = false;
  let asksClose = false;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    if (name.startsWith(':')) {
      // What HTTP/1 calls it.
      if (name === ':authority') headers.add('host', value);
      continue;
    }
    if (name === 'content-length') contentLength = Number(value);
    else if (name === 'transfer-encoding') chunked = true;
    else if (name === 'connection') asksClose = CLOSE.test(value);
    headers.add(name, value);
  }
  const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
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
