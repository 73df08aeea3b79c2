// The real `@aws-sdk/client-bedrock-runtime` through the gateway, to an upstream of each dialect (our own mock): Converse and
// ConverseStream by Bearer and signed with a pair that the gateway issued.
import type Anthropic from '@anthropic-ai/sdk';
import {
  AccessDeniedException,
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseCommandOutput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type Message,
  ModelErrorException,
  ModelStreamErrorException,
  ResourceNotFoundException,
  ThrottlingException,
  type Tool,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { FinalizeRequestMiddleware } from '@smithy/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { awsPair } from '../kit/mock-bedrock.ts';
import { upstreamKeys } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

const issued = { accessKeyId: 'HGISSUED0001', secretAccessKey: 'hg-issued-secret-0123456789abcdef/+=' };
const harness = useGateway((mock) => ({
  dialects: true,
  rest: {
    auth: {
      keys: [gateKey, { name: 'aws', value: issued.secretAccessKey, accessKeyId: issued.accessKeyId }],
    },
  },
  providers: {
    signed: {
      dialect: 'bedrock',
      baseUrl: mock.anthropicUrl,
      region: 'eu-west-1',
      keys: [awsPair],
      models: ['*'],
      retries: { max: 0 },
    },
    // Converse alone, as a list says.
    conv: {
      dialect: ['bedrock'],
      baseUrl: mock.anthropicUrl,
      keys: [{ value: 'bedrock-upstream-converse-AAAABBBB' }],
      models: ['*'],
      retries: { max: 0 },
    },
    inv: {
      dialect: ['bedrock', 'bedrock-invoke'],
      baseUrl: mock.anthropicUrl,
      keys: [{ value: 'bedrock-upstream-invoke-AAAABBBB' }],
      models: ['*'],
      retries: { max: 0 },
    },
    wrong: {
      dialect: 'bedrock',
      baseUrl: mock.anthropicUrl,
      region: 'us-east-1',
      keys: [awsPair],
      models: ['*'],
      retries: { max: 0 },
    },
  },
}));

const clients: BedrockRuntimeClient[] = [];
function connect(config: Partial<BedrockRuntimeClientConfig> = {}): BedrockRuntimeClient {
  const client = new BedrockRuntimeClient({
    region: 'eu-central-1',
    endpoint: harness.url,
    maxAttempts: 1,
    // By itself it speaks HTTP/2, which over plain HTTP it takes for granted.
    requestHandler: new NodeHttpHandler(),
    ...config,
  });
  clients.push(client);
  return client;
}
afterAll(() => {
  for (const client of clients) client.destroy();
});

let client: BedrockRuntimeClient;
beforeAll(() => {
  client = connect({ token: { token: gateKey }, authSchemePreference: ['httpBearerAuth'] });
});

const hello: Message[] = [{ role: 'user', content: [{ text: 'hello' }] }];
const plainText = 'Hello from the mock provider, all is well.';
const weather: Tool = {
  toolSpec: {
    name: 'get_weather',
    description: 'Weather of a city',
    inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
  },
};
const time: Tool = {
  toolSpec: {
    name: 'get_time',
    inputSchema: { json: { type: 'object', properties: { zone: { type: 'string' } } } },
  },
};
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);
const contentOf = ({ output }: ConverseCommandOutput): ContentBlock[] => output?.message?.content ?? [];
const textOf = (answer: ConverseCommandOutput): string =>
  contentOf(answer)
    .map((block) => block.text ?? '')
    .join('');
const ask = (input: ConverseCommandInput, by = client): Promise<ConverseCommandOutput> =>
  by.send(new ConverseCommand(input));

interface Streamed {
  kinds: string[];
  text: string;
  reasoning: string;
  signature: string;
  calls: { id: string; name: string; text: string }[];
  stop: string | undefined;
  usage: unknown;
}

async function collect(stream: AsyncIterable<ConverseStreamOutput> | undefined): Promise<Streamed> {
  const seen: Streamed = {
    kinds: [],
    text: '',
    reasoning: '',
    signature: '',
    calls: [],
    stop: undefined,
    usage: undefined,
  };
  for await (const event of stream ?? []) {
    const [kind = ''] = Object.keys(event);
    if (seen.kinds.at(-1) !== kind) seen.kinds.push(kind);
    const delta = event.contentBlockDelta?.delta;
    seen.text += delta?.text ?? '';
    seen.reasoning += delta?.reasoningContent?.text ?? '';
    seen.signature += delta?.reasoningContent?.signature ?? '';
    const use = event.contentBlockStart?.start?.toolUse;
    if (use !== undefined) seen.calls.push({ id: use.toolUseId ?? '', name: use.name ?? '', text: '' });
    if (delta?.toolUse !== undefined) seen.calls.at(-1)!.text += delta.toolUse.input ?? '';
    if (event.messageStop !== undefined) seen.stop = event.messageStop.stopReason;
    if (event.metadata !== undefined) seen.usage = event.metadata.usage;
  }
  return seen;
}

