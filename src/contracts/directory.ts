// Who presents which credential, apart from the configuration: a key comes or goes without anything being compiled.
import type { Holder } from './holder.ts';
import type { Principal } from './principal.ts';

/** A credential and its holder. */
export interface ClientKey extends Holder {
  readonly value: string;
  /** Name of the pair whose secret `value` is, for callers that sign their requests as AWS wants it. */
  readonly accessKeyId?: string;
}

export interface Directory {
  /** How many keys there are. */
  readonly size: number;
  /** Who presents this credential now; null = nobody known. Same work whether known or not. */
  find(credential: string): Principal | null;
  /** The secret of a key pair that was issued to a caller; null = nobody's. */
  secretOf(accessKeyId: string): string | null;
  /** The holder of a key by its name; null = no key is called so. Not for the path of a request. */
  named(name: string): Principal | null;
  /** False: whoever is not known may be somebody all the same, and is not to be called nobody. Absent = true. */
  knowsAll?(): boolean;
}

/** What became of the keys between two revisions of their list. */
export interface KeyDelta {
  /** The revision this builds on; 0 = on nothing: `put` is the whole list. */
  base: number;
  revision: number;
  /** New credentials, and those that have another name or pair now. */
  put: readonly ClientKey[];
  /** Credentials that are nobody's any more. */
  drop: readonly string[];
}
