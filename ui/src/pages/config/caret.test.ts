import { describe, expect, it } from 'vitest';
import { type Caret, caretIn, putIn } from './caret.ts';
import { helpAt, type SchemaNode } from './schema-help.ts';

/** `|` is the caret. */
const at = (text: string): Caret => caretIn(text.replace('|', ''), text.indexOf('|'));

describe('the caret in JSON', () => {
  it.each<[string, Caret]>([
    ['{ | }', { path: [], at: 'name', typed: '' }],
    ['{ "mod|" }', { path: [], at: 'name', typed: 'mod' }],
    ['{ "models": { "fast": { "str|', { path: ['models', 'fast'], at: 'name', typed: 'str' }],
    [
      '{ "models": { "fast": { "strategy": "|',
      { path: ['models', 'fast', 'strategy'], at: 'value', typed: '' },
    ],
    [
      '{ "models": { "fast": { "targets": ["a/b", "c|',
      { path: ['models', 'fast', 'targets', '*'], at: 'value', typed: 'c' },
    ],
    ['{ "a": { "b": 1 }, "c": tr|', { path: ['c'], at: 'value', typed: 'tr' }],
    ['{ "a{\\"": { "x|', { path: ['a{"'], at: 'name', typed: 'x' }],
    ['{ "a": { "b": {} } |', { path: [], at: 'name', typed: '' }],
    ['{ "a": "b" |', { path: [], at: 'name', typed: '' }],
    ['{ "list": [ { "a": 1, |', { path: ['list', '*'], at: 'name', typed: '' }],
  ])('%s', (text, expected) => {
    expect(at(text)).toEqual(expected);
  });
});

describe('the caret in YAML', () => {
  it.each<[string, Caret]>([
    ['mod|', { path: [], at: 'name', typed: 'mod' }],
    ['models:\n  fast:\n    str|', { path: ['models', 'fast'], at: 'name', typed: 'str' }],
    [
      'models:\n  fast:\n    strategy: or|',
      { path: ['models', 'fast', 'strategy'], at: 'value', typed: 'or' },
    ],
    ['models:\n  slow:\n    gate: true\n  fast:\n    |', { path: ['models', 'fast'], at: 'name', typed: '' }],
    [
      'models:\n  fast:\n    targets:\n      - a|',
      { path: ['models', 'fast', 'targets', '*'], at: 'name', typed: 'a' },
    ],
    ['limits:\n  - per: key\n    requ|', { path: ['limits', '*'], at: 'name', typed: 'requ' }],
    ['a:\n  b: 1\nc|', { path: [], at: 'name', typed: 'c' }],
  ])('%s', (text, expected) => {
    expect(at(text)).toEqual(expected);
  });
});

describe('an offer that is taken', () => {
  it.each([
    ['{ "mod|" }', 'models', '{ "models|" }'],
    ['{ "mod|', 'models', '{ "models": |'],
    ['{ | }', 'models', '{ "models": | }'],
    ['{ "s": | }', 'order', '{ "s": "order"| }'],
    ['{ "s": tr| }', 'true', '{ "s": true| }'],
    ['a:\n  str|', 'strategy', 'a:\n  strategy: |'],
    ['strategy: or|', 'order', 'strategy: order|'],
  ])('%s', (text, offer, expected) => {
    const offset = text.indexOf('|');
    const plain = text.replace('|', '');
    const [next, caret] = putIn(plain, offset, caretIn(plain, offset), offer);
    expect(`${next.slice(0, caret)}|${next.slice(caret)}`).toBe(expected);
  });
});

describe('help', () => {
  const schema: SchemaNode = {
    properties: {
      models: {
        description: 'All of `them`.',
        patternProperties: {
          '^\\w+$': {
            required: ['targets'],
            properties: {
              targets: {
                type: 'array',
                items: { anyOf: [{ type: 'string' }, { properties: { model: {} } }] },
              },
              strategy: { enum: ['order', 'weighted'], description: 'How.', default: 'order' },
              gate: { type: 'boolean' },
              most: { type: 'integer', minimum: 1, maximum: 9, 'x-default': '`3`' },
            },
          },
        },
      },
    },
  };
  const help = (text: string) => helpAt(schema, at(text));
  const texts = (text: string): string[] => help(text).offers.map((offer) => offer.text);

  it('offers the members that fit what is typed, and says which are required', () => {
    expect(texts('{ "models": { "a": { "|')).toEqual(['targets', 'strategy', 'gate', 'most']);
    expect(texts('{ "models": { "a": { "st|')).toEqual(['strategy']);
    expect(help('{ "models": { "a": { "t|').offers[0]!.about).toBe('Required. ');
  });

  it('offers values, and members of one shape among several', () => {
    expect(texts('{ "models": { "a": { "strategy": "|')).toEqual(['order', 'weighted']);
    expect(texts('{ "models": { "a": { "gate": |')).toEqual(['true', 'false']);
    expect(texts('{ "models": { "a": { "targets": [ { "|')).toEqual(['model']);
  });

  it('says what the place is for, what it must be, and what it is otherwise', () => {
    expect(help('models: |').about).toBe('All of them.');
    expect(help('models:\n  a:\n    strategy: |')).toMatchObject({
      about: 'How.',
      expected: 'one of these; otherwise "order"',
    });
    expect(help('models:\n  a:\n    most: |').expected).toBe('a whole number 1 to 9; otherwise 3');
  });

  it('is none where nobody knows the place', () => {
    expect(help('{ "nobody": { "x|')).toEqual({ about: '', expected: '', offers: [] });
  });
});