const stream = async (input: ConverseCommandInput, by = client): Promise<Streamed> =>
  collect((await by.send(new ConverseStreamCommand(input))).stream);

describe.each([
  ['a Bedrock upstream', 'be'],
  ['a Bedrock upstream that wants signatures', 'signed'],
  ['an OpenAI upstream', 'oa'],
  ['an Anthropic upstream', 'an'],
  ['a Cohere upstream', 'co'],
])('Bedrock client, %s', (_, provider) => {
  const modelId = (name: string) => `${provider}/${name}`;
  const reasons = provider !== 'co' && provider !== 'oa';

  test('a text answer comes whole, with usage', async () => {
    const answer = await ask({
      modelId: modelId('ok'),
      messages: hello,
      system: [{ text: 'Be terse.' }],
      inferenceConfig: { maxTokens: 100, temperature: 0.5 },
    });
    expect(textOf(answer)).toBe(plainText);
    expect(answer.stopReason).toBe('end_turn');
    expect(answer.usage).toMatchObject({ inputTokens: 12, outputTokens: 8, totalTokens: 20 });
    expect(answer.$metadata.requestId).toMatch(/^req_/);
    expect(answer.metrics?.latencyMs).toBeTypeOf('number');
  });

  test('a streamed answer keeps the order of events', async () => {
    const { kinds, text, stop, usage } = await stream({ modelId: modelId('ok'), messages: hello });
    expect(text).toBe(plainText);
    expect(kinds).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
    expect(stop).toBe('end_turn');
    expect(usage).toMatchObject({ inputTokens: 12, outputTokens: 8 });
  });

  test('names of models are taken apart once, whatever is in them', async () => {
    const answer = await ask({ modelId: modelId('ok+v1:0'), messages: hello });
    expect(textOf(answer)).toBe(plainText);
    expect(harness.mock.lastRequest().model).toBe('ok+v1:0');
  });

  test('a limit of tokens and stop sequences hold', async () => {
    const short = await ask({ modelId: modelId('ok'), messages: hello, inferenceConfig: { maxTokens: 2 } });
    expect(short.stopReason).toBe('max_tokens');
    const stopped = await ask({
      modelId: modelId('ok'),
      messages: hello,
      inferenceConfig: { maxTokens: 100, stopSequences: ['mock'] },
    });
    expect(textOf(stopped).trim()).toBe('Hello from the');
  });

  test('parallel tool calls and their results go round', async () => {
    const question: Message[] = [{ role: 'user', content: [{ text: 'Weather and time in Paris?' }] }];
    const input: ConverseCommandInput = {
      modelId: modelId('parallel-tools'),
      messages: question,
      toolConfig: { tools: [weather, time], toolChoice: { any: {} } },
      inferenceConfig: { maxTokens: 100 },
    };
    const first = await ask(input);
    expect(first.stopReason).toBe('tool_use');
    const uses = contentOf(first).flatMap(({ toolUse }) => toolUse ?? []);
    expect(uses.map(({ name, input: given }) => [name, given])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ]);
    const streamed = await stream(input);
    expect(streamed.stop).toBe('tool_use');
    expect(streamed.calls.map(({ name, text }) => [name, JSON.parse(text)])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ]);
    const [one, two] = uses;
    const second = await ask({
      ...input,
      messages: [
        ...question,
        { role: 'assistant', content: contentOf(first) },
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: one!.toolUseId, content: [{ json: { degrees: 21 } }] } },
            { toolResult: { toolUseId: two!.toolUseId, content: [{ text: 'noon' }], status: 'success' } },
          ],
        },
      ],
    });
    expect(textOf(second)).toBe('It is 21 degrees in Paris.');
  });

  test('a forced tool is forced', async () => {
    await ask({
      modelId: modelId('tools'),
      messages: hello,
      toolConfig: { tools: [weather], toolChoice: { tool: { name: 'get_weather' } } },
      inferenceConfig: { maxTokens: 100 },
    });
    const body = JSON.stringify(harness.mock.lastRequest().json);
    expect(body).toMatch(/get_weather/);
    expect(body).toMatch(/"tool_?[cC]hoice":/);
  });

  test('thinking comes before the text and returns with its proof', async () => {
    const input: ConverseCommandInput = {
      modelId: modelId('thinking'),
      messages: hello,
      inferenceConfig: { maxTokens: 4_000 },
    };
    const answer = await ask(input);
    const told = contentOf(answer)[0]?.reasoningContent?.reasoningText;
    expect(told?.text).toBe('Let me think about that first.');
    const { reasoning, signature, text } = await stream(input);
    expect(reasoning).toBe('Let me think about that first.');
    expect(text).toBe(plainText);
    expect(signature || undefined).toBe(told?.signature);
    if (!reasons) return;
    await ask({
      ...input,
      messages: [
        ...hello,
        { role: 'assistant', content: contentOf(answer) },
        { role: 'user', content: [{ text: 'and?' }] },
      ],
    });
    // The proof is the one that the upstream gave.
    expect(JSON.stringify(harness.mock.lastRequest().json)).toContain('c2lnbmF0dXJlLW9mLXRoZS1tb2Nr');
  });

  test('images arrive byte for byte', async () => {
    await ask({
      modelId: modelId('ok'),
      messages: [
        {
          role: 'user',
          content: [{ text: 'What is this?' }, { image: { format: 'png', source: { bytes: pixel } } }],
        },
      ],
    });
    expect(JSON.stringify(harness.mock.lastRequest().json)).toContain(pixel.toString('base64'));
  });

  test('structured output is asked for', async () => {
    const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] };
    const answer = await ask({
      modelId: modelId('json'),
      messages: hello,
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'answer', schema: JSON.stringify(schema) } },
        },
      },
    });
    expect(JSON.parse(textOf(answer))).toMatchObject({ answer: 42 });
    expect(JSON.stringify(harness.mock.lastRequest().json)).toMatch(/answer.{0,8}:.{0,40}integer/);
  });

  test('cached tokens are told apart', async () => {
    const { usage } = await ask({ modelId: modelId('cached'), messages: hello });
    expect(usage).toMatchObject({ cacheReadInputTokens: 1024 });
    expect((usage?.inputTokens ?? 0) + (usage?.cacheReadInputTokens ?? 0)).toBeGreaterThanOrEqual(1024);
  });

  test('refusals come as the exceptions the SDK knows', async () => {
    const refused = (name: string) => ask({ modelId: modelId(name), messages: hello });
    await expect(refused('status:429')).rejects.toBeInstanceOf(ThrottlingException);
    await expect(refused('status:404')).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(refused('status:400')).rejects.toBeInstanceOf(ValidationException);
    await expect(refused('status:400')).rejects.toThrow('mock says 400');
    await expect(refused('cut-rst')).rejects.toBeInstanceOf(ModelErrorException);
  });

  test('an error in the middle of a stream is thrown, behind the text before it', async () => {
    const { stream: events } = await client.send(
      new ConverseStreamCommand({ modelId: modelId('text:20+error-after:3'), messages: hello }),
    );
    let text = '';
    const read = async (): Promise<void> => {
      for await (const event of events ?? []) text += event.contentBlockDelta?.delta?.text ?? '';
    };
    await expect(read()).rejects.toThrow('broke in the middle');
    expect(text).toMatch(/^t0 t1 t2/);
  });

  test('a stream that breaks off is an error', async () => {
    await expect(
      stream({ modelId: modelId('text:20+cut-fin-after:3'), messages: hello }),
    ).rejects.toBeInstanceOf(ModelStreamErrorException);
  });

  test('the upstream is left when the caller leaves', async () => {
    const abort = new AbortController();
    const name = `text:500+pace:20+stall-after:3+leave-${provider}`;
    const { stream: events } = await client.send(
      new ConverseStreamCommand({ modelId: modelId(name), messages: hello }),
      { abortSignal: abort.signal },
    );
    const read = async (): Promise<void> => {
      for await (const event of events ?? []) if (event.contentBlockDelta !== undefined) abort.abort();
    };
    await read().catch(() => undefined);
    await waitUntil(() => harness.mock.requestsFor(name)[0]?.aborted === true, 'the upstream left');
  });
});

