// Issuers whose tokens (JWT) are taken for keys, as the configuration has them.
import type { CallerPolicy } from './holder.ts';

/** An issuer of tokens, and how its claims are read. */
export interface TokenIssuer {
  readonly name: string;
  /** Exactly as `iss` has it. */
  readonly issuer: string;
  /** One of which `aud` must have. Never empty. */
  readonly audiences: readonly string[];
  readonly jwksUrl: string;
  /** Asymmetric ones only. */
  readonly algorithms: readonly string[];
  /** What a principal has -> path of the claim that says it, `realm.team`. */
  readonly claims: Readonly<Partial<Record<TokenClaim, string>>>;
  /** How far clocks may differ. */
  readonly leewayMs: number;
  /** What its tokens may, and how they are treated, beside what they belong to. */
  readonly policy: CallerPolicy;
}

/** What a claim may say. `key`: name of a key, whose principal the caller then is. */
export type TokenClaim = 'name' | 'key' | 'organization' | 'team' | 'user' | 'customer' | 'project' | 'tags';
