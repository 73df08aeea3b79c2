import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLossless } from '../../body/lossless.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { decodeRequest } from './request-decode.ts';

const user = (...content: Json[]): JsonObject => ({ role: 'user', content });
const assistant = (...content: Json[]): JsonObject => ({ role: 'assistant', content });
const decode = (body: JsonObject) => decodeRequest({ messages: [user({ text: 'hi' })], ...body });
const parts = (...messages: JsonObject[]) => decode({ messages }).turns.map((turn) => turn.parts);

describe('a Converse request', () => {
  test('says what any request says', () => {
    const request = decode({
      system: [{ text: 'be terse' }, { cachePoint: { type: 'default', ttl: '1h' } }],
      inferenceConfig: { maxTokens: 5, temperature: 0.5, topP: 0.9, stopSequences: ['x'] },
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: 'f',
              description: 'd',
              inputSchema: { json: { type: 'object' } },
              strict: true,
            },
          },
          { cachePoint: { type: 'default' } },
        ],
        toolChoice: { tool: { name: 'f' } },
      },
      outputConfig: { effort: 'low' },
    });
    expect(request).toMatchObject({
      system: [{ text: 'be terse', cache: { ttl: '1h' } }],
      maxTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      stop: ['x'],
      tools: [
        { name: 'f', description: 'd', schema: { type: 'object' }, strict: true, cache: { ttl: null } },
      ],
      toolChoice: { kind: 'tool', name: 'f' },
      reasoning: { effort: 'low', budgetTokens: null, adaptive: false },
      dropped: [],
      mustNotDrop: [],
    });
  });

  test('holds blocks of every kind', () => {
    expect(
      parts(
        user(
          { text: 'a' },
          { cachePoint: { type: 'default' } },
          { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
          { document: { format: 'pdf', name: 'n', source: { bytes: 'JVBERi0=' } } },
          { document: { name: 't', source: { text: 'x' } } },
          { document: { format: 'txt', name: 'c', source: { content: [{ text: 'x' }, { text: 'y' }] } } },
          { video: { format: 'mov', source: { bytes: 'AAAA' } } },
          { audio: { format: 'mp3', source: { bytes: 'AAAA' } } },
          { searchResult: { title: 't', source: 's', content: [{ text: 'found' }] } },
        ),
      )[0],
    ).toEqual([
      { kind: 'text', text: 'a', cache: { ttl: null } },
      {
        kind: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
        detail: null,
        cache: null,
      },
      {
        kind: 'document',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
        name: 'n',
        cache: null,
      },
      { kind: 'document', source: { kind: 'text', text: 'x' }, name: 't', cache: null },
      { kind: 'document', source: { kind: 'text', text: 'x\ny' }, name: 'c', cache: null },
      { kind: 'video', source: { kind: 'base64', mediaType: 'video/quicktime', data: 'AAAA' } },
      { kind: 'audio', format: 'mp3', data: 'AAAA' },
      { kind: 'text', text: 't\ns\n\nfound', cache: null },
    ]);
  });

  test('has calls with their results, numbers as they were written', () => {
    const [, call, result] = decodeRequest(
      parseLossless(
        '{"messages":[{"role":"user","content":[{"text":"q"}]},' +
          '{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},{"toolUse":{"toolUseId":"t","name":"f","input":{"n":12345678901234567890}}}]},' +
          '{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"json":{"x":1.0}},{"text":"y"}],"status":"error"}}]}]}',
        true,
      ) as JsonObject,
    ).turns;
    expect(call?.parts).toEqual([
      { kind: 'reasoning', text: 'hm', signature: 's', redacted: null },
      { kind: 'tool_call', id: 't', name: 'f', arguments: '{"n":12345678901234567890}', cache: null },
    ]);
    expect(result?.parts).toMatchObject([
      { kind: 'tool_result', callId: 't', isError: true, content: [{ text: '{"x":1.0}' }, { text: 'y' }] },
    ]);
  });

  test('reads what Claude, gpt-oss and Nova take beside it', () => {
    const fields = (more: JsonObject) => decode({ additionalModelRequestFields: more });
    expect(fields({ top_k: 3, thinking: { type: 'enabled', budget_tokens: 2000 } })).toMatchObject({
      topK: 3,
      reasoning: { effort: null, budgetTokens: 2000, adaptive: false },
    });
    expect(fields({ thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }).reasoning).toEqual({
      effort: 'high',
      budgetTokens: null,
      adaptive: true,
    });
    expect(fields({ thinking: { type: 'disabled' } }).reasoning?.effort).toBe('none');
    expect(fields({ reasoning_effort: 'low' }).reasoning?.effort).toBe('low');
    expect(
      fields({ reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } }).reasoning?.effort,
    ).toBe('medium');
    expect(fields({ reasoningConfig: { type: 'disabled' } }).reasoning?.effort).toBe('none');
    expect(fields({ tool_choice: { type: 'any', disable_parallel_tool_use: true } })).toMatchObject({
      toolChoice: { kind: 'required' },
      parallelToolCalls: false,
    });
    // As the AI SDK asks a model whose name is Claude's for an object.
    const schema = { type: 'object', properties: {} };
    const format = { type: 'json_schema', schema };
    expect(fields({ output_config: { format, effort: 'low' } })).toMatchObject({
      responseFormat: { kind: 'json_schema', schema },
      reasoning: { effort: 'low' },
      dropped: [],
    });
    expect(fields({ output_config: { format: { type: 'grammar' }, pace: 1 } }).dropped).toEqual([
      'additionalModelRequestFields.output_config.pace',
      'additionalModelRequestFields.output_config.format',
    ]);
    expect(fields({ anthropic_beta: ['x'], thinking: null }).dropped).toEqual([
      'additionalModelRequestFields.anthropic_beta',
    ]);
  });

  test('names by its path what nobody else has', () => {
    const { dropped, mustNotDrop } = decode({
      messages: [
        user(
          { cachePoint: { type: 'default' } },
          {
            document: {
              format: 'txt',
              name: 'n',
              source: { bytes: 'AAAA' },
              context: 'c',
              citations: { enabled: true },
            },
          },
          { image: { format: 'png', source: { s3Location: { uri: 's3://b/k' } } } },
          { guardContent: { text: { text: 'x' } } },
        ),
        assistant(
          { citationsContent: { content: [{ text: 'so' }], citations: [] } },
          { toolUse: { toolUseId: 't', name: 'n', input: {}, type: 'server_tool_use' } },
        ),
      ],
      toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }] },
      guardrailConfig: { guardrailIdentifier: 'g' },
      promptVariables: { a: { text: 'b' } },
      performanceConfig: { latency: 'optimized' },
      serviceTier: { type: 'flex' },
      requestMetadata: { team: 'a' },
      inferenceConfig: { x: 1 },
    });
    expect(mustNotDrop).toEqual([
      'guardrailConfig',
      'promptVariables',
      'messages[0].content[2].image.source.s3Location',
      'messages[0].content[3].guardContent',
      'messages[1].content[1].toolUse',
      'toolConfig.tools[0].systemTool',
    ]);
    expect(dropped).toEqual([
      'messages[0].content[0]',
      'messages[0].content[1].document.context',
      'messages[1].content[0].citationsContent.citations',
      'inferenceConfig.x',
      'performanceConfig',
      'serviceTier',
      'requestMetadata',
    ]);
  });

  test.each<[string, JsonObject]>([
    ['messages', { messages: [] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: [] }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 'text' }] }],
    ['messages[0].content[0]', { messages: [user({ text: 'a', image: {} })] }],
    ['messages[0].content[0]', { messages: [user({ toolUse: { toolUseId: 't', name: 'n', input: {} } })] }],
    [
      'messages[0].content[0].toolUse.input',
      { messages: [assistant({ toolUse: { toolUseId: 't', name: 'n', input: 7 } })] },
    ],
    [
      'messages[0].content[0].image.source.bytes',
      { messages: [user({ image: { format: 'png', source: { bytes: '*' } } })] },
    ],
    [
      'messages[0].content[0].image.format',
      { messages: [user({ image: { format: 'bmp', source: { bytes: 'AAAA' } } })] },
    ],
    ['system[0]', { system: [{ image: {} }] }],
    ['toolConfig.toolChoice', { toolConfig: { tools: [], toolChoice: { none: {} } } }],
    ['inferenceConfig.maxTokens', { inferenceConfig: { maxTokens: 1.5 } }],
    [
      'outputConfig.textFormat.structure.jsonSchema.schema',
      {
        outputConfig: {
          textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: 'no JSON' } } },
        },
      },
    ],
  ])('%s is refused by name', (param, body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'GW_CLIENT_BAD_REQUEST', param }));
  });

  test('may be anything: nothing but a refusal is thrown', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.json({ maxDepth: 4 }), (content, config) => {
        const read = (text: string) => parseLossless(text, true);
        const body = { messages: [{ role: 'user', content: [read(content)] }], toolConfig: read(config) };
        try {
          decodeRequest(body);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
    );
  });
});