describe.each([
  ['a Bedrock upstream', 'inv'],
  ['a Converse upstream', 'conv'],
  ['an OpenAI upstream', 'oa'],
  ['an Anthropic upstream', 'an'],
])('Bedrock client that invokes Claude, %s', (_, provider) => {
  const modelId = (name: string) => `${provider}/${name}`;
  const request = (more: object = {}) => ({
    body: JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'hello' }],
      ...more,
    }),
  });
  const invoke = async (name: string, more: object = {}): Promise<Anthropic.Message> => {
    const { body } = await client.send(new InvokeModelCommand({ modelId: modelId(name), ...request(more) }));
    return JSON.parse(body.transformToString()) as Anthropic.Message;
  };
  const events = async (name: string, more: object = {}): Promise<Record<string, unknown>[]> => {
    const command = new InvokeModelWithResponseStreamCommand({ modelId: modelId(name), ...request(more) });
    const seen: Record<string, unknown>[] = [];
    for await (const event of (await client.send(command)).body ?? []) {
      const { chunk } = event;
      seen.push(JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()) as Record<string, unknown>);
    }
    return seen;
  };

  test('a message comes whole', async () => {
    const message = await invoke('ok');
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: plainText }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 8 },
    });
  });

  test('a message comes in events, with the account in the last one', async () => {
    const seen = await events('ok');
    expect(seen[0]).toMatchObject({ type: 'message_start', message: { role: 'assistant' } });
    expect(seen.map((event) => pick(event, 'delta.text') ?? '').join('')).toBe(plainText);
    expect(seen.at(-1)).toMatchObject({ type: 'message_stop' });
    if (provider === 'inv') return;
    expect(seen.at(-1)).toMatchObject({
      'amazon-bedrock-invocationMetrics': { inputTokenCount: 12, outputTokenCount: 8 },
    });
  });

  test('tools go round', async () => {
    const tools = [
      { name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
    ];
    const first = await invoke('tools', { tools });
    expect(first.stop_reason).toBe('tool_use');
    const use = first.content.find((block) => block.type === 'tool_use')!;
    expect(use).toMatchObject({ name: 'get_weather', input: { city: 'Paris' } });
    const second = await invoke('tools', {
      tools,
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: '21' }] },
      ],
    });
    expect(second.content).toMatchObject([{ type: 'text', text: 'It is 21 degrees in Paris.' }]);
  });

  test('refusals and broken streams are the exceptions the SDK knows', async () => {
    await expect(invoke('status:429')).rejects.toBeInstanceOf(ThrottlingException);
    await expect(events('text:20+error-after:3')).rejects.toThrow('broke in the middle');
    await expect(events('text:20+cut-fin-after:3')).rejects.toBeInstanceOf(ModelStreamErrorException);
    await expect(invoke('ok', { messages: 7 })).rejects.toBeInstanceOf(ValidationException);
  });
});

