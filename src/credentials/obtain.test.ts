// Every kind of source against servers that are as strict as the vendors', and what becomes of one that fails.
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTokenServer, type TokenServer } from '../../tests/kit/token-server.ts';
import { isSignatureOf, readAuthorization } from '../aws/authorization.ts';
import { bodyHashOf } from '../aws/signature.ts';
import { SigningKeys } from '../aws/signing-keys.ts';
import type { AzureSource, CredentialSource, GoogleSource, Obtained } from '../contracts/credential.ts';
import { obtain } from './obtain.ts';

const SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];
const NOW = 1_800_000_000_000;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });

let server: TokenServer;
let folder: string;
beforeAll(async () => {
  server = await startTokenServer();
  folder = mkdtempSync(join(tmpdir(), 'headgate-credentials-'));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  server.seen.length = 0;
  server.mood = 'well';
});

const put = (name: string, content: object | string): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const ask = (
  source: CredentialSource,
  env: Record<string, string> = {},
  { signal = new AbortController().signal, wall = (): number => NOW } = {},
): Promise<Obtained> => obtain(source, { env, signal, wall });
const google = (change: Partial<GoogleSource> = {}): GoogleSource => ({
  kind: 'google',
  scopes: SCOPES,
  ...change,
});
const azure = (change: Partial<AzureSource> = {}): AzureSource => ({
  kind: 'azure',
  authority: server.url,
  scope: 'https://cognitiveservices.azure.com/.default',
  ...change,
});

const serviceAccount = () => ({
  type: 'service_account',
  project_id: 'p',
  client_email: 'gate@p.iam.gserviceaccount.com',
  private_key_id: 'kid-1',
  private_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  token_uri: `${server.url}/token`,
});
const workload = (credentialSource: object, change: object = {}) => ({
  type: 'external_account',
  audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/w/providers/k8s',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: `${server.url}/sts`,
  credential_source: credentialSource,
  ...change,
});

