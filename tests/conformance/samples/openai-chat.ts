// Chat Completions as its vendors send it: OpenAI, and OpenRouter and DeepSeek where they say more.
import type { Json, JsonObject } from '../../../src/contracts/json.ts';
import type { DialectSamples, SampleEvent } from '../dialect/samples.ts';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';

const weather: JsonObject = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
      required: ['city'],
      additionalProperties: false,
    },
    strict: false,
  },
};

const call = (id: string, name: string, args: string): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

const answer = (message: JsonObject, finish: string, usage: JsonObject): JsonObject => ({
  id: 'chatcmpl-BxYz1',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'gpt-4.1-2025-04-14',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', refusal: null, annotations: [], ...message },
      logprobs: null,
      finish_reason: finish,
    },
  ],
  usage,
  service_tier: 'default',
  system_fingerprint: 'fp_51e1070cf2',
});

const USAGE: JsonObject = {
  prompt_tokens: 120,
  completion_tokens: 48,
  total_tokens: 168,
  prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 16, audio_tokens: 0 },
};

/** As OpenRouter counts what Claude wrote to its cache. */
const WRITTEN: JsonObject = {
  ...USAGE,
  prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 32 },
};

const chunk = (choices: Json[], more: JsonObject = {}): SampleEvent => ({
  event: '',
  data: {
    id: 'chatcmpl-BxYz1',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'gpt-4.1-2025-04-14',
    service_tier: 'default',
    system_fingerprint: 'fp_51e1070cf2',
    choices,
    ...more,
  },
});
const delta = (said: JsonObject): SampleEvent =>
  chunk([{ index: 0, delta: said, logprobs: null, finish_reason: null }]);
const stream = (finish: string, usage: JsonObject, ...said: JsonObject[]): SampleEvent[] => [
  delta({ role: 'assistant', content: '', refusal: null }),
  ...said.map(delta),
  chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finish }]),
  chunk([], { usage }),
  { event: '', data: '[DONE]' },
];
const piece = (index: number, text: string): JsonObject => ({
  tool_calls: [{ index, function: { arguments: text } }],
});
const opening = (index: number, id: string, name: string): JsonObject => ({
  tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
});

export const samples: DialectSamples = {
  requests: {
    plain: { model: 'gpt-4.1', messages: [{ role: 'user', content: 'Say hello.' }], temperature: 0.7 },
    tools: {
      model: 'gpt-4.1',
      messages: [
        { role: 'developer', content: 'You are terse.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this, and how is the weather there?' },
            { type: 'image_url', image_url: { url: PNG, detail: 'low' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            call('call_1', 'get_weather', '{"city":"Paris"}'),
            call('call_2', 'get_weather', '{"city":"Rome"}'),
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '{"temp":21}' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'no data' }] },
        { role: 'assistant', content: 'Warm.' },
        { role: 'user', content: 'Thanks.' },
      ],
      tools: [weather],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      max_completion_tokens: 512,
    },
    streamed: {
      model: 'gpt-4.1',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Count.' }],
      stop: ['10'],
      seed: 7,
      user: 'user-1',
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'numbers',
          strict: true,
          schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
        },
      },
    },
    reasoned: {
      model: 'o4-mini',
      messages: [
        { role: 'user', content: 'Think.' },
        { role: 'assistant', content: 'Done.', reasoning_content: 'Hm.' },
        { role: 'user', content: 'Again.' },
      ],
      reasoning_effort: 'low',
    },
  },
  answers: {
    text: answer({ content: 'Hello there.' }, 'stop', USAGE),
    calls: answer(
      {
        content: null,
        tool_calls: [call('call_1', 'get_weather', '{"city":"Paris"}'), call('call_2', 'f', '{"n":1.0}')],
      },
      'tool_calls',
      USAGE,
    ),
    refused: answer({ content: null, refusal: 'I cannot help with that.' }, 'stop', USAGE),
    cut: answer({ content: 'Once upon' }, 'length', USAGE),
    filtered: answer({ content: '' }, 'content_filter', USAGE),
    // OpenRouter
    reasoned: answer(
      {
        content: 'Forty-two.',
        reasoning_content: 'Let me think.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Let me think.', signature: 'c2ln', index: 0 },
          { type: 'reasoning.encrypted', data: 'b3BhcXVl', index: 1 },
        ],
      },
      'stop',
      WRITTEN,
    ),
  },
  says: [
    'id',
    'model',
    'created',
    'call ids',
    'thoughts',
    'signature',
    'redacted',
    'refusals',
    'input',
    'output',
    'cacheRead',
    'cacheWriteShort',
    'reasoning',
    'end',
    'tool_use',
    'max_tokens',
    'content_filter',
  ],
  streams: {
    text: stream(
      'stop',
      USAGE,
      { content: 'Hé' },
      { content: 'llo "the' },
      { content: 're"\n' },
      { content: '— ok' },
    ),
    calls: stream(
      'tool_calls',
      USAGE,
      { content: 'Let me look.' },
      opening(0, 'call_1', 'get_weather'),
      piece(0, '{"ci'),
      piece(0, 'ty":"Par'),
      piece(0, 'is"}'),
      opening(1, 'call_2', 'get_time'),
      piece(1, '{"zone":'),
      piece(1, '"CET"}'),
    ),
    refused: stream('stop', USAGE, { refusal: 'I cannot' }, { refusal: ' help.' }),
    filtered: stream('content_filter', USAGE, { content: 'Well' }),
    cut: stream('length', USAGE, { content: 'Once' }, { content: ' upon' }),
    reasoned: stream(
      'stop',
      WRITTEN,
      { reasoning_content: 'Let me' },
      { reasoning_content: ' think.' },
      { reasoning_details: [{ type: 'reasoning.text', text: 'Let me think.', signature: 'c2ln', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'b3BhcXVl', index: 1 }] },
      { content: 'Forty-two.' },
    ),
  },
  errors: {
    'wrong key': {
      status: 401,
      headers: { 'x-request-id': 'req_a1' },
      body: {
        error: {
          message:
            'Incorrect API key provided: sk-****. You can find your API key at https://platform.openai.com.',
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
      },
    },
    'rate limit': {
      status: 429,
      headers: {
        'retry-after': '7',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '7s',
      },
      body: {
        error: {
          message: 'Rate limit reached for gpt-4.1 on requests per min (RPM): Limit 3, Used 3.',
          type: 'requests',
          param: null,
          code: 'rate_limit_exceeded',
        },
      },
    },
    'bad field': {
      status: 400,
      headers: {},
      body: {
        error: {
          message: "Invalid type for 'messages[0].content': expected a string, but got an integer instead.",
          type: 'invalid_request_error',
          param: 'messages[0].content',
          code: 'invalid_type',
        },
      },
    },
    failed: {
      status: 500,
      headers: {},
      body: {
        error: {
          message: 'The server had an error while processing your request. Sorry about that!',
          type: 'server_error',
          param: null,
          code: null,
        },
      },
    },
  },
};
