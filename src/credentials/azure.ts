// Tokens of Microsoft Entra. Own code: the vendor's library brings a browser's login with it, and three requests are all of it.
import { readFile } from 'node:fs/promises';
import type { AzureSource, Obtained } from '../contracts/credential.ts';
import type { JsonObject } from '../contracts/json.ts';
import {
  askForToken,
  CredentialFault,
  endAt,
  endOf,
  type ObtainContext,
  type TokenRequest,
  textOf,
} from './token-request.ts';

const MACHINE_HOST = 'http://169.254.169.254';

/** @throws CredentialFault */
export async function obtainAzure(source: AzureSource, context: ObtainContext): Promise<Obtained> {
  const { tenantId, clientId, clientSecret, tokenFile } = source;
  let request: TokenRequest;
  if (clientSecret === undefined && tokenFile === undefined) request = ofMachine(source, context);
  else if (tenantId === undefined || clientId === undefined)
    throw new CredentialFault('`tenantId` and `clientId` are needed beside a secret or a token file');
  else if (clientSecret !== undefined) request = ofClient(source, { client_secret: clientSecret });
  else {
    request = ofClient(source, {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await read(tokenFile!),
    });
  }
  const body = await askForToken(request, context);
  return { token: textOf(body, 'access_token'), expiresAtMs: endIn(body, context.wall()) };
}

function ofClient(
  { authority, tenantId, clientId, scope }: AzureSource,
  proof: Record<string, string>,
): TokenRequest {
  const url = `${authority.replace(/\/+$/, '')}/${encodeURIComponent(tenantId!)}/oauth2/v2.0/token`;
  return { url, form: { grant_type: 'client_credentials', client_id: clientId!, scope, ...proof } };
}

/** App Service and its kin state an endpoint of their own; machines and AKS have one address for all. */
function ofMachine({ scope, clientId }: AzureSource, { env }: ObtainContext): TokenRequest {
  const resource = scope.replace(/\/\.default$/, '');
  const query = new URLSearchParams({ resource, ...(clientId === undefined ? {} : { client_id: clientId }) });
  const endpoint = env['IDENTITY_ENDPOINT'];
  const secret = env['IDENTITY_HEADER'];
  if (endpoint && secret)
    return { url: `${endpoint}?api-version=2019-08-01&${query}`, headers: { 'x-identity-header': secret } };
  const host = (env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] || MACHINE_HOST).replace(/\/+$/, '');
  return {
    url: `${host}/metadata/identity/oauth2/token?api-version=2018-02-01&${query}`,
    headers: { metadata: 'true' },
  };
}

/** App Service tells only the moment. */
function endIn(body: JsonObject, nowMs: number): number {
  if (body.expires_in !== undefined) return endOf(body.expires_in, nowMs);
  return endAt(Number(body.expires_on) * 1000, nowMs);
}

async function read(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new CredentialFault(`${file} cannot be read`, cause);
  }
}