describe('google', () => {
  test('a service account signs for its token, at the server that its file names', async () => {
    const account = serviceAccount();
    const obtained = await ask(google({ account: JSON.stringify(account) }));
    expect(obtained).toEqual({ token: expect.stringMatching(/^token-\d+$/), expiresAtMs: NOW + 3_600_000 });
    const [head = '', claims = '', signature = ''] = server.seen[0]!.fields['assertion']!.split('.');
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(head)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kid-1' });
    expect(read(claims)).toEqual({
      iss: account.client_email,
      scope: SCOPES[0],
      aud: account.token_uri,
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
    });
    const signed = createVerify('RSA-SHA256').update(`${head}.${claims}`);
    expect(signed.verify(pair.publicKey, signature, 'base64url')).toBe(true);
  });

  test('a file is read anew each time, wherever it is named', async () => {
    const file = put('sa.json', { type: 'nothing' });
    await expect(ask(google({ file }))).rejects.toThrow('a type that is not known');
    put('sa.json', serviceAccount());
    expect((await ask(google({ file }))).token).toMatch(/^token-/);
    expect((await ask(google(), { GOOGLE_APPLICATION_CREDENTIALS: file })).token).toMatch(/^token-/);
  });

  test('a user’s login of gcloud is found where gcloud keeps it', async () => {
    const user = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    put('application_default_credentials.json', { ...user, token_uri: `${server.url}/token` });
    expect((await ask(google(), { CLOUDSDK_CONFIG: folder })).token).toMatch(/^token-/);
    expect(server.seen[0]?.fields['grant_type']).toBe('refresh_token');
    rmSync(join(folder, 'application_default_credentials.json'));
  });

  test('what a user’s login is counted on is told with it, and the environment’s word is the last', async () => {
    const user = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    const account = JSON.stringify({ ...user, token_uri: `${server.url}/token`, quota_project_id: 'mine' });
    expect(await ask(google({ account }))).toMatchObject({ quotaProject: 'mine' });
    const env = { GOOGLE_CLOUD_QUOTA_PROJECT: 'theirs' };
    expect(await ask(google({ account }), env)).toMatchObject({ quotaProject: 'theirs' });
    const plain = await ask(google({ account: JSON.stringify(serviceAccount()) }));
    expect(plain).not.toHaveProperty('quotaProject');
  });

  test('a user’s login at an identity provider of their own is renewed by Basic', async () => {
    const login = {
      type: 'external_account_authorized_user',
      client_id: 'c',
      client_secret: 's',
      refresh_token: 'r',
    };
    const account = JSON.stringify({ ...login, token_url: `${server.url}/v1/oauthtoken` });
    expect((await ask(google({ account }))).token).toMatch(/^token-/);
    const { headers, fields, path } = server.seen.at(-1)!;
    expect([path, fields['grant_type']]).toEqual(['/v1/oauthtoken', 'refresh_token']);
    expect(headers.authorization).toBe(`Basic ${Buffer.from('c:s').toString('base64')}`);
  });

  test('the machine’s metadata server is asked where there is no file', async () => {
    const host = server.url.slice('http://'.length);
    const obtained = await ask(google(), { CLOUDSDK_CONFIG: folder, GCE_METADATA_HOST: host });
    expect(obtained.token).toMatch(/^token-/);
    expect(server.seen[0]?.path).toBe('/computeMetadata/v1/instance/service-accounts/default/token');
  });

  test('a workload’s token is exchanged, from a file or a URL, plain or in JSON', async () => {
    const file = put('subject', 'of-the-workload\n');
    expect((await ask(google({ account: JSON.stringify(workload({ file })) }))).token).toMatch(/^token-/);
    const json = put('subject.json', { id_token: 'of-the-workload' });
    const format = { type: 'json', subject_token_field_name: 'id_token' };
    expect((await ask(google({ account: JSON.stringify(workload({ file: json, format })) }))).token).toMatch(
      /^token-/,
    );
    const nowhere = JSON.stringify(workload({ certificate: { use_default_certificate_config: true } }));
    await expect(ask(google({ account: nowhere }))).rejects.toThrow('certificates are not');
  });

  test('a workload of AWS signs who it is, for Google’s audience alone', async () => {
    const verify = 'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15';
    const source = {
      environment_id: 'aws1',
      region_url: `${server.url}/latest/meta-data/placement/availability-zone`,
      imdsv2_session_token_url: `${server.url}/latest/api/token`,
      regional_cred_verification_url: verify,
    };
    const account = workload(source, { subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request' });
    const env = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'hidden', AWS_SESSION_TOKEN: 'session' };
    expect((await ask(google({ account: JSON.stringify(account) }), env)).token).toMatch(/^token-/);
    const shown = server.seen.at(-1)!.fields['subject_token']!;
    expect(shown).not.toContain('hidden');
    const { url, method, headers } = JSON.parse(decodeURIComponent(shown)) as {
      url: string;
      method: string;
      headers: { key: string; value: string }[];
    };
    expect([url, method]).toEqual([verify.replace('{region}', 'eu-west-1'), 'POST']);
    const sent = Object.fromEntries(headers.map(({ key, value }) => [key, value]));
    expect(sent['x-goog-cloud-target-resource']).toBe(account.audience);
    const authorization = readAuthorization(sent['authorization']!)!;
    expect(authorization.scope).toEqual({ day: '20270115', region: 'eu-west-1', service: 'sts' });
    const request = { method, path: '/', query: url.split('?')[1]! };
    const by = (secret: string): boolean =>
      isSignatureOf(
        authorization,
        request,
        (name) => sent[name],
        bodyHashOf(null),
        secret,
        new SigningKeys(),
      );
    expect([by('hidden'), by('other')]).toEqual([true, false]);
    const nowhere = { ...account, credential_source: { ...source, region_url: undefined } };
    await expect(ask(google({ account: JSON.stringify(nowhere) }), env)).rejects.toThrow('AWS_REGION');
    expect(
      (await ask(google({ account: JSON.stringify(nowhere) }), { ...env, AWS_REGION: 'r' })).token,
    ).toMatch(/^token-/);
    const later = { ...account, credential_source: { ...source, environment_id: 'aws2' } };
    await expect(ask(google({ account: JSON.stringify(later) }), env)).rejects.toThrow('version');
  });

  test('a workload’s program is run where the environment allows it', async () => {
    const allowed = { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: '1' };
    const program = put(
      'program.cjs',
      `const { env, argv } = process;
       const says = { version: 1, success: true, token_type: env.GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE };
       const more = argv[2] === 'a word' ? { id_token: 'of-the-workload' } : JSON.parse(argv[2]);
       console.log(JSON.stringify({ ...says, ...more }));`,
    );
    const by = (word: string, more: object = {}): GoogleSource => {
      const command = `${process.execPath} "${program}" ${word}`;
      return google({ account: JSON.stringify(workload({ executable: { command, ...more } })) });
    };
    await expect(ask(by('"a word"'))).rejects.toThrow('ALLOW_EXECUTABLES=1');
    expect((await ask(by('"a word"'), allowed)).token).toMatch(/^token-/);
    expect(server.seen.at(-1)!.fields['subject_token']).toBe('of-the-workload');
    // Faults quote nothing but the program's own code.
    for (const [said, fault] of [
      ['{success:false,code:E1,message:hidden}', '(E1)'],
      ['{version:2}', 'version'],
      ['{expiration_time:1,id_token:x}', 'expired'],
      ['{}', 'id_token'],
      ['7', 'failed'],
    ] as const) {
      const word = put(
        'said.json',
        said.replace(/([a-zA-Z_]\w*)(?=[:,}])/g, (name) => (name === 'false' ? name : `"${name}"`)),
      );
      const reads = put(
        'reads.cjs',
        `process.argv[2] = require('fs').readFileSync(${JSON.stringify(word)}, 'utf8'); if (process.argv[2] === '7') process.exit(7); require(${JSON.stringify(program)});`,
      );
      const account = JSON.stringify(workload({ executable: { command: `${process.execPath} ${reads}` } }));
      const refused = ask(google({ account }), allowed);
      await expect(refused).rejects.toThrow(fault);
      await expect(refused).rejects.not.toThrow('hidden');
    }
    // What it kept of an earlier run is taken as long as it holds.
    const kept = { version: 1, success: true, id_token: 'of-the-workload', expiration_time: NOW / 1000 + 9 };
    const output_file = put('kept.json', kept);
    expect((await ask(by('7', { output_file }), allowed)).token).toMatch(/^token-/);
    put('kept.json', { ...kept, expiration_time: 1 });
    await expect(ask(by('[]', { output_file }), allowed)).rejects.toThrow('id_token');
  });

  test('acts as another service account: by its file, a workload’s, or the configuration', async () => {
    const url = `${server.url}/v1/projects/-/serviceAccounts/other:generateAccessToken`;
    const file = put('subject', 'of-the-workload');
    const by = (account: object, impersonate?: string): GoogleSource =>
      google({ account: JSON.stringify(account), ...(impersonate === undefined ? {} : { impersonate }) });
    const impersonated = {
      type: 'impersonated_service_account',
      service_account_impersonation_url: url,
      source_credentials: serviceAccount(),
    };
    for (const source of [
      by(impersonated),
      by(workload({ file }, { service_account_impersonation_url: url })),
      by(serviceAccount(), url),
    ]) {
      server.seen.length = 0;
      // The server says when it ends, and not how long it lives.
      const { token, expiresAtMs } = await ask(source, {}, { wall: Date.now });
      expect(token).toMatch(/^token-/);
      expect(expiresAtMs).toBeGreaterThan(Date.now());
      expect(server.seen.map(({ path }) => path).at(-1)).toContain(':generateAccessToken');
      expect(server.seen.at(-1)?.fields['scope']).toEqual(SCOPES);
    }
    // Through others, and for as long as the file says.
    await ask(by({ ...impersonated, delegates: ['projects/-/serviceAccounts/between'] }));
    expect(server.seen.at(-1)?.fields).toMatchObject({
      delegates: ['projects/-/serviceAccounts/between'],
      lifetime: '3600s',
    });
    const brief = { token_lifetime_seconds: 900 };
    await ask(
      by(
        workload({ file }, { service_account_impersonation_url: url, service_account_impersonation: brief }),
      ),
    );
    expect(server.seen.at(-1)?.fields).toMatchObject({ lifetime: '900s' });
    // A machine whose clock is an hour ahead and more: the moment that the server names is past as it comes.
    const ahead = (): number => Date.now() + 7_200_000;
    const late = await ask(by(impersonated), {}, { wall: ahead });
    expect(late.expiresAtMs).toBeGreaterThan(ahead() + 200_000);
    expect(late.expiresAtMs).toBeLessThan(ahead() + 400_000);
  });

  test('a key that cannot sign is not quoted', async () => {
    const broken = { ...serviceAccount(), private_key: '-----BEGIN PRIVATE KEY-----\nSECRET\n-----END' };
    await expect(ask(google({ account: JSON.stringify(broken) }))).rejects.toThrow(
      '`private_key` is no key that can sign',
    );
  });
});

