// The vendors' Python SDKs, each to an upstream of every dialect: tests/peers/sdks, run by pytest.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { testConfig } from '../kit/test-config.ts';
import { runPytest } from './pytest.ts';
import { pythonFor } from './python.ts';
import { startVendorObjects, type VendorObjects } from './vendor-objects.ts';

const issued = { name: 'aws', accessKeyId: 'HGISSUED0001', value: 'hg-issued-secret-0123456789abcdef/+=' };
const other = {
  name: 'other',
  accessKeyId: 'HGISSUED0002',
  value: 'hg-other-key-0123456789abcdef0123456789',
};
const folder = path.join(import.meta.dirname, 'sdks');

const MODELS = [
  'embed',
  'gemini-embed',
  'rank',
  'gpt-image-1',
  'omni-moderation-latest',
  'amazon.*',
  'cohere.*',
  'ok',
  'json',
  'thinking*',
  'parallel-tools',
  'tools',
  'tools:*',
  'call:*',
  'text:*',
  'status:*',
];

let mock: MockUpstream;
let objects: VendorObjects;
let gateway: GatewayProcess;

beforeAll(async () => {
  mock = await startMock();
  objects = await startVendorObjects();
  const kept = { keys: ['sk-objects'], models: ['kept'], retries: { max: 0 } };
  gateway = await startGateway({
    config: testConfig(mock, {
      dialects: true,
      // Stated, so that a name nobody offers exists.
      provider: { models: MODELS },
      models: { fast: { targets: ['ge/ok'] } },
      providers: {
        gemini: { baseUrl: `${objects.url}/v1beta`, ...kept },
        bedrock: { baseUrl: objects.url, region: 'eu-west-1', ...kept },
        cohere: { baseUrl: objects.url, ...kept },
      },
      rest: { auth: { keys: [gateKey, issued, other] } },
    }),
    env: { HEADGATE_ACCESS_LOG: 'off' },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
  await objects?.close();
});

describe('the Python SDK reaches upstreams of every dialect:', () => {
  test.for([
    ['openai, Chat Completions', 'test_openai_chat.py', 100],
    ['openai, Responses', 'test_openai_responses.py', 100],
    ['openai, what is kept and helped with', 'test_openai_kept.py', 66],
    ['anthropic', 'test_anthropic.py', 100],
    ['anthropic, what it helps with', 'test_anthropic_more.py', 68],
    ['google-genai', 'test_google_genai.py', 100],
    ['boto3', 'test_boto3.py', 90],
    ['cohere', 'test_cohere.py', 118],
    ['endpoints', 'test_endpoints.py', 24],
    ['google-genai, further', 'test_google_further.py', 45],
    ['boto3, further', 'test_boto3_further.py', 52],
    ['cohere, further', 'test_cohere_further.py', 26],
    ['what vendors keep', 'test_kept.py', 10],
  ] as const)('%s', async ([, file, least], context) => {
    const python = pythonFor(context, path.join(folder, 'requirements.txt'));
    const { status, output, passed } = await runPytest(python, ['-p', 'no:cacheprovider', file], folder, {
      HEADGATE_URL: gateway.url,
      HEADGATE_KEY: gateKey,
      HEADGATE_OTHER_KEY: other.value,
      HEADGATE_AWS_ID: issued.accessKeyId,
      HEADGATE_AWS_SECRET: issued.value,
    });
    expect({ status, output: status === 0 ? '' : output.slice(-20_000) }).toEqual({ status: 0, output: '' });
    expect(passed).toBeGreaterThanOrEqual(least);
  });
});
