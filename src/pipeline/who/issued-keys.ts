// Keys that the gatehouse issued, as a worker knows them: by their hash, with the holder and its limits still as the bytes they came
// as. Only of keys that are met are a principal and its rules made, and of those only so many are kept: a key that nobody uses costs
// its row.
import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import type { Holder } from '../../contracts/holder.ts';
import type { Principal } from '../../contracts/principal.ts';
import { DEAD, HASH_BYTES, hashOf, holderAt, markOf, rowEnd } from '../../governance/issued-frame.ts';
import { IssuedTable } from '../../governance/issued-table.ts';
import { createPrincipalMaker } from '../../governance/principal.ts';
import { WarmKeys } from './warm-keys.ts';

/** Keys met whose principals are kept; of those beyond, one is made anew (some 20 us) when it is met again. */
const MAX_WARM = 20_000;

/** Keys that tokens and certificates name; beyond that all are looked for anew. */
const MAX_NAMED = 10_000;

const LIVE = 1;
const COMMA = 0x2c;
const BRACE = 0x7d;

export class IssuedKeys {
  /** A hash is of 192 random bits under a secret: nobody finds a neighbour of it by its time. */
  readonly #rows = new IssuedTable({ byId: false });
  readonly #warm = new WarmKeys(MAX_WARM);
  readonly #principalOf = createPrincipalMaker();
  /** Keys that were looked for by name, and their names by hash: rows come and go by it. */
  readonly #named = new Map<string, Principal>();
  readonly #names = new Map<string, string>();
  #secret: Buffer | null = null;
  /** Whether a key that is not here is nobody's. */
  whole = true;

  get size(): number {
    return this.#rows.size;
  }

  /** Of a key that was met before; null = look further. */
  met(credential: string): Principal | null {
    return this.#warm.met(credential);
  }

  find(credential: string): Principal | null {
    if (this.#rows.size === 0 || this.#secret === null) return null;
    const hash = createHmac('sha256', this.#secret).update(credential).digest();
    const holder = this.#rows.holder(hash);
    if (holder === null) return null;
    const principal = this.#principalOf(JSON.parse(holder) as Holder); // as the gatehouse wrote it
    this.#warm.add(credential, hash.toString('latin1'), principal);
    return principal;
  }

  /** The holder of a key by its name; looks through all of them, once for as long as the row stays as it is. */
  named(name: string): Principal | null {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const start = Buffer.from(`{"name":${JSON.stringify(name)}`);
    let found: string | null = null;
    let hash = '';
    this.#rows.each((chunk, at) => {
      if (found !== null) return;
      const from = holderAt(chunk, at);
      const end = rowEnd(chunk, at);
      const behind = from + start.length;
      if (behind >= end || chunk.compare(start, 0, start.length, from, behind) !== 0) return;
      if (chunk[behind] !== COMMA && chunk[behind] !== BRACE) return;
      found = chunk.toString('utf8', from, end);
      hash = hashOf(chunk, at).toString('latin1');
    });
    if (found === null) return null;
    const principal = this.#principalOf(JSON.parse(found) as Holder); // as above
    if (this.#named.size >= MAX_NAMED) {
      this.#named.clear();
      this.#names.clear();
    }
    this.#named.set(name, principal);
    this.#names.set(hash, name);
    return principal;
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
    return this.#warm.takeUsed();
  }

  #cool(hash: Buffer): void {
    if (this.#warm.size === 0 && this.#names.size === 0) return;
    const text = hash.toString('latin1');
    this.#warm.cool(text);
    const name = this.#names.get(text);
    if (name === undefined) return;
    this.#names.delete(text);
    this.#named.delete(name);
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
