// One good request for each operation in each dialect that has it: what the walk over all routes sends. A route without a sample
// fails that walk, so that who adds one says here how it is asked.
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import type { OperationName } from '../../src/contracts/operation.ts';
import type { ModelRoute } from '../../src/contracts/route.ts';

export interface Sample {
  /** JSON, or a form. */
  body?: object | FormData;
  headers?: Record<string, string>;
}

/** The mock's providers in the configuration of the walk. */
export const PROVIDER: Readonly<Record<DialectName, string>> = {
  'openai-chat': 'oa',
  'openai-responses': 'rs',
  anthropic: 'an',
  bedrock: 'be',
  'bedrock-invoke': 'bi',
  cohere: 'co',
  gemini: 'ge',
};

const hello = [{ role: 'user', content: 'hello' }];
const contents = [{ role: 'user', parts: [{ text: 'hello' }] }];
const blocks = [{ role: 'user', content: [{ text: 'hello' }] }];
const invoked = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: hello };
const content = { parts: [{ text: 'hello' }] };

function form(model: string, more: Record<string, string> = {}): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries({ model, ...more })) made.append(name, value);
  made.append('file', new Blob(['bytes']), 'f.bin');
  return made;
}

/** @param file an object of the caller's own that requests may name. */
type Make = (model: string, route: ModelRoute, file: string) => Sample;
type Samples = Partial<Record<OperationName, Partial<Record<DialectName, Make>>>>;

