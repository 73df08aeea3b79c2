import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { decodeRequest } from './request-decode.ts';

const hello: Json = [{ role: 'user', parts: [{ text: 'hi' }] }];
const text = (said: string) => ({ kind: 'text', text: said, cache: null });
const user = (...parts: Json[]): Json => ({ role: 'user', parts });
const model = (...parts: Json[]): Json => ({ role: 'model', parts });
const decode = (body: JsonObject) => decodeRequest({ contents: hello, ...body });
const partsOf = (contents: Json) => decodeRequest({ contents }).turns.map(({ parts }) => parts);

function refusal(body: JsonObject): string {
  try {
    decodeRequest(body);
  } catch (error) {
    if (error instanceof GatewayError) return `${error.status} ${error.param}: ${error.publicMessage}`;
    throw error;
  }
  return 'taken';
}

describe('contents', () => {
  it.each<[string, Json]>([
    ['a text', 'hi'],
    ['one content', { role: 'user', parts: [{ text: 'hi' }] }],
    ['a content without a role', [{ parts: [{ text: 'hi' }] }]],
    ['one part', { text: 'hi' }],
    ['a list of texts', ['hi']],
    ['a list of parts', [{ text: 'hi' }]],
    ['one part for the list of parts', [{ role: 'user', parts: { text: 'hi' } }]],
    ['a text for the list of parts', [{ role: 'user', parts: 'hi' }]],
    ['a text for a part', [{ role: 'user', parts: ['hi'] }]],
  ])('may be %s', (_, contents) => {
    expect(decodeRequest({ contents }).turns).toEqual([{ role: 'user', parts: [text('hi')], name: null }]);
  });

  it.each<[Json | undefined, string]>([
    [undefined, '400 contents: '],
    [null, '400 contents: '],
    [[], "400 contents: Invalid value: 'contents' must hold at least one content."],
    [[null], '400 contents[0]: '],
    [7, '400 contents: '],
    [[{ role: 'user', parts: [] }], '400 contents[0].parts: '],
    [[{ role: 'user', parts: null }], '400 contents[0].parts: '],
    [[{ role: 'user' }], '400 contents[0].parts: '],
    [[{ role: 'user', parts: [null] }], '400 contents[0].parts[0]: '],
    [[{ role: 'user', parts: [{}] }], '400 contents[0].parts[0]: '],
    [[{ role: 'user', parts: [{ text: 7 }] }], '400 contents[0].parts[0].text: '],
    [[{ role: 'assistant', parts: [{ text: 'x' }] }], '400 contents[0].role: '],
    [
      [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: '%' } }] }],
      '400 contents[0].parts[0].inlineData.data: ',
    ],
    [
      [{ role: 'user', parts: [{ inlineData: { data: 'AAAA' } }] }],
      '400 contents[0].parts[0].inlineData.mimeType: ',
    ],
    [[user({ functionCall: { name: 'f' } })], '400 contents[0].parts[0].functionCall: '],
    [
      [model({ functionResponse: { name: 'f', response: {} } })],
      '400 contents[0].parts[0].functionResponse: ',
    ],
    [
      [user({ functionResponse: { name: 'f', response: {} } })],
      '400 contents[0].parts[0].functionResponse: ',
    ],
    [[model({ functionCall: { name: 'f', args: [1] } })], '400 contents[0].parts[0].functionCall.args: '],
  ])('as %j is refused by name', (contents, said) => {
    expect(refusal(contents === undefined ? {} : { contents })).toContain(said);
  });

  it("passes over a model's content that holds nothing, as the SDKs' chats write it", () => {
    expect(partsOf([user({ text: 'a' }), model(), user({ text: 'b' })])).toEqual([[text('a')], [text('b')]]);
  });

  it('reads the pieces of a stream, as the chats keep them, as one turn', () => {
    const contents = [
      user({ text: 'q' }),
      model({ text: 'a', thought: true }),
      model({ text: 'b', thought: true, thoughtSignature: 'c2ln' }),
      model({ text: 'so' }),
      model({ text: ' it' }),
      model({ text: ' is' }),
      model({ functionCall: { id: 'c', name: 'f' } }),
      model({ text: '' }),
    ];
    expect(partsOf(contents)[1]).toEqual([
      { kind: 'reasoning', text: 'ab', signature: 'c2ln', redacted: null },
      text('so it is'),
      { kind: 'tool_call', id: 'c', name: 'f', arguments: '{}', cache: null },
    ]);
  });

  it('reads URL-safe base64 as everyone else writes it', () => {
    const image = { mimeType: 'image/png', data: 'iVBORw0KGgo_-w' };
    expect(partsOf([user({ inline_data: { mime_type: image.mimeType, data: image.data } })])).toEqual([
      [
        {
          kind: 'image',
          source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo/+w==' },
          detail: null,
          cache: null,
        },
      ],
    ]);
  });

  it.each<[JsonObject, object]>([
    [
      { inlineData: { mimeType: 'audio/x-wav', data: 'AAAA' } },
      { kind: 'audio', format: 'wav', data: 'AAAA' },
    ],
    [
      { inlineData: { mimeType: 'audio/mpeg', data: 'AAAA' } },
      { kind: 'audio', format: 'mp3', data: 'AAAA' },
    ],
    [
      { inlineData: { mimeType: 'video/mp4', data: 'AAAA' } },
      { kind: 'video', source: { kind: 'base64', mediaType: 'video/mp4', data: 'AAAA' } },
    ],
    [
      { inlineData: { mimeType: 'text/plain', data: 'aGk=', displayName: 'a.txt' } },
      { kind: 'document', source: { kind: 'text', text: 'hi' }, name: 'a.txt', cache: null },
    ],
    [
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
      {
        kind: 'document',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
        name: null,
        cache: null,
      },
    ],
    [
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/x' } },
      { kind: 'image', source: { kind: 'url', url: 'https://example.com/x' }, detail: null, cache: null },
    ],
    [
      { fileData: { fileUri: 'https://www.youtube.com/watch?v=x' } },
      {
        kind: 'video',
        source: { kind: 'url', url: 'https://www.youtube.com/watch?v=x', mediaType: 'video/mp4' },
      },
    ],
    [
      { fileData: { fileUri: 'https://example.com/a.pdf' } },
      {
        kind: 'document',
        source: { kind: 'url', url: 'https://example.com/a.pdf' },
        name: null,
        cache: null,
      },
    ],
  ])('reads the media %j', (part, expected) => {
    expect(partsOf([user(part)])).toEqual([[expected]]);
  });

  it.each<[JsonObject, string]>([
    [{ fileData: { mimeType: 'image/png', fileUri: 'gs://bucket/x.png' } }, 'fileData.fileUri'],
    [
      {
        fileData: {
          mimeType: 'image/png',
          fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x',
        },
      },
      'fileData.fileUri',
    ],
    [{ fileData: { fileUri: 'https://example.com/x' } }, 'fileData.fileUri'],
    [{ executableCode: { language: 'PYTHON', code: '1' } }, 'executableCode'],
    [{ codeExecutionResult: {} }, 'codeExecutionResult'],
  ])('names what only Google can read: %j', (part, field) => {
    expect(decodeRequest({ contents: [user({ text: 'a' }, part)] }).mustNotDrop).toEqual([
      `contents[0].parts[1].${field}`,
    ]);
  });

  it('joins the pieces of a thought that was streamed, under its signature', () => {
    const pieces = [
      { text: 'a', thought: true },
      { text: 'b', thought: true },
      { text: '', thought: true, thoughtSignature: 'c2ln' },
      { text: 'said' },
      { text: '', thoughtSignature: 'bGFzdA==' },
    ];
    expect(partsOf([model(...pieces)])).toEqual([
      [
        { kind: 'reasoning', text: 'ab', signature: 'c2ln', redacted: null },
        text('said'),
        { kind: 'reasoning', text: '', signature: 'bGFzdA==', redacted: null },
      ],
    ]);
  });

  it('reads a signature on a call or a text as a proof before it', () => {
    const parts = [
      { text: 'said', thoughtSignature: 'AA==' },
      { functionCall: { id: 'c1', name: 'f', args: { x: 1 } }, thoughtSignature: 'AQ==' },
      { functionCall: { id: 'c2', name: 'g' } },
    ];
    expect(partsOf([model(...parts)])).toEqual([
      [
        { kind: 'reasoning', text: '', signature: 'AA==', redacted: null },
        text('said'),
        { kind: 'reasoning', text: '', signature: 'AQ==', redacted: null },
        { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{"x":1}', cache: null },
        { kind: 'tool_call', id: 'c2', name: 'g', arguments: '{}', cache: null },
      ],
    ]);
  });

  it('has no proof where the dummy stands', () => {
    for (const thoughtSignature of [
      'skip_thought_signature_validator',
      'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=',
    ]) {
      const [parts] = partsOf([model({ functionCall: { id: 'c', name: 'f' }, thoughtSignature })]);
      expect(parts).toHaveLength(1);
    }
  });
});

