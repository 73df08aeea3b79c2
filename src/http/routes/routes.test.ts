import { describe, expect, test } from 'vitest';
import { createRouteTable, forMethod } from './route-table.ts';
import { forCaller, routes } from './routes.ts';

const table = createRouteTable(
  new Map(['local', 'claude-test'].map((name) => [name, 'openai-chat'] as const)),
);
const kind = (path: string) => table.match(path).route.kind;
const answer = (path: string): string | null => {
  const { route } = table.match(path);
  return route.kind === 'local' ? route.answer : null;
};

describe('a path finds its route', () => {
  test.each([
    ['/v1/chat/completions', '/v1/chat/completions', null],
    ['/chat/completions', '/v1/chat/completions', null],
    ['/v1/chat/completions/', '/v1/chat/completions', null],
    ['/openai/v1/chat/completions', '/v1/chat/completions', 'openai'],
    ['/local/chat/completions', '/v1/chat/completions', 'local'],
    ['/v1/messages', '/v1/messages', null],
    ['/messages', '/v1/messages', null],
    ['/anthropic/v1/messages', '/v1/messages', 'anthropic'],
    ['/claude-test/v1/messages/count_tokens', '/v1/messages/count_tokens', 'claude-test'],
    ['/v1/models', '/v1/models', null],
    ['/openai/models/', '/v1/models', 'openai'],
  ])('%s', (path, template, prefix) => {
    const match = table.match(path);
    expect(match.route.template).toBe(template);
    expect(match.prefix).toBe(prefix);
    expect(match.ambiguous).toBe(false);
    // The second time it comes from the cache and must be the same.
    expect(table.match(path)).toEqual(match);
  });

  test('a model id may hold slashes, encoded or not', () => {
    expect(table.match('/v1/models/openai/gpt-4o').params).toEqual({ model: 'openai/gpt-4o' });
    expect(table.match('/v1/models/openai%2Fgpt-4o').params).toEqual({ model: 'openai/gpt-4o' });
    expect(answer('/v1/models/openai%2Fgpt-4o')).toBe('model-card');
  });

  test('of Bedrock names its model in the path, encoded once', () => {
    const arn = 'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-x-v1:0';
    for (const prefix of ['', '/bedrock']) {
      for (const verb of [
        'converse',
        'converse-stream',
        'invoke',
        'invoke-with-response-stream',
        'count-tokens',
      ]) {
        const { route, params, ambiguous } = table.match(
          `${prefix}/model/${encodeURIComponent(arn)}/${verb}`,
        );
        expect(route).toMatchObject({
          template: `/model/{model}/${verb}`,
          dialect: /^invoke/.test(verb) ? 'bedrock-invoke' : 'bedrock',
        });
        expect(route).toMatchObject({ stream: /stream$/.test(verb) });
        expect([params, ambiguous]).toEqual([{ model: arn }, false]);
      }
    }
    expect(table.match(`/model/${arn}/converse`).params).toEqual({ model: arn });
    expect(table.match('/model/m/unknown').route).toMatchObject({ kind: 'unknown', dialect: 'bedrock' });
    expect(table.match('/v1/model/m/converse').route.kind).toBe('unknown');
  });

  test.each(['', '/v1', '/litellm/v1', '/anthropic', '/claude-test/v1'])(
    'of Claude on Vertex names its model in the path, below %j',
    (front) => {
      const place = '/projects/my-project/locations/us-east5';
      const below = '/publishers/anthropic/models';
      for (const [name, template] of [
        ['claude-x@20250929:rawPredict', '{model}:rawPredict'],
        ['an/claude-x@20250929:streamRawPredict', '{model}:streamRawPredict'],
        ['claude-x%4020250929%3ArawPredict', '{model}:rawPredict'],
        ['count-tokens:rawPredict', 'count-tokens:rawPredict'],
      ]) {
        const { route, params, ambiguous } = table.match(`${front}${place}${below}/${name}`);
        expect(route).toMatchObject({
          dialect: 'anthropic',
          hosted: 'vertex',
          stream: null,
          template: `/v1/projects/{project}/locations/{location}${below}/${template}`,
        });
        expect(ambiguous).toBe(false);
        const model = decodeURIComponent(name!.replace(/(?::|%3A)\w+$/, ''));
        expect(params).toEqual(model === 'count-tokens' ? {} : { model });
        expect(table.match(`${front}${below}/${name}`).route).toBe(route);
      }
      expect(table.match(`${front}${place}/publishers/google/models/m:rawPredict`).route.kind).not.toBe(
        'model',
      );
    },
  );

  test('health and metrics live at the root only', () => {
    expect(answer('/livez')).toBe('live');
    expect(answer('/readyz/')).toBe('ready');
    expect(answer('/')).toBe('root');
    expect(kind('/openai/livez')).toBe('unknown');
  });
});

