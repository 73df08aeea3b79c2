import { describe, expect, test } from 'vitest';
import { rawNumber } from '../../body/lossless.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { closeSchema } from './closed-schema.ts';

const CLOSED: JsonObject = {
  type: 'object',
  properties: {
    a: { type: 'string', format: 'date' },
    b: { type: 'array', items: { type: 'integer' }, minItems: 1 },
  },
  required: ['a'],
  additionalProperties: false,
};

test('a schema that is taken as it is stays the same object', () => {
  expect(closeSchema(CLOSED)).toBe(CLOSED);
});

describe('what is refused moves into the description', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'bounds',
      { type: 'integer', minimum: 1, maximum: 9 },
      { type: 'integer', description: '{minimum: 1, maximum: 9}' },
    ],
    [
      'behind words of its own',
      {
        type: 'number',
        description: 'Age.',
        exclusiveMinimum: 0,
        exclusiveMaximum: rawNumber('1.50'),
        multipleOf: 2,
      },
      {
        type: 'number',
        description: 'Age.\n\n{exclusiveMinimum: 0, exclusiveMaximum: 1.50, multipleOf: 2}',
      },
    ],
    [
      'lengths and patterns',
      { type: 'string', minLength: 1, maxLength: 4, pattern: '^a' },
      { type: 'string', description: '{minLength: 1, maxLength: 4, pattern: "^a"}' },
    ],
    [
      'a format that is not known',
      { type: 'string', format: 'iban' },
      { type: 'string', description: '{format: "iban"}' },
    ],
    [
      'counts',
      { type: 'array', items: { type: 'string', maxLength: 2 }, minItems: 2, maxItems: 5, uniqueItems: true },
      {
        type: 'array',
        items: { type: 'string', description: '{maxLength: 2}' },
        description: '{minItems: 2, maxItems: 5, uniqueItems: true}',
      },
    ],
    [
      'members of a map',
      { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1 },
      {
        type: 'object',
        additionalProperties: false,
        description: '{additionalProperties: {"type":"integer"}, minProperties: 1}',
      },
    ],
    ['the name of the draft, which says nothing', { $schema: 'x', type: 'string' }, { type: 'string' }],
    [
      'one of several',
      { oneOf: [{ type: 'string', maxLength: 1 }] },
      { anyOf: [{ type: 'string', description: '{maxLength: 1}' }] },
    ],
    [
      'a reference stands alone, its definitions beside it',
      { $ref: '#/$defs/n', description: 'x', $defs: { n: { type: 'integer', minimum: 0 } } },
      { $ref: '#/$defs/n', $defs: { n: { type: 'integer', description: '{minimum: 0}' } } },
    ],
  ])('%s', (_, given, taken) => {
    expect(closeSchema(given)).toEqual(taken);
  });

  test('properties may have the names of keywords', () => {
    const given = {
      type: 'object',
      properties: { minimum: { type: 'integer' }, pattern: { type: 'string' } },
    };
    expect(closeSchema(given)).toEqual({ ...given, additionalProperties: false });
  });

  test('values that look like schemas are values', () => {
    const given = {
      type: 'object',
      default: { minimum: 1 },
      enum: [{ maximum: 2 }],
      additionalProperties: false,
    };
    expect(closeSchema(given)).toBe(given);
  });
});
