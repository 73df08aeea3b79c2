// One head of an HTTP/1.x answer: status, headers, and where its body ends. Strict, because what two parties read
// differently here is how answers are smuggled: anything RFC 9112 lets a reader repair is refused. Pure.
import type { UpstreamHeaders } from '../contracts/upstream.ts';
import { badAnswer } from './wire-fault.ts';

/** `length` of a body in chunks. */
export const CHUNKED = -1;
/** `length` of a body that ends with the connection. */
export const UNTIL_CLOSE = -2;

export interface AnswerHead {
  status: number;
  headers: UpstreamHeaders;
  /** Bytes of the body, CHUNKED or UNTIL_CLOSE. */
  length: number;
  /** Another request may go over this connection. */
  reusable: boolean;
  /** How long the server says it holds an idle connection (`keep-alive: timeout`), ms; -1 = not said. */
  heldMs: number;
}

const MAX_HEADERS = 100;
/** More digits than any answer has bytes, fewer than a double rounds. */
const MAX_LENGTH_DIGITS = 15;
/** `HTTP/1.` */
const VERSION = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e] as const;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const COLON = 0x3a;

const NAME_BYTE = 1;
const TEXT_BYTE = 2;
/** What each byte may stand in: a header's name (token), a value or reason (visible, blank, tab, obs-text). */
const KIND = Uint8Array.from({ length: 256 }, (_, byte) => {
  const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)) ? NAME_BYTE : 0;
  const text = byte === TAB || (byte >= SPACE && byte !== 0x7f) ? TEXT_BYTE : 0;
  return token | text;
});

/** Names servers send most, in both spellings: the look-up saves the copy that toLowerCase() makes. */
const KNOWN_NAMES: ReadonlyMap<string, string> = new Map(
  [
    'Content-Type Content-Length Transfer-Encoding Connection Keep-Alive Date Server Vary Via Age Etag Alt-Svc',
    'Cache-Control Set-Cookie Retry-After X-Request-Id Request-Id Strict-Transport-Security Cf-Ray',
    'Cf-Cache-Status X-Content-Type-Options Access-Control-Expose-Headers Openai-Organization Openai-Version',
    'Openai-Processing-Ms Openai-Project Anthropic-Organization-Id X-Ratelimit-Limit-Requests',
    'X-Ratelimit-Limit-Tokens X-Ratelimit-Remaining-Requests X-Ratelimit-Remaining-Tokens',
    'X-Ratelimit-Reset-Requests X-Ratelimit-Reset-Tokens X-Envoy-Upstream-Service-Time',
  ]
    .join(' ')
    .split(' ')
    .flatMap((name) => [
      [name, name.toLowerCase()],
      [name.toLowerCase(), name.toLowerCase()],
    ]),
);

/** A header map that inherits nothing: `__proto__` and `constructor` are names like any other. Faster than Object.create(null). */
const HeaderMap = function HeaderMap() {} as unknown as new () => UpstreamHeaders;
HeaderMap.prototype = Object.create(null);

/**
 * Reads the head that lies in [start, end) of `bytes`, its closing empty line included.
 * @throws WireFault when it is not exactly as it should be.
 */
