import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../../contracts/body.ts';
import { type Capabilities, UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type {
  ChatRequest,
  Part,
  ReasoningSettings,
  ToolChoice,
  ToolDef,
  Turn,
} from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { madeUpCallId } from './call-ids.ts';
import { encodeRequest } from './request-encode.ts';
import { DUMMY_SIGNATURE } from './signatures.ts';

const target = (change: Partial<Capabilities> = {}, strict = false): EncodeTarget => ({
  model: 'gemini-x',
  provider: 'gemini',
  maker: 'google',
  capabilities: { ...UNKNOWN_CAPABILITIES.gemini, ...change },
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: true,
  strict,
});
const text = (said: string): Part => ({ kind: 'text', text: said, cache: null });
const proof = (signature: string, said = ''): Part => ({
  kind: 'reasoning',
  text: said,
  signature,
  redacted: null,
});
const call = (id: string, name: string, args = '{}'): Part => ({
  kind: 'tool_call',
  id,
  name,
  arguments: args,
  cache: null,
});
const result = (callId: string, said: string, isError = false): Part => ({
  kind: 'tool_result',
  callId,
  content: [text(said)],
  isError,
  cache: null,
});
const user = (...parts: Part[]): Turn => ({ role: 'user', parts, name: null });
const assistant = (...parts: Part[]): Turn => ({ role: 'assistant', parts, name: null });
const request = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'm',
  system: [],
  turns: [user(text('hi'))],
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
  includeUsage: true,
  dropped: [],
  mustNotDrop: [],
  ...change,
});

function encode(change: Partial<ChatRequest>, capabilities: Partial<Capabilities> = {}) {
  const { body, dropped, adapted, tools } = encodeRequest(request(change), target(capabilities));
  return { body: JSON.parse(body) as JsonObject, text: body, dropped, adapted, tools };
}
const contentsOf = (turns: Turn[], capabilities: Partial<Capabilities> = {}) =>
  encode({ turns }, capabilities).body['contents'];

function refusal(
  change: Partial<ChatRequest>,
  capabilities: Partial<Capabilities> = {},
  strict = false,
): string {
  try {
    encodeRequest(request(change), target(capabilities, strict));
  } catch (error) {
    if (error instanceof GatewayError) return `${error.status} ${error.param}`;
    throw error;
  }
  return 'taken';
}

describe('a conversation', () => {
  it('has instructions apart, and neighbours of one role as one', () => {
    const { body } = encode({
      system: [{ kind: 'text', text: 'be nice', cache: null }],
      turns: [
        user(text('a')),
        user(text('b')),
        assistant(text('c')),
        { role: 'system', parts: [text('late')], name: null },
      ],
    });
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'be nice' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
        { role: 'model', parts: [{ text: 'c' }] },
        { role: 'user', parts: [{ text: '<system>late</system>' }] },
      ],
    });
  });

  it('of instructions alone asks by them', () => {
    const { body } = encode({ system: [{ kind: 'text', text: 'go', cache: null }], turns: [] });
    expect(body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'go' }] }] });
    expect(refusal({ turns: [user(text(''))] })).toBe('400 messages');
  });

  it('keeps what grows behind all else', () => {
    const grown = encode({
      turns: [user(text('a')), assistant(text('b')), user(text('c'))],
      temperature: 1,
    }).text;
    const before = encode({ turns: [user(text('a'))], temperature: 1 }).text;
    expect(grown.startsWith(before.slice(0, -2))).toBe(true);
  });
});