describe('azure', () => {
  const client = { tenantId: 'tenant', clientId: 'app' };

  test('a client secret is posted to the tenant', async () => {
    const obtained = await ask(azure({ ...client, clientSecret: 'the-secret' }));
    expect(obtained).toEqual({ token: expect.stringMatching(/^token-/), expiresAtMs: NOW + 3_600_000 });
    expect(server.seen[0]).toMatchObject({
      path: '/tenant/oauth2/v2.0/token',
      fields: {
        client_id: 'app',
        client_secret: 'the-secret',
        scope: 'https://cognitiveservices.azure.com/.default',
      },
    });
  });

  test('a workload’s token stands for it, read anew', async () => {
    const tokenFile = put('federated', 'assertion-1\n');
    await ask(azure({ ...client, tokenFile }));
    put('federated', 'assertion-2');
    await ask(azure({ ...client, tokenFile }));
    expect(server.seen.map(({ fields }) => fields['client_assertion'])).toEqual([
      'assertion-1',
      'assertion-2',
    ]);
    await expect(ask(azure({ ...client, tokenFile: join(folder, 'none') }))).rejects.toThrow(
      'cannot be read',
    );
  });

  test('without either the machine’s identity is asked for', async () => {
    const machine = { AZURE_POD_IDENTITY_AUTHORITY_HOST: `${server.url}/` };
    expect((await ask(azure({ clientId: 'mine' }), machine)).token).toMatch(/^token-/);
    expect(Object.fromEntries(server.seen[0]!.query)).toEqual({
      'api-version': '2018-02-01',
      resource: 'https://cognitiveservices.azure.com',
      client_id: 'mine',
    });
    const app = { IDENTITY_ENDPOINT: `${server.url}/msi/token`, IDENTITY_HEADER: 'of-the-app' };
    expect((await ask(azure(), app, { wall: Date.now })).expiresAtMs).toBeGreaterThan(Date.now());
    expect(server.seen[1]?.path).toBe('/msi/token');
    const ahead = (): number => Date.now() + 7_200_000;
    expect((await ask(azure(), app, { wall: ahead })).expiresAtMs).toBeGreaterThan(ahead() + 200_000);
  });

  test('a secret without its tenant is a fault', async () => {
    await expect(ask(azure({ clientSecret: 's' }))).rejects.toThrow('`tenantId` and `clientId`');
  });
});