describe('ids of calls', () => {
  const calls = [
    model({ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }, { functionCall: { name: 'g' } }),
  ];
  const answer = (name: string, said: string, id?: string): Json => ({
    functionResponse: { name, response: { result: said }, ...(id === undefined ? {} : { id }) },
  });
  const pairs = (contents: Json[]) =>
    decodeRequest({ contents }).turns.flatMap(({ parts }) =>
      parts.map((part) =>
        part.kind === 'tool_call' ? part.id : part.kind === 'tool_result' ? part.callId : '',
      ),
    );

  it('are made up where there are none, and results find their calls by name and order', () => {
    const [one, two, three, ...results] = pairs([
      ...calls,
      user(answer('g', 'c'), answer('f', 'a'), answer('f', 'b')),
    ]);
    expect(new Set([one, two, three]).size).toBe(3);
    expect(results).toEqual([three, one, two]);
  });

  it('stay the same when the conversation grows, and differ from step to step', () => {
    const results = user(answer('f', 'a'), answer('f', 'b'), answer('g', 'c'));
    const before = pairs([...calls, results]);
    const after = pairs([...calls, results, ...calls, results]);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after).size).toBe(6);
  });

  it('that the client has are kept, in any order', () => {
    const own = model({ functionCall: { id: 'x', name: 'f' } }, { functionCall: { id: 'y', name: 'f' } });
    expect(pairs([own, user(answer('f', 'b', 'y'), answer('f', 'a', 'x'))])).toEqual(['x', 'y', 'y', 'x']);
  });
});

