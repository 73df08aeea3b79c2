// Messages as Anthropic sends it.
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { DialectSamples, SampleError, SampleEvent } from '../dialect/samples.ts';

const weather: JsonObject = {
  name: 'get_weather',
  description: 'Weather of a city.',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
    required: ['city'],
  },
};

const USAGE: JsonObject = {
  input_tokens: 24,
  cache_creation_input_tokens: 48,
  cache_read_input_tokens: 64,
  cache_creation: { ephemeral_5m_input_tokens: 32, ephemeral_1h_input_tokens: 16 },
  output_tokens: 40,
  output_tokens_details: { thinking_tokens: 16 },
  service_tier: 'standard',
};

const answer = (content: JsonObject[], stop: string, sequence: string | null = null): JsonObject => ({
  id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
  content,
  stop_reason: stop,
  stop_sequence: sequence,
  usage: USAGE,
});

const event = (data: JsonObject & { type: string }): SampleEvent => ({ event: data.type, data });
/** A block, opened, written to piece by piece and closed. */
const block = (index: number, opening: JsonObject, ...deltas: JsonObject[]): SampleEvent[] => [
  event({ type: 'content_block_start', index, content_block: opening }),
  ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
  event({ type: 'content_block_stop', index }),
];
const stream = (stop: string, sequence: string | null, ...blocks: SampleEvent[][]): SampleEvent[] => [
  event({
    type: 'message_start',
    message: {
      ...answer([], ''),
      stop_reason: null,
      usage: { ...USAGE, output_tokens: 1, output_tokens_details: null },
    },
  }),
  event({ type: 'ping' }),
  ...blocks.flat(),
  event({ type: 'message_delta', delta: { stop_reason: stop, stop_sequence: sequence }, usage: USAGE }),
  event({ type: 'message_stop' }),
];
const text = (index: number, ...pieces: string[]): SampleEvent[] =>
  block(index, { type: 'text', text: '' }, ...pieces.map((piece) => ({ type: 'text_delta', text: piece })));
const call = (index: number, id: string, name: string, ...pieces: string[]): SampleEvent[] =>
  block(
    index,
    { type: 'tool_use', id, name, input: {} },
    ...['', ...pieces].map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
  );

const error = (status: number, type: string, message: string, headers = {}): SampleError => ({
  status,
  headers: { 'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy', ...headers },
  body: { type: 'error', error: { type, message }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' },
  requestId: 'req_011CSHoEeqs5C35K2UUqR7Fy',
});

export const samples: DialectSamples = {
  endsUnproven: true,
  requests: {
    plain: {
      model: 'claude-sonnet-4-5',
      max_tokens: 1024,
      messages: [{ role: 'user', content: 'Say hello.' }],
      temperature: 0.7,
    },
    tools: {
      model: 'claude-sonnet-4-5',
      max_tokens: 1024,
      system: [{ type: 'text', text: 'You are terse.', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this, and how is the weather there?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Let me look.', signature: 'c2ln' },
            { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } },
            { type: 'tool_use', id: 'toolu_2', name: 'get_weather', input: { city: 'Rome' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: '{"temp":21}' },
            {
              type: 'tool_result',
              tool_use_id: 'toolu_2',
              content: [{ type: 'text', text: 'no data' }],
              is_error: true,
            },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'Warm.' }] },
        { role: 'user', content: 'Thanks.' },
      ],
      tools: [weather],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    },
    streamed: {
      model: 'claude-sonnet-4-5',
      max_tokens: 4096,
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 2048 },
      messages: [{ role: 'user', content: 'Count.' }],
      stop_sequences: ['10'],
      metadata: { user_id: 'user-1' },
      output_config: {
        format: {
          type: 'json_schema',
          schema: { type: 'object', properties: {}, additionalProperties: false },
        },
      },
    },
  },
  answers: {
    text: answer([{ type: 'text', text: 'Hello there.' }], 'end_turn'),
    thought: answer(
      [
        { type: 'thinking', thinking: 'Let me think.', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'b3BhcXVl' },
        { type: 'text', text: 'Forty-two.' },
      ],
      'end_turn',
    ),
    calls: answer(
      [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } },
        { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: {} },
      ],
      'tool_use',
    ),
    stopped: answer([{ type: 'text', text: '1 2 3' }], 'stop_sequence', '4'),
    cut: answer([{ type: 'text', text: 'Once upon' }], 'max_tokens'),
    full: answer([{ type: 'text', text: 'Once upon' }], 'model_context_window_exceeded'),
    paused: answer([{ type: 'text', text: 'Searching' }], 'pause_turn'),
    refused: answer([{ type: 'text', text: 'No.' }], 'refusal'),
  },
  says: [
    'id',
    'model',
    'call ids',
    'thoughts',
    'signature',
    'redacted',
    'stop sequence',
    'input',
    'output',
    'cacheRead',
    'cacheWriteShort',
    'cacheWriteLong',
    'reasoning',
    'end',
    'tool_use',
    'stop_sequence',
    'max_tokens',
    'context_full',
    'pause',
    'refusal',
  ],
  streams: {
    text: stream('end_turn', null, text(0, 'Hé', 'llo "the', 're"\n', '— ok')),
    thought: stream(
      'end_turn',
      null,
      block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'Let me' },
        { type: 'thinking_delta', thinking: ' think.' },
        { type: 'signature_delta', signature: 'c2ln' },
      ),
      block(1, { type: 'redacted_thinking', data: 'b3BhcXVl' }),
      text(2, 'Forty', '-two.'),
    ),
    calls: stream(
      'tool_use',
      null,
      text(0, 'Let me look.'),
      call(1, 'toolu_1', 'get_weather', '{"ci', 'ty":"Par', 'is"}'),
      call(2, 'toolu_2', 'get_time'),
    ),
    stopped: stream('stop_sequence', '4', text(0, '1 2', ' 3')),
    cut: stream('max_tokens', null, text(0, 'Once', ' upon')),
    full: stream('model_context_window_exceeded', null, text(0, 'Once', ' upon')),
    paused: stream('pause_turn', null, text(0, 'Search', 'ing')),
    refused: stream('refusal', null, text(0, 'No', '.')),
  },
  errors: {
    'wrong key': error(401, 'authentication_error', 'invalid x-api-key'),
    'rate limit': error(
      429,
      'rate_limit_error',
      "This request would exceed your organization's rate limit.",
      {
        'retry-after': '7',
        'anthropic-ratelimit-requests-remaining': '0',
      },
    ),
    'bad field': error(400, 'invalid_request_error', 'messages.0.content: Input should be a valid list'),
    overloaded: error(529, 'overloaded_error', 'Overloaded'),
    failed: error(500, 'api_error', 'Internal server error'),
  },
};
