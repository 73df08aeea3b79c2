// The head of an answer that goes on as it came: what the client can use of the provider's.
import type { ProviderConfig } from '../../contracts/provider-config.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { isPassedAnyway, type Headers } from '../answer/answer-headers.ts';

/** About the bytes themselves. */
const ABOUT_THE_BODY: ReadonlySet<string> = new Set([
  'content-type',
  'content-disposition',
  'content-range',
  'content-language',
  'accept-ranges',
  'etag',
  'last-modified',
]);
/** The connection's, or the gateway's own to say. */
const NEVER =
  /^(?:connection|keep-alive|proxy-|te$|trailer|transfer-encoding|upgrade|content-length|content-encoding|set-cookie|date|server$|server-timing|via|alt-svc|strict-transport-security|access-control-|x-headgate-|x-request-id$|request-id$|cf-)/;

/** @param all what is not the connection's; else only what is about the bytes. */
export function rawHead(from: UpstreamHeaders, { keys }: ProviderConfig, all: boolean): Headers {
  const list: Headers = [];
  for (const name in from) {
    if (all ? NEVER.test(name) || isPassedAnyway(name) : !ABOUT_THE_BODY.has(name)) continue;
    const values = from[name];
    for (const value of Array.isArray(values) ? values : values === undefined ? [] : [values]) {
      // One in which the provider gives back a key of ours is left out.
      if (!keys.some((key) => value.includes(key.value))) list.push([name, value]);
    }
  }
  if (String(from['content-type'] ?? '').startsWith('text/event-stream')) {
    if (!list.some(([name]) => name === 'cache-control')) list.push(['cache-control', 'no-cache']);
    list.push(['x-accel-buffering', 'no']);
  }
  return list;
}

/** The id of what the head says was made, which is put into `list`: below the gateway it is where it is below its provider. */
export function located({ location }: UpstreamHeaders, list: Headers): string | null {
  if (typeof location !== 'string') return null;
  const path = location.replace(/^[a-z]+:\/\/[^/]+/i, '');
  list.push(['location', path]);
  return /\/([^/?#]+)\/?(?:[?#].*)?$/.exec(path)?.[1] ?? null;
}
