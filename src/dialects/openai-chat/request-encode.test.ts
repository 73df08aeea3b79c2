import { describe, expect, test } from 'vitest';
import { rawNumber } from '../../body/lossless.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type { ChatRequest, Part, TextPart, ToolResultPart, Turn } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { encodeRequest } from './request-encode.ts';

const target: EncodeTarget = {
  model: 'gpt-x',
  provider: 'openai',
  capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};
/** A model of a provider that the table knows. */
const at = (vendor: string, model = 'm'): EncodeTarget => ({
  ...target,
  model,
  provider: vendor,
  legacyMaxTokens: vendor !== 'openai',
  capabilities: capabilitiesOf({ vendor, dialect: 'openai-chat', model }),
});
const legacy: EncodeTarget = { ...target, provider: 'local', legacyMaxTokens: true };

const text = (said: string, ttl?: string | null): TextPart => ({
  kind: 'text',
  text: said,
  cache: ttl === undefined ? null : { ttl },
});
const turn = (role: Turn['role'], ...parts: Part[]): Turn => ({ role, parts, name: null });
const toolCall = (id: string, name: string, told: string): Part => ({
  kind: 'tool_call',
  id,
  name,
  arguments: told,
  cache: null,
});
const toolResult = (callId: string, content: Part[], more: Partial<ToolResultPart> = {}): Part => ({
  kind: 'tool_result',
  callId,
  content,
  isError: false,
  cache: null,
  ...more,
});
const image: Part = {
  kind: 'image',
  source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' },
  detail: null,
  cache: null,
};
const reasoning = (told: string, signature: string | null = null, redacted: string | null = null): Part => ({
  kind: 'reasoning',
  text: told,
  signature,
  redacted,
});

const request = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'asked',
  system: [],
  turns: [turn('user', text('hi'))],
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
  stream: false,
  includeUsage: false,
  dropped: [],
  mustNotDrop: [],
  ...more,
});

const encode = (more: Partial<ChatRequest>, to: EncodeTarget = target) => {
  const encoded = encodeRequest(request(more), to);
  return { ...encoded, json: JSON.parse(encoded.body) };
};
const messages = (turns: Turn[], to: EncodeTarget = target) => encode({ turns }, to).json.messages;