describe("a path of Gemini's", () => {
  test.each([
    ['/v1beta/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro', false, 'chat'],
    ['/v1/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro', false, 'chat'],
    ['/v1beta1/models/m:streamGenerateContent', 'm', true, 'chat'],
    ['/v1beta/models/m%3AstreamGenerateContent', 'm', true, 'chat'],
    ['/models/m%3agenerateContent', 'm', false, 'chat'],
    ['/v1beta/models/m:countTokens/', 'm', false, 'token-count'],
    ['/gemini/v1beta/models/m:generateContent', 'm', false, 'chat'],
    ['/genai/v1/models/m:generateContent', 'm', false, 'chat'],
    ['/v1beta/models/local/a:b%2Fc:generateContent', 'local/a:b/c', false, 'chat'],
    ['/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent', 'm', true, 'chat'],
    ['/v1beta1/publishers/google/models/m:countTokens', 'm', false, 'token-count'],
    ['/v1beta/openai/gpt-4o:generateContent', 'openai/gpt-4o', false, 'chat'],
    ['/genai/v1beta/local/a/b%3AstreamGenerateContent', 'local/a/b', true, 'chat'],
    ['/v1/tunedModels/m:countTokens', 'tunedModels/m', false, 'token-count'],
    ['/v1beta/models/m:embedContent', 'm', false, 'embeddings'],
    ['/v1beta/models/ge/m:batchEmbedContents', 'ge/m', false, 'embeddings'],
    ['/v1alpha/models/m:generateContent', 'm', false, 'chat'],
    ['/v1alpha/local/m:countTokens', 'local/m', false, 'token-count'],
    // Vertex AI's clients take the provider in `local/m` for who publishes it.
    ['/v1beta1/publishers/local/models/m:generateContent', 'local/m', false, 'chat'],
    ['/v1/projects/p/locations/l/publishers/local/models/a/b:countTokens', 'local/a/b', false, 'token-count'],
    ['/v1beta1/publishers/meta/models/m:generateContent', 'm', false, 'chat'],
  ])('names the model, and whether to stream: %s', (path, model, stream, operation) => {
    const { route, params, ambiguous } = table.match(path);
    expect({ ambiguous, params, dialect: route.dialect }).toEqual({
      ambiguous: false,
      params: { model },
      dialect: 'gemini',
    });
    expect(route).toMatchObject({ kind: 'model', stream, operation: { name: operation } });
  });

  test('lists models in its own shape under its own versions', () => {
    expect(table.match('/v1beta/models').route).toMatchObject({ answer: 'model-list', dialect: 'gemini' });
    expect(table.match('/v1alpha/models').route).toMatchObject({ answer: 'model-list', dialect: 'gemini' });
    expect(table.match('/v1beta1/models/m').route).toMatchObject({ answer: 'model-card', dialect: 'gemini' });
    expect(table.match('/v1/models').route.dialect).toBe('openai-chat');
    expect(table.match('/v1/models/m').route.dialect).toBe('openai-chat');
  });

  test('without a model is no route', () => {
    for (const path of [
      '/v1beta/models/:generateContent',
      '/v1beta/:generateContent',
      '/v1beta/m:generateContent',
      '/local/m:generateContent',
      '/v1beta/local/m:predict',
    ])
      expect([path, kind(path)]).not.toEqual([path, 'model']);
    expect(kind('/v1beta/chat/completions')).toBe('unknown');
  });
});