describe('calls and results', () => {
  it('have results in the order of the calls, before anything else, under the names of their functions', () => {
    const turns = [
      user(text('q')),
      assistant(call('a', 'f', '{"x":12345678901234567890}'), call('b', 'g')),
      user(result('b', '{"t":1.0}')),
      user(text('and'), result('a', 'one', true)),
    ];
    expect(encode({ turns }).text).toContain(
      '{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{"x":12345678901234567890}}},{"functionCall":{"id":"b","name":"g","args":{}}}]},' +
        '{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"error":"one"}}},{"functionResponse":{"id":"b","name":"g","response":{"t":1.0}}},{"text":"and"}]}',
    );
  });

  it('lose the ids that were made up here', () => {
    const id = madeUpCallId(1, 0, 'f');
    const turns = [user(text('q')), assistant(call(id, 'f')), user(result(id, 'x'))];
    expect(contentsOf(turns)).toMatchObject([
      {},
      { parts: [{ functionCall: { name: 'f', args: {} } }] },
      { parts: [{ functionResponse: { name: 'f', response: { result: 'x' } } }] },
    ]);
    expect(encode({ turns }).text).not.toContain('"id"');
  });

  it('that stand alone are refused', () => {
    expect(
      refusal({ turns: [user(text('q')), assistant(call('a', 'f')), assistant(text('x')), user(text('y'))] }),
    ).toBe('400 messages');
    expect(refusal({ turns: [user(result('a', 'x'))] })).toBe('400 messages');
  });

  it('carry media inside the result, or behind it where the model does not read them there', () => {
    const image: Part = {
      kind: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
      detail: null,
      cache: null,
    };
    const shown: Part = {
      kind: 'tool_result',
      callId: 'a',
      content: [text('see'), image],
      isError: false,
      cache: null,
    };
    const turns = [user(text('q')), assistant(call('a', 'f')), user(shown)];
    const blob = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } };
    expect((contentsOf(turns) as JsonObject[])[2]).toEqual({
      role: 'user',
      parts: [{ functionResponse: { id: 'a', name: 'f', response: { result: 'see' }, parts: [blob] } }],
    });
    const older = encode({ turns }, { resultMedia: false });
    expect((older.body['contents'] as JsonObject[])[2]).toEqual({
      role: 'user',
      parts: [
        { functionResponse: { id: 'a', name: 'f', response: { result: 'see' } } },
        { text: '[What function f returned:]' },
        blob,
      ],
    });
    expect(older.adapted).toContain('messages[].content[].content');
  });

  it('keep broken arguments readable, and say so', () => {
    const { body, adapted } = encode({
      turns: [user(text('q')), assistant(call('a', 'f', '{"x')), user(result('a', 'x'))],
    });
    expect((body['contents'] as JsonObject[])[1]).toMatchObject({
      parts: [{ functionCall: { args: { _raw: '{"x' } } }],
    });
    expect(adapted).toEqual(['messages[].tool_calls[].function.arguments']);
  });
});

describe('signatures', () => {
  const said = (...parts: Part[]) =>
    (
      contentsOf(
        [
          user(text('q')),
          assistant(...parts),
          user(
            ...parts.filter((part) => part.kind === 'tool_call').map((part) => result(part.id, 'x')),
            text('n'),
          ),
        ],
        { signedCalls: true },
      ) as JsonObject[]
    )[1]!['parts'];

  it('stand on the part behind them, byte for byte and in order', () => {
    expect(said(proof('A+/='), text('t'), proof('B=='), call('1', 'f'), call('2', 'g'))).toEqual([
      { text: 't', thoughtSignature: 'A+/=' },
      { functionCall: { id: '1', name: 'f', args: {} }, thoughtSignature: 'B==' },
      { functionCall: { id: '2', name: 'g', args: {} } },
    ]);
  });

  it('stand on the first call where all reasoning was moved to the front', () => {
    expect(said(proof('A='), text('t'), call('1', 'f'))).toEqual([
      { text: 't' },
      { functionCall: { id: '1', name: 'f', args: {} }, thoughtSignature: 'A=' },
    ]);
    expect(said(proof('A='), proof('B='), text('t'), call('1', 'f'))).toMatchObject([
      { thoughtSignature: 'A=' },
      { thoughtSignature: 'B=' },
    ]);
  });

  it('stay on thoughts that have text, and at the end on an empty text', () => {
    expect(said(proof('A=', 'hm'), text('t'), proof('B='))).toEqual([
      { text: 'hm', thought: true, thoughtSignature: 'A=' },
      { text: 't' },
      { text: '', thoughtSignature: 'B=' },
    ]);
  });

  it('are the documented dummy where another model called', () => {
    expect(said(text('t'), call('1', 'f'), call('2', 'g'))).toEqual([
      { text: 't' },
      { functionCall: { id: '1', name: 'f', args: {} }, thoughtSignature: DUMMY_SIGNATURE },
      { functionCall: { id: '2', name: 'g', args: {} } },
    ]);
  });

  it('are not made up for models that want none', () => {
    const turns = [user(text('q')), assistant(call('1', 'f')), user(result('1', 'x'))];
    expect(encode({ turns }).text).not.toContain('thoughtSignature');
  });

  it('are what thoughts go with: without one they stay here', () => {
    const thought: Part = { kind: 'reasoning', text: 'hm', signature: null, redacted: null };
    const { body, adapted } = encode({ turns: [user(text('q')), assistant(thought, text('t'))] });
    expect((body['contents'] as JsonObject[])[1]).toEqual({ role: 'model', parts: [{ text: 't' }] });
    expect(adapted).toEqual(['messages[].reasoning_content']);
  });
});

