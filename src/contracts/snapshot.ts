// The compiled configuration a call runs under, from its first byte to its last.
import type { Price } from './price.ts';
import type { CertificateCallers } from './client-certificate.ts';
import type { Config } from './config.ts';
import type { DialectName } from './dialect.ts';
import type { Lane } from './lane.ts';
import type { LimitTable } from './limits.ts';
import type { Operation } from './operation.ts';
import type { Plan } from './plan.ts';
import type { Principal } from './principal.ts';
import type { TokenVerifier } from './token-verifier.ts';
import type { Tracing } from './trace.ts';

/** A model as /v1/models shows it. */
export interface ListedModel {
  id: string;
  /** Provider, or `headgate` for an alias. */
  ownedBy: string;
  /** For people; null or left out when it has no other name. */
  displayName?: string | null;
  /** ms since 1970; null or left out when nobody said. */
  createdMs?: number | null;
}

export interface ModelTable {
  /**
   * @param name as the client wrote it: alias, `provider/model` or a bare name.
   * @param prefix provider the path named, else null; it decides bare names.
   * @param operation what is asked; left out = chat. Providers that do not serve it are no targets.
   * @returns null when nothing offers it.
   */
  plan(name: string, dialect: DialectName, prefix: string | null, operation?: Operation): Plan | null;
  /**
   * Where a call goes that names no model.
   *
   * @param provider null = the first that has the operation.
   * @returns null when there is none, or it has not.
   */
  at(provider: string | null, dialect: DialectName, operation: Operation): Plan | null;
  /** What a model costs at a provider, whether or not it may be asked for there; null = not known. */
  priceOf(provider: string, model: string): Price | null;
  /** Up to three known names that look like `name`. */
  similar(name: string): string[];
  readonly list: readonly ListedModel[];
}

export interface Snapshot {
  readonly version: number;
  readonly config: Config;
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly models: ModelTable;
  /** Null when nothing limits any call: then limits cost nothing. */
  readonly limits: LimitTable | null;
  /**
   * Who presents this credential; null = nobody known. Same work whether known or not. Asks the directory as it is now,
   * not as it was when this was compiled.
   */
  identify(credential: string): Principal | null;
  /** The secret of a key pair that was issued to a caller; null = nobody's. */
  secretOf(accessKeyId: string): string | null;
  /** False: a credential that nobody is known by may be somebody's all the same. Absent = true. */
  knowsAll?(): boolean;
  /** The same for the key of the metrics; null = they are open. */
  readonly identifyScraper: ((credential: string) => Principal | null) | null;
  /** Verifies tokens of callers; null or absent = none are taken. */
  readonly tokens?: TokenVerifier | null;
  /** Takes certificates of clients for keys; null or absent = none are taken. */
  readonly certificates?: CertificateCallers | null;
  /** Null or absent = no call is traced: then traces cost nothing. */
  readonly tracing?: Tracing | null;
  /** Proxies in front whose word on the address of a caller counts; null or absent = nobody's does. */
  readonly proxies?: { has(address: string): boolean } | null;
  /** Replaces provider keys, and parts of them, in what an upstream said of a failure; returns its argument when there are none. */
  mask(bytes: Buffer): Buffer;
}
