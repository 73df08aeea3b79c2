import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import type { Edit, EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { splice } from './splice.ts';

const target = (more: Partial<EncodeTarget> = {}): EncodeTarget => ({
  model: 'up/stream',
  provider: 'openai',
  capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
  ...more,
});

function apply(body: Buffer, edits: Edit[]): string {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    expect(start).toBeGreaterThanOrEqual(at);
    pieces.push(body.subarray(at, start), Buffer.from(text));
    at = end;
  }
  pieces.push(body.subarray(at));
  return Buffer.concat(pieces).toString();
}

const spliced = (text: string, more?: Partial<EncodeTarget>): string => {
  const body = Buffer.from(text);
  return apply(body, splice(inspectBody(body), target(more)));
};

describe('splicing a chat request', () => {
  test('a request that already says what the upstream wants is not edited', () => {
    const text = '{"model":"up/stream","stream":true,"stream_options":{"include_usage":true}}';
    expect(splice(inspectBody(Buffer.from(text)), target())).toEqual([]);
  });

  test('only the bytes of the model name change, and the name is escaped', () => {
    const text =
      '{ "seed": 12345678901234567890 ,\n "model" : "a\\u0062c", "x":{"model":"inner"}, "temperature":1.0 }';
    expect(spliced(text, { model: 'q"\\é' })).toBe(text.replace('"a\\u0062c"', '"q\\"\\\\é"'));
  });

  test.each([
    ['absent', '', '"stream_options":{"include_usage":true}'],
    ['null', ',"stream_options":null', ',"stream_options":{"include_usage":true}'],
    ['empty', ',"stream_options":{ }', ',"stream_options":{"include_usage":true }'],
    [
      'false',
      ',"stream_options":{"include_usage": false,"a":1}',
      ',"stream_options":{"include_usage": true,"a":1}',
    ],
    ['another member', ',"stream_options":{"a":1}', ',"stream_options":{"include_usage":true,"a":1}'],
  ])('usage is asked for when stream_options is %s', (_name, before, after) => {
    const model = '"model":"up/stream","stream":true';
    const wanted = before === '' ? `{${after},${model}}` : `{${model}${after}}`;
    expect(spliced(`{${model}${before}}`)).toBe(wanted);
  });

  test('usage is not asked for without a stream, nor where the upstream does not know it', () => {
    expect(spliced('{"model":"up/stream","stream":false}')).toBe('{"model":"up/stream","stream":false}');
    const stream = '{"model":"up/stream","stream":true}';
    expect(spliced(stream, { streamUsage: false })).toBe(stream);
  });

  test('every combination and order of members gives the same JSON but for the owned values', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t  ');
    const options = fc.constantFrom(
      undefined,
      null,
      {},
      { include_usage: true },
      { include_usage: false },
      { include_usage: null },
      { include_obfuscation: false },
      { a: [1, { b: '}' }], include_usage: false },
    );
    const members = fc
      .record(
        {
          model: fc.constantFrom('up/stream', 'other', 'quo"te', '日本'),
          stream: fc.constantFrom(true, false),
          stream_options: options,
          fallbacks: fc.constantFrom([], ['a'], ['a,b', 'c]']),
          messages: fc.constant([{ role: 'user', content: 'hi, "you" \\ }{' }]),
          extra: fc.jsonValue({ maxDepth: 2 }),
        },
        { requiredKeys: [] },
      )
      .map((record) => Object.entries(record).filter(([, value]) => value !== undefined));
    const bodies = members.chain((list) =>
      fc.record({
        list: fc.shuffledSubarray(list, { minLength: list.length }),
        spaces: fc.array(space, { minLength: 4 * list.length + 1, maxLength: 4 * list.length + 1 }),
      }),
    );
    fc.assert(
      fc.property(bodies, fc.boolean(), ({ list, spaces }, streamUsage) => {
        let next = 0;
        const gap = () => spaces[next++ % spaces.length]!;
        const inner = list.map(
          ([key, value]) => `${gap()}"${key}"${gap()}:${gap()}${JSON.stringify(value)}${gap()}`,
        );
        const body: Record<string, unknown> = Object.fromEntries(list);
        const result = JSON.parse(spliced(`{${inner.join(',') || gap()}}`, { streamUsage }));
        const wanted: Record<string, unknown> = { ...body, model: 'up/stream' };
        delete wanted['fallbacks'];
        if (body['stream'] === true && streamUsage) {
          wanted['stream_options'] = { ...(body['stream_options'] as object | null), include_usage: true };
        }
        expect(result).toEqual(JSON.parse(JSON.stringify(wanted)));
      }),
      { numRuns: 2000 },
    );
  });
});
