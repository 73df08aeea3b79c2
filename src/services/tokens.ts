// Verifies tokens of callers (JWT, RFC 7519) with jose. One that was verified is found again by its digest until it
// expires, so that a caller costs a signature once; callers who are the same to us are one principal.
import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { GatewayError } from '../contracts/errors.ts';
import type { CallerPolicy, Holder } from '../contracts/holder.ts';
import type { Clock } from '../contracts/ports.ts';
import type { Principal } from '../contracts/principal.ts';
import type { TokenClaim, TokenIssuer } from '../contracts/token-issuer.ts';
import type { TokenVerifier } from '../contracts/token-verifier.ts';
import { createPrincipalMaker } from '../governance/principal.ts';
import type { IssuerKeys } from './issuer-keys.ts';

/** Of tokens and of principals: beyond that the oldest is verified, or made, anew. */
const MAX_KEPT = 10_000;
/** Longer ones are no tokens of people; a head has 16 KiB. */
const MAX_TOKEN = 12_000;
const RETRY_MS = 2_000;

/** What a token says of whom its holder belongs to. */
export type Said = { [claim in 'organization' | 'team' | 'user' | 'customer' | 'project']?: string };

export interface TokenDeps {
  clock: Clock;
  keys(issuer: TokenIssuer): IssuerKeys;
  /** What belongs to a holder of whom the token says so much: grants of its team, …; null = what it names is not there. */
  holderOf(said: Said, policy: CallerPolicy): Omit<Holder, 'name'> | null;
  /** The holder of a key by its name; null = no key is called so. */
  named(key: string): Principal | null;
}

export function createTokenVerifier(issuers: readonly TokenIssuer[], deps: TokenDeps): TokenVerifier {
  return new Tokens(issuers, deps);
}

interface Seen {
  readonly principal: Principal;
  /** It stands for the holder of a key: for whoever that is when it is shown. */
  readonly ofKey: boolean;
  readonly untilMs: number;
}

class Tokens implements TokenVerifier {
  readonly #issuers: ReadonlyMap<string, TokenIssuer>;
  readonly #deps: TokenDeps;
  readonly #seen = new Map<string, Seen>();
  readonly #principals = new Map<string, Principal>();
  readonly #make = createPrincipalMaker();

