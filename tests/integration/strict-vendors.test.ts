// Requests that a vendor or a model is known to refuse, sent through the gateway to a mock as strict as that vendor: they
// are taken, what became of them is named, and with `x-headgate-strict: 1` a loss is the gateway's own 400. Each is also
// sent to the mock as it is, to show that the vendor would have refused it.
import { describe, expect, test } from 'vitest';
import { call, chatPath, messagesPath } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { STRICT_VENDORS } from '../kit/strict-vendor.ts';

const CHAT_ONLY = 'chat-only';
const harness = useGateway((mock) => ({
  providers: {
    ...Object.fromEntries(
      STRICT_VENDORS.map((vendor) => [
        vendor,
        { baseUrl: mock.strictUrl(vendor), keys: [`sk-${vendor}-0123456789abcdef`], retries: { max: 0 } },
      ]),
    ),
    // The same models where nobody serves Responses.
    [CHAT_ONLY]: {
      dialect: 'openai-chat',
      baseUrl: mock.strictUrl('openai'),
      keys: ['sk-chat-only-0123456789abcdef'],
      quirks: { legacyMaxTokens: false },
      retries: { max: 0 },
    },
  },
  models: {
    either: { targets: ['chat-only/gpt-6-astra', 'openai/gpt-4.1'] },
    spared: {
      targets: ['openai/gpt-5'],
      capabilities: { stops: 4, sampling: 'all', refuses: [] },
    },
    'openai/gpt-4.1-mine': { capabilities: { sampling: 'none', maxTokensField: 'max_completion_tokens' } },
  },
}));

type Case = [what: string, model: string, extra: object, dropped: string, adapted: string];

const user = [{ role: 'user', content: 'q' }];
const mark = { cache_control: { type: 'ephemeral' } };
const tool = { type: 'function', function: { name: 'w', parameters: { type: 'object', properties: {} } } };
const history = [
  { role: 'developer', content: 'be brief' },
  { role: 'user', content: [{ type: 'text', text: 'hi', ...mark }] },
  { role: 'assistant', content: 'a', reasoning_content: 'r' },
  { role: 'user', content: 'more' },
];
const schema = (limits: object) => ({ type: 'object', properties: { n: { type: 'integer', ...limits } } });

