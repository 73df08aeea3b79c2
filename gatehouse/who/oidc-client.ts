// The OpenID provider, spoken to with openid-client: code flow with PKCE, ID tokens checked with their signature. What it says of
// itself is read with the first login and again after a while. The only file that knows the library, which is loaded then.
import type { Configuration } from 'openid-client';
import type { OidcConfig } from '../../src/contracts/admin.ts';

const TIMEOUT_SECONDS = 5;
const LEEWAY_SECONDS = 30;
/** What the provider says of itself is read anew after so long. */
const FRESH_MS = 3_600_000;

/** Where the provider sends people back to. */
export const CALLBACK = '/api/login/oidc/callback';

/** What ties an answer to the login that asked for it. */
export interface LoginChecks {
  readonly state: string;
  readonly nonce: string;
  /** Proof of who began (PKCE, RFC 7636). */
  readonly verifier: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/** A login that the provider, or a check of what it said, refused. */
export class OidcFault extends Error {
  /** `unavailable`: it could not be asked. `refused`: it said no, or the person did. `invalid`: what it said is not to be trusted. */
  readonly kind: 'unavailable' | 'refused' | 'invalid';

  constructor(kind: OidcFault['kind'], why: string, cause?: unknown) {
    super(why, { cause });
    this.kind = kind;
  }
}

/** A login that somebody makes on another machine (RFC 8628). */
export interface DeviceLogin {
  readonly deviceCode: string;
  /** What the person types there. */
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same with the code in it; '' = the provider has none. */
  readonly verificationUriComplete: string;
  readonly expiresInSeconds: number;
  /** Between two questions. */
  readonly intervalSeconds: number;
}

export interface OidcClient {
  /** Where to send the person. @throws OidcFault */
  authorizeUrl(checks: LoginChecks): Promise<string>;
  /** Claims of the person, whose `sub` is proven. @param answer query of the callback. @throws OidcFault */
  exchange(answer: URLSearchParams, checks: LoginChecks): Promise<Claims>;
  /** @throws OidcFault */
  beginDevice(): Promise<DeviceLogin>;
  /** Claims of who said yes; `slower`: not yet, and not so often. @throws OidcFault */
  pollDevice(deviceCode: string): Promise<Claims | 'pending' | 'slower'>;
}

/** What of the configuration a login needs; `url` and `grants` of one at this gateway's own page alone. */
export type OidcClientConfig = Pick<
  OidcConfig,
  'issuer' | 'clientId' | 'clientSecret' | 'scopes' | 'claims'
> &
  Partial<Pick<OidcConfig, 'url' | 'grants'>>;

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Where the provider does not say it (RFC 8628, 3.2). */
const INTERVAL_SECONDS = 5;

/** @param now monotonic ms */
export function createOidcClient(config: OidcClientConfig, now: () => number): OidcClient {
  const callback = `${config.url ?? ''}${CALLBACK}`;
  let known: { discovered: Promise<Configuration>; at: number } | null = null;

  async function discover(): Promise<Configuration> {
    const client = await import('openid-client');
    const { clientSecret: secret } = config;
    const made = await client.discovery(
      new URL(config.issuer),
      config.clientId,
      { [client.clockTolerance]: LEEWAY_SECONDS },
      secret === null
        ? client.None()
        : (as, ...rest) => {
            // What it says it takes; where it says nothing, what everybody takes (OpenID Connect Core 1.0, 9).
            const posts = as.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
            const method = posts ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret);
            method(as, ...rest);
          },
      {
        timeout: TIMEOUT_SECONDS,
        // By the operator's own word: the address of the issuer is of the configuration alone.
        execute: config.issuer.startsWith('http://') ? [client.allowInsecureRequests] : [],
      },
    );
    client.enableNonRepudiationChecks(made);
    return made;
  }

  async function provider(): Promise<Configuration> {
    if (known === null || now() - known.at > FRESH_MS) {
      const asked = { discovered: discover(), at: now() };
      known = asked;
      // One that failed is not kept: the next login asks again.
      asked.discovered.catch(() => {
        if (known === asked) known = null;
      });
    }
    try {
      return await known.discovered;
    } catch (error) {
      throw new OidcFault('unavailable', `discovery: ${wordsOf(error)}`, error);
    }
  }

