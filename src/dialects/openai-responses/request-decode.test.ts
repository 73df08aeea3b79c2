import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { decodeRequest } from './request-decode.ts';

const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const decode = (more: JsonObject) => decodeRequest({ model: 'm', input: 'hi', ...more });

function refusal(more: JsonObject): GatewayError {
  try {
    decode(more);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const call = (id: string, more: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  call_id: id,
  name: 'f',
  arguments: '{"a":1.0}',
  ...more,
});
const output = (id: string, told: Json = 'ok'): JsonObject => ({
  type: 'function_call_output',
  call_id: id,
  output: told,
});
const assistant = (text: string): JsonObject => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
});

describe('a Responses request', () => {
  test('a text is a turn, instructions and leading system items are the system prompt, later ones stay in place', () => {
    expect(decode({ instructions: 'Be brief.' })).toMatchObject({
      system: [{ text: 'Be brief.' }],
      turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
    });
    const input = [
      { role: 'developer', content: 'One.' },
      { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { role: 'system', content: 'Two.' },
    ];
    expect(decode({ instructions: 'Zero.', input })).toMatchObject({
      system: [{ text: 'Zero.' }, { text: 'One.' }],
      turns: [{ role: 'user' }, { role: 'system', parts: [{ text: 'Two.' }] }],
    });
  });

  test('what one answer was made of is one turn again, its reasoning first', () => {
    const input = [
      { role: 'user', content: 'hi' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'gAA' },
      assistant('Let me look.'),
      call('c1'),
      call('c2'),
      output('c2'),
      output('c1', [
        { type: 'input_text', text: 'see' },
        { type: 'input_image', image_url: PNG },
      ]),
      assistant('Done.'),
      assistant('Really.'),
    ];
    expect(decode({ input }).turns).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'hm', signature: 'gAA' },
          { kind: 'text', text: 'Let me look.' },
          { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{"a":1.0}' },
          { kind: 'tool_call', id: 'c2' },
        ],
      },
      { role: 'user', parts: [{ kind: 'tool_result', callId: 'c2', content: [{ text: 'ok' }] }] },
      { role: 'user', parts: [{ callId: 'c1', content: [{ text: 'see' }, { kind: 'image' }] }] },
      { role: 'assistant', parts: [{ text: 'Done.' }] },
      { role: 'assistant', parts: [{ text: 'Really.' }] },
    ]);
  });

  test('a proof without text is data, in our envelope only where we say so', () => {
    const proof = (encrypted_content: string) =>
      decode({ input: [{ type: 'reasoning', summary: [], encrypted_content }] }).turns[0]!.parts[0];
    expect(proof('hg1.anthropic.c2ln')).toMatchObject({ signature: 'hg1.anthropic.c2ln', redacted: null });
    expect(proof('gAA')).toMatchObject({ signature: null, redacted: 'gAA' });
    expect(proof('redacted.hg1.anthropic.ZGF0YQ')).toMatchObject({
      signature: null,
      redacted: 'hg1.anthropic.ZGF0YQ',
    });
  });

  test('pictures, files by bytes and by address', () => {
    const content = [
      { type: 'input_image', image_url: PNG, detail: 'low' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' },
      { type: 'input_file', file_url: 'https://example.com/a.pdf' },
    ];
    expect(decode({ input: [{ role: 'user', content }] }).turns[0]!.parts).toMatchObject([
      { kind: 'image', source: { kind: 'base64', mediaType: 'image/png' }, detail: 'low' },
      { kind: 'document', source: { kind: 'base64', mediaType: 'application/pdf' }, name: 'a.pdf' },
      { kind: 'document', source: { kind: 'url', url: 'https://example.com/a.pdf' } },
    ]);
  });

  test('tools of every kind become functions, those of a namespace with its name before theirs', () => {
    const tools = [
      { type: 'function', name: 'f', description: 'F', parameters: { type: 'object' }, strict: true },
      {
        type: 'custom',
        name: 'patch',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
      },
      {
        type: 'namespace',
        name: 'crm',
        description: 'CRM',
        tools: [
          { type: 'function', name: 'get', parameters: null },
          { type: 'custom', name: 'say' },
        ],
      },
      { type: 'local_shell' },
      { type: 'shell' },
      { type: 'apply_patch' },
    ];
    const read = decode({ tools, tool_choice: { type: 'custom', name: 'patch' } });
    expect(read.tools.map(({ name }) => name)).toEqual([
      'f',
      'patch',
      'crm__get',
      'crm__say',
      'local_shell',
      'shell',
      'apply_patch',
    ]);
    expect(read.customTools).toEqual(['patch', 'crm__say']);
    expect(read.tools[0]).toMatchObject({ strict: true, schema: { type: 'object' } });
    expect(read.tools[1]!.description).toContain('start: "x"');
    expect(read.toolChoice).toEqual({ kind: 'tool', name: 'patch' });
    expect(read.adapted).toEqual([
      'tools[1]',
      'tools[2]',
      'tools[2].tools[1]',
      'tools[3]',
      'tools[4]',
      'tools[5]',
    ]);
    expect(read.mustNotDrop).toEqual([]);
  });

  test('calls of built-in tools and their outputs are calls of those functions', () => {
    const input = [
      { role: 'user', content: 'go' },
      {
        type: 'local_shell_call',
        id: 'lsh_1',
        call_id: 'c1',
        status: 'completed',
        action: { type: 'exec', command: ['ls', '-l'], env: {} },
      },
      { type: 'local_shell_call_output', id: 'c1', output: 'a b' },
      { type: 'shell_call', call_id: 'c2', action: { commands: ['pwd'] } },
      {
        type: 'shell_call_output',
        call_id: 'c2',
        output: [{ stdout: '/', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
      },
      { type: 'apply_patch_call', call_id: 'c3', operation: { type: 'delete_file', path: 'x' } },
      { type: 'apply_patch_call_output', call_id: 'c3', status: 'failed', output: 'no such file' },
      { type: 'custom_tool_call', call_id: 'c4', name: 'say', namespace: 'crm', input: 'hé' },
      { type: 'custom_tool_call_output', call_id: 'c4', output: 'said' },
    ];
    expect(decode({ input }).turns.flatMap(({ parts }) => parts)).toMatchObject([
      { kind: 'text' },
      { name: 'local_shell', arguments: '{"command":["ls","-l"],"env":{}}' },
      { callId: 'c1', content: [{ text: 'a b' }] },
      { name: 'shell', arguments: '{"commands":["pwd"]}' },
      { callId: 'c2', content: [{ text: expect.stringContaining('"exit_code":0') }] },
      { name: 'apply_patch', arguments: '{"type":"delete_file","path":"x"}' },
      { callId: 'c3', isError: true, content: [{ text: 'no such file' }] },
      { name: 'crm__say', arguments: '{"input":"hé"}' },
      { callId: 'c4', content: [{ text: 'said' }] },
    ]);
  });

  test('settings keep their meaning, numbers their digits', () => {
    const read = decode({
      max_output_tokens: 99,
      temperature: 0.25,
      reasoning: { effort: 'high', summary: 'auto' },
      text: {
        format: { type: 'json_schema', name: 'a', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
      },
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
      parallel_tool_calls: false,
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      top_logprobs: 3,
      safety_identifier: 'u',
      metadata: { a: 'b' },
      store: true,
      service_tier: 'flex',
      stream: true,
    });
    expect(read).toMatchObject({
      maxTokens: 99,
      temperature: 0.25,
      reasoning: { effort: 'high' },
      responseFormat: { kind: 'json_schema', name: 'a', strict: true },
      toolChoice: { kind: 'allowed', mode: 'required', names: ['f'] },
      parallelToolCalls: false,
      logprobs: 3,
      user: 'u',
      stream: true,
      includeUsage: true,
      openai: { metadata: { a: 'b' }, store: true, service_tier: 'flex', verbosity: 'low' },
      dropped: [],
      mustNotDrop: [],
    });
  });

  test('what says nothing is no loss, what is only ours to know is none of the others', () => {
    expect(
      decode({
        store: false,
        truncation: 'disabled',
        metadata: {},
        top_logprobs: 0,
        background: false,
        include: [],
      }),
    ).toMatchObject({ dropped: [], mustNotDrop: [] });
    expect(decode({ store: false }).openai).toBeUndefined();
    expect(decode({ truncation: 'auto', max_tool_calls: 3 }).dropped).toEqual([
      'max_tool_calls',
      'truncation',
    ]);
  });

  test('what would change the question is named', () => {
    expect(decode({ tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] }).mustNotDrop).toEqual([
      'tools[1]',
    ]);
    const cached = { type: 'web_search', external_web_access: false };
    expect(decode({ tools: [cached] })).toMatchObject({ mustNotDrop: [], dropped: ['tools[0]'] });
    expect(decode({ background: true }).mustNotDrop).toEqual(['background']);
    expect(decode({ conversation: 'conv_1', prompt: { id: 'pmpt_1' } }).mustNotDrop).toEqual([
      'conversation',
      'prompt',
    ]);
    const file = { role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] };
    expect(decode({ input: [file] }).mustNotDrop).toEqual(['input[0].content[0].file_id']);
    const items = [
      { role: 'user', content: 'x' },
      { type: 'web_search_call', id: 'ws_1' },
    ];
    expect(decode({ input: items }).mustNotDrop).toEqual(['input[1]']);
    const shell = { type: 'shell', environment: { type: 'container_auto' } };
    expect(decode({ tools: [shell] }).mustNotDrop).toEqual(['tools[0].environment']);
  });

  test('a response or an item that nobody keeps here is not found', () => {
    expect(refusal({ previous_response_id: 'resp_7' })).toMatchObject({
      code: 'GW_CLIENT_RESPONSE_NOT_FOUND',
      status: 404,
      publicMessage: "Previous response with id 'resp_7' not found.",
      param: 'previous_response_id',
    });
    const ours = { type: 'item_reference', id: `rs_${'0a'.repeat(22)}` };
    expect(decode({ input: [{ role: 'user', content: 'x' }, ours] }).adapted).toEqual(['input[1]']);
    expect(refusal({ input: [{ type: 'item_reference', id: 'msg_7' }] })).toMatchObject({
      code: 'GW_CLIENT_ITEM_NOT_FOUND',
      status: 404,
      param: 'input',
    });
  });

  test.each<[string, JsonObject, string]>([
    ['no input', { input: null }, 'input'],
    ['an empty list', { input: [] }, 'input'],
    ['a number', { input: 7 }, 'input'],
    ['a wrong role', { input: [{ role: 'tool', content: 'x' }] }, 'input[0].role'],
    ['no content', { input: [{ role: 'user' }] }, 'input[0].content'],
    [
      'a part of Chat’s',
      { input: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      'input[0].content[0].type',
    ],
    ['a call without output', { input: [call('c1')] }, 'input'],
    ['an output without call', { input: [output('c1')] }, 'input'],
    ['a wrong tool', { tools: [{ type: 'function' }] }, 'tools[0].name'],
    ['a tool of Chat’s', { tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools[0].name'],
    ['a wrong format', { text: { format: { type: 'xml' } } }, 'text.format.type'],
    [
      'a broken picture',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
      'input[0].content[0].image_url',
    ],
  ])('%s is a 400 that names its place', (_, more, param) => {
    expect(refusal(more)).toMatchObject({ status: 400, param });
  });
});
