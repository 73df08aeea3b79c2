import { describe, expect, it } from 'vitest';
import { rawNumber } from '../../body/lossless.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type { ChatRequest, Part, Turn } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { encodeRequest } from './request-encode.ts';

const TARGET: EncodeTarget = {
  model: 'claude-x',
  provider: 'anthropic',
  capabilities: UNKNOWN_CAPABILITIES.anthropic,
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};

/** Claude 4.7 and later. */
const NEWER = {
  capabilities: capabilitiesOf({ vendor: 'anthropic', dialect: 'anthropic', model: 'claude-opus-4-7' }),
};
const of = (model: string) => ({
  capabilities: capabilitiesOf({ vendor: 'anthropic', dialect: 'anthropic', model }),
});

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
  stream: false,
  includeUsage: false,
  dropped: [],
  mustNotDrop: [],
};

const text = (value: string): Part => ({ kind: 'text', text: value, cache: null });
const call = (id: string, args = '{}'): Part => ({
  kind: 'tool_call',
  id,
  name: 'f',
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
const reasoning = (value: string, signature: string | null, redacted: string | null = null): Part => ({
  kind: 'reasoning',
  text: value,
  signature,
  redacted,
});
const turn = (role: Turn['role'], ...parts: Part[]): Turn => ({ role, parts, name: null });
const tool = { name: 'f', description: null, schema: null, strict: null, cache: null };

function encode(extra: Partial<ChatRequest>, target: Partial<EncodeTarget> = {}) {
  const request = { ...EMPTY, turns: [turn('user', text('hi'))], ...extra };
  const { body, tools, dropped, adapted } = encodeRequest(request, { ...TARGET, ...target });
  return { body: JSON.parse(body), text: body, tools, dropped, adapted };
}

function refusal(extra: Partial<ChatRequest>, target: Partial<EncodeTarget> = {}): GatewayError {
  try {
    encode(extra, target);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('encodeRequest', () => {
  it('says a refusal of the history as text, and names it', () => {
    const { body, adapted } = encode({
      turns: [
        turn('user', text('hi')),
        turn('assistant', { kind: 'refusal', text: 'no' }),
        turn('user', text('why')),
      ],
    });
    expect(body.messages[1]).toEqual({ role: 'assistant', content: 'no' });
    expect(adapted).toEqual(['messages[].refusal']);
  });

  it('names JPEG as the vendor does, whatever the client called it', () => {
    const source = { kind: 'base64', mediaType: 'image/jpg', data: 'aGk=' } as const;
    const { body, adapted } = encode({
      turns: [turn('user', { kind: 'image', source, detail: null, cache: null })],
    });
    expect(body.messages[0].content[0].source.media_type).toBe('image/jpeg');
    expect(adapted).toEqual(['messages[].content[].image_url.url']);
  });

  it('writes a plain request in one fixed order', () => {
    const {
      text: body,
      dropped,
      adapted,
    } = encode({ system: [text('sys') as never], stream: true, stop: ['x'] });
    expect(body).toBe(
      '{"model":"claude-x","max_tokens":4096,"system":"sys","messages":[{"role":"user","content":"hi"}],"stop_sequences":["x"],"stream":true}',
    );
    expect([dropped, adapted]).toEqual([[], []]);
  });

  it('lets the user speak first where the assistant did', () => {
    const { body, adapted } = encode({ turns: [turn('assistant', text('Hi!')), turn('user', text('q'))] });
    expect(body.messages.map((one: { role: string }) => one.role)).toEqual(['user', 'assistant', 'user']);
    expect(adapted).toEqual(['messages']);
  });

  it('leaves stop sequences of white space, which Anthropic refuses, to the gateway, and says so', () => {
    const { body, tools, dropped, adapted } = encode({ stop: ['\n', 'END', '', ' '] });
    expect(body.stop_sequences).toEqual(['END']);
    expect([tools?.stops, adapted, dropped]).toEqual([['\n', ' '], ['stop'], ['stop']]);
  });

  it('merges neighbours of one role, and all results of a turn stand first in one user message', () => {
    const { body } = encode({
      turns: [
        turn('user', text('a')),
        turn('user', text('b')),
        turn('assistant', text('c'), call('1'), call('2')),
        turn('user', result('1', text('r1'))),
        turn('user', text('more'), result('2', text(''))),
      ],
    });
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'c' },
          { type: 'tool_use', id: '1', name: 'f', input: {} },
          { type: 'tool_use', id: '2', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: '1', content: 'r1' },
          { type: 'tool_result', tool_use_id: '2', content: '' },
          { type: 'text', text: 'more' },
        ],
      },
    ]);
  });

  it('refuses a result without its call and a call without its result, naming the id', () => {
    const lone = refusal({ turns: [turn('user', result('lost-1'))] });
    expect(lone).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED', param: 'messages' });
    expect(lone.publicMessage).toContain("'lost-1'");
    const open = refusal({ turns: [turn('user', text('x')), turn('assistant', call('open-1'))] });
    expect(open.publicMessage).toContain("'open-1'");
    const half = [turn('assistant', call('1'), call('2')), turn('user', result('1'))];
    expect(refusal({ turns: half }).publicMessage).toContain("'2'");
  });

  it('removes empty texts, and messages that hold nothing else', () => {
    const { body, adapted } = encode({
      system: [text('') as never],
      turns: [
        turn('user', text('a'), text('')),
        turn('assistant', text('')),
        turn('user', text(' \n'), text('b')),
      ],
    });
    expect(body.system).toBeUndefined();
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ]);
    expect(adapted).toEqual(['messages[].content']);
  });

  it('makes the system prompt the question when there is no other, and refuses silence', () => {
    const { body, adapted } = encode({ system: [text('tell me') as never], turns: [] });
    expect(body.messages).toEqual([{ role: 'user', content: 'tell me' }]);
    expect(adapted).toEqual(['messages']);
    expect(refusal({ turns: [turn('user', text(''))] })).toMatchObject({
      code: 'GW_CLIENT_BAD_REQUEST',
      param: 'messages',
    });
  });

  it('wraps a system message inside the conversation as marked user text', () => {
    const { body, adapted } = encode({
      turns: [turn('user', text('a')), turn('assistant', text('b')), turn('system', text('now French'))],
    });
    expect(body.messages.at(-1)).toEqual({ role: 'user', content: '<system>now French</system>' });
    expect(adapted).toEqual(['messages[].role']);
  });

  it.each([
    ['{"id":12345678901234567890,"f":1.0,"e":{},"z":0,"s":"","b":false}', null],
    ['', '{}'],
    [' ', '{}'],
    ['{"a":', '{"_raw":"{\\"a\\":"}'],
    ['[1]', '{"_raw":"[1]"}'],
    ['"x"', '{"_raw":"\\"x\\""}'],
  ])('writes the arguments %j as an object', (args, expected) => {
    const turns = [turn('assistant', call('1', args)), turn('user', result('1'))];
    const { text: body, adapted } = encode({ turns });
    expect(body).toContain(`"input":${expected ?? args}}`);
    expect(adapted.includes('messages[].tool_calls[].function.arguments')).toBe(
      expected?.includes('_raw') === true,
    );
  });

  it('writes foreign tool ids and names alike in call, result, definition and choice', () => {
    const odd: Part = { kind: 'tool_call', id: 'a.1:é', name: 'fs.read', arguments: '', cache: null };
    const { body, adapted } = encode({
      turns: [turn('user', text('q')), turn('assistant', odd), turn('user', result('a.1:é'))],
      tools: [{ ...tool, name: 'fs.read' }],
      toolChoice: { kind: 'tool', name: 'fs.read' },
    });
    const [use] = body.messages[1].content;
    expect(use.id).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(body.messages[2].content[0].tool_use_id).toBe(use.id);
    expect(use.name).toBe('fs_x2e_read');
    expect(body.tools[0].name).toBe(use.name);
    expect(body.tool_choice.name).toBe(use.name);
    expect(adapted).toContain('tools[].function.name');
  });

  it('returns signed and redacted thinking in its place and leaves unsigned out', () => {
    const { body, adapted } = encode({
      turns: [
        turn('user', text('q')),
        turn(
          'assistant',
          reasoning('no proof', null),
          reasoning('', 's1'),
          reasoning('', null, 'opaque'),
          text('t'),
          call('1'),
        ),
        turn('user', result('1', text('r'))),
      ],
    });
    expect(body.messages[1].content).toEqual([
      { type: 'thinking', thinking: '', signature: 's1' },
      { type: 'redacted_thinking', data: 'opaque' },
      { type: 'text', text: 't' },
      { type: 'tool_use', id: '1', name: 'f', input: {} },
    ]);
    expect(adapted).toEqual(['messages[].reasoning_content']);
  });

  it('writes images, documents and tool results that hold them', () => {
    const image: Part = {
      kind: 'image',
      source: { kind: 'url', url: 'https://i' },
      detail: 'low',
      cache: null,
    };
    const file = (mediaType: string, data: string): Part => ({
      kind: 'document',
      source: { kind: 'base64', mediaType, data },
      name: 'n',
      cache: null,
    });
    const { body, dropped, adapted } = encode({
      turns: [
        turn('user', text('q')),
        turn('assistant', call('1')),
        turn(
          'user',
          result('1', text('see'), image),
          file('application/pdf', 'QQ=='),
          file('text/markdown', 'QQ=='),
        ),
      ],
    });
    expect(body.messages[2].content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: '1',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image', source: { type: 'url', url: 'https://i' } },
        ],
      },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'QQ==' },
        title: 'n',
      },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'A' }, title: 'n' },
    ]);
    expect(dropped).toEqual(['messages[].content[].image_url.detail']);
    expect(adapted).toEqual(['messages[].content[].file']);
    expect(refusal({ turns: [turn('user', file('application/zip', ''))] }).param).toBe(
      'messages[].content[].file',
    );
    const audio: Part = { kind: 'audio', format: 'wav', data: '' };
    expect(refusal({ turns: [turn('user', audio)] })).toMatchObject({
      code: 'GW_CLIENT_UNSUPPORTED',
      param: 'messages[].content[].input_audio',
    });
  });

  it.each([
    [null, { type: 'ephemeral' }, []],
    ['5m', { type: 'ephemeral', ttl: '5m' }, []],
    ['1h', { type: 'ephemeral', ttl: '1h' }, []],
    ['30m', { type: 'ephemeral', ttl: '1h' }, ['messages[].content[].prompt_cache_breakpoint']],
    ['12h', { type: 'ephemeral', ttl: '1h' }, ['messages[].content[].prompt_cache_breakpoint']],
  ])('writes a cache mark of ttl %s as %j', (ttl, mark, wanted) => {
    const marked: Part = { kind: 'text', text: 'a', cache: { ttl } };
    const { body, adapted } = encode({ turns: [turn('user', marked)], system: [marked as never] });
    expect(body.messages[0].content[0].cache_control).toEqual(mark);
    expect(body.system[0].cache_control).toEqual(mark);
    expect(adapted).toEqual(wanted);
  });

  it.each([
    [{ kind: 'auto' }, null, { type: 'auto' }],
    [{ kind: 'none' }, false, { type: 'none' }],
    [{ kind: 'required' }, false, { type: 'any', disable_parallel_tool_use: true }],
    [{ kind: 'tool', name: 'f' }, true, { type: 'tool', name: 'f' }],
    [{ kind: 'allowed', mode: 'required', names: ['g'] }, null, { type: 'any' }],
    [null, false, { type: 'auto', disable_parallel_tool_use: true }],
    [null, true, undefined],
  ] as const)('writes the choice %j, parallel %s, as %j', (toolChoice, parallelToolCalls, expected) => {
    const { body } = encode({
      toolChoice: toolChoice as ChatRequest['toolChoice'],
      parallelToolCalls,
      tools: [tool, { ...tool, name: 'g' }],
    });
    expect(body.tool_choice).toEqual(expected);
    const names = body.tools.map((one: { name: string }) => one.name);
    expect(names).toEqual(toolChoice?.kind === 'allowed' ? ['g'] : ['f', 'g']);
  });

  it('says nothing about tools when there are none', () => {
    for (const kind of ['auto', 'none'] as const) {
      const { body } = encode({ toolChoice: { kind }, parallelToolCalls: false });
      expect([body.tools, body.tool_choice]).toEqual([undefined, undefined]);
    }
  });

  it('gives every tool an object schema and keeps what the client wrote', () => {
    const schema = { type: 'object', properties: {}, default: 0, x: '' };
    const { body, adapted } = encode({
      tools: [
        tool,
        { ...tool, schema },
        { ...tool, schema: { properties: { a: {} } }, description: '', strict: false, cache: { ttl: null } },
      ],
    });
    expect(body.tools).toEqual([
      { name: 'f', input_schema: { type: 'object', properties: {} } },
      { name: 'f', input_schema: schema },
      {
        name: 'f',
        description: '',
        input_schema: { type: 'object', properties: { a: {} } },
        strict: false,
        cache_control: { type: 'ephemeral' },
      },
    ]);
    expect(adapted).toEqual(['tools[].function.parameters']);
  });

  it('asks for a JSON schema with every object closed, and for plain JSON in words', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'object', properties: {} } },
        b: { $ref: '#/$defs/n' },
      },
      $defs: { n: { type: ['object', 'null'], additionalProperties: true } },
    };
    const withSchema = encode({ responseFormat: { kind: 'json_schema', name: 'n', schema, strict: true } });
    expect(withSchema.body.output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            a: { type: 'array', items: { type: 'object', properties: {}, additionalProperties: false } },
            b: { $ref: '#/$defs/n' },
          },
          $defs: { n: { type: ['object', 'null'], additionalProperties: false } },
          additionalProperties: false,
        },
      },
    });
    expect(withSchema.adapted).toEqual(['response_format.json_schema.schema']);
    const closed = { type: 'object', additionalProperties: false };
    const asIs = encode({ responseFormat: { kind: 'json_schema', name: 'n', schema: closed, strict: null } });
    expect(asIs.adapted).toEqual([]);
    const plain = encode({ responseFormat: { kind: 'json_object' }, system: [text('s') as never] });
    expect(plain.body.system).toMatchObject([{ text: 's' }, { text: expect.stringContaining('JSON') }]);
    expect(plain.adapted).toEqual(['response_format']);
  });

  it('keeps zeros, drops what Claude has not, and caps the temperature', () => {
    const {
      text: body,
      dropped,
      adapted,
    } = encode({
      maxTokens: 0,
      temperature: 0,
      topP: rawNumber('0.50'),
      topK: 0,
      seed: 0,
      frequencyPenalty: rawNumber('0.0'),
      presencePenalty: 0.5,
      user: '',
      dropped: ['logit_bias'],
    });
    expect(body).toContain('"temperature":0,"top_p":0.50,"top_k":0,"metadata":{"user_id":""}');
    expect(body).toContain('"max_tokens":0,');
    expect(dropped).toEqual(['logit_bias', 'seed', 'presence_penalty']);
    expect(adapted).toEqual([]);
    const hot = encode({ temperature: rawNumber('1.50') });
    expect(hot.body.temperature).toBe(1);
    expect(hot.adapted).toEqual(['temperature']);
  });

  it.each(['claude-opus-4-7', 'claude-opus-4-8', 'claude-opus-5', 'claude-sonnet-5-5', 'claude-fable-5-2'])(
    'sends %s no sampling at all, and names only what said something',
    (model) => {
      const all = encode({ temperature: 0.3, topP: 0.9, topK: 5 }, of(model));
      for (const gone of ['temperature', 'top_p', 'top_k']) expect(all.body).not.toHaveProperty(gone);
      expect(all.dropped).toEqual(['temperature', 'top_p', 'top_k']);
      const plain = encode({ temperature: 1, topP: rawNumber('1.0') }, { ...of(model), strict: true });
      expect(plain.body).not.toHaveProperty('temperature');
      expect(plain.body).not.toHaveProperty('top_p');
    },
  );

  it.each([
    ['claude-opus-4-1', 0.2, 0.9, { temperature: 0.2 }, ['top_p']],
    ['claude-sonnet-4-5', 0, 0.9, { temperature: 0 }, ['top_p']],
    ['claude-haiku-4-5-20251001', 0.7, 1, { temperature: 0.7 }, []],
    ['claude-opus-4-6', 1, 0.9, { top_p: 0.9 }, []],
    ['claude-sonnet-4-6', 1, 1, { temperature: 1 }, []],
    ['claude-sonnet-4-5', 1.5, 0.5, { temperature: 1 }, ['top_p']],
    ['claude-sonnet-4-20250514', 0.2, 0.9, { temperature: 0.2, top_p: 0.9 }, []],
  ])('gives %s temperature %d and top_p %d as it takes them', (model, temperature, topP, sent, lost) => {
    const { body, dropped } = encode({ temperature, topP }, of(model));
    const { temperature: t, top_p: p } = body;
    expect(
      Object.fromEntries(Object.entries({ temperature: t, top_p: p }).filter(([, v]) => v !== undefined)),
    ).toEqual(sent);
    expect(dropped).toEqual(lost);
  });

  it('counts no penalty of 0 as a loss, even where none may be', () => {
    const strict = { strict: true };
    expect(encode({ frequencyPenalty: 0, presencePenalty: rawNumber('0.0') }, strict).dropped).toEqual([]);
    expect(refusal({ frequencyPenalty: 0.1 }, strict).param).toBe('frequency_penalty');
  });

  it('keeps four cache marks of more: the last of system and tools, and the last of the conversation', () => {
    const mark = { ttl: null };
    const marked = (value: string): Part => ({ kind: 'text', text: value, cache: mark });
    const many = encode({
      system: [
        { kind: 'text', text: 's0', cache: mark },
        { kind: 'text', text: 's1', cache: mark },
      ],
      tools: [
        { ...tool, cache: mark },
        { ...tool, name: 'g', cache: mark },
      ],
      turns: [
        turn('user', marked('a'), marked('b')),
        turn('assistant', marked('c')),
        turn('user', marked('d')),
      ],
    });
    const marks = (list: unknown) =>
      (list as JsonObject[]).map((block) => (block.cache_control === undefined ? 0 : 1));
    expect(marks(many.body.system)).toEqual([0, 1]);
    expect(marks(many.body.tools)).toEqual([0, 1]);
    const messages = many.body.messages as JsonObject[];
    expect(messages.map((message) => marks(message.content))).toEqual([[0, 0], [1], [1]]);
    expect(many.dropped).toEqual([
      'tools[].cache_control',
      'system[].cache_control',
      'messages[].content[].cache_control',
    ]);
    const five = encode({ turns: [turn('user', ...['0', '1', '2', '3', '4'].map(marked))] });
    expect(marks((five.body.messages as JsonObject[])[0]!.content)).toEqual([0, 1, 1, 1, 1]);
    expect(five.dropped).toEqual(['messages[].content[].cache_control']);
    expect(encode({ turns: [turn('user', ...['1', '2', '3', '4'].map(marked))] }).dropped).toEqual([]);
  });

  it('states the longest answer the model gives where the client set no limit, and never more than it may', () => {
    expect(encode({}, of('claude-sonnet-4-5')).body.max_tokens).toBe(64_000);
    expect(encode({}, of('claude-3-haiku-20240307')).body.max_tokens).toBe(4096);
    const { body, adapted } = encode({ maxTokens: 32_000 }, of('claude-3-5-haiku-20241022'));
    expect(body.max_tokens).toBe(8192);
    expect(adapted).toEqual(['max_tokens']);
  });

  it('asks a model that takes no beginning of its answer to go on with it', () => {
    const turns = [turn('user', text('q')), turn('assistant', text('Dear'))];
    const { body, adapted } = encode({ turns }, of('claude-opus-4-6'));
    expect((body.messages as JsonObject[]).map((message) => message.role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect(adapted).toEqual(['messages']);
    expect(encode({ turns }, of('claude-sonnet-4-5')).body.messages).toHaveLength(2);
  });

  it('asks for a schema in words where the model has no such format', () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } };
    const responseFormat = { kind: 'json_schema', name: 'x', schema, strict: true } as const;
    const { body, adapted } = encode({ responseFormat }, of('claude-sonnet-4-20250514'));
    expect(body).not.toHaveProperty('output_config');
    expect(JSON.stringify(body.system)).toContain(JSON.stringify(JSON.stringify(schema)).slice(1, -1));
    expect(adapted).toEqual(['response_format']);
  });

  it('drops all sampling for a model that takes none', () => {
    const { body, dropped } = encode({ temperature: 2, topP: 0.9, topK: 1 }, NEWER);
    expect(Object.keys(body)).toEqual(['model', 'max_tokens', 'messages']);
    expect(dropped).toEqual(['temperature', 'top_p', 'top_k']);
  });

  const effort = (name: string | null, budgetTokens: number | null = null): Partial<ChatRequest> => ({
    reasoning: { effort: name, budgetTokens, adaptive: false },
  });

  it.each([
    ['none', 5000, { type: 'disabled' }, 5000],
    ['minimal', 5000, { type: 'enabled', budget_tokens: 1024 }, 5000],
    ['low', 500, { type: 'enabled', budget_tokens: 1024 }, 1524],
    ['medium', null, { type: 'enabled', budget_tokens: 8192 }, 12288],
    ['high', 24576, { type: 'enabled', budget_tokens: 24576 }, 49152],
    ['max', 30000, { type: 'enabled', budget_tokens: 24576 }, 30000],
  ])('turns effort %s under max_tokens %s into %j', (name, maxTokens, thinking, limit) => {
    const { body } = encode({ ...effort(name), maxTokens });
    expect(body.thinking).toEqual(thinking);
    expect(body.max_tokens).toBe(limit);
    expect(body.output_config).toBeUndefined();
  });

  it('gives later models the effort itself', () => {
    const newer = NEWER;
    expect(encode(effort('xhigh'), newer).body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'xhigh' },
      max_tokens: 64_000,
    });
    expect(encode(effort('minimal'), newer).body.output_config).toEqual({ effort: 'low' });
    expect(encode(effort(null, 9000), newer).body.output_config).toEqual({ effort: 'medium' });
    expect(encode(effort('none'), newer).body.thinking).toEqual({ type: 'disabled' });
    for (const model of [{}, NEWER]) {
      for (const name of ['vast', 'constructor']) {
        expect(refusal(effort(name), model).param).toBe('reasoning_effort');
      }
    }
  });

  it.each<[string, string, object | undefined, object | undefined, string[]]>([
    ['claude-3-5-sonnet-20241022', 'high', undefined, undefined, ['reasoning_effort']],
    ['claude-3-5-sonnet-20241022', 'none', undefined, undefined, []],
    ['claude-sonnet-4-5', 'high', { type: 'enabled', budget_tokens: 24_576 }, undefined, []],
    ['claude-opus-4-6', 'xhigh', { type: 'adaptive' }, { effort: 'high' }, []],
    ['claude-opus-4-6', 'max', { type: 'adaptive' }, { effort: 'max' }, []],
    ['claude-opus-4-7', 'high', { type: 'adaptive' }, { effort: 'high' }, []],
    ['claude-opus-4-8', 'xhigh', { type: 'adaptive' }, { effort: 'xhigh' }, []],
    ['claude-haiku-5-5', 'none', { type: 'disabled' }, undefined, []],
    ['claude-mythos-5', 'none', undefined, undefined, ['reasoning_effort']],
  ])('has %s think with effort %s in its own way', (model, asked, thinking, output, lost) => {
    const { body, dropped } = encode(effort(asked), of(model));
    expect(body.thinking).toEqual(thinking);
    expect(body.output_config).toEqual(output);
    expect(dropped).toEqual(lost);
  });

  it('keeps limit and budget below what the model may answer', () => {
    const { body } = encode({ ...effort('high'), maxTokens: 20_000 }, of('claude-opus-4-1'));
    expect(body).toMatchObject({ max_tokens: 32_000, thinking: { budget_tokens: 12_000 } });
    const full = encode({ ...effort('high'), maxTokens: 32_000 }, of('claude-opus-4-1')).body;
    expect(full).toMatchObject({ max_tokens: 32_000, thinking: { budget_tokens: 24_576 } });
  });

  it('forces no tool on a model that refuses to be', () => {
    const forced = { tools: [tool], toolChoice: { kind: 'required' } } as const;
    const { body, adapted } = encode({ ...forced, tools: [tool] }, of('claude-fable-5-1'));
    expect(body.tool_choice).toEqual({ type: 'auto' });
    expect(adapted).toEqual(['tool_choice']);
    expect(encode({ ...forced, tools: [tool] }, of('claude-opus-4-8')).body.tool_choice).toEqual({
      type: 'any',
    });
  });

  it('with thinking on forces no tool and samples freely no more', () => {
    const { body, dropped, adapted } = encode({
      ...effort('low'),
      tools: [tool],
      toolChoice: { kind: 'required' },
      parallelToolCalls: false,
      temperature: 0.2,
      topP: 0.9,
      topK: 5,
    });
    expect(body.tool_choice).toEqual({ type: 'auto', disable_parallel_tool_use: true });
    expect([body.temperature, body.top_p, body.top_k]).toEqual([undefined, undefined, undefined]);
    expect(dropped).toEqual(['temperature', 'top_p', 'top_k']);
    expect(adapted).toContain('tool_choice');
    expect(encode({ ...effort('low'), temperature: 1, topP: 0.95 }).dropped).toEqual([]);
  });

  it('does not begin to think in a tool loop whose thinking the client did not keep', () => {
    const loop = (...first: Part[]): Turn[] => [
      turn('user', text('q')),
      turn('assistant', ...first, call('1')),
      turn('user', result('1', text('r'))),
    ];
    expect(encode({ ...effort('low'), turns: loop() }).body.thinking).toBeUndefined();
    expect(encode({ ...effort('low'), turns: loop(reasoning('t', 's')) }).body.thinking).toBeDefined();
    const next = [...loop(), turn('assistant', text('done')), turn('user', text('and now?'))];
    expect(encode({ ...effort('low'), turns: next }).body.thinking).toBeDefined();
  });

  it('refuses what must not be lost, and under strict any loss', () => {
    expect(refusal({ mustNotDrop: ['n'] })).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED', param: 'n' });
    expect(refusal({ seed: 1 }, { strict: true })).toMatchObject({
      code: 'GW_CLIENT_UNSUPPORTED',
      param: 'seed',
    });
    expect(refusal({ dropped: ['logit_bias'] }, { strict: true }).param).toBe('logit_bias');
    expect(encode({ temperature: 1 }, { strict: true }).dropped).toEqual([]);
  });

  it('takes as many blocks as a body can hold', () => {
    const parts = Array.from({ length: 200_000 }, () => text('a'));
    expect(encode({ turns: [turn('user', text('a')), { role: 'user', parts, name: null }] }).text).toContain(
      '"a"',
    );
  });
});
