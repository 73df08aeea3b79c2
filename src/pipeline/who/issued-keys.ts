// Keys that the gatehouse issued, as a worker knows them: by their hash, with the holder still as the bytes it came as. Only
// of keys that are met is a principal made, and of those only so many are kept: a key that nobody uses costs its row.
import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import type { Holder } from '../../contracts/holder.ts';
import type { Principal } from '../../contracts/principal.ts';
import { DEAD, HASH_BYTES, hashOf, holderAt, markOf, rowEnd } from '../../governance/issued-frame.ts';
import { IssuedTable } from '../../governance/issued-table.ts';
import { createPrincipalMaker } from '../../governance/principal.ts';

/** Keys met whose principals are kept; beyond that all are made anew when they are met. */
const MAX_WARM = 20_000;

const LIVE = 1;
const COMMA = 0x2c;
const BRACE = 0x7d;

interface Warm {
  readonly principal: Principal;
  /** It was met since somebody asked. */
  used: boolean;
}

export class IssuedKeys {
  /** A hash is of 192 random bits under a secret: nobody finds a neighbour of it by its time. */
  readonly #rows = new IssuedTable({ byId: false });
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
    const hash = createHmac('sha256', this.#secret).update(credential).digest();
    const holder = this.#rows.holder(hash);
    if (holder === null) return null;
    if (this.#warm.size >= MAX_WARM) {
      this.#warm.clear();
      this.#credentialOf.clear();
    }
    const principal = this.#principalOf(JSON.parse(holder) as Holder); // as the gatehouse wrote it
    this.#warm.set(credential, { principal, used: true });
    this.#credentialOf.set(hash.toString('latin1'), credential);
    return principal;
  }

  /** The holder of a key by its name; looks through all of them. */
  named(name: string): Principal | null {
    const start = Buffer.from(`{"name":${JSON.stringify(name)}`);
    let found: string | null = null;
    this.#rows.each((chunk, at) => {
      if (found !== null) return;
      const from = holderAt(chunk, at);
      const end = rowEnd(chunk, at);
      const behind = from + start.length;
      if (behind >= end || chunk.compare(start, 0, start.length, from, behind) !== 0) return;
      if (chunk[behind] === COMMA || chunk[behind] === BRACE) found = chunk.toString('utf8', from, end);
    });
    return found === null ? null : this.#principalOf(JSON.parse(found) as Holder); // as above
  }

  /** @param secret of the hashes, base64 */
  learn(told: Uint8Array, drop: Uint8Array, secret: string): void {
    if (secret !== '' && this.#secret?.toString('base64') !== secret)
      this.#secret = Buffer.from(secret, 'base64');
    const gone = bufferOf(drop);
    for (let at = 0; at < gone.length; at += HASH_BYTES) {
      const hash = gone.subarray(at, at + HASH_BYTES);
      this.#rows.drop(hash);
      this.#cool(hash);
    }
    const frame = bufferOf(told);
    if (this.#rows.keep(frame, LIVE)) return;
    for (let at = 0; at < frame.length; at = rowEnd(frame, at)) {
      if (markOf(frame, at) === DEAD) continue;
      this.#rows.put(frame, at, LIVE);
      this.#cool(hashOf(frame, at));
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
  #cool(hash: Buffer): void {
    if (this.#credentialOf.size === 0) return;
    const key = hash.toString('latin1');
    const credential = this.#credentialOf.get(key);
    if (credential === undefined) return;
    this.#warm.delete(credential);
    this.#credentialOf.delete(key);
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
