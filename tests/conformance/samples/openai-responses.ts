// Responses as OpenAI sends it.
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { DialectSamples, SampleEvent } from '../dialect/samples.ts';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const ID = 'resp_68af4030592c81938ec0a5fbab4a3e9f05438e46b5f69a3b';

const weather: JsonObject = {
  type: 'function',
  name: 'get_weather',
  description: 'Weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: false,
};

const USAGE: JsonObject = {
  input_tokens: 120,
  input_tokens_details: { cached_tokens: 64, cache_write_tokens: 32 },
  output_tokens: 48,
  output_tokens_details: { reasoning_tokens: 16 },
  total_tokens: 168,
};

const text = (value: string): JsonObject => ({
  type: 'output_text',
  annotations: [],
  logprobs: [],
  text: value,
});
const message = (content: JsonObject[], status = 'completed'): JsonObject => ({
  id: 'msg_68af4033',
  type: 'message',
  status,
  content,
  role: 'assistant',
});
const call = (id: string, name: string, args: string): JsonObject => ({
  id: `fc_${id}`,
  type: 'function_call',
  status: 'completed',
  arguments: args,
  call_id: id,
  name,
});
const reasoning = (id: string, summary: string[], proof: string): JsonObject => ({
  id: `rs_${id}`,
  type: 'reasoning',
  encrypted_content: proof,
  summary: summary.map((value) => ({ type: 'summary_text', text: value })),
});

const response = (output: JsonObject[], reason: string | null = null): JsonObject => ({
  id: ID,
  object: 'response',
  created_at: 1_760_000_000,
  status: reason === null ? 'completed' : 'incomplete',
  background: false,
  error: null,
  incomplete_details: reason === null ? null : { reason },
  instructions: null,
  max_output_tokens: null,
  model: 'gpt-5-2025-08-07',
  output,
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: 'medium', summary: null },
  store: true,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  usage: USAGE,
  user: null,
  metadata: {},
});

type Step = readonly [type: string, rest: JsonObject];

const part = (kind: 'text' | 'refusal', value: string): JsonObject =>
  kind === 'text' ? text(value) : { type: 'refusal', refusal: value };

function spoken(at: number, kind: 'text' | 'refusal', ...pieces: string[]): Step[] {
  const place = { item_id: 'msg_68af4033', output_index: at, content_index: 0 };
  const name = kind === 'text' ? 'response.output_text' : 'response.refusal';
  const whole = pieces.join('');
  const odds: JsonObject = kind === 'text' ? { logprobs: [] } : {};
  return [
    ['response.output_item.added', { output_index: at, item: message([], 'in_progress') }],
    ['response.content_part.added', { ...place, part: part(kind, '') }],
    ...pieces.map(
      (delta, index): Step => [
        `${name}.delta`,
        { ...place, delta, ...odds, obfuscation: 'xY3k'.slice(index % 4) },
      ],
    ),
    [`${name}.done`, { ...place, [kind]: whole, ...odds }],
    ['response.content_part.done', { ...place, part: part(kind, whole) }],
    ['response.output_item.done', { output_index: at, item: message([part(kind, whole)]) }],
  ];
}

function acted(at: number, id: string, name: string, ...pieces: string[]): Step[] {
  const place = { item_id: `fc_${id}`, output_index: at };
  const whole = pieces.join('');
  return [
    [
      'response.output_item.added',
      { output_index: at, item: { ...call(id, name, ''), status: 'in_progress' } },
    ],
    ...pieces.map((delta): Step => ['response.function_call_arguments.delta', { ...place, delta }]),
    ['response.function_call_arguments.done', { ...place, arguments: whole }],
    ['response.output_item.done', { output_index: at, item: call(id, name, whole) }],
  ];
}