describe('an unknown path', () => {
  test('answers in the dialect it looks like', () => {
    expect(table.match('/v1/nope').route.dialect).toBe('openai-chat');
    expect(table.match('/v1/messages/nope').route.dialect).toBe('anthropic');
    expect(table.match('/anthropic/x').route.dialect).toBe('anthropic');
    for (const path of [
      '/v1beta/nope',
      '/gemini/x',
      '/genai/v1/nope',
      '/v1/models/m:batchEmbedContents/x:generateContent/y',
    ])
      expect(table.match(path).route.dialect).toBe(path.endsWith('y') ? 'openai-chat' : 'gemini');
    expect(table.match('/v9/models/m:generateContent').route.dialect).toBe('gemini');
  });

  test.each(['anthropic', 'gemini'] as const)(
    "and every path that is no vendor's speaks the dialect of %s to its clients",
    (dialect) => {
      for (const path of [
        '/v1/nope',
        '/v1/models',
        '/v1/models/x',
        '/',
        '/health',
        '/metrics',
        '/v1/nowhere',
      ]) {
        const { route } = table.match(path);
        expect(forCaller(route, dialect)).toEqual({ ...route, dialect });
      }
      const vendors = [
        '/v1/chat/completions',
        '/v1/messages',
        '/v1/messages/nope',
        '/v1beta/models',
        '/v1beta/nope',
      ];
      for (const path of vendors) {
        const { route } = table.match(path);
        expect(forCaller(route, dialect)).toBe(route);
      }
    },
  );

  test('says so when the SDK doubled the path', () => {
    for (const [path, ending] of [
      ['/v1/chat/completions/chat/completions', '/v1/chat/completions'],
      ['/v1/responses/responses', '/v1/responses'],
      ['/responses/v1/responses', '/responses'],
      ['/v1/responses/models', '/v1/responses'],
      ['/v1/responses/input_tokens/responses', '/v1/responses/input_tokens'],
      ['/v1/messages/v1/messages', '/v1/messages'],
      ['/v2/chat/v2/chat', '/v2/chat'],
      ['/model/c/converse/messages', '/converse'],
    ] as const) {
      const { route, hint } = table.match(path);
      expect([route.kind, hint]).toEqual([
        'unknown',
        `the base URL should not end in ${ending}: the SDK adds that path itself`,
      ]);
    }
    expect(table.match('/v1/v1/chat/completions').hint).toContain('twice');
  });

  test.each([
    ['/v1/organization/users', 'openai-chat', '/passthrough/openai/v1'],
    ['/openai/v1/webhook_endpoints/we_1/test', 'openai-chat', '/passthrough/openai/v1'],
    ['/v1/safety/alerts/a', 'openai-chat', '/passthrough/openai/v1'],
    ['/v1/organizations/api_keys', 'anthropic', '/passthrough/anthropic'],
    ['/v1/compliance/activities', 'anthropic', '/passthrough/anthropic'],
    ['/model/amazon.nova-sonic-v1%3A0/invoke-with-bidirectional-stream', 'bedrock', 'not served'],
  ])(
    'says where what is of a whole organization is asked, and what is not served: %s',
    (path, dialect, hint) => {
      const match = table.match(path);
      expect(match.route).toMatchObject({ kind: 'unknown', dialect });
      expect(match.hint).toContain(hint);
    },
  );

  test('with an unknown prefix is not a route', () => {
    expect(kind('/mystery/v1/chat/completions')).toBe('unknown');
    expect(kind('/local/mystery/v1/chat/completions')).toBe('unknown');
  });
});

test.each([
  '//v1/chat/completions',
  '/v1//chat/completions',
  '/v1/../v1/chat/completions',
  '/v1/%2e%2e/chat/completions',
  '/v1/chat%2fcompletions',
  '/v1\\chat/completions',
  '/v1/chat/completions%00',
  'http://elsewhere/v1/chat/completions',
  '/v1/models/%zz',
])('a path two readers may take differently is ambiguous: %s', (path) => {
  expect(table.match(path).ambiguous).toBe(true);
});

test('every route of an operation asks for a key, is limited, and ends in who asks the provider', () => {
  const served = routes.filter((route) => route.kind === 'model');
  expect(served.length).toBeGreaterThan(2);
  for (const { open, operation } of served) {
    expect(open).toBe(false);
    expect(operation.flow).toContain('admit');
    expect(operation.flow.at(-1)).toBe(operation.intake === 'socket' ? 'tunnel' : 'dispatch');
  }
});

