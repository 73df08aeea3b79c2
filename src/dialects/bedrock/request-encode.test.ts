import { describe, expect, test } from 'vitest';
import type { EncodeTarget } from '../../contracts/body.ts';
import { type Capabilities, UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type { ChatRequest, Part, ToolDef, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { encodeRequest } from './request-encode.ts';

const EMPTY: ChatRequest = {
  model: 'm',
  system: [],
  turns: [],
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  maxTokens: null,
  temperature: null,
  topP: null,
  topK: null,
  stop: [],
  seed: null,
  frequencyPenalty: null,
  presencePenalty: null,
  responseFormat: null,
  reasoning: null,
  user: null,
  stream: true,
  includeUsage: true,
  dropped: [],
  mustNotDrop: [],
};
const text = (words: string): Part => ({ kind: 'text', text: words, cache: null });
const user = (...parts: Part[]): Turn => ({ role: 'user', parts, name: null });
const assistant = (...parts: Part[]): Turn => ({ role: 'assistant', parts, name: null });
const call = (id: string, name = 'f', args = '{}'): Part => ({
  kind: 'tool_call',
  id,
  name,
  arguments: args,
  cache: null,
});
const result = (callId: string, ...content: Part[]): Part => ({
  kind: 'tool_result',
  callId,
  content,
  isError: false,
  cache: null,
});
const tool = (name: string, more: Partial<ToolDef> = {}): ToolDef => ({
  name,
  description: null,
  schema: { type: 'object', properties: {} },
  strict: null,
  cache: null,
  ...more,
});

function encode(
  request: Partial<ChatRequest>,
  {
    capabilities = {},
    ...more
  }: Partial<Omit<EncodeTarget, 'capabilities'>> & { capabilities?: Partial<Capabilities> } = {},
) {
  const target: EncodeTarget = {
    model: 'us.amazon.nova-pro-v1:0',
    provider: 'bedrock',
    capabilities: { ...UNKNOWN_CAPABILITIES.bedrock, ...capabilities },
    streamUsage: true,
    defaultMaxTokens: 4096,
    legacyMaxTokens: false,
    strict: false,
    ...more,
  };
  const encoded = encodeRequest({ ...EMPTY, turns: [user(text('hi'))], ...request }, target);
  return { ...encoded, json: JSON.parse(encoded.body) as JsonObject };
}

const claude = (model: string): Parameters<typeof encode>[1] => ({
  model,
  maker: 'anthropic',
  capabilities: capabilitiesOf({ vendor: 'bedrock', dialect: 'bedrock', model }),
});
const CLAUDE = claude('us.anthropic.claude-sonnet-4-5-20250929-v1:0');

describe('messages', () => {
  test('alternate: neighbours become one, what is empty goes', () => {
    const turns = [user(text('a')), user(text(' '), text('b')), assistant(text('')), user(text('c'))];
    const { json, adapted } = encode({ turns });
    expect(json['messages']).toEqual([
      { role: 'user', content: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] },
    ]);
    expect(adapted).toContain('messages[].content');
  });

  test('hold the results of a message first, whatever came between', () => {
    const turns = [
      user(text('q')),
      assistant(call('x'), call('y')),
      user(text('by the way')),
      user(result('y', text('2'))),
      user(result('x')),
    ];
    const { json } = encode({ turns, tools: [tool('f')] });
    expect((json['messages'] as JsonObject[])[2]).toEqual({
      role: 'user',
      content: [
        { toolResult: { toolUseId: 'y', content: [{ text: '2' }] } },
        { toolResult: { toolUseId: 'x', content: [{ json: {} }] } },
        { text: 'by the way' },
      ],
    });
  });

  test('say a later instruction as the user, marked', () => {
    const turns: Turn[] = [user(text('a')), { role: 'system', parts: [text('be brief')], name: null }];
    const { json, adapted } = encode({ turns });
    expect(json['messages']).toEqual([
      { role: 'user', content: [{ text: 'a' }, { text: '<system>be brief</system>' }] },
    ]);
    expect(adapted).toEqual(['messages[].role']);
  });

  test('begin with the system prompt where there is nothing else', () => {
    const { json } = encode({ turns: [], system: [{ kind: 'text', text: 'go', cache: null }] });
    expect(json).toEqual({ messages: [{ role: 'user', content: [{ text: 'go' }] }] });
    expect(() => encode({ turns: [] })).toThrow(/no text for the model/);
  });

  test('end with the beginning of an answer where the model takes one, else it is asked to go on', () => {
    const turns = [user(text('a')), assistant(text('Once '))];
    expect((encode({ turns }).json['messages'] as JsonObject[])[1]).toEqual({
      role: 'assistant',
      content: [{ text: 'Once' }],
    });
    const { json } = encode({ turns }, { capabilities: { prefill: false } });
    expect(json['messages']).toHaveLength(3);
  });

  test('give the proof of reasoning back, and leave out what has none', () => {
    const reasoning = (signature: string | null, redacted: string | null): Part => ({
      kind: 'reasoning',
      text: 'hm',
      signature,
      redacted,
    });
    const parts = [reasoning('c2ln', null), reasoning(null, 'b3Bh'), reasoning(null, null), text('so')];
    const { json, adapted } = encode({ turns: [user(text('a')), assistant(...parts), user(text('b'))] });
    expect((json['messages'] as JsonObject[])[1]!['content']).toEqual([
      { reasoningContent: { reasoningText: { text: 'hm', signature: 'c2ln' } } },
      { reasoningContent: { redactedContent: 'b3Bh' } },
      { text: 'so' },
    ]);
    expect(adapted).toEqual(['messages[].reasoning_content']);
  });
});

test('the user speaks first where the assistant did', () => {
  const { json, adapted } = encode({ turns: [assistant(text('Hi!')), user(text('q'))] });
  expect((json['messages'] as { role: string }[]).map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'user',
  ]);
  expect(adapted).toEqual(['messages']);
});

