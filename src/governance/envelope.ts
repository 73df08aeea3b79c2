// Secrets at rest. Each has a data key of its own (AES-256-GCM), which is wrapped by the key of the master: a new master
// wraps the data keys anew and touches no secret. What a secret belongs to is authenticated along with it, so that a row
// copied over another one does not open.
//
//   hgs1.<id of the master>.<wrapped data key>.<sealed secret>     each sealed part: nonce (12) | tag (16) | bytes, base64url
import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { masterKeyId, purposeKey } from './purpose-key.ts';

const VERSION = 'hgs1';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** What a secret belongs to: it opens nowhere else. */
export interface SecretPlace {
  /** Of what it is: `provider-key`, `session`. */
  readonly kind: string;
  readonly id: string;
  readonly field: string;
}

/** A secret that does not open: altered, of another place, or of a master key that is not known. Tells nothing of it. */
export class EnvelopeError extends Error {
  readonly reason: 'form' | 'unknown-key' | 'forged';

  constructor(reason: EnvelopeError['reason']) {
    super(
      reason === 'unknown-key'
        ? 'the secret was sealed with a master key that is not at hand'
        : 'the secret is not what was stored there',
    );
    this.name = 'EnvelopeError';
    this.reason = reason;
  }
}

export interface Envelopes {
  /** Of the master that seals: 8 hexadecimal digits. */
  readonly keyId: string;
  seal(secret: string, place: SecretPlace): string;
  /** @throws EnvelopeError */
  open(sealed: string, place: SecretPlace): string;
  /** Sealed with the newest master; the same text where it is already. @throws EnvelopeError */
  rewrap(sealed: string, place: SecretPlace): string;
}

/**
 * @param masters the first seals, all of them open. Never empty.
 * @param random gives so many bytes of a source fit for secrets
 */
export function createEnvelopes(masters: readonly Buffer[], random: (bytes: number) => Buffer): Envelopes {
  const first = masters[0];
  if (first === undefined) throw new Error('there is no master key');
  const keys = new Map(masters.map((master) => [masterKeyId(master), purposeKey(master, 'at-rest')]));
  const keyId = masterKeyId(first);

  const unwrap = (sealed: string, place: SecretPlace) => {
    const [version, id = '', wrapped = '', body = '', ...more] = sealed.split('.');
    if (version !== VERSION || body === '' || more.length > 0) throw new EnvelopeError('form');
    const key = keys.get(id);
    if (key === undefined) throw new EnvelopeError('unknown-key');
    return { id, body, dataKey: opened(key, wrapped, aad('data-key', place)) };
  };
  const wrap = (dataKey: Buffer, body: string, place: SecretPlace): string =>
    [VERSION, keyId, locked(keys.get(keyId)!, dataKey, aad('data-key', place), random), body].join('.');

  return {
    keyId,
    seal(secret, place) {
      const dataKey = random(KEY_BYTES);
      return wrap(dataKey, locked(dataKey, Buffer.from(secret), aad('secret', place), random), place);
    },
    open(sealed, place) {
      const { dataKey, body } = unwrap(sealed, place);
      return opened(dataKey, body, aad('secret', place)).toString('utf8');
    },
    rewrap(sealed, place) {
      const { id, dataKey, body } = unwrap(sealed, place);
      return id === keyId ? sealed : wrap(dataKey, body, place);
    },
  };
}

/** Lists, not joined texts: `a` and `b/c` is not `a/b` and `c`. */
function aad(part: string, { kind, id, field }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([VERSION, part, kind, id, field]));
}

function locked(key: Buffer, bytes: Buffer, aad: Buffer, random: (bytes: number) => Buffer): string {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

function opened(key: Buffer, text: string, aad: Buffer): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  // Decoding is lax: of what stands for the same bytes only one spelling is what we wrote.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text)
    throw new EnvelopeError('form');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    throw new EnvelopeError('forged');
  }
}
