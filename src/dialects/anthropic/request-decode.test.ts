import { describe, expect, it } from 'vitest';
import { parseLossless } from '../../body/lossless.ts';
import type { ChatRequest } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { decodeRequest } from './request-decode.ts';

const decode = (extra: object | string): ChatRequest => {
  const text = typeof extra === 'string' ? extra : JSON.stringify({ ...BASE, ...extra });
  return decodeRequest(parseLossless(text, true) as JsonObject);
};

const BASE = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] };

function refusal(extra: object): GatewayError {
  try {
    decode(extra);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const user = (...content: object[]): object => ({ messages: [{ role: 'user', content }] });
const assistant = (...content: object[]): object => ({ messages: [{ role: 'assistant', content }] });

describe('decodeRequest', () => {
  it.each([
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: '5' }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ model: 5 }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: [5] }, 'messages[0]'],
    [{ messages: [{ role: 'tool', content: '' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'system' }] }, 'messages[0].content'],
    [user({ type: 'text' }), 'messages[0].content[0].text'],
    [
      user({ type: 'image', source: { type: 'base64', data: '' } }),
      'messages[0].content[0].source.media_type',
    ],
    [user({ type: 'tool_use', id: 'a', name: 'n', input: {} }), 'messages[0].content[0]'],
    [assistant({ type: 'tool_use', id: 'a', name: 'n', input: '[1]' }), 'messages[0].content[0].input'],
    [assistant({ type: 'tool_result', tool_use_id: 'a' }), 'messages[0].content[0]'],
    [user({ type: 'tool_result', tool_use_id: 'a', is_error: 'yes' }), 'messages[0].content[0].is_error'],
    [{ system: [{ type: 'image' }] }, 'system[0].type'],
    [{ tools: [{ input_schema: {} }] }, 'tools[0].name'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name'],
    [{ tool_choice: { type: 'required' } }, 'tool_choice.type'],
    [{ thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
    [{ stop_sequences: 'x' }, 'stop_sequences'],
    [{ metadata: { user_id: 7 } }, 'metadata.user_id'],
    [{ stream: 'true' }, 'stream'],
    [{ temperature: '1' }, 'temperature'],
  ])('refuses %j and names %s', (extra, param) => {
    const error = refusal(extra);
    expect(error.code).toBe('GW_CLIENT_BAD_REQUEST');
    expect(error.param).toBe(param);
  });

  it("leaves Claude Code's attribution out, and only where it stands first", () => {
    const attribution = {
      type: 'text',
      text: 'x-anthropic-billing-header: cc_version=2.1; cc_entrypoint=cli;',
    };
    const { system, dropped } = decode({ system: [attribution, attribution, { type: 'text', text: 'one' }] });
    expect(system.map(({ text }) => text)).toEqual([attribution.text, 'one']);
    expect(dropped).toEqual(['system[0]']);
    expect(decode({ system: [attribution] }).system).toEqual([]);
  });

  it('reads a system prompt with its cache marks, and leading system messages behind it', () => {
    const { system, turns } = decode({
      system: [
        { type: 'text', text: 'one', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'two', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [
        { role: 'system', content: 'three' },
        { role: 'user', content: '' },
        { role: 'system', content: 'late' },
      ],
    });
    expect(system).toEqual([
      { kind: 'text', text: 'one', cache: { ttl: null } },
      { kind: 'text', text: 'two', cache: { ttl: '1h' } },
      { kind: 'text', text: 'three', cache: null },
    ]);
    expect(turns.map((turn) => [turn.role, turn.parts])).toEqual([
      ['user', [{ kind: 'text', text: '', cache: null }]],
      ['system', [{ kind: 'text', text: 'late', cache: null }]],
    ]);
  });

  it('reads images and documents of every source', () => {
    const { turns } = decode(
      user(
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
        { type: 'image', source: { type: 'url', url: 'https://x/y.png' } },
        {
          type: 'document',
          title: 't',
          source: { type: 'base64', media_type: 'application/pdf', data: 'BB==' },
        },
        { type: 'document', source: { type: 'url', url: 'https://x/y.pdf' } },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'plain' } },
        {
          type: 'document',
          source: {
            type: 'content',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        },
        { type: 'document', source: { type: 'content', content: 'c' } },
        {
          type: 'search_result',
          source: 'https://s',
          title: 'T',
          content: [{ type: 'text', text: 'found' }],
        },
      ),
    );
    const document = { kind: 'document', name: null, cache: null };
    expect(turns[0]!.parts).toEqual([
      {
        kind: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' },
        detail: null,
        cache: null,
      },
      { kind: 'image', source: { kind: 'url', url: 'https://x/y.png' }, detail: null, cache: null },
      { ...document, name: 't', source: { kind: 'base64', mediaType: 'application/pdf', data: 'BB==' } },
      { ...document, source: { kind: 'url', url: 'https://x/y.pdf' } },
      { ...document, source: { kind: 'text', text: 'plain' } },
      { ...document, source: { kind: 'text', text: 'a\nb' } },
      { ...document, source: { kind: 'text', text: 'c' } },
      { kind: 'text', text: 'T\nhttps://s\n\nfound', cache: null },
    ]);
  });

  it('keeps numbers in tool arguments and limits as they were written', () => {
    const { turns, maxTokens, temperature } = decode(
      '{"model":"m","max_tokens":0,"temperature":1.0,"messages":[{"role":"assistant","content":[' +
        '{"type":"tool_use","id":"a","name":"n","input":{"id":12345678901234567890,"f":1.0,"e":{},"z":0,"s":""}}]}]}',
    );
    expect(turns[0]!.parts[0]).toMatchObject({
      arguments: '{"id":12345678901234567890,"f":1.0,"e":{},"z":0,"s":""}',
    });
    expect(maxTokens).toBe(0);
    expect(JSON.stringify(temperature)).toBe('1.0');
  });

  it('reads thinking with its proof, and an empty signature as none', () => {
    const { turns } = decode(
      assistant(
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'thinking', thinking: 'ours', signature: '' },
        { type: 'redacted_thinking', data: 'opaque' },
      ),
    );
    expect(turns[0]!.parts).toEqual([
      { kind: 'reasoning', text: 'hm', signature: 'sig', redacted: null },
      { kind: 'reasoning', text: 'ours', signature: null, redacted: null },
      { kind: 'reasoning', text: '', signature: null, redacted: 'opaque' },
    ]);
  });

  it('reads tool results: string, blocks with images, none, and errors', () => {
    const { turns } = decode(
      user(
        { type: 'tool_result', tool_use_id: 'a', content: '' },
        {
          type: 'tool_result',
          tool_use_id: 'b',
          is_error: true,
          content: [
            { type: 'text', text: 'see' },
            { type: 'image', source: { type: 'url', url: 'https://i' } },
          ],
        },
        { type: 'tool_result', tool_use_id: 'c' },
      ),
    );
    expect(turns[0]!.parts).toMatchObject([
      { callId: 'a', isError: false, content: [{ kind: 'text', text: '' }] },
      { callId: 'b', isError: true, content: [{ kind: 'text' }, { kind: 'image' }] },
      { callId: 'c', isError: false, content: [] },
    ]);
  });

  it('reads settings', () => {
    expect(
      decode({
        stop_sequences: ['a', ''],
        stream: true,
        temperature: 0,
        top_p: 0.5,
        top_k: 3,
        metadata: { user_id: 'u' },
        tools: [
          {
            name: 'n',
            description: '',
            input_schema: {},
            strict: false,
            cache_control: { type: 'ephemeral' },
          },
          { type: 'custom', name: 'o' },
        ],
        tool_choice: { type: 'any', disable_parallel_tool_use: true },
        output_config: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } } },
      }),
    ).toMatchObject({
      stop: ['a', ''],
      stream: true,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      user: 'u',
      tools: [
        { name: 'n', description: '', schema: {}, strict: false, cache: { ttl: null } },
        { name: 'o', description: null, schema: null, strict: null, cache: null },
      ],
      toolChoice: { kind: 'required' },
      parallelToolCalls: false,
      reasoning: { effort: 'high', budgetTokens: null, adaptive: false },
      responseFormat: { kind: 'json_schema', schema: { type: 'object' } },
      dropped: [],
      mustNotDrop: [],
    });
  });

  it.each([
    [{ thinking: { type: 'disabled' } }, { effort: 'none', budgetTokens: null, adaptive: false }],
    [{ thinking: { type: 'adaptive' } }, { effort: null, budgetTokens: null, adaptive: true }],
    [
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      { effort: null, budgetTokens: 2048, adaptive: false },
    ],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      { effort: 'low', budgetTokens: null, adaptive: true },
    ],
    [{}, null],
  ])('reads %j as reasoning', (extra, reasoning) => {
    expect(decode(extra).reasoning).toEqual(reasoning);
  });

  it.each<[Json, string[]]>([
    [['a', 'b'], []],
    [[], []],
    ['default', ['fallbacks']],
    [[{ model: 'claude-y' }], ['fallbacks']],
  ])('of fallbacks %j it loses %j', (fallbacks, lost) => {
    expect(decode({ fallbacks }).dropped).toEqual(lost);
  });

  it('reads output_format as output_config.format, which wins', () => {
    const format = (title: string) => ({ type: 'json_schema', schema: { type: 'object', title } });
    const named = { kind: 'json_schema', name: 'response', strict: null };
    const old = decode({ output_format: format('old') });
    expect(old.responseFormat).toEqual({ ...named, schema: { type: 'object', title: 'old' } });
    expect(old.dropped).toEqual([]);
    const both = decode({ output_format: format('old'), output_config: { format: format('new') } });
    expect(both.responseFormat).toEqual({ ...named, schema: { type: 'object', title: 'new' } });
    expect(refusal({ output_format: { type: 'xml' } }).param).toBe('output_format.type');
    expect(refusal({ output_format: { type: 'json_schema' } }).param).toBe('output_format.schema');
  });

  it('counts what only repeats a default as no loss', () => {
    expect(decode({ service_tier: 'auto', speed: 'standard' }).dropped).toEqual([]);
    expect(decode({ service_tier: 'standard_only', speed: 'fast' }).dropped).toEqual([
      'service_tier',
      'speed',
    ]);
  });

  it('names hints it has no neutral form for', () => {
    const { dropped, mustNotDrop } = decode({
      service_tier: 'standard_only',
      context_management: { edits: [] },
      cache_control: { type: 'ephemeral' },
      unheard_of: false,
      fallbacks: ['a'],
      speed: null,
      metadata: { user_id: null, team: 'x' },
      thinking: { type: 'adaptive', display: 'omitted' },
      tools: [{ name: 'n', input_schema: {}, defer_loading: true, eager_input_streaming: false }],
      ...assistant({ type: 'text', text: 'a', citations: [{}] }, { type: 'text', text: 'b', citations: [] }),
    });
    expect(dropped.sort()).toEqual([
      'cache_control',
      'context_management',
      'messages[0].content[0].citations',
      'metadata.team',
      'service_tier',
      'thinking.display',
      'tools[0].defer_loading',
      'unheard_of',
    ]);
    expect(mustNotDrop).toEqual([]);
  });

  it('names what must not be lost', () => {
    const { mustNotDrop, tools } = decode({
      container: 'c',
      thread: { type: 'create' },
      mcp_servers: [{}],
      tools: [
        { type: 'web_search_20250305', name: 'web_search' },
        { name: 'mine', input_schema: {} },
      ],
      ...user(
        { type: 'image', source: { type: 'file', file_id: 'f' } },
        { type: 'document', source: { type: 'file', file_id: 'f' } },
        { type: 'container_upload', file_id: 'f' },
      ),
    });
    expect(mustNotDrop.sort()).toEqual([
      'container',
      'mcp_servers',
      'messages[0].content[0].source',
      'messages[0].content[1].source',
      'messages[0].content[2]',
      'thread',
      'tools[0]',
    ]);
    expect(tools.map((tool) => tool.name)).toEqual(['mine']);
    expect(decode({ mcp_servers: [], container: null }).mustNotDrop).toEqual([]);
  });
});