describe('media', () => {
  const pdf = (name: string | null): Part => ({
    kind: 'document',
    source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
    name,
    cache: null,
  });
  const contentOf = (...parts: Part[]): JsonObject[] =>
    (encode({ turns: [user(...parts)] }).json['messages'] as { content: JsonObject[] }[])[0]!.content;

  test('names of documents are made to fit, the same each time, and each stands once', () => {
    const names = ['q3/re_port.pdf', 'q3/re_port.pdf', null, '  ', 'é'.repeat(300)].map((name) => pdf(name));
    const taken = contentOf(...names, text('compare')).map(
      (block) => (block['document'] as JsonObject)?.['name'],
    );
    expect(taken).toEqual([
      'q3-re-port-pdf',
      'q3-re-port-pdf (2)',
      'document',
      'document (2)',
      '-'.repeat(200),
      undefined,
    ]);
  });

  test('a document has a text beside it', () => {
    expect(contentOf(pdf('a')).at(-1)).toEqual({ text: 'The document is attached.' });
  });

  test('plain text is a file of its own kind', () => {
    const notes: Part = { kind: 'document', source: { kind: 'text', text: 'é' }, name: 'n', cache: null };
    expect(contentOf(notes, text('x'))[0]).toEqual({
      document: { format: 'txt', name: 'n', source: { bytes: 'w6k=' } },
    });
  });

  test.each<[string, Part]>([
    [
      'an address of an image',
      { kind: 'image', source: { kind: 'url', url: 'https://e.x/a' }, detail: null, cache: null },
    ],
    [
      'a picture of another type',
      {
        kind: 'image',
        source: { kind: 'base64', mediaType: 'image/tiff', data: 'AAAA' },
        detail: null,
        cache: null,
      },
    ],
    [
      'an address of a file',
      { kind: 'document', source: { kind: 'url', url: 'https://e.x/a' }, name: null, cache: null },
    ],
    [
      'a file of another type',
      {
        kind: 'document',
        source: { kind: 'base64', mediaType: 'application/zip', data: 'AAAA' },
        name: null,
        cache: null,
      },
    ],
    [
      'an address of a video',
      { kind: 'video', source: { kind: 'url', url: 'https://e.x/a', mediaType: null } },
    ],
    ['sound in a format it does not read', { kind: 'audio', format: 'amr', data: 'AAAA' }],
  ])('%s is refused by name', (_what, part) => {
    expect(() => encode({ turns: [user(part)] })).toThrow(
      expect.objectContaining({
        code: 'GW_CLIENT_UNSUPPORTED',
        param: expect.stringMatching(/^messages\[\]/) as string,
      }),
    );
  });

  test('sound and video go as they are to a model that takes them', () => {
    const video: Part = { kind: 'video', source: { kind: 'base64', mediaType: 'video/mp4', data: 'AAAA' } };
    expect(contentOf({ kind: 'audio', format: 'wav', data: 'AAAA' }, video)).toEqual([
      { audio: { format: 'wav', source: { bytes: 'AAAA' } } },
      { video: { format: 'mp4', source: { bytes: 'AAAA' } } },
    ]);
    expect(() =>
      encode(
        { turns: [user({ kind: 'audio', format: 'wav', data: 'AAAA' })] },
        { capabilities: { audio: false } },
      ),
    ).toThrow(/takes no audio/);
  });
});

