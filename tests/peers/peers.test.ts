// The SDKs' own API tests, against the gateway instead of the mock server they are written for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { runPytest } from './pytest.ts';
import { preparePython, prepareTests, Unavailable } from './python.ts';
import { type Suite, suites } from './suites.ts';
import { type PeerUpstream, startPeerUpstream } from './upstream.ts';

let upstream: PeerUpstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = await startPeerUpstream();
  const base = `http://127.0.0.1:${upstream.port}`;
  gateway = await startGateway({
    config: {
      providers: {
        oa: {
          dialect: ['openai-chat', 'openai-responses'],
          baseUrl: `${base}/v1`,
          auth: 'none',
          // Their mock answers whatever is built on, as OpenAI does of what it keeps.
          quirks: { keepsResponses: true },
          models: ['gpt-*', 'whisper-*', 'tts-*', 'auto', 'text-embedding-*', 'omni-*'],
        },
        an: { dialect: 'anthropic', baseUrl: base, auth: 'none', models: ['claude-*'] },
      },
      // Names their tests retrieve.
      models: {
        // Their Chat tests send tools beside everything that Responses has not: they stay where they are.
        'gpt-6-astra': {
          targets: ['oa/gpt-6-astra'],
          capabilities: { tools: 'chat', effortWithTools: 'any' },
        },
        // One that is made for decisions.
        model: { targets: ['oa/gpt-6-luna'] },
        model_id: { targets: ['an/model_id'] },
      },
    },
    env: { HEADGATE_ACCESS_LOG: 'off' },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await upstream?.close();
});

describe("an SDK's own tests of the endpoints there are", () => {
  test.for(suites)('pass: $package', async (suite, context) => {
    const ready = prepare(suite);
    if (typeof ready === 'string') {
      console.log(`skipped: ${ready}`);
      context.skip(ready);
      return;
    }
    const { python, folder } = ready;
    const args = [
      '-p',
      'no:cacheprovider',
      '-o',
      'addopts=',
      ...suite.args,
      '-k',
      suite.only,
      ...suite.files,
    ];
    const env = { TEST_API_BASE_URL: gateway.url };
    const { status, output, passed } = await runPytest(python, args, folder, env);
    expect({ status, output: status === 0 ? '' : output.slice(-20_000) }).toEqual({ status: 0, output: '' });
    expect(passed).toBeGreaterThanOrEqual(suite.least);
  });
});

/** What it runs with, or why it cannot. */
function prepare(suite: Suite): { python: string; folder: string } | string {
  try {
    const python = preparePython();
    return { python, folder: prepareTests(python, suite.package) };
  } catch (error) {
    if (error instanceof Unavailable) return error.message;
    throw error;
  }
}
