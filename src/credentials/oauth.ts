// OAuth 2 client credentials (RFC 6749, 4.4), the client named by HTTP Basic, which every server has to take.
import type { Obtained, OauthSource } from '../contracts/credential.ts';
import { askForToken, endOf, type ObtainContext, textOf } from './token-request.ts';

/** Where a server does not say how long its tokens live. */
const USUAL_SECONDS = 300;

/** @throws CredentialFault */
export async function obtainOauth(source: OauthSource, context: ObtainContext): Promise<Obtained> {
  const { tokenUrl: url, clientId, clientSecret, scope } = source;
  const login = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const headers = { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  const form = { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) };
  const body = await askForToken({ url, headers, form }, context);
  return {
    token: textOf(body, 'access_token'),
    expiresAtMs: endOf(body.expires_in ?? USUAL_SECONDS, context.wall()),
  };
}
