// Headers that are of a connection and not of what is asked on it (RFC 9110, 7.6.1).
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
]);

export function withoutHop(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const nominated = new Set((headers.connection ?? '').toLowerCase().split(/ *, */));
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !HOP.has(name) && !nominated.has(name),
    ),
  );
}
