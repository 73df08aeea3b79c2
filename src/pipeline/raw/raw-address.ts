// Where at a provider a request goes that is forwarded as it came. Pure.
import type { RouteParams } from '../../contracts/route.ts';

/** A route's path at the provider, with what the client's path says in it: encoded, so that it stays one segment. */
export function filled(template: string, params: RouteParams): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** A path as its provider reads it, however its client spelled it. */
export function asRead(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // What cannot be decoded its provider reads as it is.
    return path;
  }
}

/** What Google puts before the version where bytes go up and down. */
const BESIDE = ['/upload', '/resumable/upload', '/download'] as const;

/** As vendors write them. */
const VERSION = /^v[1-4](?:(?:alpha|beta)\d?)?$/;

/**
 * The whole path below the origin of `path`, which clients write below the base URL or with the end of it repeated, as SDKs
 * whose own base URL ends in a version do: below `/api/v1` stand `/files`, `/v1/files` and `/api/v1/files` alike. Google's uploads stand
 * beside that: `/upload/v1beta/files`. Another version than the base URL's stands in its place: its SDKs ask for `/v1/files` below `/v1beta`.
 * @param base path of the base URL. @param path begins with a slash, and may have a query. @param unversioned what lies beside the version.
 */
export function addressBelow(base: string, path: string, unversioned: readonly string[] = []): string {
  const segments = base.split('/').filter((part) => part !== '');
  if (unversioned.some((one) => path.startsWith(one) && /^(?:[/?]|$)/.test(path.slice(one.length))))
    return prefix(VERSION.test(segments.at(-1) ?? '') ? segments.slice(0, -1) : segments) + path;
  for (let from = 0; from < segments.length; from++) {
    const end = `/${segments.slice(from).join('/')}`;
    const { length } = BESIDE.find((beside) => path.startsWith(beside + end)) ?? '';
    if (!path.startsWith(end, length)) continue;
    const next = path.charAt(length + end.length);
    if (next === '' || next === '/' || next === '?') return prefix(segments.slice(0, from)) + path;
  }
  const last = segments.length - 1;
  if (last >= 0 && VERSION.test(segments[last]!) && otherVersion(path))
    return prefix(segments.slice(0, last)) + path;
  return prefix(segments) + path;
}

/** Whether a path begins with a version, or with one behind what may stand before it. */
function otherVersion(path: string): boolean {
  const { length } = BESIDE.find((beside) => path.startsWith(`${beside}/`)) ?? '';
  return VERSION.test(path.slice(length + 1).split(/[/?]/, 1)[0]!);
}

function prefix(segments: readonly string[]): string {
  return segments.map((part) => `/${part}`).join('');
}

/** The client's query with its `?`, without the credential that Google's clients put there; '' = nothing is left. */
export function forwardedQuery(query: string): string {
  const left = query.split('&').filter((part) => part !== '' && !/^(?:key|k%65y|%6bey)=/i.test(part));
  const text = left.join('&').replace(/[^\x21-\x7e]/g, encodeURIComponent);
  return text === '' ? '' : `?${text}`;
}
