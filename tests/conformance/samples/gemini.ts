// generateContent as Google sends it.
import type { Json, JsonObject } from '../../../src/contracts/json.ts';
import type { DialectSamples, SampleEvent } from '../dialect/samples.ts';

const PNG = 'iVBORw0KGgo=';

const weather: JsonObject = {
  functionDeclarations: [
    {
      name: 'get_weather',
      description: 'Weather of a city.',
      parametersJsonSchema: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  ],
};

const call = (id: string, name: string, args: JsonObject, thoughtSignature?: string): JsonObject => ({
  functionCall: { id, name, args },
  ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
});
const result = (id: string, name: string, response: JsonObject): JsonObject => ({
  functionResponse: { id, name, response },
});
const user = (...parts: Json[]): JsonObject => ({ role: 'user', parts });
const model = (...parts: Json[]): JsonObject => ({ role: 'model', parts });

const USAGE: JsonObject = {
  promptTokenCount: 120,
  cachedContentTokenCount: 64,
  candidatesTokenCount: 32,
  totalTokenCount: 168,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 120 }],
  cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 64 }],
  thoughtsTokenCount: 16,
};

const NAMES: JsonObject = { modelVersion: 'gemini-3-pro-preview', responseId: 'zKQqaZ2tEsmrkdUP7c6Y8Ag' };

const answer = (finishReason: string, ...parts: Json[]): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, finishReason, index: 0 }],
  usageMetadata: USAGE,
  ...NAMES,
});

const message = (parts: Json[], said: number, more: JsonObject = {}): SampleEvent => ({
  event: '',
  data: {
    candidates: [{ content: { parts, role: 'model' }, ...more, index: 0 }],
    usageMetadata: { ...USAGE, candidatesTokenCount: said, totalTokenCount: 136 + said },
    ...NAMES,
  },
});
const stream = (finishReason: string, last: Json, ...said: Json[]): SampleEvent[] => [
  ...said.map((part, index) => message([part], index + 1)),
  message([last], 32, { finishReason }),
];
const thought = (text: string): JsonObject => ({ text, thought: true });

export const samples: DialectSamples = {
  requests: {
    plain: {
      contents: [user({ text: 'Say hello.' })],
      generationConfig: { temperature: 0.7 },
    },
    tools: {
      systemInstruction: { parts: [{ text: 'You are terse.' }] },
      contents: [
        user(
          { text: 'What is this, and how is the weather there?' },
          { inlineData: { mimeType: 'image/png', data: PNG } },
        ),
        model(
          call('fc_1', 'get_weather', { city: 'Paris' }, 'EqQBCqEBAdHtim9='),
          call('fc_2', 'get_weather', { city: 'Rome' }),
        ),
        user(
          result('fc_1', 'get_weather', { temp: 21 }),
          result('fc_2', 'get_weather', { result: 'no data' }),
        ),
        model({ text: 'Warm.' }),
        user({ text: 'Thanks.' }),
      ],
      tools: [weather],
      toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
      generationConfig: { maxOutputTokens: 512 },
    },
    structured: {
      contents: [user({ text: 'Count.' })],
      generationConfig: {
        stopSequences: ['10'],
        seed: 7,
        topK: 40,
        topP: 0.9,
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', properties: {}, required: [], additionalProperties: false },
      },
    },
    reasoned: {
      contents: [
        user({ text: 'Think.' }),
        model(
          { text: 'Hm.', thought: true, thoughtSignature: 'c2ln' },
          { text: 'Done.', thoughtSignature: 'c2lnMg==' },
        ),
        user({ text: 'Again.' }),
      ],
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' } },
    },
  },
  answers: {
    text: answer('STOP', { text: 'Hello there.' }),
    calls: answer(
      'STOP',
      { text: 'Let me look.' },
      call('fc_1', 'get_weather', { city: 'Paris' }, 'EqQBCqEBAdHtim9='),
      call('fc_2', 'f', { n: 1 }),
    ),
    cut: answer('MAX_TOKENS', { text: 'Once upon' }),
    filtered: answer('SAFETY', { text: 'Once' }),
    blocked: {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 120, totalTokenCount: 120 },
      ...NAMES,
    },
    reasoned: answer(
      'STOP',
      { text: 'Let me think.', thought: true, thoughtSignature: 'c2ln' },
      { text: 'Forty-two.', thoughtSignature: 'c2lnMg==' },
    ),
  },
  streams: {
    text: stream('STOP', { text: '— ok' }, { text: 'Hé' }, { text: 'llo "the' }, { text: 're"\n' }),
    calls: stream(
      'STOP',
      { text: '' },
      { text: 'Let me look.' },
      call('fc_1', 'get_weather', { city: 'Paris' }, 'EqQBCqEBAdHtim9='),
      call('fc_2', 'get_time', { zone: 'CET' }),
    ),
    cut: stream('MAX_TOKENS', { text: ' upon' }, { text: 'Once' }),
    filtered: [message([{ text: 'Once' }], 1), message([], 1, { finishReason: 'SAFETY' })],
    reasoned: stream(
      'STOP',
      { text: '', thoughtSignature: 'c2lnMg==' },
      thought('Let me'),
      thought(' think.'),
      { text: '', thought: true, thoughtSignature: 'c2ln' },
      { text: 'Forty-two.' },
    ),
  },
  errors: {
    'wrong key': {
      status: 400,
      headers: {},
      body: {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'API_KEY_INVALID',
              domain: 'googleapis.com',
              metadata: { service: 'generativelanguage.googleapis.com' },
            },
          ],
        },
      },
    },
    'rate limit': {
      status: 429,
      headers: {},
      body: {
        error: {
          code: 429,
          message: 'You exceeded your current quota, please check your plan and billing details.',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }],
        },
      },
    },
    'bad field': {
      status: 400,
      headers: {},
      body: {
        error: {
          code: 400,
          message: '* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.\n',
          status: 'INVALID_ARGUMENT',
        },
      },
    },
    failed: {
      status: 500,
      headers: {},
      body: { error: { code: 500, message: 'An internal error has occurred.', status: 'INTERNAL' } },
    },
  },
};
