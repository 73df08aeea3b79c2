// Converse as Bedrock sends it. The name of an exception in a stream begins with `!`, as the scanner of its frames has it.
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { DialectSamples, SampleError, SampleEvent } from '../dialect/samples.ts';

const weather: JsonObject = {
  toolSpec: {
    name: 'get_weather',
    description: 'Weather of a city.',
    inputSchema: {
      json: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
        required: ['city'],
      },
    },
  },
};

const USAGE: JsonObject = {
  inputTokens: 24,
  outputTokens: 40,
  totalTokens: 176,
  cacheReadInputTokens: 64,
  cacheWriteInputTokens: 48,
  cacheDetails: [
    { ttl: '5m', inputTokens: 32 },
    { ttl: '1h', inputTokens: 16 },
  ],
};

const answer = (content: JsonObject[], stopReason: string): JsonObject => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  usage: USAGE,
  metrics: { latencyMs: 551 },
});

const event = (name: string, data: JsonObject): SampleEvent => ({
  event: name,
  data: { ...data, p: 'abcd' },
});
/** A block, written to piece by piece and closed; only calls are opened with a word. */
const block = (
  contentBlockIndex: number,
  start: JsonObject | null,
  ...deltas: JsonObject[]
): SampleEvent[] => [
  ...(start === null ? [] : [event('contentBlockStart', { contentBlockIndex, start })]),
  ...deltas.map((delta) => event('contentBlockDelta', { contentBlockIndex, delta })),
  event('contentBlockStop', { contentBlockIndex }),
];
const stream = (stopReason: string, ...blocks: SampleEvent[][]): SampleEvent[] => [
  event('messageStart', { role: 'assistant' }),
  ...blocks.flat(),
  event('messageStop', { stopReason }),
  event('metadata', { usage: USAGE, metrics: { latencyMs: 551 } }),
];
const text = (index: number, ...pieces: string[]): SampleEvent[] =>
  block(index, null, ...pieces.map((piece) => ({ text: piece })));
const call = (index: number, toolUseId: string, name: string, ...pieces: string[]): SampleEvent[] =>
  block(index, { toolUse: { toolUseId, name } }, ...pieces.map((input) => ({ toolUse: { input } })));

const error = (status: number, type: string, message: string, headers = {}): SampleError => ({
  status,
  headers: {
    'x-amzn-requestid': 'b4dae25c-4d0a-4f5c-9f4e-6f0b8c3a9d11',
    'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    ...headers,
  },
  body: { message },
});

export const samples: DialectSamples = {
  requests: {
    plain: {
      messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }],
      inferenceConfig: { maxTokens: 1024, temperature: 0.7 },
    },
    tools: {
      messages: [
        {
          role: 'user',
          content: [
            { text: 'What is this, and how is the weather there?' },
            { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
            { cachePoint: { type: 'default' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'Let me look.', signature: 'c2ln' } } },
            { toolUse: { toolUseId: 'tooluse_1', name: 'get_weather', input: { city: 'Paris' } } },
            { toolUse: { toolUseId: 'tooluse_2', name: 'get_weather', input: { city: 'Rome' } } },
          ],
        },
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: 'tooluse_1', content: [{ json: { temp: 21 } }] } },
            { toolResult: { toolUseId: 'tooluse_2', content: [{ text: 'no data' }], status: 'error' } },
          ],
        },
        { role: 'assistant', content: [{ text: 'Warm.' }] },
        { role: 'user', content: [{ text: 'Thanks.' }] },
      ],
      system: [{ text: 'You are terse.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
      toolConfig: { tools: [weather, { cachePoint: { type: 'default' } }], toolChoice: { auto: {} } },
    },
    structured: {
      messages: [{ role: 'user', content: [{ text: 'Count.' }] }],
      inferenceConfig: { maxTokens: 4096, topP: 0.9, stopSequences: ['10'] },
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'count', schema: '{"type":"object","properties":{}}' } },
        },
      },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2048 } },
    },
  },
  answers: {
    text: answer([{ text: 'Hello there.' }], 'end_turn'),
    thought: answer(
      [
        { reasoningContent: { reasoningText: { text: 'Let me think.', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'b3BhcXVl' } },
        { text: 'Forty-two.' },
      ],
      'end_turn',
    ),
    calls: answer(
      [
        { text: 'Let me look.' },
        { toolUse: { toolUseId: 'tooluse_1', name: 'get_weather', input: { city: 'Paris' } } },
        { toolUse: { toolUseId: 'tooluse_2', name: 'get_time', input: {} } },
      ],
      'tool_use',
    ),
    stopped: answer([{ text: '1 2 3' }], 'stop_sequence'),
    cut: answer([{ text: 'Once upon' }], 'max_tokens'),
    full: answer([{ text: 'Once upon' }], 'model_context_window_exceeded'),
    filtered: answer([{ text: 'No.' }], 'content_filtered'),
  },
  says: [
    'call ids',
    'thoughts',
    'signature',
    'redacted',
    'input',
    'output',
    'cacheRead',
    'cacheWriteShort',
    'cacheWriteLong',
    'end',
    'tool_use',
    'stop_sequence',
    'max_tokens',
    'context_full',
    'content_filter',
  ],
  streams: {
    text: stream('end_turn', text(0, 'Hé', 'llo "the', 're"\n', '— ok')),
    thought: stream(
      'end_turn',
      block(
        0,
        null,
        { reasoningContent: { text: 'Let me' } },
        { reasoningContent: { text: ' think.' } },
        { reasoningContent: { signature: 'c2ln' } },
      ),
      block(1, null, { reasoningContent: { redactedContent: 'b3BhcXVl' } }),
      text(2, 'Forty', '-two.'),
    ),
    calls: stream(
      'tool_use',
      text(0, 'Let me look.'),
      call(1, 'tooluse_1', 'get_weather', '{"ci', 'ty":"Par', 'is"}'),
      call(2, 'tooluse_2', 'get_time'),
    ),
    stopped: stream('stop_sequence', text(0, '1 2', ' 3')),
    cut: stream('max_tokens', text(0, 'Once', ' upon')),
    full: stream('model_context_window_exceeded', text(0, 'Once', ' upon')),
    filtered: stream('content_filtered', text(0, 'No', '.')),
  },
  blamesModels: true,
  errors: {
    'wrong key': error(403, 'AccessDeniedException', 'Authentication failed: the API key is not valid.'),
    'rate limit': error(429, 'ThrottlingException', 'Too many requests, please wait before trying again.', {
      'retry-after': '7',
    }),
    'bad field': error(400, 'ValidationException', 'The format value of the image is not valid.'),
    overloaded: error(503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.'),
    failed: error(500, 'InternalServerException', 'The server encountered an unexpected error.'),
  },
};
