// Cohere v2 chat as its vendor sends it.
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { DialectSamples, SampleEvent } from '../dialect/samples.ts';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const ID = '29f14a5a-11de-4cae-9800-25e4747408ea';

const weather: JsonObject = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
      required: ['city'],
    },
  },
};

const call = (id: string, name: string, args: string): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

const USAGE: JsonObject = {
  billed_units: { input_tokens: 56, output_tokens: 48 },
  tokens: { input_tokens: 120, output_tokens: 48 },
  cached_tokens: 64,
};

const answer = (message: JsonObject, finish: string): JsonObject => ({
  id: ID,
  message: { role: 'assistant', ...message },
  finish_reason: finish,
  usage: USAGE,
});

const event = (type: string, rest: JsonObject): SampleEvent => ({ event: type, data: { type, ...rest } });
const said = (type: string, index: number, message: JsonObject): SampleEvent =>
  event(type, { index, delta: { message } });
const content = (index: number, type: 'text' | 'thinking', ...pieces: string[]): SampleEvent[] => [
  said('content-start', index, { content: { type, [type]: '' } }),
  ...pieces.map((piece) => said('content-delta', index, { content: { [type]: piece } })),
  event('content-end', { index }),
];
const acted = (index: number, id: string, name: string, ...pieces: string[]): SampleEvent[] => [
  said('tool-call-start', index, { tool_calls: call(id, name, '') }),
  ...pieces.map((piece) =>
    said('tool-call-delta', index, { tool_calls: { function: { arguments: piece } } }),
  ),
  event('tool-call-end', { index }),
];
const stream = (finish: string, ...events: SampleEvent[]): SampleEvent[] => [
  {
    event: 'message-start',
    data: {
      id: ID,
      type: 'message-start',
      delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
    },
  },
  ...events,
  event('message-end', { delta: { finish_reason: finish, usage: USAGE } }),
  { event: '', data: '[DONE]' },
];

export const samples: DialectSamples = {
  requests: {
    plain: {
      model: 'command-a-03-2025',
      messages: [{ role: 'user', content: 'Say hello.' }],
      temperature: 0.7,
    },
    tools: {
      model: 'command-a-03-2025',
      messages: [
        { role: 'system', content: 'You are terse.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this, and how is the weather there?' },
            { type: 'image_url', image_url: { url: PNG, detail: 'low' } },
          ],
        },
        {
          role: 'assistant',
          tool_plan: 'I will look both up.',
          tool_calls: [
            call('get_weather_1', 'get_weather', '{"city":"Paris"}'),
            call('get_weather_2', 'get_weather', '{"city":"Rome"}'),
          ],
        },
        { role: 'tool', tool_call_id: 'get_weather_1', content: '{"temp":21}' },
        { role: 'tool', tool_call_id: 'get_weather_2', content: [{ type: 'text', text: 'no data' }] },
      ],
      tools: [weather],
      tool_choice: 'REQUIRED',
    },
    settings: {
      model: 'command-a-03-2025',
      messages: [{ role: 'user', content: 'Count.' }],
      max_tokens: 100,
      p: 0.9,
      k: 40,
      stop_sequences: ['10'],
      seed: 7,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      response_format: {
        type: 'json_object',
        json_schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      },
    },
    reasoned: {
      model: 'command-a-reasoning-08-2025',
      messages: [
        { role: 'user', content: 'Think.' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.' },
            { type: 'text', text: 'Done.' },
          ],
        },
        { role: 'user', content: 'Again.' },
      ],
      thinking: { type: 'enabled', token_budget: 2048 },
    },
  },
  answers: {
    text: answer({ content: [{ type: 'text', text: 'Hello there.' }] }, 'COMPLETE'),
    calls: answer(
      {
        tool_plan: 'Let me look.',
        tool_calls: [call('get_weather_1', 'get_weather', '{"city":"Paris"}'), call('f_2', 'f', '{"n":1.0}')],
      },
      'TOOL_CALL',
    ),
    cut: answer({ content: [{ type: 'text', text: 'Once upon' }] }, 'MAX_TOKENS'),
    stopped: answer({ content: [{ type: 'text', text: '1, 2, ' }] }, 'STOP_SEQUENCE'),
    reasoned: answer(
      {
        content: [
          { type: 'thinking', thinking: 'Let me think.' },
          { type: 'text', text: 'Forty-two.' },
        ],
      },
      'COMPLETE',
    ),
  },
  says: [
    'id',
    'call ids',
    'thoughts',
    'input',
    'output',
    'cacheRead',
    'end',
    'tool_use',
    'max_tokens',
    'stop_sequence',
  ],
  streams: {
    text: stream('COMPLETE', ...content(0, 'text', 'Hé', 'llo "the', 're"\n', '— ok')),
    calls: stream(
      'TOOL_CALL',
      event('tool-plan-delta', { delta: { message: { tool_plan: 'Let me' } } }),
      event('tool-plan-delta', { delta: { message: { tool_plan: ' look.' } } }),
      ...acted(0, 'get_weather_1', 'get_weather', '{"ci', 'ty":"Par', 'is"}'),
      ...acted(1, 'get_time_2', 'get_time', '{"zone":', '"CET"}'),
    ),
    cut: stream('MAX_TOKENS', ...content(0, 'text', 'Once', ' upon')),
    stopped: stream('STOP_SEQUENCE', ...content(0, 'text', '1, ', '2, ')),
    reasoned: stream(
      'COMPLETE',
      ...content(0, 'thinking', 'Let me', ' think.'),
      ...content(1, 'text', 'Forty-two.'),
    ),
  },
  errors: {
    'wrong key': { status: 401, headers: {}, body: { id: 'c0ffee', message: 'invalid api token' } },
    'rate limit': {
      status: 429,
      headers: { 'retry-after': '7' },
      body: { message: 'You are using a Trial key, which is limited to 20 API calls / minute.' },
    },
    'bad field': {
      status: 400,
      headers: {},
      body: { id: 'c0ffee', message: "invalid request: unknown field 'frobnicate'" },
    },
    failed: { status: 500, headers: {}, body: { message: 'internal server error, this has been reported' } },
  },
};