const SAMPLES: Samples = {
  chat: {
    'openai-chat': (model) => ({ body: { model, messages: hello, store: true } }),
    'openai-responses': (model) => ({ body: { model, input: 'hello' } }),
    anthropic: (model) => ({ body: { model, max_tokens: 9, messages: hello } }),
    bedrock: () => ({ body: { messages: blocks } }),
    'bedrock-invoke': () => ({ body: invoked }),
    cohere: (model, { template }) => ({
      body: {
        model,
        ...(template === '/v1/chat'
          ? { message: 'hello' }
          : template === '/v1/generate'
            ? { prompt: 'hello' }
            : { messages: hello }),
      },
    }),
    gemini: () => ({ body: { contents } }),
  },
  'token-count': {
    anthropic: (model) => ({ body: { model, messages: hello } }),
    'openai-responses': (model) => ({ body: { model, input: 'hello' } }),
    bedrock: () => ({ body: { input: { converse: { messages: blocks } } } }),
    gemini: () => ({ body: { contents } }),
  },
  embeddings: {
    'openai-chat': (model) => ({ body: { model, input: 'hello' } }),
    cohere: (model) => ({ body: { model, texts: ['hello'], input_type: 'search_query' } }),
    'bedrock-invoke': () => ({ body: { inputText: 'hello' } }),
    gemini: (model, { template }) => ({
      body: template.endsWith(':predict')
        ? { instances: [{ content: 'hello' }] }
        : template.endsWith(':embedContent')
          ? { content }
          : { requests: [{ model: `models/${model}`, content }] },
    }),
  },
  rerank: {
    'bedrock-invoke': (model, { template }) => ({
      headers: { 'amz-sdk-invocation-id': 'i' },
      body: template.endsWith('/invoke')
        ? { query: 'q', documents: ['a', 'b'], api_version: 2 }
        : {
            queries: [{ type: 'TEXT', textQuery: { text: 'q' } }],
            sources: ['a', 'b'].map((text) => ({
              type: 'INLINE',
              inlineDocumentSource: { type: 'TEXT', textDocument: { text } },
            })),
            rerankingConfiguration: {
              type: 'BEDROCK_RERANKING_MODEL',
              bedrockRerankingConfiguration: {
                modelConfiguration: { modelArn: model.replace('/', '/cohere.rerank+') },
              },
            },
          },
    }),
    'openai-chat': (model) => ({ body: { model, query: 'q', documents: ['a', 'b'] } }),
    cohere: (model) => ({ body: { model, query: 'q', documents: ['a', 'b'] } }),
  },
  moderation: { 'openai-chat': (model) => ({ body: { model, input: 'hello' } }) },
  completion: { 'openai-chat': (model) => ({ body: { model, prompt: 'hello' } }) },
  fim: { 'openai-chat': (model) => ({ body: { model, prompt: 'def f(', suffix: 'return a' } }) },
  image: { 'openai-chat': (model) => ({ body: { model, prompt: 'a boat' } }) },
  decision: {
    'openai-chat': () => ({
      body: { model: 'oa/gpt-6-luna', input: 'x', questions: [{ type: 'predicate', instructions: 'y?' }] },
    }),
  },
  speech: { 'openai-chat': (model) => ({ body: { model, input: 'hello', voice: 'v' } }) },
  tokenize: {
    cohere: (model, { template }) => ({
      body: template.endsWith('/detokenize') ? { model, tokens: [1] } : { model, text: 'hello' },
    }),
  },
  classify: { cohere: (model) => ({ body: { model, inputs: ['hello'] } }) },
  classification: {
    'openai-chat': (model, { template }) => ({
      body: { model, input: template.startsWith('/v1/chat/') ? [hello] : ['hello'] },
    }),
  },
  ocr: {
    'openai-chat': (model) => ({
      body: { model, document: { type: 'document_url', document_url: 'data:,' } },
    }),
  },
  transcription: { 'openai-chat': (model) => ({ body: form(model) }) },
  passthrough: { 'openai-chat': () => ({ body: { any: 'thing' } }) },
  file: {
    'openai-chat': (model) => ({ body: form(model, { purpose: 'batch' }) }),
    anthropic: (model) => ({ body: form(model) }),
  },
  'file-content': { 'openai-chat': () => ({}), anthropic: () => ({}) },
  'stored-chat': { 'openai-chat': () => ({ body: { metadata: {} } }) },
  'vector-store': {
    'openai-chat': (_, { template }, file) => ({
      body: template.endsWith('/search') ? { query: 'q' } : { file_ids: [file] },
    }),
  },
  container: { 'openai-chat': () => ({ body: { name: 'c' } }) },
  upload: {
    'openai-chat': (model, { template }) => ({
      body: template.endsWith('/parts') ? form(model) : { bytes: 5, filename: 'f', purpose: 'batch' },
    }),
  },
  'fine-tuning': {
    'openai-chat': (model, { template }, file) =>
      /cancel|pause|resume/.test(template) ? {} : { body: { model, training_file: file } },
  },
  eval: {
    'openai-chat': (_, { template }) =>
      template.includes('{item}') ? {} : { body: { name: 'e', data_source: { type: 'logs' } } },
  },
  skill: {
    'openai-chat': (model) => ({ body: form(model) }),
    anthropic: (model) => ({ body: form(model) }),
  },
  voice: { 'openai-chat': (model) => ({ body: form(model) }) },
  'model-object': { 'openai-chat': () => ({}) },
  batch: {
    'openai-chat': (_, { template }, file) =>
      template.endsWith('/cancel')
        ? {}
        : {
            body: { input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' },
          },
  },
  'message-batch': {
    anthropic: (model, { template }) =>
      template.endsWith('/cancel')
        ? {}
        : {
            body: {
              requests: [{ custom_id: 'a', params: { model, max_tokens: 9, messages: hello } }],
            },
          },
  },
  'batch-results': { anthropic: () => ({}) },
  interaction: { gemini: (model) => ({ body: { model, input: 'hello' } }) },
  'interaction-object': { gemini: () => ({}) },
  video: { 'openai-chat': (model) => ({ body: { model, prompt: 'a boat' } }) },
  'video-form': { 'openai-chat': (model) => ({ body: form(model, { prompt: 'a boat' }) }) },
  'video-object': { 'openai-chat': () => ({ body: { prompt: 'a boat' } }) },
  'realtime-secret': {
    'openai-chat': (model) => ({ body: { session: { type: 'realtime', model } } }),
  },
  'live-session': {
    'openai-chat': (model) => ({
      body: { session: { type: 'live', model }, transport: { type: 'webrtc', sdp: 'v=0' } },
    }),
  },
  provenance: { 'openai-chat': (model) => ({ body: form(model) }) },
  'realtime-call': { 'openai-chat': () => ({ body: { sdp: 'v=0' } }) },
  'video-content': { 'openai-chat': () => ({}) },
  'image-form': { 'openai-chat': (model) => ({ body: form(model, { prompt: 'a boat' }) }) },
};

/** @param model of the route's own provider. @throws when nobody said how the route is asked. */
export function sampleOf(route: ModelRoute, model: string, file: string): Sample {
  const { operation, dialect } = route;
  const make = SAMPLES[operation.name]?.[dialect];
  if (make === undefined)
    throw new Error(`no sample of ${operation.name} in ${dialect}: add one for ${route.template}`);
  const sample = make(model, route, file);
  // Its SDKs are known by it, where two vendors have one path.
  return dialect === 'anthropic' ? { ...sample, headers: { 'anthropic-version': '2023-06-01' } } : sample;
}

/** The route's path at `provider`, which is named in front of it. */
export function pathOf(
  { template, operation }: ModelRoute,
  provider: string,
  model: string,
  id: string,
): string {
  // The name says that it is no picture that is predicted, and to the mock that it is an order that is invoked.
  const maker = template.endsWith(':predict')
    ? 'embed+'
    : operation.name === 'rerank'
      ? 'cohere.rerank+'
      : '';
  const named = maker + model;
  const filled = template
    .replace('{provider}', provider)
    .replace('{model}', encodeURIComponent(named))
    .replace('/*', '/v1/anything')
    .replace('{id}', id)
    .replace('{item}', 'item-1')
    .replace('{part}', 'part-1');
  return template.includes('{provider}') ? filled : `/${provider}${filled}`;
}
