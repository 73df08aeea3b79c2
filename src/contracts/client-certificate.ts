// Callers that show a certificate which one of a listener's authorities signed, in place of a key.
import type { GatewayError } from './errors.ts';
import type { Principal } from './principal.ts';

/** What a certificate says of its holder. Made once a connection; checked by TLS before anybody sees it. */
export interface ClientCertificate {
  /** SHA-256 of the certificate: hexadecimal digits in lower case, without colons. */
  readonly fingerprint: string;
  /** Attributes of the subject in their order: `CN` -> `app`, `OU` -> `team-a`. */
  readonly subject: readonly (readonly [attribute: string, value: string])[];
  /** Subject alternative names: `DNS` -> `app.example`, `URI` -> `spiffe://example/app`, `email`, `IP`. */
  readonly names: readonly (readonly [kind: string, value: string])[];
}

export interface CertificateCallers {
  /** Null: no rule fits. An error: one does, and what it names is not there. */
  of(certificate: ClientCertificate): Principal | GatewayError | null;
}