test('a model that is none of Claude’s is invoked in its own format, byte for byte', async () => {
  const answered = await client.send(
    new InvokeModelCommand({ modelId: 'inv/lax+own-format', body: '{"inputText":"hi"}' }),
  );
  expect(answered.body.transformToString()).toBe('{"outputText":"hi there","tokens":12345678901234567890}');
  expect(harness.mock.lastRequest().body.toString()).toBe('{"inputText":"hi"}');
  const streamed = await client.send(
    new InvokeModelWithResponseStreamCommand({
      modelId: 'inv/lax+own-format',
      body: '{"inputText":"hi"}',
    }),
  );
  const seen: string[] = [];
  for await (const { chunk } of streamed.body ?? []) seen.push(Buffer.from(chunk?.bytes ?? []).toString());
  expect(seen).toHaveLength(2);
  expect(seen[1]).toContain('amazon-bedrock-invocationMetrics');
});

describe('tokens', () => {
  const counted = async (modelId: string): Promise<number | undefined> => {
    const command = new CountTokensCommand({ modelId, input: { converse: { messages: hello } } });
    return (await client.send(command)).inputTokens;
  };

  test('are counted by the provider that can, and estimated for one that cannot', async () => {
    expect(await counted('be/ok')).toBe(42);
    expect(await counted('oa/ok')).toBeGreaterThan(0);
    const body = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: 'hello' }] }));
    const invoked = await client.send(
      new CountTokensCommand({ modelId: 'oa/ok', input: { invokeModel: { body } } }),
    );
    expect(invoked.inputTokens).toBe(await counted('oa/ok'));
  });
});