  constructor(issuers: readonly TokenIssuer[], deps: TokenDeps) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
    this.#deps = deps;
  }

  claims(token: string): boolean {
    return token.startsWith('eyJ') && token.length <= MAX_TOKEN && this.#issuerOf(token) !== undefined;
  }

  known(token: string): Principal | null {
    const seen = this.#seen.get(digestOf(token));
    if (seen === undefined || this.#deps.clock.wall() >= seen.untilMs) return null;
    // Keys come, go and change at any time, and their limits with them.
    return seen.ofKey ? this.#deps.named(seen.principal.name) : seen.principal;
  }

  async verify(token: string): Promise<Principal | GatewayError> {
    const issuer = this.#issuerOf(token);
    if (issuer === undefined) return refused('It is of no issuer that this gateway knows.');
    try {
      if (!issuer.algorithms.includes(String(partOf(token, 0)?.['alg'])))
        return refused('It is signed in a way that this gateway does not take.');
      const payload = await this.#payloadOf(token, issuer);
      if (payload === null)
        return new GatewayError('GW_CALLER_UNKNOWN', {
          message: 'The keys of the token’s issuer cannot be read at the moment.',
          retryAfterMs: RETRY_MS,
        });
      const principal = this.#principalOf(payload, issuer);
      if (!(principal instanceof GatewayError)) {
        // jose asked for `exp`: a token without one was refused.
        this.#keep(this.#seen, digestOf(token), {
          principal,
          ofKey: issuer.claims.key !== undefined,
          untilMs: payload.exp! * 1_000 + issuer.leewayMs,
        });
      }
      return principal;
    } catch (error) {
      return faultOf(error);
    }
  }

  /** What is told before anything is proven: only which issuer's keys to ask. */
  #issuerOf(token: string): TokenIssuer | undefined {
    return this.#issuers.get(String(partOf(token, 1)?.['iss']));
  }

  async #payloadOf(token: string, issuer: TokenIssuer): Promise<JWTPayload | null> {
    const keys = this.#deps.keys(issuer);
    const current = await keys.current();
    if (current === null) return null;
    try {
      return await this.#verified(token, issuer, current);
    } catch (error) {
      if (codeOf(error) !== 'ERR_JWKS_NO_MATCHING_KEY') throw error;
      const renewed = await keys.renewed();
      if (renewed === null || renewed === current) throw error;
      return this.#verified(token, issuer, renewed);
    }
  }

  async #verified(token: string, issuer: TokenIssuer, keys: JWTVerifyGetKey): Promise<JWTPayload> {
    const { jwtVerify } = await import('jose');
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      audience: [...issuer.audiences],
      algorithms: [...issuer.algorithms],
      requiredClaims: ['exp'],
      clockTolerance: issuer.leewayMs / 1_000,
      currentDate: new Date(this.#deps.clock.wall()),
    });
    return payload;
  }

  #principalOf(payload: JWTPayload, { name, claims, policy }: TokenIssuer): Principal | GatewayError {
    const text = (claim: TokenClaim): string | undefined => {
      const value = claims[claim] === undefined ? undefined : valueAt(payload, claims[claim]);
      return typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined;
    };
    const key = text('key');
    if (claims.key !== undefined) {
      const known = key === undefined ? null : this.#deps.named(key);
      return (
        known ??
        new GatewayError('GW_CLIENT_FORBIDDEN', { message: 'The token names no key of this gateway.' })
      );
    }
    const said: Said = {};
    for (const claim of ['organization', 'team', 'user', 'customer', 'project'] as const) {
      const value = text(claim);
      if (value !== undefined) said[claim] = value;
    }
    const belongs = this.#deps.holderOf(said, policy);
    if (belongs === null)
      return new GatewayError('GW_CLIENT_FORBIDDEN', {
        message: 'What the token says its holder belongs to is not known to this gateway.',
      });
    const tags = [...(belongs.tags ?? []), ...textsAt(payload, claims.tags)];
    const holder: Holder = {
      ...belongs,
      // The issuer's name in front: a subject cannot be called like a key.
      name: `${name}:${text('name') ?? 'unnamed'}`,
      ...(tags.length === 0 ? {} : { tags: [...new Set(tags)].slice(0, 32) }),
    };
    const identity = JSON.stringify(holder);
    const known = this.#principals.get(identity);
    if (known !== undefined) return known;
    const made = this.#make(holder);
    this.#keep(this.#principals, identity, made);
    return made;
  }

  #keep<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= MAX_KEPT) return;
    for (const oldest of map.keys()) {
      map.delete(oldest);
      return;
    }
  }
}

/** Whole: tokens that share a beginning are not one. */
function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

function valueAt(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let here: unknown = payload;
  for (const part of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string, unknown>)[part]; // an object, as was just seen
  }
  return here;
}

function textsAt(payload: JWTPayload, path: string | undefined): string[] {
  const value = path === undefined ? undefined : valueAt(payload, path);
  const list = typeof value === 'string' ? value.split(/[\s,]+/) : Array.isArray(value) ? value : [];
  return list.filter((item): item is string => typeof item === 'string' && /^[\w.@-]{1,64}$/.test(item));
}

/** By jose's codes, which it documents as stable. */
function faultOf(error: unknown): GatewayError {
  switch (codeOf(error)) {
    case 'ERR_JWT_EXPIRED':
      return new GatewayError('GW_CLIENT_KEY_EXPIRED', { message: 'The token has expired.', cause: error });
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED': {
      const claim = error instanceof Error && 'claim' in error ? String(error.claim) : '';
      return refused(`Its claim \`${claim}\` is not what this gateway takes.`, error);
    }
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return refused('Its issuer has no such key.', error);
    default:
      return refused('Its signature is not that of its issuer.', error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A part of a token as it is written, of which nothing is proven; null where it cannot be read. */
function partOf(token: string, part: number): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(
      Buffer.from(token.split('.', 3)[part] ?? '', 'base64url').toString('utf8'),
    );
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : null; // an object, as was just seen
  } catch {
    return null;
  }
}

function refused(why: string, cause?: unknown): GatewayError {
  return new GatewayError('GW_CLIENT_AUTH', { message: `The token is not valid here. ${why}`, cause });
}
