import { expect, test } from 'vitest';
import { withEntry, withKey, withoutKey } from './config.ts';

test('an entry comes, changes and goes, and the rest stays', () => {
  const document = { models: { a: { targets: ['x/y'] } }, rescue: { on: true } };
  expect(withEntry(document, 'models', 'b', {})).toEqual({
    models: { a: { targets: ['x/y'] }, b: {} },
    rescue: { on: true },
  });
  expect(withEntry(document, 'models', 'a', null)).toEqual({ rescue: { on: true } });
  expect(withEntry({}, 'providers', 'p', { paused: true })).toEqual({ providers: { p: { paused: true } } });
});

test('a key of an alias is there once, and the last takes the list with it', () => {
  const entry = withKey({ dialect: 'openai-chat' }, { alias: 'a', value: '1' });
  expect(withKey(entry, { alias: 'a', value: '2' })).toEqual({
    dialect: 'openai-chat',
    keys: [{ alias: 'a', value: '2' }],
  });
  expect(withoutKey(entry, 'a')).toEqual({ dialect: 'openai-chat' });
  expect(withoutKey({}, 'a')).toEqual({});
});