function refusal(more: Partial<ChatRequest>, to: EncodeTarget = target): GatewayError {
  try {
    encodeRequest(request(more), to);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('encoding messages', () => {
  test('the least request has nothing the client did not say', () => {
    expect(encode({}).body).toBe('{"model":"gpt-x","messages":[{"role":"user","content":"hi"}]}');
  });

  test('system prompt first, system turns in place', () => {
    expect(
      encode({ system: [text('a'), text('b')], turns: [turn('user', text('hi')), turn('system', text('c'))] })
        .json.messages,
    ).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'c' },
    ]);
    expect(encode({ system: [text('a')] }).json.messages[0]).toEqual({ role: 'system', content: 'a' });
  });

  test('images, audio and files become content parts', () => {
    const pdf: Part = {
      kind: 'document',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'aGk=' },
      name: null,
      cache: null,
    };
    const url: Part = {
      kind: 'image',
      source: { kind: 'url', url: 'https://x.test/a' },
      detail: 'high',
      cache: null,
    };
    expect(
      messages([turn('user', text(''), image, url, pdf, { kind: 'audio', format: 'mp3', data: 'aGk=' })]),
    ).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: '' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          { type: 'image_url', image_url: { url: 'https://x.test/a', detail: 'high' } },
          { type: 'file', file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,aGk=' } },
          { type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } },
        ],
      },
    ]);
  });

  test('a text document is told as text, a document by address is refused', () => {
    const document = (source: Part & { kind: 'document' } extends { source: infer S } ? S : never): Part => ({
      kind: 'document',
      source,
      name: 'notes',
      cache: null,
    });
    const { json, adapted } = encode({ turns: [turn('user', document({ kind: 'text', text: 'x' }))] });
    expect(json.messages[0].content).toBe('notes\n\nx');
    expect(adapted).toEqual(['messages[0].content[0]']);
    const error = refusal({ turns: [turn('user', document({ kind: 'url', url: 'https://x.test' }))] });
    expect([error.code, error.param]).toEqual(['GW_CLIENT_UNSUPPORTED', 'messages[0].content[0]']);
  });

  test('calls keep ids and arguments byte for byte; results follow at once, other words after them', () => {
    const told = '{"n": 12345678901234567890, "x": 1.0';
    const list = messages([
      turn('assistant', text('let me see'), toolCall('a', 'f', told), toolCall('b', 'g', '')),
      turn('user', toolResult('a', [text('')]), toolResult('b', [text('x'), text('y')]), text('go on')),
    ]);
    expect(list).toEqual([
      {
        role: 'assistant',
        content: 'let me see',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: told } },
          { id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '' },
      {
        role: 'tool',
        tool_call_id: 'b',
        content: [
          { type: 'text', text: 'x' },
          { type: 'text', text: 'y' },
        ],
      },
      { role: 'user', content: 'go on' },
    ]);
    const answered = [turn('assistant', toolCall('a', 'f', '{}')), turn('user', toolResult('a', []))];
    expect(messages(answered)[0].content).toBe(null);
  });

  test('calls and results that came in several messages are one step, as Anthropic reads them', () => {
    const list = messages([
      turn('assistant', text('one'), toolCall('a', 'f', '{}')),
      turn('assistant', toolCall('b', 'f', '{}')),
      turn('user', toolResult('a', [text('1')]), text('and')),
      turn('user', toolResult('b', [text('2')])),
    ]);
    expect(list.map(({ role }: { role: string }) => role)).toEqual(['assistant', 'tool', 'tool', 'user']);
    expect(list[0].tool_calls.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
    expect(list[3].content).toBe('and');
  });

  test('a call without its result is refused by its id, before the provider would', () => {
    const turns = [
      turn('assistant', toolCall('a', 'f', '{}'), toolCall('b', 'f', '{}')),
      turn('user', toolResult('a', [])),
    ];
    expect(() => messages(turns)).toThrow("The tool call 'b' has no result");
  });

  test('an image in a tool result moves into the user message behind it', () => {
    const { json, adapted } = encode({
      turns: [
        turn('assistant', toolCall('a', 'f', '{}'), toolCall('b', 'f', '{}')),
        turn('user', toolResult('a', [text('shot:'), image]), toolResult('b', [text('ok')]), text('go on')),
      ],
    });
    const [, first, second, third, ...rest] = json.messages;
    expect(first.content[0]).toEqual({ type: 'text', text: 'shot:' });
    expect(first.content[1].text).toContain('see the next user message');
    expect(second).toEqual({ role: 'tool', tool_call_id: 'b', content: 'ok' });
    expect(third.role).toBe('user');
    expect(third.content[0].text).toContain('tool call a');
    expect(third.content[1]).toEqual({ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } });
    expect(third.content[2]).toEqual({ type: 'text', text: 'go on' });
    expect(rest).toEqual([]);
    expect(adapted).toEqual(['messages[1].content[0].content[1]']);
  });

  test('a failed tool says so in its text', () => {
    const { json, adapted } = encode({
      turns: [
        turn('assistant', toolCall('a', 'f', '{}'), toolCall('b', 'f', '{}')),
        turn(
          'user',
          toolResult('a', [text('no such file')], { isError: true }),
          toolResult('b', [], { isError: true }),
        ),
      ],
    });
    expect(json.messages.slice(1).map((message: { content: string }) => message.content)).toEqual([
      'Error: no such file',
      'Error',
    ]);
    expect(adapted).toEqual(['messages[1].content[0].is_error', 'messages[1].content[1].is_error']);
  });

  test('cache marks become what the model takes: a breakpoint, a mark of the same kind, or nothing, and then named', () => {
    const turns = [turn('user', text('a', null), text('b', '1h'))];
    const { json, adapted } = encode({ turns }, at('openai', 'gpt-5.6-sol'));
    expect(json.messages[0].content).toEqual([
      { type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'text', text: 'b', prompt_cache_breakpoint: { mode: 'explicit' } },
    ]);
    expect(adapted).toEqual(['messages[0].content[1].cache_control']);
    expect(messages(turns, at('openrouter'))[0].content).toEqual([
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ]);
    for (const other of [at('openai', 'gpt-4.1'), at('openai', 'gpt-5.5'), at('groq'), legacy]) {
      const plain = encode({ turns: [turn('user', text('a', null))] }, other);
      expect(plain.json.messages[0].content).toBe('a');
      expect(plain.dropped).toEqual(['messages[0].content[0].cache_control']);
    }
  });
});

