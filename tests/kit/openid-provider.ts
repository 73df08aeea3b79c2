// OpenID providers for tests of logins: one that somebody else wrote (oidc-provider, certified), and one of ours whose ID tokens a
// test forges as it likes.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface OpenIdProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** What the person says of itself at the real provider. */
export type Account = { readonly sub: string } & Readonly<Record<string, unknown>>;

export interface RealProvider extends OpenIdProvider {
  /** Who sits in front of the browser; null = cancels. */
  account: Account | null;
}

/** What is used of oidc-provider, which has no types of its own. */
interface Provider {
  callback(): RequestListener;
  interactionFinished(...args: [...Parameters<RequestListener>, object]): Promise<void>;
  Grant: new (of: {
    accountId: string;
    clientId: string;
  }) => {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  };
}

/** @param redirectUri where it may send people back to */
export async function startRealProvider(
  client: { id: string; secret: string },
  redirectUri: string,
): Promise<RealProvider> {
  // @ts-expect-error it has no types
  const { default: made } = await import('oidc-provider');
  const Class = made as new (issuer: string, settings: object) => Provider; // as its documentation has it
  let listener: RequestListener = () => undefined;
  const server = createServer((request, response) => listener(request, response));
  const issuer = await listen(server);
  const real: RealProvider = { issuer, account: null, close: () => close(server) };
  const provider = new Class(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
    cookies: { keys: ['of-the-test'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    claims: {
      openid: ['sub'],
      profile: ['preferred_username', 'groups', 'realm_access'],
      email: ['email', 'email_verified'],
    },
    interactions: { url: () => '/interaction' },
    ttl: { Interaction: 60, Session: 1, Grant: 60, AccessToken: 60, IdToken: 60 },
    findAccount: async (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: async () => ({ ...real.account, sub }),
    }),
    async loadExistingGrant(context: {
      oidc: { client: { clientId: string }; session: { accountId: string } };
    }) {
      const { accountId } = context.oidc.session;
      const grant = new provider.Grant({ accountId, clientId: context.oidc.client.clientId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  listener = (request, response) => {
    if (request.url !== '/interaction') {
      answer(request, response);
      return;
    }
    const { account } = real;
    const said =
      account === null
        ? { error: 'access_denied', error_description: 'cancelled' }
        : { login: { accountId: account.sub, remember: false } };
    void provider.interactionFinished(request, response, said);
  };
  return real;
}

export interface ForgedToken {
  readonly claims: JWTPayload;
  /** Signed with a key that the provider does not publish. */
  readonly foreignKey?: boolean;
}

export interface ForgingProvider extends OpenIdProvider {
  /** What the next code is exchanged for; null = the provider refuses it. @param nonce the right one */
  token(nonce: string): ForgedToken | null;
  /** Proofs (`code_verifier`) it was sent. */
  readonly verifiers: string[];
  /** What it says to who asks by a device's code; null = here are the tokens. */
  device: { error: string } | null;
}

export async function startForgingProvider(clientId: string): Promise<ForgingProvider> {
  const own = await generateKeyPair('RS256');
  const foreign = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' }] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      void answer(request.url ?? '', form).then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
  });
  const issuer = await listen(server);
  const forging: ForgingProvider = {
    issuer,
    verifiers: [],
    device: { error: 'authorization_pending' },
    token: (nonce) => ({ claims: { nonce } }),
    close: () => close(server),
  };

  async function answer(url: string, form: URLSearchParams): Promise<[number, object]> {
    if (url === '/.well-known/openid-configuration')
      return [
        200,
        {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          device_authorization_endpoint: `${issuer}/device`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ['code'],
          id_token_signing_alg_values_supported: ['RS256'],
        },
      ];
    if (url === '/keys') return [200, keys];
    if (url === '/device') {
      const uri = `${issuer}/activate`;
      return [
        200,
        {
          device_code: `device-${form.get('client_id') ?? ''}`,
          user_code: 'BDWP-HQPK',
          verification_uri: uri,
          verification_uri_complete: `${uri}?user_code=BDWP-HQPK`,
          expires_in: 60,
          interval: 1,
        },
      ];
    }
    if (form.has('device_code')) {
      if (form.get('device_code') !== `device-${clientId}`) return [400, { error: 'invalid_grant' }];
      if (forging.device !== null) return [400, forging.device];
    }
    forging.verifiers.push(form.get('code_verifier') ?? '');
    // A code is the nonce it was asked for with: this provider keeps nothing.
    const token = forging.token(form.get('code') ?? '');
    if (token === null) return [400, { error: 'invalid_grant' }];
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer, aud: clientId, sub: 'u1', iat: now, exp: now + 60, ...token.claims };
    const signed = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'own' })
      .sign((token.foreignKey === true ? foreign : own).privateKey);
    return [200, { access_token: 'at', token_type: 'Bearer', id_token: signed }];
  }
  return forging;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