/** From OpenAI's clients: to its own dialect on the byte path, to Claude translated. */
const chatCases: Case[] = [
  ['max_tokens', 'openai/gpt-5-mini', { max_tokens: 50 }, '', 'max_tokens'],
  ['max_tokens', 'openai/o3', { max_tokens: 50 }, '', 'max_tokens'],
  ['a limit too high', 'openai/gpt-4o', { max_tokens: 32_000 }, '', 'max_tokens'],
  ['temperature', 'openai/gpt-5', { temperature: 0.2 }, 'temperature', ''],
  ['temperature', 'openai/gpt-5.6-luna', { temperature: 0.8 }, 'temperature', ''],
  [
    'defaults',
    'openai/o4-mini',
    { temperature: 1, top_p: 1, presence_penalty: 0 },
    '',
    'temperature,top_p,presence_penalty',
  ],
  ['stop', 'openai/gpt-5', { stop: ['END'] }, '', 'stop'],
  ['an effort', 'openai/gpt-4o', { reasoning_effort: 'high' }, 'reasoning_effort', ''],
  ['an unknown level', 'openai/o3', { reasoning_effort: 'max' }, '', 'reasoning_effort'],
  [
    'tools beside an effort',
    'chat-only/gpt-5.4',
    { tools: [tool], reasoning_effort: 'high' },
    'reasoning_effort',
    '',
  ],
  ['tools without an effort', 'chat-only/gpt-5.6-sol', { tools: [tool] }, '', 'reasoning_effort'],
  [
    'usage of a stream',
    'mistral/mistral-large',
    { stream_options: { include_usage: true } },
    '',
    'stream_options',
  ],
  [
    'the new name of the limit',
    'mistral/mistral-large',
    { max_completion_tokens: 5 },
    '',
    'max_completion_tokens',
  ],
  ['seed and user', 'mistral/mistral-large', { seed: 1, user: 'u' }, 'user', 'seed'],
  ['an effort', 'mistral/mistral-large', { reasoning_effort: 'high' }, 'reasoning_effort', ''],
  [
    'a history of another vendor',
    'mistral/mistral-large',
    { messages: history },
    'messages[1].content[0].cache_control',
    'messages[0].role,messages[2].reasoning_content',
  ],
  [
    'a history of another vendor',
    'groq/llama',
    { messages: history },
    'messages[1].content[0].cache_control',
    'messages[0].role,messages[2].reasoning_content',
  ],
  ['log probabilities', 'groq/llama', { logprobs: true }, 'logprobs', ''],
  ['penalties', 'cerebras/qwen-3', { frequency_penalty: 1 }, 'frequency_penalty', ''],
  ['an effort', 'mistral/mistral-large-2512', { reasoning_effort: 'high' }, 'reasoning_effort', ''],
  ['an effort', 'mistral/mistral-large-4', { reasoning_effort: 'xhigh' }, '', 'reasoning_effort'],
  ['an effort', 'mistral/magistral-medium-latest', { reasoning_effort: 'low' }, '', 'reasoning_effort'],
  ['an effort', 'groq/qwen/qwen3.6-27b', { reasoning_effort: 'high' }, 'reasoning_effort', ''],
  ['no effort', 'deepseek/deepseek-v4-pro', { reasoning_effort: 'none' }, '', 'reasoning_effort'],
  ['penalties and stop', 'xai/grok-4', { presence_penalty: 1, stop: 'x' }, 'presence_penalty', 'stop'],
  ['temperature', 'anthropic/claude-opus-4-7', { temperature: 0.3 }, 'temperature', ''],
  ['an effort', 'anthropic/claude-opus-4-8', { reasoning_effort: 'high' }, '', ''],
  ['both samplings', 'anthropic/claude-sonnet-4-5', { temperature: 0.2, top_p: 0.9 }, 'top_p', ''],
  ['an effort', 'anthropic/claude-3-5-sonnet-20241022', { reasoning_effort: 'high' }, 'reasoning_effort', ''],
  ['a limit too high', 'anthropic/claude-3-5-haiku-20241022', { max_tokens: 16_000 }, '', 'max_tokens'],
  [
    'a forced tool',
    'anthropic/claude-fable-5-2',
    { tools: [tool], tool_choice: 'required' },
    '',
    'tool_choice',
  ],
  [
    'five cache marks',
    'anthropic/claude-sonnet-4-5',
    {
      messages: [
        { role: 'user', content: ['0', '1', '2', '3', '4'].map((text) => ({ type: 'text', text, ...mark })) },
      ],
    },
    'messages[].content[].cache_control',
    '',
  ],
  [
    'limits in a schema',
    'anthropic/claude-sonnet-4-5',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: schema({ minimum: 1, maximum: 9 }) },
      },
    },
    '',
    'response_format.json_schema.schema',
  ],
];