describe('results', () => {
  const result = (functionResponse: JsonObject) =>
    partsOf([
      model({ functionCall: { name: 'f' } }),
      user({ functionResponse: { name: 'f', ...functionResponse } }),
    ])[1]![0];

  it.each<[JsonObject, string, boolean]>([
    [{ result: 'sunny' }, 'sunny', false],
    [{ output: 'sunny' }, 'sunny', false],
    [{ result: 5 }, '{"result":5}', false],
    [{ temp: 21, unit: 'C' }, '{"temp":21,"unit":"C"}', false],
    [{ error: 'no' }, 'no', true],
    [{ error: { code: 1 } }, '{"code":1}', true],
    [{}, '{}', false],
  ])('say %j as text', (response, said, isError) => {
    expect(result({ response })).toMatchObject({ content: [text(said)], isError });
  });

  it('may hold media', () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }];
    expect(result({ response: {}, parts })).toMatchObject({ content: [{ kind: 'image' }] });
    expect(result({ response: { a: 1 }, parts })).toMatchObject({
      content: [text('{"a":1}'), { kind: 'image' }],
    });
  });
});

describe('instructions', () => {
  it.each<Json>([
    'be nice',
    { parts: [{ text: 'be nice' }] },
    { role: 'system', parts: { text: 'be nice' } },
    { text: 'be nice' },
    ['be nice'],
  ])('as %j', (systemInstruction) => {
    expect(decode({ systemInstruction }).system).toEqual([text('be nice')]);
  });

  it('hold nothing but text', () => {
    const systemInstruction = { parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }] };
    expect(refusal({ contents: hello, systemInstruction })).toContain('400 systemInstruction');
  });
});

