// The credentials of a request, sealed into a text that stands for them for a while: who has it may come with it alone. Nobody keeps it,
// and any process with the same secret opens it.
import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import type { RequestHead } from '../../contracts/call.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import { GATE_KEY } from './authenticate.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Where a key may stand. */
const CREDENTIALS = [GATE_KEY, 'authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;

/** Names and values of headers. */
export type Credentials = readonly (readonly [string, string])[];

export interface Seal<T> {
  close(value: T): string;
  /** Null: it is none of ours, or was changed. */
  open(text: string): T | null;
}

/**
 * @param mark what a sealed text begins with. @param purpose a text that was sealed for one opens for no other.
 * @param secret any text; the same at every process that is to open what the others sealed.
 */
export function createSeal<T>(mark: string, purpose: string, secret: () => string): Seal<T> {
  const key = (): Buffer => hash('sha256', `headgate ${purpose} 1 ${secret()}`, 'buffer');
  return {
    close(value) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key(), iv);
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return mark + Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(sealed) {
      if (!sealed.startsWith(mark)) return null;
      try {
        const bytes = Buffer.from(sealed.slice(mark.length), 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key(), bytes.subarray(0, IV_BYTES));
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
        return JSON.parse(text.toString('utf8')) as T; // sealed by us
      } catch {
        return null;
      }
    },
  };
}

/** Those that a request shows in its headers. */
export function credentialsOf({ headers }: RequestHead): [string, string][] {
  return CREDENTIALS.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name, value]];
  });
}

/** The head's own headers, and the credentials that it does not show itself. */
export function withCredentials({ headers: own }: RequestHead, credentials: Credentials): HeaderBag {
  const headers = new HeaderBag();
  for (let at = 0; at < own.count; at++) headers.add(own.nameAt(at), own.valueAt(at));
  for (const [name, value] of credentials) if (headers.get(name) === undefined) headers.add(name, value);
  return headers;
}
