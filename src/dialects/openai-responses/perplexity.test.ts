import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../../tests/kit/encode-target.ts';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { chat } from './chat.ts';

const target = { ...encodeTarget('openai-responses', 'openai/gpt-5.4'), hosted: 'perplexity' as const };
const schema = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
};
const format = { type: 'json_schema', name: 'answer', strict: true, schema };

function mended(text: string, to: object = target): { text: string; adapted: string[] } | null {
  const body = Buffer.from(text);
  const found = chat.mend(body, inspectBody(body), to as typeof target);
  return found === null ? null : { text: applyEdits(body, found.edits).toString(), adapted: found.adapted };
}

describe('the bytes of OpenAI’s clients', () => {
  test('say of each message that it is one', () => {
    const text =
      '{"model":"m","input":[{"role":"user","content":"a"}, {"type":"message","role":"assistant","content":"b"},{ "role":"user","content":[]},{"type":"function_call_output"},7]}';
    expect(mended(text)).toEqual({
      text: text
        .replace('{"role":"user","content":"a"}', '{"type":"message","role":"user","content":"a"}')
        .replace('{ "role"', '{"type":"message", "role"'),
      adapted: ['input[].type'],
    });
    expect(mended('{"model":"m","input":"words"}')).toBeNull();
    expect(mended(text, { ...target, hosted: undefined })).toBeNull();
  });

  test('tell the form of the answer where Chat Completions have it, unless they do already', () => {
    const { type, ...json_schema } = format;
    const found = mended(JSON.stringify({ text: { verbosity: 'low', format }, model: 'm', input: 'x' }));
    expect(JSON.parse(found!.text)).toEqual({
      response_format: { type, json_schema },
      model: 'm',
      input: 'x',
    });
    expect(found!.adapted).toEqual(['text.format']);
    const own = { type: 'json_schema', json_schema: { schema: {} } };
    expect(
      mended(JSON.stringify({ text: { format }, response_format: own, model: 'm', input: 'x' })),
    ).toBeNull();
    expect(mended('{"model":"m","input":"x","text":{"format":{"type":"text"}}}')).toBeNull();
  });
});

describe('a chat', () => {
  const from = dialectByName('openai-chat').chat;
  const written = (body: JsonObject) => {
    const encoded = chat.encodeRequest(from.decodeRequest(body), target);
    return { body: JSON.parse(encoded.body) as JsonObject, dropped: encoded.dropped };
  };
  const messages = [{ role: 'user', content: 'x' }];

  test('has its schema there too', () => {
    const { body } = written({
      model: 'm',
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    });
    expect(body).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    });
    expect(body).not.toHaveProperty('text');
  });

  test('is told what got lost: JSON without a schema is not known there', () => {
    const { body, dropped } = written({ model: 'm', messages, response_format: { type: 'json_object' } });
    expect(body).not.toHaveProperty('text');
    expect(dropped).toEqual(['response_format']);
  });
});