/** From Anthropic's clients: to Claude on the byte path, to OpenAI's dialect translated. */
const messagesCases: Case[] = [
  ['temperature', 'anthropic/claude-opus-4-7', { temperature: 0.3, top_k: 5 }, 'temperature,top_k', ''],
  ['both samplings', 'anthropic/claude-haiku-4-5', { temperature: 0.3, top_p: 0.9 }, 'top_p', ''],
  [
    'a budget',
    'anthropic/claude-opus-5',
    { thinking: { type: 'enabled', budget_tokens: 2000 } },
    '',
    'thinking,output_config.effort',
  ],
  [
    'adaptive thinking',
    'anthropic/claude-sonnet-4-5',
    { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    'output_config.effort',
    'thinking',
  ],
  [
    'a level too high',
    'anthropic/claude-opus-4-6',
    { output_config: { effort: 'xhigh' } },
    '',
    'output_config.effort',
  ],
  [
    'a forced tool',
    'anthropic/claude-mythos-5-1',
    { tools: [{ name: 'w', input_schema: { type: 'object' } }], tool_choice: { type: 'any' } },
    '',
    'tool_choice',
  ],
  ['a budget', 'openai/gpt-4o', { thinking: { type: 'enabled', budget_tokens: 2000 } }, 'thinking', ''],
  ['an effort', 'openai/gpt-4.1', { output_config: { effort: 'high' } }, 'output_config.effort', ''],
  [
    'tools beside an effort',
    'chat-only/gpt-5.4',
    {
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
      tools: [{ name: 'w', input_schema: { type: 'object', properties: {} } }],
    },
    'thinking,output_config.effort',
    '',
  ],
  ['stop sequences', 'openai/gpt-5', { stop_sequences: ['END'] }, '', 'stop_sequences'],
  [
    'a cache mark',
    'openai/gpt-4.1',
    { system: [{ type: 'text', text: 'S', ...mark }] },
    'system[0].cache_control',
    '',
  ],
  ['a limit too high', 'openai/gpt-4o', { max_tokens: 32_000 }, '', 'max_tokens'],
  ['temperature', 'openai/gpt-5', { temperature: 0.2 }, 'temperature', ''],
  ['stop sequences', 'xai/grok-4', { stop_sequences: ['END'] }, '', 'stop_sequences'],
  ['an effort', 'mistral/mistral-large', { output_config: { effort: 'high' } }, 'output_config.effort', ''],
];

const chatBody = (model: string, extra: object) => ({ model, messages: user, ...extra });
const messagesBody = (model: string, extra: object) => ({
  model,
  max_tokens: 9000,
  messages: user,
  ...extra,
});

const CLIENTS = [
  ['OpenAI', chatPath, chatBody, chatCases],
  ['Anthropic', messagesPath, messagesBody, messagesCases],
] as const;

describe.each(CLIENTS)('a client of %s', (_, path, bodyOf, cases) => {
  test.each(cases)('sends %s to %s', async (_what, model, extra, dropped, adapted) => {
    for (const stream of [false, true]) {
      const answer = await call(harness, path, { body: { ...bodyOf(model, extra), stream } });
      expect(answer.text).not.toContain('"error"');
      expect(answer.status).toBe(200);
      expect(answer.headers['x-headgate-dropped'] ?? '').toBe(dropped);
      expect(answer.headers['x-headgate-adapted'] ?? '').toBe(adapted);
    }
    const strict = { body: bodyOf(model, extra), headers: { 'x-headgate-strict': '1' } };
    const seen = harness.mock.requests.length;
    const answer = await call(harness, path, strict);
    if (dropped === '') expect(answer.status).toBe(200);
    else {
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(dropped.split(',')[0]!);
      expect(harness.mock.requests.length).toBe(seen);
    }
  });

  test.each(cases.filter(([, model]) => model.startsWith('anthropic/') === (path === messagesPath)))(
    'would have been refused %s by %s itself',
    async (_what, model, extra) => {
      const [vendor, name] = model.split('/') as [string, string];
      const root = harness.mock.strictUrl(vendor === CHAT_ONLY ? 'openai' : vendor);
      const url = vendor === 'anthropic' ? `${root}/v1/messages` : `${root}/chat/completions`;
      const answer = await fetch(url, {
        method: 'POST',
        headers: { authorization: 'Bearer x', 'x-api-key': 'x', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({ ...bodyOf(name, extra) }),
      });
      expect(answer.status).toBe(400);
    },
  );
});

describe('what the configuration says of a model', () => {
  test('holds for an alias, and only there', async () => {
    // Refused by the vendor itself: the gateway was told to leave it alone.
    const spared = await call(harness, chatPath, { body: chatBody('spared', { stop: ['x'] }) });
    expect(spared.status).toBe(400);
    expect(harness.mock.lastRequest().json).toMatchObject({ model: 'gpt-5', stop: ['x'] });
    const direct = await call(harness, chatPath, { body: chatBody('openai/gpt-5', { stop: ['x'] }) });
    expect(direct.headers['x-headgate-adapted']).toBe('stop');
  });

  test('holds for a model by its name', async () => {
    const answer = await call(harness, chatPath, {
      body: chatBody('openai/gpt-4.1-mine', { temperature: 0.5, max_tokens: 7 }),
    });
    expect(answer.headers['x-headgate-dropped']).toBe('temperature');
    expect(harness.mock.lastRequest().json).toMatchObject({ max_completion_tokens: 7 });
  });
});

test.each([
  ['gpt-5.4', { reasoning_effort: 'high' }, { reasoning: { effort: 'high' } }],
  ['gpt-5.6-sol', {}, {}],
  ['gpt-6-astra', { max_tokens: 9000, temperature: 1 }, { max_output_tokens: 9000 }],
])(
  'tools for %s go up as Responses where its provider serves that, with nothing lost',
  async (model, extra, sent) => {
    const answer = await call(harness, chatPath, {
      body: chatBody(`openai/${model}`, { tools: [tool], ...extra }),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-headgate-dropped']).toBeUndefined();
    const request = harness.mock.lastRequest();
    expect(request.path).toMatch(/\/v1\/responses$/);
    expect(request.json).toMatchObject({ model, tools: [{ type: 'function', name: 'w' }], ...sent });
  },
);

test('a model that takes tools on Responses only leaves them to the next target', async () => {
  const body = {
    ...messagesBody('either', {}),
    tools: [{ name: 'w', input_schema: { type: 'object', properties: {} } }],
  };
  const answer = await call(harness, messagesPath, { body });
  expect(answer.status).toBe(200);
  expect(answer.headers['x-headgate-model']).toBe('gpt-4.1');
});
