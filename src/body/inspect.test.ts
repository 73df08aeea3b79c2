import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyFacts, MemberSpan, Span } from '../contracts/body.ts';
import { GatewayError } from '../contracts/errors.ts';
import { inspectBody } from './inspect.ts';

const inspect = (text: string): BodyFacts => inspectBody(Buffer.from(text));

function refusal(body: string | Buffer): GatewayError {
  try {
    inspectBody(Buffer.from(body as string));
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

/** What the scanner must say of any bytes, told by JSON.parse. */
function expectSameVerdict(text: Buffer): void {
  // At any distance from an aligned address, since strings are read in words.
  const bytes = Buffer.alloc(text.length + 8, '"').subarray(text.length & 3, (text.length & 3) + text.length);
  text.copy(bytes);
  let parsed: unknown;
  let valid = isUtf8(bytes);
  if (valid) {
    try {
      parsed = JSON.parse(bytes.toString('utf8'));
    } catch {
      valid = false;
    }
  }
  const accepted = valid && isObject(parsed) && !holdsLoneSurrogate(bytes.toString('utf8'));
  try {
    inspectBody(bytes);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    // A wrong type or a doubled member is refused where it is met, whatever follows.
    if (error.param !== null) return;
    expect(accepted, `refused ${bytes.toString('latin1')}: ${error.message}`).toBe(false);
    return;
  }
  expect(accepted, `accepted ${bytes.toString('latin1')}`).toBe(true);
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Looks at every string of a valid text: a parsed tree has lost the doubled members.
function holdsLoneSurrogate(text: string): boolean {
  const strings = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return strings.some((string) => !(JSON.parse(string) as string).isWellFormed());
}

// JSON text with free white space, all escapes, and numbers as people write them.
const space = fc.constantFrom('', '', ' ', '\n', '\t\r\n ');
const stringPiece = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text).slice(1, -1)),
  fc.constantFrom(
    '\\"',
    '\\\\',
    '\\/',
    '\\b',
    '\\f',
    '\\n',
    '\\r',
    '\\t',
    '\\u0041',
    '\\uD83D\\uDe00',
    '\\u00fF',
  ),
);
const stringText = fc.array(stringPiece, { maxLength: 4 }).map((pieces) => `"${pieces.join('')}"`);
const numberText = fc.stringMatching(/^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?$/);
const { json: jsonText } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    stringText,
    numberText,
    fc.constantFrom('true', 'false', 'null'),
    fc
      .tuple(space, fc.array(fc.tuple(space, tie('json'), space), { maxLength: 5 }))
      .map(
        ([inner, items]) => `[${items.length === 0 ? inner : items.map((item) => item.join('')).join(',')}]`,
      ),
    fc
      .tuple(space, fc.array(fc.tuple(space, stringText, space, space, tie('json'), space), { maxLength: 5 }))
      .map(
        ([inner, members]) =>
          `{${members.length === 0 ? inner : members.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(',')}}`,
      ),
  ),
}));

// A body whose members we read have the right types, in any order, among others.
const memberText = fc.oneof(
  stringText.map((value) => ['"model"', value]),
  fc.constantFrom('true', 'false', 'null').map((value) => ['"stream"', value]),
  fc
    .tuple(
      space,
      fc.constantFrom('', '"include_usage":true', '"x":1.0, "include_usage" :false', '"x":{}'),
      space,
    )
    .map((inner) => ['"stream_options"', `{${inner.join('')}}`]),
  fc
    .array(
      stringText.filter((text) => text !== '""'),
      { maxLength: 3 },
    )
    .map((items) => ['"fallbacks"', `[${items.join(' , ')}]`]),
  fc.nat().map((value) => ['"max_tokens"', String(value)]),
  fc
    .tuple(fc.constantFrom('messages', 'system', 'tools', 'input'), jsonText)
    .map(([key, value]) => [`"${key}"`, value]),
  fc.tuple(stringText, jsonText),
);
const bodyText = fc
  .uniqueArray(fc.tuple(space, memberText, space, space, space), {
    selector: ([, [key]]) => JSON.parse(key as string) as string,
    maxLength: 8,
  })
  .map(
    (members) =>
      ` {${members.map(([a, [key, value], b, c, d]) => `${a}${key}${b}:${c}${value}${d}`).join(',')}}\n`,
  );

