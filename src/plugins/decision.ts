// What a plugin decided, held to its shape: it may come over a network, or out of code that nobody checked.
import type { JsonObject } from '../contracts/json.ts';
import type {
  AnswerDecision,
  DeltaDecision,
  OwnAnswer,
  Refusal,
  RequestDecision,
  RouteDecision,
  UpstreamDecision,
} from '../contracts/plugin.ts';

/** What is wrong with a decision. */
export class BadDecision extends Error {
  constructor(what: string) {
    super(`its decision is not one: ${what}`);
    this.name = 'BadDecision';
  }
}

const MAX_MESSAGE_CHARS = 4_096;
const MAX_METADATA = 64;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** They frame or authenticate a request, or say whose it is. */
const NOT_THEIRS =
  /^(?:host|connection|content-length|content-type|content-encoding|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*|authorization|cookie|x-api-key|api-key|x-goog-api-key|x-amz-.*|forwarded|x-forwarded-.*)$/;

/** @throws BadDecision */
export function requestDecision(value: unknown): RequestDecision {
  const given = membersOf(value);
  return present<RequestDecision>({
    body: given['body'] === undefined ? undefined : objectIn(given['body'], 'body'),
    model: given['model'] === undefined ? undefined : textIn(given['model'], 'model'),
    metadata: given['metadata'] === undefined ? undefined : metadataIn(given['metadata']),
    headers: given['headers'] === undefined ? undefined : headersIn(given['headers']),
    refuse: refusalIn(given['refuse']),
    answer: answerIn(given['answer']),
  });
}

/** @throws BadDecision */
export function routeDecision(value: unknown): RouteDecision {
  const { targets, refuse } = membersOf(value);
  if (targets !== undefined && (!Array.isArray(targets) || targets.some((one) => typeof one !== 'string')))
    throw new BadDecision('`targets` is no list of names');
  return present<RouteDecision>({
    targets: targets as string[] | undefined, // looked at above
    refuse: refusalIn(refuse),
  });
}

/** @throws BadDecision */
export function upstreamDecision(value: unknown): UpstreamDecision {
  const { body, headers, refuse } = membersOf(value);
  return present<UpstreamDecision>({
    body: body === undefined ? undefined : objectIn(body, 'body'),
    headers: headers === undefined ? undefined : headersIn(headers),
    refuse: refusalIn(refuse),
  });
}

/** @throws BadDecision */
export function answerDecision(value: unknown): AnswerDecision {
  const { body, refuse } = membersOf(value);
  return present<AnswerDecision>({
    body: body === undefined ? undefined : objectIn(body, 'body'),
    refuse: refusalIn(refuse),
  });
}

/** As a module gives it, or as the answer of a server. @throws BadDecision */
export function deltaDecision(value: unknown): DeltaDecision {
  if (typeof value === 'string') return value;
  const { text } = membersOf(value);
  if (text === undefined || text === null) return undefined;
  if (typeof text !== 'string') throw new BadDecision('`text` is no text');
  return text;
}

/** Without the members that are undefined. */
function present<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as T; // each member is of its type, or absent
}

function membersOf(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new BadDecision('no object');
  return value as Record<string, unknown>;
}

function objectIn(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadDecision(`\`${name}\` is no object`);
  return value as JsonObject;
}

function textIn(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_MESSAGE_CHARS)
    throw new BadDecision(`\`${name}\` is no text`);
  return value;
}

function metadataIn(value: unknown): Record<string, string> {
  const entries = Object.entries(membersOf(value));
  if (entries.length > MAX_METADATA || entries.some(([, one]) => typeof one !== 'string'))
    throw new BadDecision(`\`metadata\` is no map of at most ${MAX_METADATA} texts`);
  return Object.fromEntries(entries) as Record<string, string>; // looked at above
}

function headersIn(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(membersOf(value))) {
    const lower = name.toLowerCase();
    if (!TOKEN.test(name) || typeof text !== 'string' || !VALUE.test(text))
      throw new BadDecision(`\`headers\` has what no header can be`);
    if (!NOT_THEIRS.test(lower)) headers[lower] = text;
  }
  return headers;
}

function refusalIn(value: unknown): Refusal | undefined {
  if (value === undefined || value === null) return undefined;
  const { status, message } = membersOf(value);
  const text =
    typeof message === 'string' && message !== ''
      ? message.slice(0, MAX_MESSAGE_CHARS)
      : 'A plugin of this gateway refuses the call.';
  // 0 is what a number of proto3 is that nobody gave.
  if (status === undefined || status === 0) return { message: text };
  if (
    typeof status !== 'number' ||
    !(Number.isInteger(status) && ((status >= 400 && status < 500) || status === 503))
  )
    throw new BadDecision('`refuse.status` is none of a refusal');
  return { status, message: text };
}

function answerIn(value: unknown): OwnAnswer | undefined {
  if (value === undefined || value === null) return undefined;
  const { text, body } = membersOf(value);
  if (body !== undefined) return { body: objectIn(body, 'answer.body') };
  if (typeof text !== 'string') throw new BadDecision('`answer` has neither `text` nor `body`');
  return { text };
}