describe('media', () => {
  const sent = (part: Part, capabilities: Partial<Capabilities> = {}) =>
    (contentsOf([user(part)], capabilities) as { parts: Json[] }[])[0]!.parts[0];

  it.each<[Part, Json]>([
    [
      {
        kind: 'image',
        source: { kind: 'url', url: 'https://example.com/a.JPG?x=1' },
        detail: null,
        cache: null,
      },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/a.JPG?x=1' } },
    ],
    [
      {
        kind: 'document',
        source: { kind: 'url', url: 'https://example.com/a.pdf' },
        name: null,
        cache: null,
      },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf' } },
    ],
    [
      {
        kind: 'document',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
        name: 'a',
        cache: null,
      },
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
    ],
    [
      { kind: 'document', source: { kind: 'text', text: 'hi' }, name: null, cache: null },
      { inlineData: { mimeType: 'text/plain', data: 'aGk=' } },
    ],
    [{ kind: 'audio', format: 'wav', data: 'AAAA' }, { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } }],
    [
      { kind: 'video', source: { kind: 'url', url: 'https://youtu.be/x', mediaType: null } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'https://youtu.be/x' } },
    ],
    [
      { kind: 'video', source: { kind: 'base64', mediaType: 'video/webm', data: 'AAAA' } },
      { inlineData: { mimeType: 'video/webm', data: 'AAAA' } },
    ],
  ])('go as %j', (part, expected) => {
    expect(sent(part)).toEqual(expected);
  });

  it('whose address does not tell their type are refused', () => {
    for (const url of ['https://example.com/picture', 'https://example.com/a.pdf', 'nonsense']) {
      const image: Part = { kind: 'image', source: { kind: 'url', url }, detail: null, cache: null };
      expect(refusal({ turns: [user(image)] })).toBe('400 messages[].content[].image_url.url');
    }
  });

  it('that the model does not read are refused', () => {
    const image: Part = {
      kind: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
      detail: null,
      cache: null,
    };
    expect(refusal({ turns: [user(image)] }, { images: false })).toBe(
      '400 messages[].content[].image_url.url',
    );
    expect(refusal({ turns: [user({ kind: 'audio', format: 'wav', data: 'AA' })] }, { audio: false })).toBe(
      '400 messages[].content[].input_audio',
    );
  });
});

describe('tools', () => {
  const tool = (name: string, strict: boolean | null = null): ToolDef => ({
    name,
    description: 'd',
    schema: {
      type: 'object',
      properties: { x: { $ref: '#/$defs/X' } },
      $defs: { X: { type: 'integer' } },
      additionalProperties: false,
    },
    strict,
    cache: null,
  });

  it('are functions with their whole JSON Schema, in order', () => {
    const { body } = encode({ tools: [tool('b'), { ...tool('a'), description: null, schema: null }] });
    expect(body['tools']).toEqual([
      {
        functionDeclarations: [
          { name: 'b', description: 'd', parametersJsonSchema: tool('b').schema },
          { name: 'a' },
        ],
      },
    ]);
  });

  it.each<[ToolChoice | null, Json]>([
    [null, undefined as unknown as Json],
    [{ kind: 'auto' }, { mode: 'AUTO' }],
    [{ kind: 'none' }, { mode: 'NONE' }],
    [{ kind: 'required' }, { mode: 'ANY' }],
    [
      { kind: 'tool', name: 'a' },
      { mode: 'ANY', allowedFunctionNames: ['a'] },
    ],
    [
      { kind: 'allowed', mode: 'required', names: ['a', 'b'] },
      { mode: 'ANY', allowedFunctionNames: ['a', 'b'] },
    ],
    [
      { kind: 'allowed', mode: 'auto', names: ['a'] },
      { mode: 'VALIDATED', allowedFunctionNames: ['a'] },
    ],
  ])('are chosen by %j', (toolChoice, expected) => {
    const config = encode({ tools: [tool('a'), tool('b')], toolChoice }).body['toolConfig'] as
      | JsonObject
      | undefined;
    expect(config?.['functionCallingConfig']).toEqual(expected);
  });

  it('that are strict are validated', () => {
    const { body, adapted } = encode({ tools: [tool('a', true)] });
    expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'VALIDATED' } });
    expect(adapted).toEqual(['tools[].function.strict']);
  });

  it('whose names Gemini does not take go under others, the same each time, and are remembered', () => {
    const { body, tools } = encode({
      tools: [tool('1 tool'), tool('x'.repeat(200)), tool('fine.name:v-1')],
      toolChoice: { kind: 'tool', name: '1 tool' },
    });
    const [declared] = body['tools'] as { functionDeclarations: { name: string }[] }[];
    const names = declared!.functionDeclarations.map(({ name }) => name);
    expect(names[2]).toBe('fine.name:v-1');
    for (const name of names) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/);
    expect(tools?.renamed).toEqual({ [names[0]!]: '1 tool', [names[1]!]: 'x'.repeat(200) });
    expect(body['toolConfig']).toMatchObject({ functionCallingConfig: { allowedFunctionNames: [names[0]] } });
  });

  it('one at a time cannot be asked for', () => {
    expect(encode({ tools: [tool('a')], parallelToolCalls: false }).dropped).toEqual(['parallel_tool_calls']);
  });
});