test('what is kept is found by its id, with and without a version', () => {
  for (const [path, answers, params] of [
    ['/v1/responses/resp_1', 'response', { id: 'resp_1' }],
    ['/responses/resp_1/cancel', 'response-cancel', { id: 'resp_1' }],
    ['/openai/v1/responses/3f2a-11/input_items/', 'response-items', { id: '3f2a-11' }],
    ['/v1/conversations', 'conversations', {}],
    ['/v1/conversations/conv_1', 'conversation', { id: 'conv_1' }],
    ['/v1/conversations/conv_1/items/msg_2', 'conversation-item', { id: 'conv_1', item: 'msg_2' }],
  ] as const) {
    expect([answer(path), table.match(path).params]).toEqual([answers, params]);
  }
  expect(table.match('/v1/responses').route.kind).toBe('model');
  expect(kind('/v1/responses/resp_1/x')).toBe('unknown');
  expect(kind('/v1/responses/resp%2f1')).toBe('unknown');
  expect(kind('/v1beta/responses/resp_1')).toBe('unknown');
});

describe('a route of what is handed on', () => {
  test.each([
    ['/v1/audio/transcriptions', '/v1/audio/transcriptions', null, {}],
    ['/openai/v1/files', '/v1/files', 'openai', {}],
    ['/v1/files/file-1', '/v1/files/{id}', null, { id: 'file-1' }],
    ['/local/files/file-1/content', '/v1/files/{id}/content', 'local', { id: 'file-1' }],
    ['/v1/batches/b/cancel', '/v1/batches/{id}/cancel', null, { id: 'b' }],
    ['/v1/messages/batches/b/results', '/v1/messages/batches/{id}/results', null, { id: 'b' }],
    ['/anthropic/v1/messages/batches', '/v1/messages/batches', 'anthropic', {}],
    ['/v1/videos/v/remix', '/v1/videos/{id}/remix', null, { id: 'v' }],
    ['/passthrough/local', '/passthrough/{provider}/*', null, { provider: 'local', rest: '/' }],
    ['/passthrough/local/', '/passthrough/{provider}/*', null, { provider: 'local', rest: '/' }],
    ['/passthrough/x/v1/a%20b/', '/passthrough/{provider}/*', null, { provider: 'x', rest: '/v1/a%20b/' }],
    [
      '/passthrough/x/model/a%2Fb/c',
      '/passthrough/{provider}/*',
      null,
      { provider: 'x', rest: '/model/a%2Fb/c' },
    ],
  ])('%s', (path, template, prefix, params) => {
    expect(table.match(path)).toMatchObject({ route: { template }, prefix, params, ambiguous: false });
  });

  test.each(['/v1/files/a/b', '/v1/files/a/b/content', '/v2/files', '/passthrough', '/openai/passthrough/x'])(
    'is none: %s',
    (path) => {
      expect(kind(path)).toBe('unknown');
    },
  );

  test('says the dialect of the provider that it is forwarded to', () => {
    const dialects = createRouteTable(new Map([['claude', 'anthropic']]));
    expect(dialects.match('/passthrough/claude/x').route.dialect).toBe('anthropic');
    expect(dialects.match('/passthrough/who/x').route.dialect).toBe('openai-chat');
  });

  test('is of Anthropic for its clients, where both have it', () => {
    const { route } = table.match('/v1/files/f');
    expect(route).toMatchObject({ dialect: 'openai-chat', forward: '/files/{id}' });
    expect(forCaller(route, 'anthropic')).toMatchObject({ dialect: 'anthropic', forward: '/v1/files/{id}' });
    const { route: speech } = table.match('/v1/audio/speech');
    expect(forCaller(speech, 'anthropic')).toBe(speech);
  });

  test.each([
    '/passthrough/x/../y',
    '/passthrough/x/%2e%2E/y',
    '/passthrough/x/a%2F..%2Fb',
    '/passthrough/x/%2f%2e%2e',
    '/passthrough/x//y',
    '/passthrough/x/a\\b',
    '/passthrough/x/%5c',
    '/passthrough/x/%00',
    '/v1/files/..%2Fx',
    '/v1/files/a%2Fb',
  ])('can be read in two ways: %s', (path) => {
    expect(table.match(path).ambiguous).toBe(true);
  });
});

