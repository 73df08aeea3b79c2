// Certificates of clients that are taken for keys, as the configuration has them.
import type { CallerPolicy } from './holder.ts';

/** Which certificates are whose, as the configuration has it. */
export interface CertificateRule {
  readonly name: string;
  /** All that is stated must fit; `*` for any run of characters. */
  readonly match: {
    /** By attribute: `CN` -> `app-*`. */
    readonly subject?: Readonly<Record<string, string>>;
    /** One of the alternative names. */
    readonly san?: string;
    /** One of these, as ClientCertificate (client-certificate.ts) has it. */
    readonly fingerprints?: readonly string[];
  };
  /** Name of a key, whose holder it then is. */
  readonly key?: string;
  /** What a principal has -> where the certificate says it: an attribute of the subject (`OU`), or `san.uri`, `san.dns`, `san.email`. */
  readonly claims: Readonly<Partial<Record<CertificateClaim, string>>>;
  /** What it belongs to without a claim. */
  readonly belongs: Readonly<Partial<Record<Exclude<CertificateClaim, 'name'>, string>>>;
  readonly policy: CallerPolicy;
}

export type CertificateClaim = 'name' | 'organization' | 'team' | 'user' | 'customer' | 'project';