function thought(at: number, id: string, proof: string, ...pieces: string[]): Step[] {
  const place = { item_id: `rs_${id}`, output_index: at, summary_index: 0 };
  const whole = pieces.join('');
  const shown: Step[] = [
    ['response.reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } }],
    ...pieces.map((delta): Step => ['response.reasoning_summary_text.delta', { ...place, delta }]),
    ['response.reasoning_summary_text.done', { ...place, text: whole }],
    ['response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text: whole } }],
  ];
  return [
    // What is encrypted so far is not the whole.
    ['response.output_item.added', { output_index: at, item: reasoning(id, [], 'gAAAAAB') }],
    ...(pieces.length > 0 ? shown : []),
    [
      'response.output_item.done',
      { output_index: at, item: reasoning(id, pieces.length > 0 ? [whole] : [], proof) },
    ],
  ];
}

function stream(steps: Step[], reason: string | null = null): SampleEvent[] {
  const done = steps.filter(([type]) => type === 'response.output_item.done');
  const over = response(
    done.map(([, rest]) => rest['item'] as JsonObject),
    reason,
  );
  const begun = { ...over, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  const all: Step[] = [
    ['response.created', { response: begun }],
    ['response.in_progress', { response: begun }],
    ...steps,
    [reason === null ? 'response.completed' : 'response.incomplete', { response: over }],
  ];
  return all.map(([type, rest], sequence) => ({
    event: type,
    data: { type, sequence_number: sequence, ...rest },
  }));
}

const error = (message_: string, type: string, param: string | null, code: string | null): JsonObject => ({
  error: { message: message_, type, param, code },
});

export const samples: DialectSamples = {
  requests: {
    plain: { model: 'gpt-4.1', input: 'Say hello.', temperature: 0.7 },
    tools: {
      model: 'gpt-5',
      instructions: 'You are terse.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this, and how is the weather there?' },
            { type: 'input_image', image_url: PNG, detail: 'low' },
          ],
        },
        reasoning('1', ['Two calls.'], 'gAAAAABo'),
        { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' },
        { type: 'function_call', call_id: 'call_2', name: 'get_weather', arguments: '{"city":"Rome"}' },
        { type: 'function_call_output', call_id: 'call_1', output: '{"temp":21}' },
        {
          type: 'function_call_output',
          call_id: 'call_2',
          output: [{ type: 'input_text', text: 'no data' }],
        },
        message([text('Warm.')]),
        { role: 'user', content: 'Thanks.' },
      ],
      tools: [weather],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      max_output_tokens: 512,
      store: false,
      include: ['reasoning.encrypted_content'],
    },
    streamed: {
      model: 'gpt-5',
      stream: true,
      input: [{ role: 'user', content: 'Count.' }],
      reasoning: { effort: 'low', summary: 'auto' },
      text: {
        verbosity: 'low',
        format: {
          type: 'json_schema',
          name: 'numbers',
          strict: true,
          schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
        },
      },
      metadata: { run: '7' },
    },
  },
  answers: {
    text: response([message([text('Hello there.')])]),
    calls: response([
      message([text('Let me look.')]),
      call('call_1', 'get_weather', '{"city":"Paris"}'),
      call('call_2', 'f', '{"n":1.0}'),
    ]),
    refused: response([message([part('refusal', 'I cannot help with that.')])]),
    cut: response([message([text('Once upon')], 'incomplete')], 'max_output_tokens'),
    filtered: response([message([text('')], 'incomplete')], 'content_filter'),
    reasoned: response([
      reasoning('1', ['Let me think.'], 'gAAAAABo'),
      reasoning('2', [], 'gAAAAABp'),
      message([text('Forty-two.')]),
    ]),
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
    text: stream(spoken(0, 'text', 'Hé', 'llo "the', 're"\n', '— ok')),
    calls: stream([
      ...spoken(0, 'text', 'Let me', ' look.'),
      ...acted(1, 'call_1', 'get_weather', '{"ci', 'ty":"Par', 'is"}'),
      ...acted(2, 'call_2', 'get_time', '{"zone":', '"CET"}'),
    ]),
    refused: stream(spoken(0, 'refusal', 'I cannot', ' help.')),
    cut: stream(spoken(0, 'text', 'Once', ' upon'), 'max_output_tokens'),
    filtered: stream(spoken(0, 'text', 'Once'), 'content_filter'),
    reasoned: stream([
      ...thought(0, '1', 'gAAAAABo', 'Let me', ' think.'),
      ...thought(1, '2', 'gAAAAABp'),
      ...spoken(2, 'text', 'Forty-two.'),
    ]),
  },
  errors: {
    'wrong key': {
      status: 401,
      headers: { 'x-request-id': 'req_a1' },
      body: error('Incorrect API key provided: sk-****.', 'invalid_request_error', null, 'invalid_api_key'),
    },
    'rate limit': {
      status: 429,
      headers: {
        'retry-after': '7',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '7s',
      },
      body: error('Rate limit reached for gpt-5.', 'requests', null, 'rate_limit_exceeded'),
    },
    'bad field': {
      status: 400,
      headers: {},
      body: error(
        "Invalid type for 'input[0].content': expected one of a string or array, but got an integer instead.",
        'invalid_request_error',
        'input[0].content',
        'invalid_type',
      ),
    },
    failed: {
      status: 500,
      headers: {},
      body: error('The server had an error while processing your request.', 'server_error', null, null),
    },
  },
};