describe('tools', () => {
  it('are JSON Schema, whichever way they come', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        city: { type: 'STRING', nullable: true, description: 'where' },
        days: { type: 'ARRAY', items: { type: 'INTEGER' }, maxItems: '7' },
        unit: { type: 'STRING', format: 'enum', enum: ['C', 'F'] },
        any: { anyOf: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }] },
      },
      required: ['city'],
      propertyOrdering: ['city', 'days'],
    };
    const schema = {
      type: 'object',
      properties: {
        city: { type: ['string', 'null'], description: 'where' },
        days: { type: 'array', items: { type: 'integer' }, maxItems: 7 },
        unit: { type: 'string', enum: ['C', 'F'] },
        any: { anyOf: [{ type: 'number' }, { type: 'boolean' }] },
      },
      required: ['city'],
    };
    const declarations = [
      { name: 'a', description: 'A', parameters },
      { name: 'b', parametersJsonSchema: schema },
      { name: 'c' },
    ];
    const expected = [
      { name: 'a', description: 'A', schema, strict: null, cache: null },
      { name: 'b', description: null, schema, strict: null, cache: null },
      { name: 'c', description: null, schema: null, strict: null, cache: null },
    ];
    expect(decode({ tools: [{ functionDeclarations: declarations }] }).tools).toEqual(expected);
    expect(decode({ tools: { function_declarations: declarations } }).tools).toEqual(expected);
  });

  it('that Google runs itself are refused elsewhere', () => {
    const { mustNotDrop } = decode({
      tools: [{ googleSearch: {} }, { functionDeclarations: [], codeExecution: {} }],
    });
    expect(mustNotDrop).toEqual(['tools[0].googleSearch', 'tools[1].codeExecution']);
  });

  it.each<[JsonObject, object | null]>([
    [{ mode: 'AUTO' }, { kind: 'auto' }],
    [{ mode: 'NONE' }, { kind: 'none' }],
    [{ mode: 'ANY' }, { kind: 'required' }],
    [{ mode: 'any' }, { kind: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { kind: 'tool', name: 'f' },
    ],
    [
      { mode: 'ANY', allowed_function_names: ['f', 'g'] },
      { kind: 'allowed', mode: 'required', names: ['f', 'g'] },
    ],
    [{ mode: 'VALIDATED' }, { kind: 'auto' }],
    [{ mode: 'MODE_UNSPECIFIED' }, null],
    [{}, null],
  ])('are chosen among as %j says', (functionCallingConfig, expected) => {
    expect(decode({ toolConfig: { functionCallingConfig } }).toolChoice).toEqual(expected);
  });

  it('with an unknown mode are refused', () => {
    const toolConfig = { functionCallingConfig: { mode: 'SOMETIMES' } };
    expect(refusal({ contents: hello, toolConfig })).toContain('400 toolConfig.functionCallingConfig.mode');
  });
});

