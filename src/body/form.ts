// Reads a multipart/form-data upload as it passes (RFC 7578, RFC 2046 5.1): finds the values of a few short fields and where
// they lie, and keeps nothing else. Whoever reads differs from us in what a form says is given no chance to: what two readers
// may take differently is refused.
import { Buffer } from 'node:buffer';
import { GatewayError } from '../contracts/errors.ts';

/** Longest boundary (RFC 2046), longest head of a part, longest value of a field that is read, most parts. */
const MAX_BOUNDARY = 70;
const MAX_HEAD_BYTES = 8 * 1024;
const MAX_VALUE_BYTES = 1024;
const MAX_PARTS = 1000;
/** What is read of another field, where somebody is told of those. */
const MAX_SEEN_BYTES = 1024 * 1024;

const CRLF = Buffer.from('\r\n');
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A field that was asked for: its text, and its place in the whole upload in bytes. */
export interface FormField {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Told of every other field, as often as it comes: of a long one that is no JSON its beginning, of what is no UTF-8 its bytes as letters. What has a file's name is none. */
export type FieldSeen = (name: string, value: string) => void;

/** The boundary that a content-type names; null = it is no multipart/form-data, or its boundary is none. */
export function boundaryOf(contentType: string | undefined): string | null {
  const found = /^\s*multipart\/form-data\s*;(.*)$/i.exec(contentType ?? '');
  if (found === null) return null;
  const all = [...found[1]!.matchAll(/(?:^|;)\s*boundary=(?:"([^"\\]*)"|([^\s;"]+))\s*(?=;|$)/gi)];
  const boundary = all.length === 1 ? (all[0]![1] ?? all[0]![2]!) : '';
  // What RFC 2046 allows, and what curl and browsers write.
  return boundary.length > 0 && boundary.length <= MAX_BOUNDARY && /^[\w'()+,./:=? -]*[^\s]$/.test(boundary)
    ? boundary
    : null;
}

type Phase = 'preamble' | 'line' | 'head' | 'value' | 'over';

/**
 *   preamble ──delimiter──► line ──CRLF──► head ──empty line──► value ──delimiter──► line …
 *                            └──`--`──► over
 */
export class FormReader {
  readonly #delimiter: Buffer;
  readonly #watched: ReadonlySet<string>;
  readonly #seen: FieldSeen | null;
  readonly #fields = new Map<string, FormField>();
  #phase: Phase = 'preamble';
  /** Bytes of the upload before the chunk at hand. */
  #before = 0;
  /** The end of what came, as far as a delimiter may have begun in it. */
  #tail: Buffer;
  /** Of a head, or of the line behind a delimiter: what came of it. */
  #text = '';
  #name: string | null = null;
  #value: Buffer[] = [];
  #valueStart = 0;
  #valueBytes = 0;
  #parts = 0;