describe('inspectBody', () => {
  it('reads what the gateway needs of a chat body', () => {
    const facts = inspect(
      '{"model":"openai/gpt-4o-mini","stream":true,"stream_options":{"include_usage":true},"fallbacks":["a/b","c"],' +
        '"max_tokens":5,"max_completion_tokens":70,"messages":[{"role":"user","content":"hi"}],"tools":[{}]}',
    );
    expect(facts).toMatchObject({
      model: 'openai/gpt-4o-mini',
      stream: true,
      includeUsage: true,
      streamOptions: 'filled',
      fallbacks: ['a/b', 'c'],
      maxTokens: 70,
      insertAt: 1,
      empty: false,
      exoticNumbers: false,
      hasTools: true,
      promptBytes: '[{"role":"user","content":"hi"}]'.length + '[{}]'.length,
      conversation: 'messages',
    });
  });

  it('says so when nothing is given', () => {
    const facts = inspect(' { } ');
    expect(facts).toMatchObject({
      model: null,
      stream: false,
      fallbacks: null,
      maxTokens: null,
      empty: true,
    });
    expect(facts.insertAt).toBe(2);
  });

  it('reads nothing below the top level', () => {
    const facts = inspect('{"metadata":{"model":"x","stream":true,"max_tokens":-1},"tools":[ ]}');
    expect(facts).toMatchObject({ model: null, stream: false, maxTokens: null, hasTools: false });
  });

  it('notes names that are asked for at any depth, and those that may be them', () => {
    const noted = (text: string) => {
      const { hasToolResults, namesFiles } = inspect(text);
      return { hasToolResults, namesFiles };
    };
    const nothing = { hasToolResults: false, namesFiles: false };
    for (const name of ['tool_call_id', 'call_id'])
      expect(noted(`{"messages":[{"role":"tool","${name}":"x"}]}`)).toEqual({
        ...nothing,
        hasToolResults: true,
      });
    for (const name of [
      'file_id',
      'file_ids',
      'fileUri',
      'cachedContent',
      'container',
      'file\\u005fid',
      'n\\n',
    ])
      expect(noted(`{"a":[{"b":{"${name}":1}}]}`)).toEqual({ ...nothing, namesFiles: true });
    expect(
      noted('{"file_idx":"tool_call_id","xfile_id":["file_id"],"tool_call_ids":"\\u0041","":1}'),
    ).toEqual(nothing);
  });

  it('says whether its answer is to be kept', () => {
    expect(['true', 'false', 'null', '"x"'].map((value) => inspect(`{"store":${value}}`).store)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(() => inspect('{"store":true,"store":false}')).toThrow('twice');
  });

  it('takes null for not given where the API does', () => {
    expect(
      inspect(
        '{"stream":null,"stream_options":null,"max_tokens":null,"max_completion_tokens":null,"fallbacks":null}',
      ),
    ).toMatchObject({ stream: false, streamOptions: 'null', maxTokens: null, fallbacks: null });
  });

  it('prefers max_completion_tokens in either order and falls back when it is null', () => {
    expect(inspect('{"max_completion_tokens":7,"max_tokens":5}').maxTokens).toBe(7);
    expect(inspect('{"max_tokens":5,"max_completion_tokens":null}').maxTokens).toBe(5);
    expect(inspect('{"max_completion_tokens":null,"max_tokens":0}').maxTokens).toBe(0);
  });

  it('decodes keys and values that are spelled with escapes', () => {
    const facts = inspect('{"mod\\u0065l":"caf\\u00e9 \\ud83d\\ude00 é"}');
    expect(facts.model).toBe('café 😀 é');
  });

  it('accepts exactly the objects that JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.oneof(jsonText, bodyText), (text) => {
        expectSameVerdict(Buffer.from(text));
      }),
      {
        numRuns: 3000,
      },
    );
  });

  it('agrees with JSON.parse on texts with a byte changed, inserted or removed', () => {
    const byte = fc.oneof(
      fc.constantFrom(...Buffer.from('{}[]",:\\/ \n\t\r0123456789.eE+-tfnu\u0000\u007fdD89')),
      fc.nat(255),
    );
    const edit = fc.record({
      at: fc.nat(10_000),
      byte,
      kind: fc.constantFrom('set', 'insert', 'remove', 'cut'),
    });
    fc.assert(
      fc.property(bodyText, fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
        let bytes = [...Buffer.from(text)];
        for (const { at, byte: value, kind } of edits) {
          const place = at % (bytes.length + 1);
          if (kind === 'set') bytes[place] = value;
          else if (kind === 'insert') bytes.splice(place, 0, value);
          else if (kind === 'remove') bytes.splice(place, 1);
          else bytes = bytes.slice(0, place);
        }
        expectSameVerdict(Buffer.from(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  it('finds the one byte that ends or spoils a long string', () => {
    const stops = fc.constantFrom(0x22, 0x5c, 0x00, 0x0a, 0x1f, 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f);
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), stops, (length, place, stop) => {
        const string = Buffer.from('é~ !'.repeat(20)).subarray(0, length & ~1);
        const bytes = Buffer.concat([Buffer.from('{"a":"'), string, Buffer.from('xxxx"}')]);
        bytes[6 + (place % (string.length + 4))] = stop;
        expectSameVerdict(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with JSON.parse on random escapes and random bytes in a string', () => {
    const escaped = fc.stringMatching(/^\\[u"\\/bfnrtxU0 ]([dD][89abCdEf]|[0-9a-gA-F]{2})?[0-9a-fA-F]{0,3}$/);
    const raw = fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes));
    const piece = fc.oneof(
      escaped.map((text) => Buffer.from(text)),
      raw,
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        expectSameVerdict(Buffer.concat([Buffer.from('{"a":"'), ...pieces, Buffer.from('"}')]));
      }),
      { numRuns: 5000 },
    );
  });

  it('gives places that hold exactly the members', () => {
    fc.assert(
      fc.property(bodyText, (text) => {
        const body = Buffer.from(text);
        const facts = inspectBody(body);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const at = (span: Span): unknown => JSON.parse(body.toString('utf8', span.start, span.end));
        const members: [string, MemberSpan | null][] = [
          ['model', facts.modelMember],
          ['stream_options', facts.streamOptionsMember],
          ['fallbacks', facts.fallbacksMember],
        ];
        for (const [name, member] of members) {
          expect(member !== null).toBe(Object.hasOwn(parsed, name));
          if (member === null) continue;
          expect(at(member.key)).toBe(name);
          expect(at(member.value)).toEqual(parsed[name]);
          const { [name]: _, ...others } = parsed;
          expect(JSON.parse(without(body, member.cut))).toEqual(others);
        }
        if (facts.includeUsageValue !== null) expect(at(facts.includeUsageValue)).toBe(facts.includeUsage);
        expect(body[facts.insertAt - 1]).toBe(0x7b);
        expect(facts.empty).toBe(Object.keys(parsed).length === 0);
        expect(facts.model).toBe(parsed['model'] ?? null);
        expect(facts.hasTools).toBe(Array.isArray(parsed['tools']) && parsed['tools'].length > 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('marks exotic numbers anywhere, and only them', () => {
    const number = fc.oneof(numberText, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String));
    fc.assert(
      fc.property(number, (text) => {
        const plain = String(Number(text)) === text;
        expect(inspect(`{"a":[{"b":${text}}]}`).exoticNumbers).toBe(!plain);
      }),
      { numRuns: 3000 },
    );
    expect(inspect('{"a":"1.0 1e3 -0"}').exoticNumbers).toBe(false);
  });

  it.each([
    ['"default"', 'fallbacks'],
    ['{"model":"a"}', 'fallbacks'],
    ['5', 'fallbacks'],
    ['["a",1]', 'fallbacks[1]'],
    ['["",{"model":"b"}]', 'fallbacks[1]'],
    [`[${'"a",'.repeat(40)}{}]`, 'fallbacks[40]'],
  ])("fallbacks %s are not the gateway's: told, left in place, and the rest is read", (value, param) => {
    const facts = inspect(`{"fallbacks":${value},"model":"m"}`);
    expect(facts).toMatchObject({ model: 'm', fallbacks: null, fallbacksMember: null });
    expect(facts.foreignFallbacks?.param).toBe(param);
  });

  it.each([
    ['{"model":5}', 'model'],
    ['{"model":null}', 'model'],
    ['{"stream":"true"}', 'stream'],
    ['{"stream":1}', 'stream'],
    ['{"stream_options":[]}', 'stream_options'],
    ['{"stream_options":{"include_usage":1}}', 'stream_options.include_usage'],
    ['{"stream_options":{"include_usage":true,"include_\\u0075sage":true}}', 'stream_options.include_usage'],
    ['{"fallbacks":[""]}', 'fallbacks[0]'],
    ['{"max_tokens":-1}', 'max_tokens'],
    ['{"max_tokens":1.5}', 'max_tokens'],
    ['{"max_tokens":"5"}', 'max_tokens'],
    ['{"max_tokens":9007199254740992}', 'max_tokens'],
    ['{"max_completion_tokens":1e400}', 'max_completion_tokens'],
    ['{"model":"a","model":"a"}', 'model'],
    ['{"model":"a","mod\\u0065l":"b"}', 'model'],
    ['{"messages":[],"x":1,"messages":[]}', 'messages'],
  ])('refuses %s and names the field', (text, param) => {
    expect(refusal(text)).toMatchObject({ code: 'GW_CLIENT_BAD_REQUEST', status: 400, param });
  });

  it('refuses what is not an object', () => {
    for (const text of ['[]', '"x"', '1', 'null']) expect(refusal(text).code).toBe('GW_CLIENT_BAD_REQUEST');
    for (const text of ['', ' ', '[', 'nul', '\u0000']) expect(refusal(text).code).toBe('GW_CLIENT_BAD_JSON');
  });

  it('refuses bad UTF-8, a byte order mark, NUL and halves of surrogate pairs', () => {
    for (const body of [
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.from('\ufeff{}'),
      '{"a":"\u0000"}',
      '{"a":"\\ud800"}',
      '{"a":"\\udc00"}',
      '{"a":"\\ud800x"}',
      '{"a":"\\ud800\\ud800"}',
      '{"\\ud83d":1}',
    ]) {
      expect(refusal(body).code).toBe('GW_CLIENT_BAD_JSON');
    }
  });

  it('names the byte that is wrong', () => {
    expect(refusal('{"a":1,}').message).toContain('position 7');
    expect(refusal('{"é":tru}').message).toContain('position 9');
    expect(refusal('{"a":"b').message).toContain('ends at byte 7');
    expect(refusal('{} x').message).toContain('position 3');
  });

  it('takes 128 levels and refuses a million at once', () => {
    const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(inspect(nested(128)).empty).toBe(false);
    expect(refusal(nested(129)).message).toContain('deeper than 128');
    expect(refusal(`{"a":${'[{"b":'.repeat(1_000_000)}`).message).toContain('deeper than 128');
    expect(refusal('['.repeat(1_000_000)).message).toContain('deeper than 128');
  });

  it('takes 100,000 keys and refuses one more', () => {
    const keys = (count: number): string =>
      `{"m":[${Array.from({ length: count - 1 }, () => '{"k":0}').join()}]}`;
    expect(inspect(keys(100_000)).empty).toBe(false);
    expect(refusal(keys(100_001)).message).toContain('more than 100000 keys');
  });
});

function without(body: Buffer, cut: Span): string {
  return body.toString('utf8', 0, cut.start) + body.toString('utf8', cut.end);
}

describe('what other dialects call it', () => {
  const read = (body: object) => inspectBody(Buffer.from(JSON.stringify(body)));

  it.each([
    ['Responses', { max_output_tokens: 7 }],
    ['Gemini', { generationConfig: { temperature: 1, maxOutputTokens: 7 } }],
    ['Gemini as Python writes it', { generation_config: { max_output_tokens: 7 } }],
    ['Bedrock', { inferenceConfig: { maxTokens: 7, topP: 1 } }],
  ])('%s: the limit of tokens', (_dialect, body) => {
    expect(read(body).maxTokens).toBe(7);
  });

  it.each([{ maxOutputTokens: 'many' }, { maxOutputTokens: -1 }, null, [7], 7])(
    'a limit that is none is left to its vendor: %j',
    (generationConfig) => {
      expect(read({ generationConfig }).maxTokens).toBeNull();
    },
  );

  it('prompts count as such, and Bedrock’s tools are seen', () => {
    const facts = read({ contents: [1], systemInstruction: {}, instructions: 'x', toolConfig: {} });
    expect(facts.promptBytes).toBe('[1]'.length + '{}'.length + '"x"'.length + '{}'.length);
    expect(facts.hasTools).toBe(true);
    expect(read({ toolConfig: null }).hasTools).toBe(false);
  });
});