describe('what may stand before a route', () => {
  test.each([
    ['/azure/openai/deployments/my-gpt/chat/completions', '/v1/chat/completions', { model: 'my-gpt' }],
    ['/openai/deployments/my%2Dgpt/embeddings', '/v1/embeddings', { model: 'my-gpt' }],
    // As its SDK writes a name that has the provider's before it.
    ['/openai/deployments/oa%2Fmy-gpt/chat/completions', '/v1/chat/completions', { model: 'oa/my-gpt' }],
    ['/openai/deployments/oa/my-gpt/chat/completions', '/v1/chat/completions', { model: 'oa/my-gpt' }],
    ['/azure/openai/deployments/ears/audio/transcriptions', '/v1/audio/transcriptions', { model: 'ears' }],
    ['/azure/openai/v1/chat/completions', '/v1/chat/completions', {}],
    ['/azure/openai/files/f', '/v1/files/{id}', { id: 'f' }],
  ])('of Azure: %s', (path, template, params) => {
    expect(table.match(path)).toMatchObject({ route: { template }, prefix: 'azure', params });
  });

  test.each([
    ['/bedrock/openai/v1/chat/completions', '/v1/chat/completions'],
    ['/bedrock/openai/v1/responses', '/v1/responses'],
    ['/litellm/bedrock/openai/v1/chat/completions', '/v1/chat/completions'],
  ])('of Bedrock: %s', (path, template) => {
    expect(table.match(path)).toMatchObject({ route: { template }, prefix: 'bedrock' });
  });

  test.each([
    '/v1beta1/publishers/google/models',
    '/vertex/v1beta/projects/p/locations/l/publishers/google/models',
  ])('of Vertex AI, a list: %s', (path) => {
    const named = createRouteTable(new Map([['vertex', 'gemini']]));
    expect(named.match(path).route).toMatchObject({ answer: 'model-list', dialect: 'gemini' });
  });

  // What their SDKs put behind any address.
  test.each([
    ['/groq/openai/v1/audio/transcriptions', '/v1/audio/transcriptions', 'groq'],
    ['/fireworks/inference/v1/chat/completions', '/v1/chat/completions', 'fireworks'],
    ['/openrouter/api/v1/messages', '/v1/messages', 'openrouter'],
    ['/azure/anthropic/v1/messages', '/v1/messages', 'azure'],
    ['/litellm/groq/openai/v1/models', '/v1/models', 'groq'],
  ])('of a vendor: %s', (path, template, prefix) => {
    const named = createRouteTable(
      new Map(['groq', 'fireworks', 'openrouter'].map((name) => [name, 'openai-chat'])),
    );
    expect(named.match(path)).toMatchObject({ route: { template }, prefix });
    expect(named.match('/v1/openai/v1/models').route.kind).toBe('unknown');
  });

  test.each([
    ['/litellm/v1/chat/completions', '/v1/chat/completions', null],
    ['/litellm/anthropic/v1/messages', '/v1/messages', 'anthropic'],
    ['/langchain/openai/v1/responses', '/v1/responses', 'openai'],
    ['/langchain/genai/v1beta/models/m:generateContent', '/v1beta/models/{model}:generateContent', 'genai'],
    ['/litellm/bedrock/model/m/converse', '/model/{model}/converse', 'bedrock'],
    ['/cohere/v2/rerank', '/v2/rerank', 'cohere'],
  ])('of a library: %s', (path, template, prefix) => {
    expect(table.match(path)).toMatchObject({ route: { template }, prefix });
  });

  test('is a provider of that name', () => {
    const named = createRouteTable(new Map([['litellm', 'openai-chat']]));
    expect(named.match('/litellm/v1/chat/completions').prefix).toBe('litellm');
  });

  test.each(['/azure/openai/deployments/m/nothing', '/litellm/langchain/v1/messages', '/litellm'])(
    'is nothing: %s',
    (path) => {
      expect(kind(path)).toBe('unknown');
    },
  );
});

test('whoever has nothing left to spend may end what runs, and begin nothing', () => {
  const billed = (verb: string): boolean => {
    const { route } = table.match(`/v1/realtime/calls/rtc_1/${verb}`);
    return route.kind === 'model' && route.operation.billed;
  };
  expect(['accept', 'hangup', 'refer', 'reject'].map(billed)).toEqual([true, false, false, false]);
});

test('another method at a path may be another route', () => {
  const of = (path: string, method: string): string => {
    const { route } = forMethod(table.match(path), method);
    return `${route.kind} ${route.kind === 'model' ? route.operation.name : route.template}`;
  };
  expect(of('/v1/chat/completions', 'POST')).toBe('model chat');
  expect(of('/v1/chat/completions', 'GET')).toBe('model stored-chat');
  expect(of('/v1/chat/completions', 'DELETE')).toBe('model chat');
  expect(of('/v1/models/m', 'GET')).toBe('local /v1/models/{model}');
  expect(of('/v1/models/m', 'DELETE')).toBe('model model-object');
});

