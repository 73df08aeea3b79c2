// One master key, many uses: each has a key of its own that tells nothing of the others (HKDF, RFC 5869, SHA-256, the
// use as `info`). A key that served two ends would let what is made for one be passed off as made for the other.
import { Buffer } from 'node:buffer';
import { hkdfSync } from 'node:crypto';

/** What a derived key is for. Adding a use is adding a line. */
export type KeyPurpose =
  | 'at-rest' // secrets in the store
  | 'virtual-key' // hashes of keys of callers
  | 'admin-token' // hashes of personal and set-up tokens
  | 'session' // cookies of administrators
  | 'csrf'
  | 'login' // logins on their way to an OpenID provider
  | 'audit' // the chain of the audit log
  | 'webhook'
  | 'key-id'; // names a master key without telling it

export const MASTER_KEY_BYTES = 32;

/** @param master 32 bytes. @returns 32 bytes, the same for the same two. */
export function purposeKey(master: Buffer, purpose: KeyPurpose): Buffer {
  if (master.length !== MASTER_KEY_BYTES) throw new Error(`a master key has ${MASTER_KEY_BYTES} bytes`);
  return Buffer.from(hkdfSync('sha256', master, '', `headgate ${purpose} 1`, 32));
}

/** Names a master key in what was sealed with it: 8 hexadecimal digits. */
export function masterKeyId(master: Buffer): string {
  return purposeKey(master, 'key-id').toString('hex', 0, 4);
}
