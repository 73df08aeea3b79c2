// Google's access tokens, from every kind of credentials file that its tools write and from the metadata server of its machines.
// Own code and not the vendor's library: that asks the public token server whatever a service account's file says.
import { createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { GoogleSource, Obtained } from '../contracts/credential.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';
import { accountIn, read } from './credentials-file.ts';
import { subjectToken } from './google-subject.ts';
import { askForToken, CredentialFault, endAt, endOf, type ObtainContext, textOf } from './token-request.ts';

const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const IAM_URL = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts';
const METADATA_HOST = 'metadata.google.internal';
const ASSERTION_SECONDS = 3_600;

/** @throws CredentialFault */
export async function obtainGoogle(source: GoogleSource, context: ObtainContext): Promise<Obtained> {
  const account = await accountOf(source, context);
  const { scopes, impersonate } = source;
  const own =
    account === null ? await ofMetadata(scopes, context) : await ofAccount(account, scopes, context);
  const quota = quotaProject(account, context);
  if (impersonate === undefined) return { ...own, ...quota };
  const url = impersonate.includes('://') ? impersonate : `${IAM_URL}/${impersonate}:generateAccessToken`;
  return { ...(await actAs({ url }, own, scopes, context)), ...quota };
}

/** A user's login belongs to no project: Google refuses calls of most APIs that name none for their quota. */
function quotaProject(account: JsonObject | null, { env }: ObtainContext): Pick<Obtained, 'quotaProject'> {
  const stated = account === null ? null : stringAt(account, 'quota_project_id');
  const named = env['GOOGLE_CLOUD_QUOTA_PROJECT'] || stated;
  return named ? { quotaProject: named } : {};
}

/** Null: there is no file, and the machine is asked. */
async function accountOf(
  { file, account }: GoogleSource,
  { env }: ObtainContext,
): Promise<JsonObject | null> {
  if (account !== undefined) return accountIn(account, 'the stated credentials');
  const named = file ?? (env['GOOGLE_APPLICATION_CREDENTIALS'] || undefined);
  if (named !== undefined) return accountIn(await read(named), named);
  const folder = env['CLOUDSDK_CONFIG'] || join(env['HOME'] || homedir(), '.config', 'gcloud');
  const usual = join(folder, 'application_default_credentials.json');
  const text = await readFile(usual, 'utf8').catch(() => null);
  return text === null ? null : accountIn(text, usual);
}

async function ofAccount(
  account: JsonObject,
  scopes: readonly string[],
  context: ObtainContext,
): Promise<Obtained> {
  switch (account.type) {
    case 'service_account':
      return ofServiceAccount(account, scopes, context);
    case 'authorized_user':
      return ofUser(account, context);
    case 'external_account':
      return ofWorkload(account, scopes, context);
    case 'external_account_authorized_user':
      return ofWorkforce(account, context);
    case 'impersonated_service_account': {
      const inner = account.source_credentials;
      if (!isObject(inner)) throw new CredentialFault('`source_credentials` is missing');
      const url = textOf(account, 'service_account_impersonation_url');
      const by = { url, delegates: arrayAt(account, 'delegates') };
      return actAs(by, await ofAccount(inner, scopes, context), scopes, context);
    }
    default:
      throw new CredentialFault('credentials of a type that is not known');
  }
}

/** RFC 7523: a signed statement for a token. */
async function ofServiceAccount(
  account: JsonObject,
  scopes: readonly string[],
  context: ObtainContext,
): Promise<Obtained> {
  const url = stringAt(account, 'token_uri') ?? TOKEN_URL;
  const now = Math.floor(context.wall() / 1000);
  const keyId = stringAt(account, 'private_key_id');
  const head = { alg: 'RS256', typ: 'JWT', ...(keyId === null ? {} : { kid: keyId }) };
  const claims = {
    iss: textOf(account, 'client_email'),
    scope: scopes.join(' '),
    aud: url,
    iat: now,
    exp: now + ASSERTION_SECONDS,
  };
  const text = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  let signature: string;
  try {
    signature = createSign('RSA-SHA256').update(text).sign(textOf(account, 'private_key'), 'base64url');
  } catch (cause) {
    if (cause instanceof CredentialFault) throw cause;
    // The fault of the key's reader may quote it.
    throw new CredentialFault('`private_key` is no key that can sign');
  }
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const form = { grant_type: grant, assertion: `${text}.${signature}` };
  return accessToken(await askForToken({ url, form }, context), context);
}

async function ofUser(account: JsonObject, context: ObtainContext): Promise<Obtained> {
  const form = {
    grant_type: 'refresh_token',
    client_id: textOf(account, 'client_id'),
    client_secret: textOf(account, 'client_secret'),
    refresh_token: textOf(account, 'refresh_token'),
  };
  const url = stringAt(account, 'token_uri') ?? TOKEN_URL;
  return accessToken(await askForToken({ url, form }, context), context);
}

/** A user's login by an identity provider of their own (workforce identity federation). */
async function ofWorkforce(account: JsonObject, context: ObtainContext): Promise<Obtained> {
  const login = `${textOf(account, 'client_id')}:${textOf(account, 'client_secret')}`;
  const headers = { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  const form = { grant_type: 'refresh_token', refresh_token: textOf(account, 'refresh_token') };
  const body = await askForToken({ url: textOf(account, 'token_url'), headers, form }, context);
  return accessToken(body, context);
}

/** Workload identity federation (RFC 8693): somebody else's token for one of Google's. */
async function ofWorkload(
  account: JsonObject,
  scopes: readonly string[],
  context: ObtainContext,
): Promise<Obtained> {
  const impersonation = stringAt(account, 'service_account_impersonation_url');
  const project = stringAt(account, 'workforce_pool_user_project');
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: textOf(account, 'audience'),
    // Who acts as a service account in the end needs no more than that of the first token.
    scope: impersonation === null ? scopes.join(' ') : 'https://www.googleapis.com/auth/cloud-platform',
    subject_token_type: textOf(account, 'subject_token_type'),
    subject_token: await subjectToken(account, context),
    ...(project === null ? {} : { options: JSON.stringify({ userProject: project }) }),
  };
  const own = accessToken(await askForToken({ url: textOf(account, 'token_url'), form }, context), context);
  if (impersonation === null) return own;
  const asked = objectAt(account, 'service_account_impersonation');
  const seconds = asked === null ? null : numberAt(asked, 'token_lifetime_seconds');
  return actAs({ url: impersonation, ...(seconds !== null && { seconds }) }, own, scopes, context);
}

/** Whom to act as. */
interface ActedAs {
  url: string;
  /** Accounts in between, each of which may act as the next. */
  delegates?: readonly Json[];
  seconds?: number;
}

async function actAs(
  { url, delegates = [], seconds = ASSERTION_SECONDS }: ActedAs,
  { token }: Obtained,
  scopes: readonly string[],
  context: ObtainContext,
): Promise<Obtained> {
  const headers = { authorization: `Bearer ${token}` };
  const json = { scope: scopes, lifetime: `${seconds}s`, ...(delegates.length > 0 && { delegates }) };
  const body = await askForToken({ url, headers, json }, context);
  const expiresAtMs = endAt(Date.parse(textOf(body, 'expireTime')), context.wall());
  return { token: textOf(body, 'accessToken'), expiresAtMs };
}

async function ofMetadata(scopes: readonly string[], context: ObtainContext): Promise<Obtained> {
  const { env } = context;
  const host = env['GCE_METADATA_HOST'] || env['GCE_METADATA_IP'] || METADATA_HOST;
  const query = `scopes=${encodeURIComponent(scopes.join(','))}`;
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token?${query}`;
  return accessToken(await askForToken({ url, headers: { 'metadata-flavor': 'Google' } }, context), context);
}

function accessToken(body: JsonObject, { wall }: ObtainContext): Obtained {
  return { token: textOf(body, 'access_token'), expiresAtMs: endOf(body.expires_in, wall()) };
}