  /** Those that `userinfo` has beside, where the ID token lacks one that we read. */
  async function withUserInfo(found: Configuration, claims: Claims, accessToken: string): Promise<Claims> {
    const { name, email, roles, teams } = config.claims;
    const wanted = [
      name,
      email,
      ...((config.grants ?? []).length > 0 ? [roles] : []),
      ...(teams === null ? [] : [teams]),
    ];
    const lacks = wanted.some((path) => claimAt(claims, path) === undefined);
    if (!lacks || found.serverMetadata().userinfo_endpoint === undefined) return claims;
    const client = await import('openid-client');
    // It refuses an answer of another `sub`.
    return { ...(await client.fetchUserInfo(found, accessToken, String(claims['sub']))), ...claims };
  }

  return {
    async authorizeUrl({ state, nonce, verifier }) {
      const found = await provider();
      const client = await import('openid-client');
      return client.buildAuthorizationUrl(found, {
        redirect_uri: callback,
        scope: config.scopes.join(' '),
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href;
    },
    async exchange(answer, { state, nonce, verifier }) {
      const found = await provider();
      const client = await import('openid-client');
      try {
        const tokens = await client.authorizationCodeGrant(found, new URL(`${callback}?${answer}`), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        // There is one: `idTokenExpected` refuses an answer without.
        const claims: Claims = { ...tokens.claims()! };
        if (claims['sub'] === '') throw new OidcFault('invalid', 'the subject is empty');
        return await withUserInfo(found, claims, tokens.access_token);
      } catch (error) {
        throw error instanceof OidcFault ? error : faultOf(error);
      }
    },
    async beginDevice() {
      const found = await provider();
      const client = await import('openid-client');
      try {
        const begun = await client.initiateDeviceAuthorization(found, { scope: config.scopes.join(' ') });
        return {
          deviceCode: begun.device_code,
          userCode: begun.user_code,
          verificationUri: begun.verification_uri,
          verificationUriComplete: begun.verification_uri_complete ?? '',
          expiresInSeconds: begun.expires_in,
          intervalSeconds: begun.interval ?? INTERVAL_SECONDS,
        };
      } catch (error) {
        throw faultOf(error);
      }
    },
    async pollDevice(deviceCode) {
      const found = await provider();
      const client = await import('openid-client');
      try {
        const tokens = await client.genericGrantRequest(found, DEVICE_GRANT, { device_code: deviceCode });
        const claims: Claims = { ...tokens.claims() };
        if (typeof claims['sub'] !== 'string' || claims['sub'] === '')
          throw new OidcFault('invalid', 'there is no ID token, or no subject in it');
        return await withUserInfo(found, claims, tokens.access_token);
      } catch (error) {
        if (error instanceof OidcFault) throw error;
        const said = error instanceof Error && 'error' in error ? error.error : '';
        if (said === 'authorization_pending') return 'pending';
        if (said === 'slow_down') return 'slower';
        throw faultOf(error);
      }
    },
  };
}

/** By the codes of openid-client, which it documents as stable. */
function faultOf(error: unknown): OidcFault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR' || code === 'OAUTH_RESPONSE_BODY_ERROR')
    return new OidcFault('refused', wordsOf(error), error);
  // Without a code nothing was heard that could be checked: no connection, no answer in time.
  const silent = code === '' || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_RESPONSE_IS_NOT_CONFORM';
  return new OidcFault(silent ? 'unavailable' : 'invalid', wordsOf(error), error);
}

/** For the log and the audit entry: what failed, never what was sent. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const said = 'error' in error && typeof error.error === 'string' ? ` (${error.error})` : '';
  const claim =
    typeof error.cause === 'object' && error.cause !== null && 'claim' in error.cause
      ? ` (claim ${String(error.cause.claim)})`
      : '';
  return `${code}${error.message}${said}${claim}`.slice(0, 300);
}

/** @param path name of a claim, or names with dots between; a claim whose own name has dots is found first */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let here: unknown = claims;
  for (const part of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Claims)[part]; // an object, as was just seen
  }
  return here;
}
