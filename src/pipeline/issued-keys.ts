// Keys that the gatehouse issued, as a worker knows them: by their hash, with the holder still as the text it came as. Only
// of keys that are met is a principal made, and of those only so many are kept: a key that nobody uses costs its row.
import { createHmac } from 'node:crypto';
import type { IssuedRow } from '../contracts/gatehouse-ipc.ts';
import type { Holder } from '../contracts/holder.ts';
import type { Principal } from '../contracts/principal.ts';
import { createPrincipalMaker } from '../governance/principal.ts';

/** Keys met whose principals are kept; beyond that all are made anew when they are met. */
const MAX_WARM = 20_000;

interface Warm {
  readonly hash: string;
  readonly principal: Principal;
  /** It was met since somebody asked. */
  used: boolean;
}

export class IssuedKeys {
  /** Hash -> holder as JSON. A hash is of 192 random bits under a secret: nobody finds a neighbour of it by its time. */
  readonly #rows = new Map<string, string>();
  readonly #warm = new Map<string, Warm>();
  readonly #credentialOf = new Map<string, string>();
  readonly #principalOf = createPrincipalMaker();
  #secret: Buffer | null = null;
  /** Whether a key that is not here is nobody's. */
  whole = true;

  get size(): number {
    return this.#rows.size;
  }

  /** Of a key that was met before; null = look further. */
  met(credential: string): Principal | null {
    const warm = this.#warm.get(credential);
    if (warm === undefined) return null;
    warm.used = true;
    return warm.principal;
  }

  find(credential: string): Principal | null {
    if (this.#rows.size === 0 || this.#secret === null) return null;
    const hash = createHmac('sha256', this.#secret).update(credential).digest('base64url');
    const holder = this.#rows.get(hash);
    if (holder === undefined) return null;
    if (this.#warm.size >= MAX_WARM) {
      this.#warm.clear();
      this.#credentialOf.clear();
    }
    const principal = this.#principalOf(JSON.parse(holder) as Holder); // as the gatehouse wrote it
    this.#warm.set(credential, { hash, principal, used: true });
    this.#credentialOf.set(hash, credential);
    return principal;
  }

  /** The holder of a key by its name; looks through all of them. */
  named(name: string): Principal | null {
    const start = `{"name":${JSON.stringify(name)}`;
    for (const holder of this.#rows.values())
      if (holder.startsWith(start) && /[,}]/.test(holder[start.length] ?? ''))
        return this.#principalOf(JSON.parse(holder) as Holder); // as above
    return null;
  }

  /** @param secret of the hashes, base64 */
  learn(put: readonly IssuedRow[], drop: readonly string[], secret: string): void {
    if (secret !== '' && this.#secret?.toString('base64') !== secret)
      this.#secret = Buffer.from(secret, 'base64');
    for (const hash of drop) {
      this.#rows.delete(hash);
      this.#cool(hash);
    }
    for (const [hash, holder] of put) {
      this.#rows.set(hash, holder);
      this.#cool(hash);
    }
  }

  /** Ids of keys that were met since this was asked last. */
  takeUsed(): string[] {
    const ids = new Set<string>();
    for (const warm of this.#warm.values()) {
      if (!warm.used) continue;
      warm.used = false;
      ids.add(warm.principal.id);
    }
    return [...ids];
  }

  /** What was made of an older row is not found again; calls under way keep it. */
  #cool(hash: string): void {
    const credential = this.#credentialOf.get(hash);
    if (credential === undefined) return;
    this.#warm.delete(credential);
    this.#credentialOf.delete(hash);
  }
}