describe('oauth', () => {
  test('names the client by Basic, as RFC 6749 has it encoded', async () => {
    const source = {
      kind: 'oauth',
      tokenUrl: `${server.url}/oidc/v1/token`,
      clientId: 'a:b',
      clientSecret: 's/t',
    } as const;
    expect((await ask({ ...source, scope: 'all-apis' })).token).toMatch(/^token-/);
    const login = Buffer.from('a%3Ab:s%2Ft').toString('base64');
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${login}`);
    expect(server.seen[0]?.fields['scope']).toBe('all-apis');
  });
});

describe('a token server that', () => {
  const source = (): CredentialSource => azure({ tenantId: 't', clientId: 'c', clientSecret: 'the-secret' });

  test('refuses is quoted by OAuth’s word alone', async () => {
    server.mood = 'refuses';
    const fault = await ask(source()).catch((cause: Error) => cause.message);
    expect(fault).toMatch(/^127\.0\.0\.1:\d+ refused with status 400 \(invalid_grant\)$/);
  });

  test('hangs is given up', async () => {
    server.mood = 'hangs';
    const abort = new AbortController();
    const asked = ask(source(), {}, { signal: abort.signal }).catch((cause: Error) => cause.message);
    await vi.waitFor(() => expect(server.seen).toHaveLength(1), { timeout: 10_000 });
    abort.abort();
    expect(await asked).toMatch(/did not answer in time/);
  });

  test('says something else, or gives a token that is over, gave none', async () => {
    server.mood = 'babbles';
    await expect(ask(source())).rejects.toThrow('JSON object');
    server.mood = 'well';
    server.lifeSeconds = 0;
    await expect(ask(source())).rejects.toThrow('has expired already');
    server.lifeSeconds = 3_600;
  });

  test('is not there could not be reached', async () => {
    await expect(
      ask(azure({ tenantId: 't', clientId: 'c', clientSecret: 's', authority: 'http://127.0.0.1:1' })),
    ).rejects.toThrow('127.0.0.1:1 could not be reached');
  });
});
