// Credentials that expire, with two workers, a real token server and mock providers: one question for all workers, renewed ahead,
// the last one good until its end, then a clear 503 and no more.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { startTokenServer, type TokenServer } from '../kit/token-server.ts';
import { workerPids } from '../kit/workers.ts';

let mock: MockUpstream;
let tokens: TokenServer;
let gateway: GatewayProcess;

const WAIT = { timeout: 30_000, interval: 20 };
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});

/** Renewed when three quarters of it are over, less a tenth: what is asked for twice meanwhile is asked for by two. */
const BRIEF_SECONDS = 5;

/** @param suffix of the providers' names: others have credentials of their own. */
const providers = (suffix = '') => ({
  // As a server of one's own: Google's paths have a suite of their own.
  [`google${suffix}`]: {
    dialect: 'openai-chat',
    baseUrl: mock.openaiUrl,
    models: ['*'],
    retries: { max: 0 },
    keys: [
      {
        google: {
          credentials: JSON.stringify({
            type: 'service_account',
            client_email: 'gate@p.iam.gserviceaccount.com',
            private_key: pem,
            token_uri: `${tokens.url}/token`,
          }),
        },
      },
    ],
  },
  [`bedrock${suffix}`]: {
    dialect: 'bedrock',
    baseUrl: mock.anthropicUrl,
    region: 'eu-west-1',
    models: ['*'],
    retries: { max: 0 },
    keys: [{ aws: {} }],
  },
});
const config = (...suffixes: string[]) => ({
  auth: { keys: [gateKey] },
  providers: Object.assign({}, ...suffixes.map(providers)) as object,
});

beforeAll(async () => {
  [mock, tokens] = await Promise.all([startMock(), startTokenServer()]);
  gateway = await startGateway({
    workers: 2,
    config: config(''),
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: tokens.url, GCE_METADATA_HOST: '127.0.0.1:1' },
  });
});
afterAll(async () => {
  await gateway?.stop();

  await Promise.all([mock?.close(), tokens?.close()]);
});

const call = (model: string): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    // A connection each: both workers are met.
    headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
const bearer = (): string => mock.lastRequest().headers['authorization'] ?? '';
const grants = (): number[] => tokens.seen.flatMap(({ path, at }) => (path === '/token' ? [at] : []));

test('the first call after the start has its token, and Bedrock’s is signed by the machine’s pair', async () => {
  // The start waits for them for three seconds: where a machine stood still for longer, they come behind it.
  await vi.waitFor(async () => expect((await call('google/ok')).status).toBe(200), WAIT);
  expect(bearer()).toMatch(/^Bearer token-\d+$/);
  await vi.waitFor(async () => expect((await call('bedrock/ok')).status).toBe(200), WAIT);
  expect(bearer()).toMatch(/Credential=ASIA-\d+\//);
  expect(mock.lastRequest().headers['x-amz-security-token']).toMatch(/^session-\d+$/);
});

test('all workers follow when it is renewed, with one question for all of them', async () => {
  tokens.lifeSeconds = BRIEF_SECONDS;
  const before = grants().length;
  gateway.writeConfig(config('', '-brief'));
  gateway.kill('SIGHUP');
  const seen = new Set<string>();
  await vi.waitFor(async () => {
    for (let i = 0; i < 4; i++) {
      const { status, headers } = await call('google-brief/ok');
      // A worker that has not heard of it yet asks the other one, which takes any model.
      if (status === 200 && headers.get('x-headgate-provider') === 'google-brief') seen.add(bearer());
    }
    expect(seen.size).toBeGreaterThan(1);
  }, WAIT);
  // Two workers that asked by themselves would have done so one shortly behind the other.
  const asked = grants().slice(before);
  expect(asked.length).toBeGreaterThan(1);
  for (const [at, when] of asked.slice(1).entries())
    expect(when - asked[at]!).toBeGreaterThan(BRIEF_SECONDS * 500);
  expect([...seen].every((text) => /^Bearer token-\d+$/.test(text))).toBe(true);
});

test('a worker that starts later has it at once, without a question of its own', async () => {
  const [first] = await workerPids(gateway, 2);
  // Nothing can be asked now: what the new one holds, it was told.
  tokens.mood = 'refuses';
  process.kill(first!, 'SIGKILL');
  await workerPids(gateway, 3);
  for (let i = 0; i < 12; i++) expect((await call('google/ok')).status).toBe(200);
  tokens.mood = 'well';
});

test('while its source refuses the last one is good until its end, then calls get a 503, and it recovers', async () => {
  tokens.mood = 'refuses';
  let refused: Response | undefined;
  await vi.waitFor(async () => {
    refused = await call('google-brief/ok');
    expect(refused.status).toBe(503);
  }, WAIT);
  expect(refused?.headers.get('retry-after')).toBe('2');
  expect(refused?.headers.get('x-request-id')).toBeTruthy();
  expect(await refused?.json()).toMatchObject({ error: { code: 'gw_lane_no_credential' } });
  await vi.waitFor(async () => expect((await call('bedrock-brief/ok')).status).toBe(503), WAIT);
  // A gateway that stood still meanwhile finds its credential over before it has asked for another.
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(
      /headgate_credential_renewals_total\{provider="google-brief",key="key-1",outcome="failed"\} [1-9]/,
    );
    expect(metrics).toMatch(
      /headgate_credential_expiry_timestamp_seconds\{provider="google-brief",key="key-1"\} [1-9]/,
    );
  }, WAIT);
  // Its other ones are good for an hour.
  expect((await call('google/ok')).status).toBe(200);
  tokens.mood = 'well';
  await vi.waitFor(async () => expect((await call('google-brief/ok')).status).toBe(200), WAIT);
});

test('no secret is in the log', async () => {
  await vi.waitFor(() => expect(gateway.output()).toContain('credential cannot be renewed'), WAIT);
  const output = gateway.output();
  expect(output).toContain('invalid_grant');
  expect(output).not.toMatch(/secret-in-a-description|PRIVATE KEY|Bearer token-|secret-\d|session-\d/);
});