test.each([
  ['/v1/chat/completions/chatcmpl-Ab', 'stored-chat', { id: 'chatcmpl-Ab' }],
  ['/openai/v1/chat/completions/chatcmpl-1/messages', 'stored-chat', { id: 'chatcmpl-1' }],
  ['/v1/vector_stores/vs_1/files/file-2/content', 'vector-store', { id: 'vs_1', item: 'file-2' }],
  ['/v1/vector_stores/vs_1/file_batches/vsfb_2/cancel', 'vector-store', { id: 'vs_1', item: 'vsfb_2' }],
  ['/v1/containers/cntr_1/files/cfile_2/content', 'file-content', { id: 'cntr_1', item: 'cfile_2' }],
  ['/uploads/upload_1/parts', 'upload', { id: 'upload_1' }],
  ['/v1/fine_tuning/jobs/ftjob-1/pause', 'fine-tuning', { id: 'ftjob-1' }],
  ...['ft:gpt-4o:org:n:id:ckpt-step-2', 'ft%3Agpt-4o:org%3an:id:ckpt-step-2'].map(
    (name): [string, string, Record<string, string>] => [
      `/v1/fine_tuning/checkpoints/${name}/permissions/cp_1`,
      'fine-tuning',
      { id: 'ft:gpt-4o:org:n:id:ckpt-step-2', item: 'cp_1' },
    ],
  ),
  ['/v1/evals/eval_1/runs/evalrun_2', 'eval', { id: 'eval_1', item: 'evalrun_2' }],
  [
    '/v1/evals/eval_1/runs/evalrun_2/output_items/o_3',
    'eval',
    { id: 'eval_1', item: 'evalrun_2', part: 'o_3' },
  ],
  ['/v1/skills/skill_1/versions/2/content', 'file-content', { id: 'skill_1', item: '2' }],
  ['/v1/skills/pptx', 'skill', { id: 'pptx' }],
  ['/v1/audio/voices/voice_1', 'voice', { id: 'voice_1' }],
  ['/v1/interactions/int_1', 'interaction-object', { id: 'int_1' }],
  ['/genai/v1/interactions/int_1/cancel', 'interaction-object', { id: 'int_1' }],
])('what lies below an object has the object’s id: %s', (path, operation, params) => {
  const match = table.match(path);
  expect(match).toMatchObject({ params, route: { kind: 'model', operation: { name: operation } } });
});

test.each(['/v1/chat/completions/models', '/v1/vector_stores/vs_1/nothing', '/v1beta/vector_stores'])(
  'none: %s',
  (path) => {
    expect(table.match(path).route.kind).toBe('unknown');
  },
);

test('skills are asked for as their client’s vendor has them', () => {
  const { route } = table.match('/v1/skills');
  expect(forCaller(route, 'openai-chat')).toMatchObject({ dialect: 'openai-chat', forward: '/skills' });
  expect(forCaller(route, 'anthropic')).toMatchObject({ dialect: 'anthropic', forward: '/v1/skills' });
});

test('what trains or asks models is billed, and what ends it is not', () => {
  const billed = (path: string): boolean => {
    const { route } = table.match(path);
    return route.kind === 'model' && route.operation.billed;
  };
  expect(billed('/v1/fine_tuning/jobs')).toBe(true);
  expect(billed('/v1/fine_tuning/jobs/ftjob-1/cancel')).toBe(false);
  expect(billed('/v1/evals/eval_1/runs')).toBe(true);
  expect(billed('/v1/evals/eval_1/runs/evalrun_1/cancel')).toBe(false);
  expect(billed('/v1/ocr')).toBe(true);
});

test('what a body may ask for besides is at the same place, and begins as its route does', () => {
  const liking = routes.flatMap((route) =>
    route.kind === 'model' && route.likes !== undefined ? [route] : [],
  );
  expect(liking.length).toBeGreaterThan(0);
  for (const { likes, ...route } of liking)
    for (const { operation, template, methods, dialect } of likes!) {
      expect({ template, methods, dialect }).toEqual({
        template: route.template,
        methods: route.methods,
        dialect: route.dialect,
      });
      expect([operation.intake, operation.flow[0]]).toEqual([route.operation.intake, 'identify']);
      expect(route.operation.flow[0]).toBe('identify');
    }
});
