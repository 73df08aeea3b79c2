// Copies a request's head while uWS's `req` is alive (it dies when the handler returns) and refuses ambiguous framing.
import type { HttpRequest } from 'uWebSockets.js';
import type { Peer } from '../../contracts/call.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import type { ArrivedHead } from '../exchange/exchange.ts';
import { HOST } from '../exchange/host-name.ts';

const BODILESS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

const CLOSE = /\bclose\b/i;

/**
 * uWS 20.51.4 takes the first of two content-lengths and reads any transfer-encoding as chunked: both let one peer
 * see a request another does not, so both are refused here, before anything of the body is looked at.
 */
export function copyHead(req: HttpRequest, peer: Peer): ArrivedHead {
  const headers = new HeaderBag();
  let contentLength = -1;
  let chunked = false;
  let asksClose = false;
  let fault = '';
  req.forEach((name, value) => {
    if (name === 'content-length') {
      if (contentLength !== -1) fault = 'content-length is given twice';
      else if (!/^\d{1,15}$/.test(value)) fault = 'content-length is not a number';
      else contentLength = Number(value);
    } else if (name === 'transfer-encoding') {
      if (chunked || value.toLowerCase() !== 'chunked') fault = 'transfer-encoding other than chunked';
      chunked = true;
    } else if (name === 'host' && !HOST.test(value)) {
      // Without one, or with two, uWS answers itself. Of bytes beyond ASCII it leaves nothing or a replacement.
      fault = 'host is not a host name';
    }
    if (name === 'connection') asksClose = CLOSE.test(value);
    headers.add(name, value);
  });
  const method = req.getCaseSensitiveMethod();
  // Answered before its body is read, and chunk framing is read laxly by uWS: see closeAfter in server.ts.
  if (chunked && BODILESS.includes(method)) fault = `transfer-encoding on ${method}`;
  if (chunked && contentLength !== -1) fault = 'content-length and transfer-encoding are both given';
  return {
    method,
    path: req.getUrl(),
    query: req.getQuery() ?? '',
    headers,
    peer,
    contentLength,
    chunked,
    asksClose,
    fault,
  };
}