describe('who calls', () => {
  const input: ConverseCommandInput = { modelId: 'be/ok', messages: hello };
  const unknown = { accessKeyId: 'HGUNKNOWN', secretAccessKey: issued.secretAccessKey };
  const forged = { ...issued, secretAccessKey: 'not-the-secret-of-it' };

  test('signs with a pair we issued, under any prefix of the path', async () => {
    for (const endpoint of [harness.url, `${harness.url}/bedrock`]) {
      const signing = connect({ credentials: issued, endpoint });
      expect(textOf(await ask(input, signing))).toBe(plainText);
      expect((await stream(input, signing)).text).toBe(plainText);
    }
    expect(harness.mock.lastRequest().headers['authorization']).toBe(
      'Bearer bedrock-upstream-AAAABBBBCCCCDDDD0004',
    );
  });

  test('may ask for profiles: there are none to choose from', async () => {
    const answer = await fetch(`${harness.url}/bedrock/inference-profiles?type=SYSTEM_DEFINED`, {
      headers: { authorization: `Bearer ${gateKey}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^req_/);
    expect(await answer.json()).toEqual({ inferenceProfileSummaries: [] });
    const list = await fetch(`${harness.url}/foundation-models`, {
      headers: { authorization: `Bearer ${gateKey}` },
    });
    expect([list.status, await list.json()]).toEqual([200, { modelSummaries: expect.any(Array) }]);
    const stranger = await fetch(`${harness.url}/inference-profiles`);
    expect([stranger.status, stranger.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'AccessDeniedException',
    ]);
  });

  test('may apply a guardrail: it goes on as it comes, with the key of the gate', async () => {
    const command = new ApplyGuardrailCommand({
      guardrailIdentifier: 'g',
      guardrailVersion: '1',
      source: 'INPUT',
      content: [{ text: { text: 'hi' } }],
    });
    // What the mock does not have it refuses.
    await connect({ credentials: issued })
      .send(command)
      .catch(() => {});
    const { path, headers, json } = harness.mock.lastRequest();
    expect([path, pick(json, 'source')]).toEqual(['/guardrail/g/version/1/apply', 'INPUT']);
    expect(headers['authorization']).toBe(`Bearer ${upstreamKeys.be}`);
  });

  test('by Bearer with the secret of the pair too', async () => {
    const bearer = connect({
      token: { token: issued.secretAccessKey },
      authSchemePreference: ['httpBearerAuth'],
    });
    expect(textOf(await ask(input, bearer))).toBe(plainText);
  });

  test.each([
    ['another secret', { credentials: forged }],
    ['an unknown pair', { credentials: unknown }],
    ['a clock that is ten minutes off', { credentials: issued, systemClockOffset: 600_000 }],
    ['a wrong key', { token: { token: 'wrong' }, authSchemePreference: ['httpBearerAuth'] }],
  ])('%s is refused', async (_, config) => {
    const before = harness.mock.requests.length;
    await expect(ask(input, connect(config))).rejects.toBeInstanceOf(AccessDeniedException);
    expect(harness.mock.requests.length).toBe(before);
  });

  test('a body that is not the one that was signed is refused', async () => {
    const signing = connect({ credentials: issued });
    const changed: FinalizeRequestMiddleware<object, object> = (next) => (args) => {
      const request = args.request as { body: Uint8Array | string };
      request.body = Buffer.from(
        Buffer.from(request.body as string)
          .toString()
          .replace('hello', 'hullo'),
      );
      return next(args);
    };
    signing.middlewareStack.addRelativeTo(changed as never, {
      relation: 'after',
      toMiddleware: 'httpSigningMiddleware',
      name: 'changed on the way',
    });
    await expect(ask(input, signing)).rejects.toBeInstanceOf(AccessDeniedException);
  });
});

describe('what goes up', () => {
  test('a signature for another region is refused there, and that is our fault', async () => {
    const failed = ask({ modelId: 'wrong/ok', messages: hello });
    await expect(failed).rejects.toThrow(/signature we calculated does not match/);
  });

  test('a clock that is off is set by the provider’s, once', async () => {
    expect(textOf(await ask({ modelId: 'signed/skew:1200', messages: hello }))).toBe(plainText);
    expect(harness.mock.requestsFor('skew:1200')).toHaveLength(2);
    expect(textOf(await ask({ modelId: 'signed/skew:1200', messages: hello }))).toBe(plainText);
    expect(harness.mock.requestsFor('skew:1200')).toHaveLength(3);
    // And back.
    expect(textOf(await ask({ modelId: 'signed/ok', messages: hello }))).toBe(plainText);
  });

  test('an address of an image is refused by name where only bytes are taken', async () => {
    const answer = await fetch(`${harness.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'be/ok',
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] },
        ],
      }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { param: 'messages[].content[].image_url.url', code: 'unsupported_parameter' },
    });
  });

  test('guardrails are refused by name where nobody has them', async () => {
    const failed = ask({
      modelId: 'oa/ok',
      messages: hello,
      guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
    });
    await expect(failed).rejects.toThrow(/guardrailConfig/);
    await ask({
      modelId: 'be/lax',
      messages: hello,
      guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
    });
    expect(sent('guardrailConfig')).toEqual({ guardrailIdentifier: 'g', guardrailVersion: '1' });
  });
});