describe('tools', () => {
  const history = [user(text('q')), assistant(call('x', 'old')), user(result('x', text('1')))];

  test('stand where the history has calls, though the request has none', () => {
    const { json, adapted } = encode({ turns: history });
    expect(json['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'old', inputSchema: { json: { type: 'object', properties: {} } } } }],
    });
    expect(adapted).toContain('tools');
  });

  test('none of them: they stay only where the history needs them, without a choice', () => {
    const none = { toolChoice: { kind: 'none' }, tools: [tool('old')] } as const;
    expect(encode({ ...none, tools: [tool('old')] }).json['toolConfig']).toBeUndefined();
    expect(encode({ ...none, tools: [tool('old')], turns: history }).json['toolConfig']).not.toHaveProperty(
      'toolChoice',
    );
  });

  test.each([
    [{ kind: 'auto' }, { auto: {} }],
    [{ kind: 'required' }, { any: {} }],
    [{ kind: 'tool', name: 'b' }, { tool: { name: 'b' } }],
    [{ kind: 'allowed', mode: 'required', names: ['b'] }, { any: {} }],
  ] as const)('%j', (toolChoice, expected) => {
    const choice = toolChoice as ChatRequest['toolChoice'];
    const { json } = encode({ tools: [tool('a'), tool('b')], toolChoice: choice });
    const config = json['toolConfig'] as JsonObject;
    expect(config['toolChoice']).toEqual(expected);
    expect(config['tools']).toHaveLength(toolChoice.kind === 'allowed' ? 1 : 2);
  });

  test('one at a time is a word of Claude’s own, and lost elsewhere', () => {
    const request: Partial<ChatRequest> = { tools: [tool('a')], parallelToolCalls: false };
    expect(encode({ ...request, toolChoice: { kind: 'tool', name: 'a' } }, CLAUDE).json).toMatchObject({
      additionalModelRequestFields: {
        tool_choice: { type: 'tool', name: 'a', disable_parallel_tool_use: true },
      },
    });
    expect(encode(request).dropped).toEqual(['parallel_tool_calls']);
  });

  test('names that it does not take are rewritten, and remembered', () => {
    const long = 'x'.repeat(80);
    const { json, tools } = encode({ tools: [tool('a.b'), tool(long)] });
    const names = (json['toolConfig'] as { tools: { toolSpec: { name: string } }[] }).tools.map(
      ({ toolSpec }) => toolSpec.name,
    );
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(names.map((name) => tools?.renamed[name])).toEqual(['a.b', long]);
  });

  test('have a schema of an object, and no empty description', () => {
    const { json } = encode({
      tools: [tool('a', { description: '', schema: null }), tool('b', { schema: { properties: {} } })],
    });
    expect(json['toolConfig']).toEqual({
      tools: [
        { toolSpec: { name: 'a', inputSchema: { json: { type: 'object', properties: {} } } } },
        { toolSpec: { name: 'b', inputSchema: { json: { type: 'object', properties: {} } } } },
      ],
    });
    expect(() => encode({ tools: [tool('c', { schema: { type: 'string' } })] })).toThrow(
      /describe no object/,
    );
  });

  test('an argument that is no object stays readable', () => {
    const turns = [user(text('q')), assistant(call('x', 'f', 'oops')), user(result('x', text('1')))];
    const { json, adapted } = encode({ turns, tools: [tool('f')] });
    expect(JSON.stringify(json)).toContain('"input":{"_raw":"oops"}');
    expect(adapted).toContain('messages[].tool_calls[].function.arguments');
  });
});

describe('structured output', () => {
  const responseFormat = {
    kind: 'json_schema',
    name: 'person',
    schema: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } },
    strict: null,
  } as const;

  test('is a schema in a text', () => {
    expect(encode({ responseFormat }).json['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { name: 'person', schema: JSON.stringify(responseFormat.schema) } },
      },
    });
  });

  test('is closed for Claude, and asked for in words of a model that cannot', () => {
    expect(encode({ responseFormat }, CLAUDE).body).toContain('additionalProperties\\":false');
    const { json } = encode({ responseFormat }, { capabilities: { jsonSchema: 'none' } });
    expect(json).not.toHaveProperty('outputConfig');
    expect(JSON.stringify(json['system'])).toContain('matches this JSON Schema');
    expect(JSON.stringify(encode({ responseFormat: { kind: 'json_object' } }).json['system'])).toContain(
      'JSON object',
    );
  });
});