  /** @param watched names of the fields to read, each of which may come once. */
  constructor(boundary: string, watched: readonly string[], seen: FieldSeen | null = null) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#watched = new Set(watched);
    this.#seen = seen;
    // The first delimiter may stand at the very beginning, without the line end before it.
    this.#tail = CRLF;
  }

  /** A field that has come whole; null = it has not. */
  field(name: string): FormField | null {
    return this.#fields.get(name) ?? null;
  }

  /** The closing delimiter was seen. */
  get over(): boolean {
    return this.#phase === 'over';
  }

  /** @throws GatewayError GW_CLIENT_BAD_REQUEST: it is no form, or one that can be read in two ways. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#phase !== 'over') {
      at =
        this.#phase === 'line' || this.#phase === 'head'
          ? this.#pushText(chunk, at)
          : this.#pushBytes(chunk, at);
    }
    this.#before += chunk.length;
  }

  /** The upload has ended. @throws GatewayError GW_CLIENT_BAD_REQUEST: before the form has. */
  end(): void {
    if (this.#phase !== 'over') throw bad('The form breaks off: its closing boundary is missing.');
  }

  /** Takes bytes up to a delimiter. @returns where to go on. */
  #pushBytes(chunk: Buffer, at: number): number {
    const delimiter = this.#delimiter;
    const tail = this.#tail;
    if (tail.length > 0) {
      // A delimiter that began before this chunk ends within its first bytes.
      const joint = Buffer.concat([tail, chunk.subarray(at, at + delimiter.length - 1)]);
      const found = joint.indexOf(delimiter);
      if (found >= 0) {
        const behind = at + found + delimiter.length - tail.length;
        this.#keep(joint.subarray(0, found));
        this.#endPart(this.#before + behind - delimiter.length);
        return behind;
      }
    }
    const found = chunk.indexOf(delimiter, at);
    if (found >= 0) {
      this.#keep(tail);
      this.#keep(chunk.subarray(at, found));
      this.#endPart(this.#before + found);
      return found + delimiter.length;
    }
    const rest = chunk.subarray(at);
    const all = rest.length >= delimiter.length - 1 ? rest : Buffer.concat([tail, rest]);
    if (all === rest) this.#keep(tail);
    const sure = Math.max(0, all.length - delimiter.length + 1);
    this.#keep(all.subarray(0, sure));
    // A copy: the chunk is not ours beyond this call.
    this.#tail = Buffer.from(all.subarray(sure));
    return chunk.length;
  }

  /** Takes bytes of the line behind a delimiter, or of a part's head. @returns where to go on. */
  #pushText(chunk: Buffer, at: number): number {
    const line = this.#phase === 'line';
    const end = line ? '\r\n' : '\r\n\r\n';
    const before = this.#text.length;
    this.#text += chunk.toString('latin1', at, Math.min(chunk.length, at + MAX_HEAD_BYTES + 4));
    if (line && this.#text.startsWith('--')) {
      this.#phase = 'over';
      return chunk.length;
    }
    const found = this.#text.indexOf(end);
    if (found > MAX_HEAD_BYTES || (found < 0 && this.#text.length > MAX_HEAD_BYTES))
      throw bad('The head of a part of the form is too large.');
    if (found < 0) return chunk.length;
    const text = this.#text.slice(0, found);
    const next = at + found + end.length - before;
    if (line) {
      if (/[^ \t]/.test(text)) throw bad('A boundary of the form is followed by something else.');
      this.#phase = 'head';
      // An empty head ends with the line end that ends the delimiter's line.
      this.#text = '\r\n';
      return next;
    }
    this.#text = '';
    this.#beginPart(text.slice(2), this.#before + next);
    return next;
  }

  #beginPart(head: string, start: number): void {
    if (++this.#parts > MAX_PARTS) throw bad(`The form has more than ${MAX_PARTS} parts.`);
    const name = this.#readHead(head);
    this.#name = name;
    this.#value = [];
    this.#valueBytes = 0;
    this.#valueStart = start;
    this.#tail = Buffer.alloc(0);
    this.#phase = 'value';
  }

  /** @returns the name of a field that is to be read, else null. */
  #readHead(head: string): string | null {
    let name: string | null = null;
    let dispositions = 0;
    let isFile = false;
    let encoded = false;
    for (const line of head.split('\r\n')) {
      const colon = line.indexOf(':');
      const key = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
      if (key === 'content-transfer-encoding') {
        encoded = !/^(?:7bit|8bit|binary)$/i.test(line.slice(colon + 1).trim());
      }
      if (key !== 'content-disposition') continue;
      dispositions++;
      const text = line.slice(colon + 1);
      if (!/^\s*form-data\s*(?:;|$)/i.test(text)) throw bad('A part of the form is no form-data.');
      const names = [...text.matchAll(/;\s*name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gi)];
      if (names.length > 1) throw bad('A part of the form has two names.');
      const raw = names[0]?.[1]?.replace(/\\(.)/g, '$1') ?? names[0]?.[2] ?? '';
      name = decode(Buffer.from(raw, 'latin1'));
      isFile = /;\s*filename\*?\s*=/i.test(text);
      if (/;\s*name\*/i.test(text))
        throw bad('A part of the form has a name in an encoding that is not taken.');
    }
    if (dispositions !== 1 || name === null) throw bad('A part of the form has no name.');
    if (!this.#watched.has(name)) {
      if (isFile || this.#seen === null) return null;
      if (encoded) throw bad(`\`${name}\` is to be a plain field of the form.`, name);
      return name;
    }
    if (isFile || encoded) throw bad(`\`${name}\` is to be a plain field of the form.`, name);
    if (this.#fields.has(name)) throw bad(`\`${name}\` is given twice.`, name);
    return name;
  }

  #keep(bytes: Buffer): void {
    if (this.#name === null || bytes.length === 0) return;
    this.#valueBytes += bytes.length;
    const isSeen = !this.#watched.has(this.#name);
    if (this.#valueBytes <= (isSeen ? MAX_SEEN_BYTES : MAX_VALUE_BYTES)) {
      this.#value.push(Buffer.from(bytes));
      return;
    }
    // A file without a name, most likely. Only of JSON what comes behind says something still.
    const begin = Buffer.concat([...this.#value, bytes]).toString('latin1', 0, MAX_SEEN_BYTES);
    if (!isSeen || /^\s*(?:[{[]|$)/.test(begin)) throw bad(`\`${this.#name}\` is too long.`, this.#name);
    this.#seen!(this.#name, begin);
    this.#name = null;
    this.#value = [];
  }

  #endPart(end: number): void {
    const name = this.#name;
    if (name !== null) {
      const bytes = Buffer.concat(this.#value);
      const value = decode(bytes);
      if (!this.#watched.has(name)) this.#seen!(name, value ?? bytes.toString('latin1'));
      else if (value === null) throw bad(`\`${name}\` is no UTF-8 text.`, name);
      else this.#fields.set(name, { value, start: this.#valueStart, end });
    }
    this.#name = null;
    this.#text = '';
    this.#phase = 'line';
  }
}

function decode(bytes: Buffer): string | null {
  try {
    return UTF8.decode(bytes);
  } catch {
    return null;
  }
}

function bad(message: string, param?: string): GatewayError {
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, ...(param !== undefined && { param }) });
}
