import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../contracts/body.ts';
import type { JsonObject } from '../contracts/json.ts';
import { capabilitiesOf } from '../models/lookup.ts';
import { anthropic } from './anthropic/dialect.ts';
import { openaiChat } from './openai-chat/dialect.ts';
import { fitToolSchema } from './tool-schema.ts';

const OPENAI = { topLevelCombinators: false, needsProperties: true };
const CLAUDE = { topLevelCombinators: false, needsProperties: false };
const LENIENT = { topLevelCombinators: true, needsProperties: false };
const text = { type: 'string' };
const number = { type: 'number' };

const target = (vendor: string, dialect: 'anthropic' | 'openai-chat', model: string): EncodeTarget => ({
  model,
  provider: vendor,
  capabilities: capabilitiesOf({ vendor, dialect, model }),
  streamUsage: false,
  defaultMaxTokens: 9,
  legacyMaxTokens: false,
  strict: false,
});

describe('the schema of a tool', () => {
  it('gets properties for OpenAI when it has none, as every tool without arguments of MCP', () => {
    expect(fitToolSchema({ type: 'object' }, OPENAI)).toEqual({
      schema: { type: 'object', properties: {} },
      adapted: false,
    });
    expect(fitToolSchema({ type: 'object', properties: null }, OPENAI)?.schema).toEqual({
      type: 'object',
      properties: {},
    });
    expect(fitToolSchema({}, OPENAI)?.schema).toEqual({ type: 'object', properties: {} });
    const schema = { type: 'object' };
    expect(fitToolSchema(schema, CLAUDE)?.schema).toBe(schema);
  });

  it.each([OPENAI, CLAUDE])(
    'is an object where its type says null, a list with an object, or nothing',
    (limits) => {
      const properties = { a: text };
      for (const type of [null, 'null', ['object', 'null'], ['null']]) {
        expect(fitToolSchema({ properties, type } as JsonObject, limits)).toEqual({
          schema: { properties, type: 'object' },
          adapted: true,
        });
      }
      expect(JSON.stringify(fitToolSchema({ properties }, limits)?.schema)).toBe(
        '{"type":"object","properties":{"a":{"type":"string"}}}',
      );
      expect(fitToolSchema({ type: 'string' }, limits)).toBeNull();
    },
  );

  it('gets items for OpenAI in every list without them, however deep', () => {
    const list = { type: 'array' };
    const schema = {
      type: 'object',
      properties: { a: list, b: { anyOf: [{ type: ['array', 'null'] }] }, c: { type: 'array', items: text } },
    };
    expect(fitToolSchema(schema, OPENAI)).toEqual({
      schema: {
        type: 'object',
        properties: {
          a: { type: 'array', items: {} },
          b: { anyOf: [{ type: ['array', 'null'], items: {} }] },
          c: { type: 'array', items: text },
        },
      },
      adapted: false,
    });
  });

  it('keeps what a combinator at the top said: its branches become properties, optional where not all require them', () => {
    const one = { type: 'object', properties: { kind: { const: 'a' }, x: text }, required: ['kind', 'x'] };
    const two = { type: 'object', properties: { kind: { const: 'b' }, y: number }, required: ['kind'] };
    for (const key of ['anyOf', 'oneOf']) {
      expect(fitToolSchema({ type: 'object', [key]: [one, two] }, CLAUDE)).toEqual({
        schema: {
          type: 'object',
          properties: { kind: { anyOf: [{ const: 'a' }, { const: 'b' }] }, x: text, y: number },
          required: ['kind'],
        },
        adapted: true,
      });
    }
    expect(
      fitToolSchema({ type: 'object', allOf: [one, { properties: { y: number }, required: ['y'] }] }, OPENAI)
        ?.schema,
    ).toEqual({
      type: 'object',
      properties: { kind: { const: 'a' }, x: text, y: number },
      required: ['kind', 'x', 'y'],
    });
    // The case of the report: branches that only say what is required.
    expect(
      fitToolSchema(
        { type: 'object', properties: { a: text }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
        CLAUDE,
      ),
    ).toEqual({ schema: { type: 'object', properties: { a: text } }, adapted: true });
    expect(
      fitToolSchema({ anyOf: [{ $ref: '#/$defs/A' }], $defs: { A: { properties: { a: text } } } }, CLAUDE)
        ?.schema,
    ).toEqual({ type: 'object', $defs: { A: { properties: { a: text } } }, properties: { a: text } });
  });

  it('is left alone inside, and altogether where nobody is known to refuse it', () => {
    const inside = { type: 'object', properties: { a: { anyOf: [text, number] } } };
    expect(fitToolSchema(inside, OPENAI)).toEqual({ schema: inside, adapted: false });
    const odd = { type: null, anyOf: [{}] };
    expect(fitToolSchema(odd, LENIENT)?.schema).toBe(odd);
  });

  it('ends within the limits whatever it was, and a schema within them stays', () => {
    const schema = fc.object({
      key: fc.constantFrom(
        'type',
        'properties',
        'anyOf',
        'allOf',
        'oneOf',
        'enum',
        'not',
        'required',
        '$ref',
        '$defs',
        'items',
        '__proto__',
      ),
      values: [fc.constantFrom<unknown>('object', 'array', null, '#/$defs/type', 'x', [], {})],
      withNullPrototype: false,
    });
    fc.assert(
      fc.property(schema, fc.constantFrom(OPENAI, CLAUDE), (given, limits) => {
        const fit = fitToolSchema(JSON.parse(JSON.stringify(given)) as JsonObject, limits);
        if (fit === null) return;
        expect(fit.schema['type']).toBe('object');
        for (const key of ['anyOf', 'oneOf', 'allOf', 'enum', 'not'])
          expect(fit.schema).not.toHaveProperty(key);
        if (limits.needsProperties) expect(fit.schema['properties']).toBeDefined();
        expect(fitToolSchema(fit.schema, limits)?.adapted).toBe(false);
      }),
    );
  });
});

describe('a request with such tools', () => {
  const anyOf = { type: 'object', properties: { a: text }, anyOf: [{ required: ['a'] }] };

  it('goes to Claude and to OpenAI, named where a schema says less, and no longer strict then', () => {
    const chat = openaiChat.chat.decodeRequest({
      model: 'm',
      messages: [{ role: 'user', content: 'q' }],
      tools: [{ type: 'function', function: { name: 'u', parameters: anyOf, strict: true } }],
    });
    const claude = anthropic.chat.encodeRequest(chat, target('anthropic', 'anthropic', 'claude-t'));
    expect(JSON.parse(claude.body).tools).toEqual([
      { name: 'u', input_schema: { type: 'object', properties: { a: text }, required: ['a'] } },
    ]);
    expect(claude.adapted).toEqual(['tools[].function.parameters']);
    const messages = anthropic.chat.decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'q' }],
      tools: [
        { name: 'ping', input_schema: { type: 'object' } },
        { name: 'u', input_schema: anyOf },
      ],
    });
    const openai = openaiChat.chat.encodeRequest(messages, target('openai', 'openai-chat', 'gpt-4.1'));
    expect(JSON.parse(openai.body).tools.map((tool: { function: object }) => tool.function)).toEqual([
      { name: 'ping', parameters: { type: 'object', properties: {} } },
      { name: 'u', parameters: { type: 'object', properties: { a: text }, required: ['a'] } },
    ]);
    expect(openai.adapted).toEqual(['tools[1].input_schema']);
  });

  it('is refused, naming the field, when a schema describes no object', () => {
    const messages = anthropic.chat.decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'q' }],
      tools: [{ name: 'u', input_schema: { type: 'string' } }],
    });
    expect(() => openaiChat.chat.encodeRequest(messages, target('openai', 'openai-chat', 'gpt-4.1'))).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED', param: 'tools[0].input_schema' }),
    );
  });
});
