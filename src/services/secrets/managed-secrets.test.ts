// Secrets out of managers of secrets: servers that answer as Vault, AWS and Google do, over real sockets.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSignatureOf, readAuthorization } from '../../aws/authorization.ts';
import { bodyHashOf } from '../../aws/signature.ts';
import { SigningKeys } from '../../aws/signing-keys.ts';
import { loadConfig } from '../../config/load.ts';
import { managedReferences } from '../../config/managed-references.ts';
import type { Obtain } from '../../credentials/obtain.ts';
import { createManagedSecrets, type ManagedSecrets } from './managed-secrets.ts';
import { createSecretSources } from './secret-sources.ts';

const NOW = 1_800_000_000_000;
const pair = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'pair-secret' };

interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let asked: Asked[];
let answer: (request: Asked, response: ServerResponse) => void;
let url: string;
let failures: [string, string][];
let folder: string;

beforeEach(async () => {
  asked = [];
  failures = [];
  folder = mkdtempSync(join(tmpdir(), 'headgate-managed-'));
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const one = { method: request.method!, url: request.url!, headers: request.headers, body };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const json =
  (value: unknown, status = 200) =>
  (_: Asked, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

function managed(env: Record<string, string> = {}): ManagedSecrets {
  const obtain: Obtain = async (source) => ({
    expiresAtMs: null,
    ...(source.kind === 'aws' ? { aws: pair } : { token: 'google-token' }),
  });
  const all = {
    VAULT_ADDR: url,
    VAULT_TOKEN: 'vault-token',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    HEADGATE_GCP_SECRETS_URL: url,
    ...env,
  };
  return createManagedSecrets(
    createSecretSources({ env: all, wall: () => NOW }, obtain),
    (reference, reason) => failures.push([reference, reason]),
  );
}

async function read(reference: string, env?: Record<string, string>): Promise<unknown> {
  const secrets = managed(env);
  await secrets.want([reference]);
  return secrets.values.get(reference);
}

describe('Vault', () => {
  it('gives fields of both versions of its key-value store, to who has the token, in a namespace', async () => {
    answer = json({ data: { data: { key: 'sk-of-v2' }, metadata: { version: 3 } } });
    expect(await read('vault:secret/data/app#key', { VAULT_NAMESPACE: 'team' })).toEqual({
      value: 'sk-of-v2',
    });
    expect(asked[0]).toMatchObject({ method: 'GET', url: '/v1/secret/data/app' });
    expect(asked[0]!.headers).toMatchObject({ 'x-vault-token': 'vault-token', 'x-vault-namespace': 'team' });
    answer = json({ data: { key: 'sk-of-v1' } });
    expect(await read('vault:kv/app#key')).toEqual({ value: 'sk-of-v1' });
    writeFileSync(join(folder, 'token'), 'token-of-a-file\n');
    await read('vault:kv/app#key', { VAULT_TOKEN: '', VAULT_TOKEN_FILE: join(folder, 'token') });
    expect(asked.at(-1)!.headers['x-vault-token']).toBe('token-of-a-file');
  });

  it.each<[string, unknown, number, string]>([
    ['a secret that is not there', { errors: [] }, 404, 'has no such secret'],
    ['a token that may not', { errors: ['permission denied'] }, 403, 'does not let this token'],
    ['a sealed Vault', { errors: ['Vault is sealed'] }, 503, 'no answer (status_503)'],
    ['a field that is not there', { data: { other: 'x' } }, 200, 'no such field'],
    ['a field that is no text', { data: { key: { deep: 1 } } }, 200, 'no such field'],
    ['a deleted version', { data: { data: null, metadata: {} } }, 200, 'no data there'],
  ])('with %s says so', async (_, body, status, words) => {
    answer = json(body, status);
    expect(await read('vault:secret/data/app#key')).toEqual({ fault: expect.stringContaining(words) });
  });
});

describe('AWS Secrets Manager', () => {
  it('gives a text or a field of it, asked with a signature that holds', async () => {
    answer = json({ SecretString: '{"key":"sk-of-aws"}' });
    expect(await read('aws-sm:prod/openai#key')).toEqual({ value: 'sk-of-aws' });
    const { method, headers, body } = asked[0]!;
    expect([method, body]).toEqual(['POST', '{"SecretId":"prod/openai"}']);
    expect(headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    const authorization = readAuthorization(headers.authorization!)!;
    expect(authorization).toMatchObject({ accessKeyId: 'AKIDEXAMPLE' });
    const header = (name: string) => headers[name] as string | undefined;
    const place = { method: 'POST', path: '/', query: '' };
    const hash = bodyHashOf(Buffer.from(body));
    expect(isSignatureOf(authorization, place, header, hash, pair.secretAccessKey, new SigningKeys())).toBe(
      true,
    );
    answer = json({ SecretString: 'plain-secret\n' });
    expect(await read('aws-sm:prod/plain')).toEqual({ value: 'plain-secret' });
    answer = json({ SecretBinary: Buffer.from('of-bytes').toString('base64') });
    expect(await read('aws-sm:prod/bytes')).toEqual({ value: 'of-bytes' });
  });

  it('that refuses is told by its own word, without what it said beside', async () => {
    answer = json({ __type: 'com.amazonaws#ResourceNotFoundException', message: 'arn:secret' }, 400);
    expect(await read('aws-sm:gone')).toEqual({
      fault: 'its manager of secrets: AWS refuses it (ResourceNotFoundException)',
    });
    expect(await read('aws-sm:gone', { AWS_REGION: undefined as unknown as string })).toEqual({
      fault: expect.stringContaining('AWS_REGION'),
    });
  });
});

describe('Google Cloud’s Secret Manager', () => {
  it('gives the newest version, or the one that was named', async () => {
    answer = json({ payload: { data: Buffer.from('sk-of-google').toString('base64') } });
    expect(await read('gcp-sm:projects/p/secrets/s')).toEqual({ value: 'sk-of-google' });
    await read('gcp-sm:projects/p/secrets/s/versions/7');
    expect(asked.map((one) => one.url)).toEqual([
      '/v1/projects/p/secrets/s/versions/latest:access',
      '/v1/projects/p/secrets/s/versions/7:access',
    ]);
    expect(asked[0]!.headers.authorization).toBe('Bearer google-token');
    expect(await read('gcp-sm:../../v1/x')).toEqual({ fault: expect.stringContaining('is called') });
    expect(asked).toHaveLength(2);
  });
});

describe('a secret that was read', () => {
  it('is read again, and stays as it was while its manager is away', async () => {
    const secrets = managed();
    answer = json({ data: { key: 'one' } });
    await secrets.want(['vault:a#key']);
    expect(await secrets.refresh()).toBe(false);
    answer = json({ data: { key: 'two' } });
    expect(await secrets.refresh()).toBe(true);
    for (const how of [json({}, 503), (_: Asked, response: ServerResponse) => void response.destroy()]) {
      answer = how;
      expect(await secrets.refresh()).toBe(false);
      expect(secrets.values.get('vault:a#key')).toEqual({ value: 'two' });
    }
    expect(failures.map(([reference]) => reference)).toEqual(['vault:a#key', 'vault:a#key']);
    // What is known is not asked for once more by a reload, and what nobody wants any more is forgotten.
    const before = asked.length;
    await secrets.want(['vault:a#key']);
    expect(asked).toHaveLength(before);
    await secrets.want([]);
    expect(secrets.values.size).toBe(0);
  });

  it('stands in the configuration for its reference, and in no word about it', async () => {
    answer = json({ data: { key: 'sk-upstream-0123456789', gate: 'gate-key-0123456789' } });
    writeFileSync(
      join(folder, 'headgate.yaml'),
      'providers: { openai: { keys: ["vault:kv/app#key"] } }\nserver: { metricsKey: "vault:kv/app#none" }\n',
    );
    const place = { env: { HEADGATE_API_KEYS: 'app=vault:kv/app#gate' }, cwd: folder };
    expect(managedReferences(place).sort()).toEqual([
      'vault:kv/app#gate',
      'vault:kv/app#key',
      'vault:kv/app#none',
    ]);
    const secrets = managed();
    await secrets.want(managedReferences(place));
    const load = () => loadConfig({ ...place, cores: 1, managed: secrets.values });
    expect(load).toThrow('server.metricsKey: the secret has no such field');
    writeFileSync(join(folder, 'headgate.yaml'), 'providers: { openai: { keys: ["vault:kv/app#key"] } }\n');
    const { config, keys } = load();
    expect(config.providers[0]!.keys[0]!.value).toBe('sk-upstream-0123456789');
    expect(keys).toMatchObject([{ name: 'app', value: 'gate-key-0123456789' }]);
    expect(JSON.stringify(config.notes)).not.toContain('0123456789');
  });
});