describe('replaying reasoning', () => {
  const turns = [turn('assistant', reasoning('hm', 'sig'), reasoning('', null, 'opaque'), text('a'))];
  const details = [
    { type: 'reasoning.text', text: 'hm', signature: 'sig', index: 0 },
    { type: 'reasoning.encrypted', data: 'opaque', index: 1 },
  ];

  test('goes back where it is wanted, in the field the provider reads', () => {
    expect(messages(turns, at('deepseek'))[0]).toEqual({
      role: 'assistant',
      content: 'a',
      reasoning_content: 'hm',
      reasoning_details: details,
    });
    expect(messages(turns, at('openrouter'))[0]).toEqual({
      role: 'assistant',
      content: 'a',
      reasoning: 'hm',
      reasoning_details: details,
    });
    expect(messages(turns, at('cerebras'))[0]).toEqual({
      role: 'assistant',
      content: 'a',
      reasoning: 'hm',
    });
  });

  test('is left out, and said so, where an unknown field is refused', () => {
    const { json, adapted } = encode({ turns }, at('openai'));
    expect(json.messages[0]).toEqual({ role: 'assistant', content: 'a' });
    expect(adapted).toEqual(['messages[0].content[0]', 'messages[0].content[1]']);
  });
});

describe('encoding settings', () => {
  test('numbers print as written, zero included', () => {
    const { body } = encode({
      maxTokens: 0,
      temperature: rawNumber('1.0'),
      topP: 0,
      seed: rawNumber('12345678901234567890'),
    });
    expect(body).toContain(
      '"max_completion_tokens":0,"temperature":1.0,"top_p":0,"seed":12345678901234567890',
    );
  });

  test('older servers get max_tokens', () => {
    const { json } = encode({ maxTokens: 5 }, legacy);
    expect([json.max_tokens, json.max_completion_tokens]).toEqual([5, undefined]);
  });

  test('a model that takes no sampling gets none; what is lost is named, what only repeats a default is not', () => {
    for (const model of ['o3', 'gpt-5', 'gpt-5.2', 'gpt-5.6-luna', 'gpt-6-sol']) {
      const { json, dropped } = encode(
        { temperature: 0, topP: 1, topK: 5, seed: 1, frequencyPenalty: 0, presencePenalty: 0.5 },
        at('openai', model),
      );
      expect(Object.keys(json)).toEqual(['model', 'messages', 'seed']);
      expect(dropped).toEqual(['temperature', 'presence_penalty', 'top_k']);
    }
  });

  test('a model that samples only without reasoning does so beside the effort none', () => {
    const asked = { temperature: 0.5, reasoning: { effort: 'none', budgetTokens: null, adaptive: false } };
    expect(encode(asked, at('openai', 'gpt-5.2')).json).toMatchObject({
      temperature: 0.5,
      reasoning_effort: 'none',
    });
    const { json, adapted } = encode(asked, at('openai', 'gpt-5'));
    expect(json).not.toHaveProperty('temperature');
    expect(json.reasoning_effort).toBe('minimal');
    expect(adapted).toEqual(['reasoning_effort']);
  });

  test('the limit goes out under the name the model takes, and no higher than it may', () => {
    expect(encode({ maxTokens: 9 }, at('mistral')).json.max_tokens).toBe(9);
    expect(encode({ maxTokens: 9 }, at('openai', 'o3')).json.max_completion_tokens).toBe(9);
    const { json, adapted } = encode({ maxTokens: 32_000 }, at('openai', 'gpt-4o'));
    expect(json.max_completion_tokens).toBe(16_384);
    expect(adapted).toEqual(['max_tokens']);
  });

  test('stop sequences are not sent to a model that refuses them: the gateway looks for them', () => {
    for (const model of ['o3', 'o4-mini', 'gpt-5', 'gpt-5.4']) {
      const strict = { ...at('openai', model), strict: true };
      const { json, tools, dropped, adapted } = encode({ stop: ['END'] }, strict);
      expect(json).not.toHaveProperty('stop');
      expect([tools?.stops, dropped, adapted]).toEqual([['END'], [], ['stop_sequences']]);
    }
    expect(encode({ stop: ['END'] }, at('openai', 'gpt-4.1')).json.stop).toEqual(['END']);
  });

  test('members that a provider refuses are left out, those it calls otherwise renamed', () => {
    const asked = { seed: 7, user: 'u', stream: true, frequencyPenalty: 1 };
    const mistral = encode(asked, at('mistral', 'mistral-large'));
    expect(mistral.json).toMatchObject({ random_seed: 7, frequency_penalty: 1 });
    for (const gone of ['seed', 'user', 'stream_options']) expect(mistral.json).not.toHaveProperty(gone);
    expect(mistral.dropped).toEqual(['metadata.user_id']);
    const grok = encode(asked, at('xai', 'grok-4'));
    expect(grok.json).not.toHaveProperty('frequency_penalty');
    expect(grok.dropped).toEqual(['frequency_penalty']);
  });

  test('a JSON schema is asked in words of a model that has no such format', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const responseFormat = { kind: 'json_schema', name: 'r', schema, strict: null } as const;
    const { json, adapted } = encode({ turns: [turn('user', text('q'))], responseFormat }, at('deepseek'));
    expect(json.response_format).toEqual({ type: 'json_object' });
    expect(json.messages[0]).toMatchObject({ role: 'system' });
    expect(json.messages[0].content).toContain(JSON.stringify(schema));
    expect(adapted).toEqual(['output_config.format']);
  });

  describe('an effort', () => {
    const thinking = (budgetTokens: number | null, effort: string | null = null) => ({
      reasoning: { effort, budgetTokens, adaptive: budgetTokens === null },
    });
    const tools = [{ name: 'w', description: null, schema: {}, strict: null, cache: null }];

    test.each(['gpt-4o', 'gpt-4.1-mini', 'chatgpt-4o-latest', 'gpt-5-chat-latest', 'gpt-3.5-turbo'])(
      'is not sent to %s, which has no reasoning',
      (model) => {
        const budget = encode(thinking(2000), at('openai', model));
        expect(budget.json).not.toHaveProperty('reasoning_effort');
        expect(budget.dropped).toEqual(['thinking']);
        expect(encode(thinking(null, 'high'), at('openai', model)).dropped).toEqual([
          'thinking',
          'output_config.effort',
        ]);
        // Switched off it says nothing at all.
        const off = encode(
          { reasoning: { effort: 'none', budgetTokens: null, adaptive: false } },
          { ...at('openai', model), strict: true },
        );
        expect(off.json).not.toHaveProperty('reasoning_effort');
      },
    );

    test.each([
      ['o3', 'xhigh', 'high'],
      ['gpt-5', 'max', 'high'],
      ['gpt-5', 'none', 'minimal'],
      ['gpt-5.1', 'minimal', 'low'],
      ['gpt-5.4', 'max', 'xhigh'],
      ['gpt-5.6-sol', 'max', 'max'],
      ['gpt-6-astra', 'none', 'low'],
    ])('of %s asked for %s is %s', (model, asked, sent) => {
      const { json, adapted } = encode(
        { reasoning: { effort: asked, budgetTokens: null, adaptive: false } },
        at('openai', model),
      );
      expect(json.reasoning_effort).toBe(sent);
      expect(adapted).toEqual(asked === sent ? [] : ['reasoning_effort']);
    });

    test('beside tools is left out where the model takes none, and none is said where it must be', () => {
      expect(
        encode({ ...thinking(null, 'high'), tools }, at('openai', 'gpt-5.2')).json.reasoning_effort,
      ).toBe('high');
      const left = encode({ ...thinking(null, 'high'), tools }, at('openai', 'gpt-5.4'));
      expect(left.json).not.toHaveProperty('reasoning_effort');
      expect(left.dropped).toEqual(['thinking', 'output_config.effort']);
      const said = encode({ ...thinking(null, 'high'), tools }, at('openai', 'gpt-5.6-sol'));
      expect(said.json.reasoning_effort).toBe('none');
      expect(said.dropped).toEqual(['thinking', 'output_config.effort']);
      const unasked = encode({ tools }, at('openai', 'gpt-6-luna'));
      expect(unasked.json.reasoning_effort).toBe('none');
      expect(unasked.adapted).toEqual(['reasoning_effort']);
    });

    test('tools are refused by name where only Responses takes them', () => {
      expect(refusal({ tools }, at('openai', 'gpt-6-astra')).param).toBe('tools');
    });
  });

  test('stop sequences beyond what OpenAI takes are the gateway’s to find, up to a bound', () => {
    const stop = ['a', 'b', 'c', 'd', 'e'];
    const { json, tools, adapted } = encode({ stop });
    expect([json.stop, tools?.stops, adapted]).toEqual([stop.slice(0, 4), ['e'], ['stop_sequences']]);
    expect(encode({ stop }, legacy).json.stop).toEqual(stop);
    const many = Array.from({ length: 69 }, (_, at) => `s${at}`);
    expect(refusal({ stop: many }).param).toBe('stop_sequences');
    expect(encode({ stop: many.slice(1) }).tools?.stops).toHaveLength(64);
    expect(refusal({ stop: [...stop.slice(1), 'x'.repeat(16_385)] }).param).toBe('stop_sequences');
  });

  test('tools, schema with empty objects and odd numbers included', () => {
    const schema = { type: 'object', properties: {}, default: rawNumber('1.50'), x: false, y: '' };
    const tools = [
      { name: 'f', description: '', schema, strict: false, cache: null },
      { name: 'g', description: null, schema: null, strict: null, cache: null },
    ];
    const { body, json } = encode({
      tools,
      toolChoice: { kind: 'tool', name: 'f' },
      parallelToolCalls: false,
    });
    expect(body).toContain(
      '"parameters":{"type":"object","properties":{},"default":1.50,"x":false,"y":""},"strict":false',
    );
    expect(json.tools[1]).toEqual({ type: 'function', function: { name: 'g' } });
    expect(json.tool_choice).toEqual({ type: 'function', function: { name: 'f' } });
    expect(json.parallel_tool_calls).toBe(false);
  });

  test('allowed tools are named to OpenAI and filtered for others', () => {
    const tool = (name: string) => ({ name, description: null, schema: null, strict: null, cache: null });
    const asked: Partial<ChatRequest> = {
      tools: [tool('f'), tool('g')],
      toolChoice: { kind: 'allowed', mode: 'required', names: ['g'] },
    };
    expect(encode(asked).json.tool_choice.allowed_tools).toEqual({
      mode: 'required',
      tools: [{ type: 'function', function: { name: 'g' } }],
    });
    const filtered = encode(asked, legacy);
    expect(filtered.json.tools).toHaveLength(1);
    expect(filtered.json.tool_choice).toBe('required');
    expect(filtered.adapted).toEqual(['tool_choice']);
  });

  test('tool settings without tools are left out: OpenAI refuses them', () => {
    const { json, dropped } = encode({ toolChoice: { kind: 'auto' }, parallelToolCalls: true });
    expect(Object.keys(json)).toEqual(['model', 'messages']);
    expect(dropped).toEqual([]);
  });

  test.each([
    [1024, 'low'],
    [4000, 'low'],
    [5000, 'medium'],
    [16000, 'medium'],
    [17000, 'high'],
    [100000, 'high'],
  ])('a budget of %i tokens is effort %s', (budgetTokens, effort) => {
    const { json, adapted } = encode({ reasoning: { effort: null, budgetTokens, adaptive: false } });
    expect(json.reasoning_effort).toBe(effort);
    expect(adapted).toEqual(['thinking']);
  });

  test('effort is kept at OpenAI and lowered to what others know', () => {
    const asked = { reasoning: { effort: 'max', budgetTokens: null, adaptive: false } };
    expect(encode(asked).json.reasoning_effort).toBe('max');
    expect(encode(asked, legacy)).toMatchObject({
      json: { reasoning_effort: 'high' },
      adapted: ['reasoning_effort'],
    });
  });

  test('response formats', () => {
    expect(encode({ responseFormat: { kind: 'json_object' } }).json.response_format).toEqual({
      type: 'json_object',
    });
    const schema = { type: 'object' };
    expect(
      encode({ responseFormat: { kind: 'json_schema', name: 'n', schema, strict: null } }).json
        .response_format,
    ).toEqual({ type: 'json_schema', json_schema: { name: 'n', schema } });
  });

  test('a stream asks for usage where the upstream knows how', () => {
    expect(encode({ stream: true }).json).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(encode({ stream: true }, { ...target, streamUsage: false }).json.stream_options).toBe(undefined);
  });

  test('a user id longer than OpenAI takes is shortened, always to the same', () => {
    const long = 'user_'.repeat(30);
    const { json, adapted } = encode({ user: long });
    expect(json.user).toMatch(/^[0-9a-f]{64}$/);
    expect(encode({ user: long }).json.user).toBe(json.user);
    expect(adapted).toEqual(['metadata.user_id']);
    expect(encode({ user: 'u' }).json.user).toBe('u');
  });

  test('losses of the decoder are reported; what must not be lost is refused', () => {
    expect(encode({ dropped: ['container'], adapted: ['x'] })).toMatchObject({
      dropped: ['container'],
      adapted: ['x'],
    });
    expect(refusal({ mustNotDrop: ['mcp_servers'] })).toMatchObject({
      code: 'GW_CLIENT_UNSUPPORTED',
      param: 'mcp_servers',
    });
  });

  test('under strict every drop is refused by its path, and what is only adapted passes', () => {
    const strict = { ...target, strict: true };
    expect(refusal({ dropped: ['container'] }, strict).param).toBe('container');
    expect(refusal({ topK: 5 }, strict).param).toBe('top_k');
    const reasoning = { effort: null, budgetTokens: 2000, adaptive: false };
    expect(encode({ reasoning }, strict).adapted).toEqual(['thinking']);
    expect(encode({ temperature: 0 }, strict).json.temperature).toBe(0);
  });
});