describe('settings', () => {
  it('are read', () => {
    const generationConfig = {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      candidateCount: 1,
      maxOutputTokens: 100,
      stopSequences: ['a'],
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      seed: 7,
      responseLogprobs: true,
      logprobs: 3,
      responseMimeType: 'text/plain',
    };
    expect(decode({ generationConfig })).toMatchObject({
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxTokens: 100,
      stop: ['a'],
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      seed: 7,
      logprobs: 3,
      responseFormat: null,
      dropped: [],
      mustNotDrop: [],
    });
  });

  it.each<[JsonObject, object | null]>([
    [{ thinkingBudget: 0 }, { effort: 'none', budgetTokens: null, adaptive: false }],
    [{ thinkingBudget: -1 }, { effort: null, budgetTokens: null, adaptive: true }],
    [
      { thinkingBudget: 2048, includeThoughts: true },
      { effort: null, budgetTokens: 2048, adaptive: false },
    ],
    [{ thinkingLevel: 'HIGH' }, { effort: 'high', budgetTokens: null, adaptive: false }],
    [{ thinking_level: 'low' }, { effort: 'low', budgetTokens: null, adaptive: false }],
    [{ includeThoughts: true }, { effort: null, budgetTokens: null, adaptive: true }],
    [{ includeThoughts: false }, null],
  ])('of thinking: %j', (thinkingConfig, expected) => {
    expect(decode({ generationConfig: { thinkingConfig } }).reasoning).toEqual(expected);
  });

  it.each<[JsonObject, object | null]>([
    [{ responseMimeType: 'application/json' }, { kind: 'json_object' }],
    [
      { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT', title: 'My answer' } },
      {
        kind: 'json_schema',
        name: 'My_answer',
        schema: { type: 'object', title: 'My answer' },
        strict: null,
      },
    ],
    [
      { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
      { kind: 'json_schema', name: 'response', schema: { type: 'object' }, strict: null },
    ],
  ])('of the form of an answer: %j', (generationConfig, expected) => {
    expect(decode({ generationConfig }).responseFormat).toEqual(expected);
  });

  it('of an answer that is one of a few values is asked for in words', () => {
    const ask = (generationConfig: JsonObject) =>
      decode({ systemInstruction: { parts: [{ text: 'Be brief.' }] }, generationConfig });
    const responseMimeType = 'text/x.enum';
    const found = ask({ responseMimeType, responseSchema: { type: 'STRING', enum: ['red', 'dark blue'] } });
    expect(found.system.map(({ text }) => text)).toEqual([
      'Be brief.',
      'Answer with exactly one of these values and nothing else, without quotes:\nred\ndark blue',
    ]);
    expect(found).toMatchObject({ responseFormat: null, adapted: ['generationConfig.responseMimeType'] });
    // Of which nobody says.
    for (const responseSchema of [undefined, { type: 'STRING' }, { enum: [1] }])
      expect(ask({ responseMimeType, ...(responseSchema && { responseSchema }) })).toMatchObject({
        mustNotDrop: ['generationConfig.responseMimeType'],
        system: [{ text: 'Be brief.' }],
      });
  });

  it('that no other provider has are named, hints and those that change what is asked apart', () => {
    const request = decode({
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      labels: { team: 'x' },
      cachedContent: 'cachedContents/x',
      generationConfig: {
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
        responseModalities: ['TEXT', 'IMAGE'],
      },
    });
    expect(request.dropped).toEqual(['generationConfig.mediaResolution', 'safetySettings', 'labels']);
    expect(request.mustNotDrop).toEqual(['generationConfig.responseModalities', 'cachedContent']);
  });
});

describe('field names', () => {
  it('are told as the client writes them', () => {
    const snake = {
      contents: hello,
      safety_settings: [{}],
      generation_config: { candidate_count: 2, max_output_tokens: 'x' },
    };
    expect(refusal(snake)).toContain(
      "400 generation_config.max_output_tokens: Invalid type: 'generation_config.max_output_tokens'",
    );
    snake.generation_config.max_output_tokens = 5 as unknown as string;
    const request = decodeRequest(snake);
    expect(request).toMatchObject({
      maxTokens: 5,
      dropped: ['safety_settings'],
      mustNotDrop: [],
      choices: { count: 2, field: 'generation_config.candidate_count' },
    });
  });

  it('of a user stay as they are', () => {
    const args = { some_name: { other_name: 1 } };
    const [parts] = partsOf([model({ function_call: { name: 'my_fn', args } })]);
    expect(parts![0]).toMatchObject({ name: 'my_fn', arguments: JSON.stringify(args) });
  });
});

describe('any JSON at all', () => {
  it('is read, or refused with a field', () => {
    const key = fc.constantFrom(
      ...[
        'contents',
        'parts',
        'role',
        'text',
        'inlineData',
        'function_call',
        'functionResponse',
        'name',
        'args',
        'response',
      ],
      ...[
        'tools',
        'functionDeclarations',
        'toolConfig',
        'generationConfig',
        'thinkingConfig',
        'responseSchema',
        'thoughtSignature',
      ],
    );
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.constantFrom<Json>(null, '', 'user', 'model', 7, -1, true, 'AAAA'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(key, json, { maxKeys: 5 }), (body) => {
        try {
          decodeRequest(body as JsonObject);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
          expect((error as GatewayError).status).toBe(400);
          expect((error as GatewayError).param).not.toBeNull();
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
