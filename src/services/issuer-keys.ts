// The public keys of an issuer (JWKS, RFC 7517), as this worker knows them. Asked for when a token needs them, again when one
// names a key that is not there, and beside the calls when they are old; what is known stays while the issuer does not answer.
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../contracts/ports.ts';
import { askJson } from './ask.ts';

const TIMEOUT_MS = 3_000;
const MAX_BYTES = 512 * 1024;
/** Known keys are asked for anew after so long. */
const FRESH_MS = 600_000;
/** A token can name any key it likes: that asks the issuer no more often than this. */
const PAUSE_MS = 10_000;

export class IssuerKeys {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #asked: (fault: string | null) => void;
  #keys: JWTVerifyGetKey | null = null;
  #readAt = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  /** @param asked hears how each question ended. */
  constructor(url: string, clock: Clock, asked: (fault: string | null) => void) {
    this.#url = url;
    this.#clock = clock;
    this.#asked = asked;
  }

  /** Those there are; null = none could be read yet. Waits only where there are none. */
  async current(): Promise<JWTVerifyGetKey | null> {
    if (this.#keys === null) await this.#ask();
    // In the background: whoever comes first would wait for a slow issuer, though we know what he needs.
    else if (this.#clock.now() - this.#readAt > FRESH_MS) void this.#ask();
    return this.#keys;
  }

  /** A token names a key that is not among them: maybe a new one. */
  async renewed(): Promise<JWTVerifyGetKey | null> {
    await this.#ask();
    return this.#keys;
  }

  /** All who need it wait for one question. */
  #ask(): Promise<void> {
    if (this.#asking !== null) return this.#asking;
    const now = this.#clock.now();
    if (now - this.#askedAt < PAUSE_MS) return Promise.resolve();
    this.#askedAt = now;
    this.#asking = this.#read().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #read(): Promise<void> {
    const headers = { accept: 'application/jwk-set+json, application/json' };
    try {
      const read = await askJson({
        method: 'GET',
        url: this.#url,
        headers,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
      });
      // Read when it is needed: a gateway without issuers does without its memory.
      const { createLocalJWKSet } = await import('jose');
      // Throws for what is no set of keys; each key is judged when it is used.
      this.#keys = createLocalJWKSet(read as JSONWebKeySet);
      this.#readAt = this.#clock.now();
      this.#asked(null);
    } catch (error) {
      this.#asked(error instanceof Error && 'reason' in error ? String(error.reason) : 'no_keys');
    }
  }
}