describe('settings', () => {
  it('are written', () => {
    const { body } = encode({
      maxTokens: 10,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stop: ['a', 'b'],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      logprobs: 2,
      responseFormat: { kind: 'json_schema', name: 'x', schema: { type: 'object' }, strict: true },
    });
    expect(body['generationConfig']).toEqual({
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 10,
      stopSequences: ['a', 'b'],
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      seed: 7,
      responseLogprobs: true,
      logprobs: 2,
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object' },
    });
  });

  it('that are beyond what it takes are capped, refused, or said in words', () => {
    expect(encode({ temperature: 3 })).toMatchObject({
      body: { generationConfig: { temperature: 2 } },
      adapted: ['temperature'],
    });
    expect(encode({ maxTokens: 99 }, { maxTokensCap: 10 }).body['generationConfig']).toEqual({
      maxOutputTokens: 10,
    });
    expect(encode({ stop: ['1', '2', '3', '4', '5', '6'] })).toMatchObject({
      body: { generationConfig: { stopSequences: ['1', '2', '3', '4', '5'] } },
      tools: { stops: ['6'] },
      adapted: ['stop'],
    });
    const { body } = encode(
      { responseFormat: { kind: 'json_schema', name: 'x', schema: { type: 'object' }, strict: null } },
      { jsonSchema: 'none' },
    );
    expect(JSON.stringify(body['systemInstruction'])).toContain('JSON Schema');
    expect(body['generationConfig']).toEqual({ responseMimeType: 'application/json' });
  });

  it('that it has not are dropped by name, or refused where every loss is', () => {
    expect(encode({ user: 'u', openai: { metadata: {} } }).dropped).toEqual(['metadata', 'user']);
    expect(refusal({ user: 'u' }, {}, true)).toBe('400 user');
    expect(refusal({ mustNotDrop: ['n'] })).toBe('400 n');
  });
});

describe('thinking', () => {
  const think = (reasoning: Partial<ReasoningSettings>, capabilities: Partial<Capabilities>) => {
    const { body, dropped, adapted } = encode(
      { reasoning: { effort: null, budgetTokens: null, adaptive: false, ...reasoning } },
      capabilities,
    );
    return [(body['generationConfig'] as JsonObject | undefined)?.['thinkingConfig'], dropped, adapted];
  };
  const budget = { thinking: 'budget' } as const;
  const level = { thinking: 'effort', efforts: ['low', 'high'], thinkingOff: false } as const;

  it.each<[Partial<ReasoningSettings>, Partial<Capabilities>, Json | undefined, boolean]>([
    [{ effort: 'high' }, budget, { includeThoughts: true, thinkingBudget: 24_576 }, true],
    [{ budgetTokens: 2000 }, budget, { includeThoughts: true, thinkingBudget: 2000 }, false],
    [{ adaptive: true }, budget, { includeThoughts: true, thinkingBudget: -1 }, false],
    [{ effort: 'none' }, budget, { thinkingBudget: 0 }, false],
    [{ effort: 'none' }, { ...budget, thinkingOff: false }, { thinkingBudget: 128 }, true],
    [{ effort: 'high' }, level, { includeThoughts: true, thinkingLevel: 'HIGH' }, false],
    [{ effort: 'medium' }, level, { includeThoughts: true, thinkingLevel: 'LOW' }, true],
    [{ budgetTokens: 20_000 }, level, { includeThoughts: true, thinkingLevel: 'HIGH' }, true],
    [{ effort: 'none' }, level, { thinkingLevel: 'LOW' }, true],
    [{ adaptive: true }, level, { includeThoughts: true }, false],
    [{ budgetTokens: 2000 }, {}, { includeThoughts: true, thinkingBudget: 2000 }, false],
    [{ effort: 'max' }, {}, { includeThoughts: true, thinkingLevel: 'HIGH' }, true],
  ])('%j for %j', (asked, capabilities, expected, changed) => {
    const [config, , adapted] = think(asked, capabilities);
    expect(config).toEqual(expected);
    expect(adapted).toEqual(changed ? ['reasoning_effort'] : []);
  });

  it('is nothing to ask of a model that does not think', () => {
    expect(think({ effort: 'high' }, { thinking: 'none' })).toEqual([undefined, ['reasoning_effort'], []]);
    expect(think({ effort: 'none' }, { thinking: 'none' })).toEqual([undefined, [], []]);
  });
});
