// What Google's clients may say of the form of any answer: of what it shows (`fields=`, a field mask), and how that is written (`alt=`,
// `callback=`). Answers that say whose something is, or what was used, are asked for whole, and as JSON: nobody here reads others.
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { makesObjects, tellsOf } from './forwarded-objects.ts';
import { forwardedQuery } from './raw/raw-address.ts';

/** By most of these an answer shows a part of itself, by the last it is written on many lines. */
const MASKS: ReadonlySet<string> = new Set(['fields', 'readmask', 'read_mask', 'prettyprint']);
/**
 * A query may say another method than the request has, other headers, and another type of its body: what it may do and what it names is
 * known by those that it has.
 */
const ELSE: ReadonlySet<string> = new Set(['httpmethod', 'httpheaders', 'ct']);
/** The same as a header. */
export const MASK_HEADER = 'x-goog-fieldmask';
const FORM = 'alt';
const CALLBACK = 'callback';
/** Numbers in place of names of values are read as well (`json;enum-encoding=int`). */
const READ = /^(?:json)?(?:;|$)/i;
/** Of what may be answered as a stream. */
const STREAMED = /^(?:json|sse)?(?:;|$)/i;
const PROTO = /\bprotobuf\b/i;

/** Whether a client of Google's asks, and what it asks goes on as it came. */
function isForwarded({ route, operation }: Call): boolean {
  return route.dialect === 'gemini' && operation?.raw !== undefined;
}

/** Whether such an answer is read. */
function isRead(call: Call): boolean {
  return isForwarded(call) && (tellsOf(call) !== null || makesObjects(call));
}

/** The client's query as it goes on, with its `?`; '' = there is none. */
export function queryOf(call: Call): string {
  const { query } = call.head;
  if (query === '' || !isForwarded(call)) return forwardedQuery(query);
  const read = isRead(call);
  const left = query.split('&').filter((part) => {
    const name = nameOf(part);
    return !ELSE.has(name) && !(read && MASKS.has(name));
  });
  return forwardedQuery(left.join('&'));
}

/** Whether what it shows is for nobody to say. */
export function isUnmasked(call: Call): boolean {
  return call.head.headers.get(MASK_HEADER) !== undefined && isRead(call);
}

/** Why an answer in the form that is asked for cannot be had; null = it can. Lists are looked at when they come. */
export function refusedForm(call: Call): GatewayError | null {
  const { query, headers } = call.head;
  const proto = PROTO.test(headers.get('accept') ?? '');
  if ((query === '' && !proto) || !isRead(call)) return null;
  const told = tellsOf(call);
  if (told === 'list') return null;
  const forms = told === null ? STREAMED : READ;
  const asked = query.split('&').find((part) => {
    const name = nameOf(part);
    return name === CALLBACK ? wordOf(part) !== '' : name === FORM && !forms.test(wordOf(part));
  });
  if (asked === undefined && !proto) return null;
  const what = asked === undefined ? 'accept: application/x-protobuf' : asked.slice(0, 100);
  return new GatewayError('GW_CLIENT_UNSUPPORTED', {
    message: `What this makes, or tells of, is answered as JSON alone here, and not as \`${what.replace(/[^\x20-\x7e]/g, '?')}\` asks.`,
    param: asked === undefined ? 'accept' : nameOf(asked),
  });
}

/** As Google reads it: `$fields` and `fields` are one. */
function nameOf(part: string): string {
  return read(part.split('=', 1)[0]!).replace(/^\$/, '').toLowerCase();
}

function wordOf(part: string): string {
  return read(part.slice(part.indexOf('=') + 1)).trim();
}

function read(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
