// Bedrock's routes at the gateway's own door: bytes, heads, prefixes, and what goes wrong.
import { describe, expect, test } from 'vitest';
import { readableFrames } from '../kit/frames.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { mockBedrock, mockBedrockInvoke } from '../kit/mock-bedrock.ts';

const harness = useGateway((mock) => ({
  dialects: true,
  providers: {
    bedrock: {
      dialect: ['bedrock', 'bedrock-invoke'],
      baseUrl: mock.anthropicUrl,
      keys: [{ value: 'bedrock-key-of-the-gateway' }],
      models: ['*'],
      retries: { max: 0 },
    },
  },
}));

const hello =
  '{ "messages":[ {"content":[{"text":"h\\u0069"}],"role":"user"} ] ,"inferenceConfig":{"maxTokens":100.0e0}}\n';
const invoked =
  '{"anthropic_version":"bedrock-2023-05-31" , "max_tokens":100,"messages":[{"role":"user","content":"hi"}],"x":1.0}';

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${harness.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateKey}`, ...headers },
    body,
  });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

const route = (model: string, verb: string): string =>
  `/model/${encodeURIComponent(`bedrock/${model}`)}/${verb}`;

describe('what Bedrock says to a client of Bedrock', () => {
  test.each([
    ['converse', 'lax+exotic', mockBedrock.exoticAnswer, 'utf8'],
    ['converse-stream', 'lax+exotic', mockBedrock.exoticStream, 'latin1'],
    ['converse-stream', 'lax+exotic+split:1', mockBedrock.exoticStream, 'latin1'],
    ['invoke', 'lax+exotic', mockBedrockInvoke.exoticAnswer, 'utf8'],
    ['invoke-with-response-stream', 'lax+exotic+split:7', mockBedrockInvoke.exoticStream, 'latin1'],
  ] as const)('goes on byte for byte: %s of %s', async (verb, model, expected, encoding) => {
    const { status, bytes } = await post(route(model, verb), verb.startsWith('converse') ? hello : invoked);
    expect(status).toBe(200);
    expect(bytes.equals(Buffer.from(expected, encoding))).toBe(true);
  });

  test('and what the client says goes up byte for byte, whatever it calls its type', async () => {
    for (const [verb, body] of [
      ['converse', hello],
      ['converse-stream', hello],
      ['invoke', invoked],
      ['invoke-with-response-stream', invoked],
    ] as const) {
      await post(route('us.anthropic.claude-x-v1:0+lax', verb), body, {
        'content-type': 'application/octet-stream',
      });
      const { body: sent, target, headers } = harness.mock.lastRequest();
      expect(sent.toString()).toBe(body);
      expect(target).toBe(`/model/us.anthropic.claude-x-v1%3A0%2Blax/${verb}`);
      expect(headers['authorization']).toBe('Bearer bedrock-key-of-the-gateway');
    }
  });

  test('headers of an invocation go with it, and no others', async () => {
    await post(route('lax', 'invoke'), invoked, {
      'x-amzn-bedrock-guardrailidentifier': 'g',
      'x-amzn-trace-id': 'Root=1',
      'anthropic-beta': 'x',
    });
    const { headers } = harness.mock.lastRequest();
    expect(headers['x-amzn-bedrock-guardrailidentifier']).toBe('g');
    expect(headers).not.toHaveProperty('x-amzn-trace-id');
    expect(headers).not.toHaveProperty('anthropic-beta');
  });
});

describe('an answer', () => {
  test.each([
    ['converse', 'application/json'],
    ['converse-stream', 'application/vnd.amazon.eventstream'],
    ['invoke', 'application/json'],
    ['invoke-with-response-stream', 'application/vnd.amazon.eventstream'],
  ])('to %s has its type and its id, from any provider', async (verb, type) => {
    for (const provider of ['bedrock', 'oa', 'an', 'co', 'ge']) {
      const path = `/bedrock/model/${encodeURIComponent(`${provider}/ok`)}/${verb}`;
      const plain = '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}';
      const { status, headers } = await post(
        path,
        verb.startsWith('conv') ? plain : invoked.replace(',"x":1.0', ''),
      );
      expect([provider, status, headers.get('content-type')]).toEqual([provider, 200, type]);
      expect(headers.get('x-amzn-requestid')).toBe(headers.get('x-request-id'));
    }
  });

  test('that is an error names the exception, and the dialect of the path it is for', async () => {
    const path = '/model/m/converse';
    const stranger = await fetch(`${harness.url}${path}`, { method: 'POST', body: hello });
    expect([stranger.status, stranger.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'AccessDeniedException',
    ]);
    expect(stranger.headers.get('x-amzn-requestid')).toMatch(/^req_/);
    expect(await stranger.json()).toEqual({ message: expect.stringContaining('No API key') as string });
    for (const [target, body, status, type] of [
      ['/model/m/unheard-of', hello, 404, 'ResourceNotFoundException'],
      [route('ok', 'converse'), '{', 400, 'ValidationException'],
      ['/model/oa%2Fok/converse', '{"messages":7}', 400, 'ValidationException'],
      [route('status:503', 'converse-stream'), hello, 503, 'ServiceUnavailableException'],
      [route('lax+truncated-json', 'converse'), hello, 424, 'ModelErrorException'],
    ] as const) {
      const { status: seen, headers } = await post(target, body);
      expect([target, seen, headers.get('x-amzn-errortype')]).toEqual([target, status, type]);
    }
    const got = await fetch(`${harness.url}${path}`, { headers: { authorization: `Bearer ${gateKey}` } });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('whose frames are damaged on the way ends with an exception, behind what was good', async () => {
    const { bytes } = await post(route('lax+text:20+garbage-after:3', 'converse-stream'), hello);
    const events = readableFrames(bytes).trim().split('\n\n');
    expect(events.filter((event) => event.startsWith('event: contentBlockDelta'))).toHaveLength(3);
    expect(events.at(-1)).toMatch(/^event: !modelStreamErrorException\n/);
  });

  test('that is whole though a stream was asked for is told as one, and the other way round', async () => {
    const whole = await post(route('whole', 'converse-stream'), hello.replace('100.0e0', '100'));
    expect(whole.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
    expect(readableFrames(whole.bytes)).toContain('event: messageStop\ndata: {"stopReason":"end_turn"}');
    const streamed = await post(route('streams', 'converse'), hello.replace('100.0e0', '100'));
    expect(JSON.parse(streamed.bytes.toString())).toMatchObject({ stopReason: 'end_turn' });
  });
});