export function readAnswerHead(bytes: Buffer, start: number, end: number): AnswerHead {
  for (let i = 0; i < VERSION.length; i++) {
    if (bytes[start + i] !== VERSION[i]) throw badAnswer('no HTTP/1 status line');
  }
  const minor = bytes[start + 7]! - ZERO;
  if ((minor !== 0 && minor !== 1) || bytes[start + 8] !== SPACE) throw badAnswer('an unknown HTTP version');
  const status = readStatus(bytes, start + 9);
  let at = start + 12;
  if (bytes[at] === SPACE) at = endOfText(bytes, at);
  at = endOfLine(bytes, at);

  const text = bytes.toString('latin1', start, end);
  const headers = new HeaderMap();
  const head: AnswerHead = { status, headers, length: UNTIL_CLOSE, reusable: minor === 1, heldMs: -1 };
  let count = 0;
  while (bytes[at] !== CR) {
    if (++count > MAX_HEADERS) throw badAnswer('too many headers');
    const nameAt = at;
    while ((KIND[bytes[at]!]! & NAME_BYTE) !== 0) at++;
    // No name is also a continued line (obs-fold); anything but a colon behind it is also a blank before the colon.
    if (at === nameAt || bytes[at] !== COLON) throw badAnswer('a malformed header name');
    const spelled = text.slice(nameAt - start, at - start);
    const name = KNOWN_NAMES.get(spelled) ?? spelled.toLowerCase();
    at++;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    const valueAt = at;
    at = endOfText(bytes, at);
    let valueEnd = at;
    while (valueEnd > valueAt && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd--;
    at = endOfLine(bytes, at);
    const value = text.slice(valueAt - start, valueEnd - start);

    if (name === 'content-length') {
      if (head.length !== UNTIL_CLOSE) throw badAnswer('two statements of its length');
      head.length = readLength(bytes, valueAt, valueEnd);
    } else if (name === 'transfer-encoding') {
      if (head.length !== UNTIL_CLOSE) throw badAnswer('two statements of its length');
      if (value.toLowerCase() !== 'chunked') throw badAnswer('an unknown transfer coding');
      if (minor === 0) throw badAnswer('a transfer coding in HTTP/1.0');
      head.length = CHUNKED;
    } else if (name === 'connection') {
      head.reusable = connectionStays(value, head.reusable);
    } else if (name === 'keep-alive') {
      head.heldMs = heldMs(value);
    }
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (typeof before === 'string') headers[name] = [before, value];
    else before.push(value);
  }
  if (at + 2 !== end) throw badAnswer('a stray line end');
  return withoutBody(head);
}

function readStatus(bytes: Buffer, at: number): number {
  let status = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = bytes[i]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) throw badAnswer('a malformed status');
    status = status * 10 + digit;
  }
  if (status < 100 || status > 599) throw badAnswer('an impossible status');
  return status;
}

/** Where the visible text from `at` on ends. */
function endOfText(bytes: Buffer, at: number): number {
  let end = at;
  while ((KIND[bytes[end]!]! & TEXT_BYTE) !== 0) end++;
  return end;
}

/** Behind the CR LF that must stand at `at`. */
function endOfLine(bytes: Buffer, at: number): number {
  if (bytes[at] !== CR || bytes[at + 1] !== LF) throw badAnswer('a control character or a bare line end');
  return at + 2;
}

function readLength(bytes: Buffer, at: number, end: number): number {
  if (at === end || end - at > MAX_LENGTH_DIGITS) throw badAnswer('a malformed length');
  let length = 0;
  for (let i = at; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) throw badAnswer('a malformed length');
    length = length * 10 + digit;
  }
  return length;
}

function connectionStays(value: string, before: boolean): boolean {
  if (value === 'keep-alive') return true;
  const options = value.toLowerCase().split(/[\s,]+/);
  if (options.includes('close')) return false;
  return before || options.includes('keep-alive');
}

function heldMs(value: string): number {
  const seconds = /(?:^|[\s,;])timeout=(\d{1,6})(?:$|[\s,;])/i.exec(value)?.[1];
  return seconds === undefined ? -1 : Number(seconds) * 1000;
}

/** Interim heads, 204 and 304 have no body whatever they say; one that says otherwise ends its connection. */
function withoutBody(head: AnswerHead): AnswerHead {
  const { status } = head;
  if (status < 200) {
    // Some write the length of nothing under a 100.
    if (head.length !== UNTIL_CLOSE && head.length !== 0) throw badAnswer('an interim head with a body');
  } else if (status === 204 || status === 304) {
    if (head.length !== UNTIL_CLOSE && head.length !== 0) head.reusable = false;
    head.length = 0;
  } else if (head.length === UNTIL_CLOSE) {
    head.reusable = false;
  }
  return head;
}
