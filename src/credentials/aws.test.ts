// AWS's chain with STS and the machine's metadata service at a fixture: the vendor's library finds both by its own variables.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startTokenServer, type TokenServer } from '../../tests/kit/token-server.ts';
import type { AwsSource } from '../contracts/credential.ts';
import { obtainAws } from './aws.ts';

let server: TokenServer;
let folder: string;
beforeAll(async () => {
  server = await startTokenServer();
  folder = mkdtempSync(join(tmpdir(), 'headgate-aws-chain-'));
  vi.stubEnv('AWS_ENDPOINT_URL_STS', server.url);
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', server.url);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  writeFileSync(join(folder, 'config'), '[profile lab]\nregion = eu-west-1\n');
  writeFileSync(
    join(folder, 'credentials'),
    '[lab]\naws_access_key_id = AKIA-LAB\naws_secret_access_key = secret-of-the-lab\n',
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  server.seen.length = 0;
});

const ask = (change: Partial<AwsSource> = {}, signal = new AbortController().signal, wall = Date.now) =>
  obtainAws({ kind: 'aws', region: 'eu-west-1', ...change }, { env: {}, signal, wall });

test('a profile’s pair never ends', async () => {
  expect(await ask({ profile: 'lab' })).toEqual({
    aws: { accessKeyId: 'AKIA-LAB', secretAccessKey: 'secret-of-the-lab' },
    expiresAtMs: null,
  });
});

test('the machine’s own pair comes from IMDSv2, and another one each time', async () => {
  const [first, second] = [await ask(), await ask()];
  expect(first.aws).toMatchObject({
    accessKeyId: expect.stringMatching(/^ASIA-\d+$/),
    sessionToken: expect.any(String),
  });
  expect(second.aws?.accessKeyId).not.toBe(first.aws?.accessKeyId);
  expect(first.expiresAtMs).toBeGreaterThan(Date.now() + 3_000_000);
  expect(server.seen.map(({ path }) => path)).toContain('/latest/api/token');
});

test('a role is assumed by what the chain has, with its external id', async () => {
  const roleArn = 'arn:aws:iam::123456789012:role/gate';
  const { aws } = await ask({ profile: 'lab', roleArn, externalId: 'ext', sessionName: 'mine' });
  expect(aws?.sessionToken).toMatch(/^session-\d+$/);
  expect(server.seen.at(-1)).toMatchObject({
    fields: { Action: 'AssumeRole', RoleArn: roleArn, ExternalId: 'ext', RoleSessionName: 'mine' },
  });
  expect(server.seen.at(-1)?.headers.authorization).toContain('Credential=AKIA-LAB/');
  // By a clock that is two hours ahead it is over as it comes: used for a while, not asked for four times a second.
  const ahead = (): number => Date.now() + 7_200_000;
  const late = await ask({ profile: 'lab', roleArn }, undefined, ahead);
  expect(late.expiresAtMs).toBeGreaterThan(ahead() + 200_000);
});

test('a role is assumed by a web identity’s file (IRSA)', async () => {
  const tokenFile = join(folder, 'identity');
  writeFileSync(tokenFile, 'of-the-pod');
  const { aws } = await ask({ roleArn: 'arn:aws:iam::123456789012:role/pod', tokenFile });
  expect(aws?.accessKeyId).toMatch(/^ASIA-/);
  expect(server.seen.at(-1)?.fields).toMatchObject({
    Action: 'AssumeRoleWithWebIdentity',
    WebIdentityToken: 'of-the-pod',
  });
});

test('a refusal is told by its name alone, and a service that hangs is given up', async () => {
  server.mood = 'refuses';
  const roleArn = 'arn:aws:iam::123456789012:role/gate';
  const fault = await ask({ profile: 'lab', roleArn }).catch((cause: Error) => cause.message);
  expect(fault).toMatch(/^AWS gave no credentials \(\w+\)$/);
  server.mood = 'hangs';
  const abort = new AbortController();
  const asked = ask({ profile: 'lab', roleArn }, abort.signal).catch((cause: Error) => cause.message);
  await vi.waitFor(() => expect(server.seen.length).toBeGreaterThan(1), { timeout: 10_000 });
  abort.abort();
  expect(await asked).toBe('AWS did not give credentials in time');
  server.mood = 'well';
});
