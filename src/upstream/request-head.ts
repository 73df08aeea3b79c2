// Requests as bytes. The header lines of a headers object are made once and copied from then on, since the pipeline
// reuses these objects; the line before and the length behind them are written around the copy.
import { Buffer } from 'node:buffer';
import { type BodySource, isSource } from '../contracts/body-source.ts';
import type { RequestBody, UpstreamRequest } from '../contracts/upstream.ts';

/** Larger bodies are not copied behind their head but written after it. */
const INLINE_BODY_BYTES = 16 * 1024;

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const METHOD = /^[A-Z]{1,32}$/;
/** What can stand in a request line: visible and no more than one byte each. */
const TARGET = /^[\x21-\x7e\x80-\xff]+$/;
/** The connection's own business: one of these from outside would frame the request twice. */
const OWN = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Methods whose requests say nothing of a body they do not have (RFC 9110, 8.6). */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

export interface RequestEncoder {
  /**
   * Head and body, or the head alone where the body goes behind it: see `bodyBehind`.
   * @throws TypeError when the request cannot be sent: a bug of the caller, nothing a client can cause.
   */
  encode(request: UpstreamRequest): Buffer;
}

/**
 * @param host as the `host` header has it.
 * @param prefix path of the base URL, goes before each path.
 * @param query query of the base URL without `?`, '' for none.
 * @param forward where requests go to a forward proxy: the origin that stands before each path, and what the proxy is told.
 */
export function createRequestEncoder(
  host: string,
  prefix: string,
  query: string,
  forward: { origin: string; authorization: string | null } | null = null,
): RequestEncoder {
  const origin = forward?.origin ?? '';
  const login =
    forward === null || forward.authorization === null
      ? ''
      : `proxy-authorization: ${forward.authorization}\r\n`;
  const blocks = new WeakMap<Record<string, string>, Buffer>();
  // Most calls of a provider have the same path: its checked line is kept.
  let lastMethod = '';
  let lastPath = '';
  let lastFromOrigin = false;
  let lastLine = '';

  function line(method: string, path: string, fromOrigin: boolean): string {
    if (method === lastMethod && path === lastPath && fromOrigin === lastFromOrigin) return lastLine;
    const below = fromOrigin ? path : prefix + path;
    const target = query === '' ? below : `${below}${below.includes('?') ? '&' : '?'}${query}`;
    if (!TARGET.test(target) || !target.startsWith('/') || !METHOD.test(method))
      throw new TypeError('a path that cannot be sent');
    lastLine = `${method} ${origin}${target} HTTP/1.1\r\nhost: ${host}\r\n${login}`;
    lastMethod = method;
    lastPath = path;
    lastFromOrigin = fromOrigin;
    return lastLine;
  }

  function block(headers: Record<string, string>): Buffer {
    const known = blocks.get(headers);
    if (known !== undefined) return known;
    let text = 'connection: keep-alive\r\n';
    for (const name in headers) {
      const value = headers[name]!;
      if (!NAME.test(name) || !VALUE.test(value)) throw new TypeError('a header that cannot be sent');
      if (OWN.has(name)) throw new TypeError(`the header ${name} is the connection's own`);
      text += `${name}: ${value}\r\n`;
    }
    const made = Buffer.from(text, 'latin1');
    blocks.set(headers, made);
    return made;
  }

  return {
    encode({ method, path, headers, body, fromOrigin = false }) {
      const first = line(method, path, fromOrigin);
      const lines = block(headers);
      const last = framingOf(method, body);
      const inline = isInline(body) ? body : null;
      const head = first.length + lines.length + last.length;
      const bytes = Buffer.allocUnsafe(head + (inline?.length ?? 0));
      bytes.write(first, 0, 'latin1');
      bytes.set(lines, first.length);
      bytes.write(last, first.length + lines.length, 'latin1');
      if (inline !== null) inline.copy(bytes, head);
      return bytes;
    },
  };
}

/** The lines that say where the body ends, and the end of the head. */
function framingOf(method: string, body: UpstreamRequest['body']): string {
  if (body === null) return BODILESS.has(method) ? '\r\n' : 'content-length: 0\r\n\r\n';
  return body.length < 0 ? 'transfer-encoding: chunked\r\n\r\n' : `content-length: ${body.length}\r\n\r\n`;
}

/** What is to be written behind the encoded request; null when it holds all. */
export function bodyBehind(body: UpstreamRequest['body']): UpstreamRequest['body'] {
  return isInline(body) ? null : body;
}

function isInline(body: RequestBody | BodySource | null): body is RequestBody {
  return body !== null && !isSource(body) && body.length <= INLINE_BODY_BYTES;
}