describe('reasoning and sampling', () => {
  const effort = (level: string) => ({ reasoning: { effort: level, budgetTokens: null, adaptive: false } });

  test('each maker has a way of its own', () => {
    const fields = (model: string, maker: string) =>
      encode(effort('low'), { model, maker }).json['additionalModelRequestFields'];
    expect(fields('openai.gpt-oss-120b-1:0', 'openai')).toEqual({ reasoning_effort: 'low' });
    expect(fields('us.amazon.nova-2-lite-v1:0', 'bedrock')).toEqual({
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
    });
    expect(encode(effort('low')).json['outputConfig']).toEqual({ effort: 'low' });
    expect(
      encode(effort('none'), { model: 'amazon.nova-2-lite-v1:0' }).json['additionalModelRequestFields'],
    ).toEqual({
      reasoningConfig: { type: 'disabled' },
    });
    expect(() => encode(effort('lots'))).toThrow(/no effort 'lots'/);
  });

  test('Claude thinks by budget or by effort, with room for both', () => {
    expect(encode(effort('low'), CLAUDE).json).toMatchObject({
      inferenceConfig: { maxTokens: expect.any(Number) as number },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
    });
    const late = claude('global.anthropic.claude-opus-4-7-v1:0');
    expect(encode({ ...effort('max'), temperature: 0.5 }, late)).toMatchObject({
      json: {
        outputConfig: { effort: 'max' },
        additionalModelRequestFields: { thinking: { type: 'adaptive' } },
      },
      dropped: ['temperature'],
    });
  });

  test('thinking cannot be forced to a tool', () => {
    const { json, adapted } = encode(
      { ...effort('low'), tools: [tool('a')], toolChoice: { kind: 'required' } },
      CLAUDE,
    );
    expect((json['toolConfig'] as JsonObject)['toolChoice']).toEqual({ auto: {} });
    expect(adapted).toContain('tool_choice');
  });

  test('top_k is Claude’s, and nobody else’s; seeds and penalties are nobody’s', () => {
    expect(encode({ topK: 5 }, CLAUDE).json['additionalModelRequestFields']).toEqual({ top_k: 5 });
    const { dropped, adapted, tools } = encode({
      topK: 5,
      seed: 1,
      frequencyPenalty: 1,
      presencePenalty: 0,
      user: 'u',
      stop: [' '],
    });
    expect(dropped).toEqual(['top_k', 'seed', 'frequency_penalty', 'user']);
    // White space alone is refused as a stop sequence: the gateway looks for it.
    expect([adapted, tools?.stops]).toEqual([['stop'], [' ']]);
  });
});

describe('cache points', () => {
  const marked = (words: string, ttl: string | null = null): Part => ({
    kind: 'text',
    text: words,
    cache: { ttl },
  });

  test('stand behind what they mark, in the lifetimes there are', () => {
    const { json, adapted } = encode({
      system: [{ kind: 'text', text: 's', cache: { ttl: '1h' } }],
      turns: [user(marked('a'), marked('b', '30m'))],
      tools: [tool('t', { cache: { ttl: '5m' } })],
    });
    expect(json['system']).toEqual([{ text: 's' }, { cachePoint: { type: 'default', ttl: '1h' } }]);
    expect(json['messages']).toEqual([
      {
        role: 'user',
        content: [
          { text: 'a' },
          { cachePoint: { type: 'default' } },
          { text: 'b' },
          { cachePoint: { type: 'default', ttl: '1h' } },
        ],
      },
    ]);
    expect((json['toolConfig'] as { tools: unknown[] }).tools[1]).toEqual({
      cachePoint: { type: 'default', ttl: '5m' },
    });
    expect(adapted).toContain('messages[].content[].prompt_cache_breakpoint');
  });

  test('are four at most: those that pay stay', () => {
    const turns = [user(marked('a'), marked('b'), marked('c'), marked('d'), marked('e'))];
    const { body, dropped } = encode({ turns });
    expect(body.split('cachePoint')).toHaveLength(5);
    expect(body).toContain('{"text":"a"},{"text":"b"}');
    expect(dropped).toEqual(['messages[].content[].cache_control']);
  });

  test('are left out for a model that has none', () => {
    const { body, dropped } = encode(
      { turns: [user(marked('a'))] },
      { capabilities: { cacheMarks: 'none' } },
    );
    expect(body).not.toContain('cachePoint');
    expect(dropped).toEqual(['messages[].content[].cache_control']);
  });
});

test('log probabilities are refused: nobody has them there', () => {
  expect(() => encode({ logprobs: 0 })).toThrow(expect.objectContaining({ param: 'logprobs' }));
});
