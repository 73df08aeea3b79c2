import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../../contracts/body.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { anthropic } from '../anthropic/dialect.ts';
import { openaiChat } from './dialect.ts';
import { fitsStrict } from './strict-schema.ts';

const text = { type: 'string' };
const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

describe('a schema that strict mode is sure to take', () => {
  it.each([
    closed({}),
    closed({
      a: text,
      b: { type: ['string', 'null'] },
      c: { enum: ['x'] },
      d: { anyOf: [text, closed({})] },
    }),
    closed({ a: { type: 'array', items: { $ref: '#/$defs/A' } } }, { $defs: { A: closed({ title: text }) } }),
  ])('is %j', (schema) => expect(fitsStrict(schema)).toBe(true));

  it.each<JsonObject>([
    closed({ a: text }, { required: [] }),
    closed({ a: text }, { additionalProperties: true }),
    { type: 'object', properties: {} },
    { type: 'array', items: text },
    closed({ a: { type: 'string', minLength: 1 } }),
    closed({ a: { type: 'array' } }),
    closed({ a: {} }),
    closed({ a: true }),
    closed({ a: closed({ b: text }, { required: [] }) }),
    closed({ a: { oneOf: [text] } }),
  ])('is not %j', (schema) => expect(fitsStrict(schema)).toBe(false));
});

describe('the schema of a Messages request', () => {
  const sent = (schema: JsonObject, vendor: string): { format: JsonObject; adapted: string[] } => {
    const request = anthropic.chat.decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'q' }],
      output_config: { format: { type: 'json_schema', schema } },
    });
    const target: EncodeTarget = {
      model: 'gpt-4.1',
      provider: vendor,
      capabilities: capabilitiesOf({ vendor, dialect: 'openai-chat', model: 'gpt-4.1' }),
      streamUsage: false,
      defaultMaxTokens: 9,
      legacyMaxTokens: vendor !== 'openai',
      strict: false,
    };
    const { body, adapted } = openaiChat.chat.encodeRequest(request, target);
    return { format: JSON.parse(body).response_format.json_schema, adapted };
  };

  it('is kept to at OpenAI where its strict mode takes it; elsewhere that promise is named as adapted', () => {
    const strict = closed({ a: text });
    expect(sent(strict, 'openai')).toEqual({
      format: { name: 'response', schema: strict, strict: true },
      adapted: [],
    });
    const open = closed({ a: text }, { required: [] });
    expect(sent(open, 'openai')).toEqual({
      format: { name: 'response', schema: open },
      adapted: ['output_config.format'],
    });
    expect(sent(strict, 'custom')).toEqual({
      format: { name: 'response', schema: strict },
      adapted: ['output_config.format'],
    });
  });
});
