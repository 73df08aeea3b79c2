// Callers that show a signed token (JWT) of an issuer we trust, in place of a key.
import type { GatewayError } from './errors.ts';
import type { Principal } from './principal.ts';

export interface TokenVerifier {
  /** Whether the text is a token of an issuer we trust, by what it says of itself: nothing of it is proven. */
  claims(token: string): boolean;
  /** Who showed this token before, while it has not expired; null = it is to be verified. */
  known(token: string): Principal | null;
  /** Never rejects. */
  verify(token: string): Promise<Principal | GatewayError>;
}
