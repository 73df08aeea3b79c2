import { expect, it } from 'vitest';
import { readAdminCommand } from './admin-command.ts';
import { UsageError } from './usage.ts';

it('makes one call of the words for a key', () => {
  const command = readAdminCommand(
    'keys create --name app --team a --models openai/*,!*-preview --limit 600/min --limit 5/s --budget 50/1M --budget 0.5 --service'.split(
      ' ',
    ),
  );
  expect(command).toMatchObject({ method: 'POST', path: '/api/keys', show: 'key' });
  expect(command.body).toEqual({
    name: 'app',
    team: 'a',
    models: ['openai/*', '!*-preview'],
    limits: [{ requests: '600/min' }, { requests: '5/s' }],
    budgets: [
      { amountUsd: 50, window: '1M' },
      { amountUsd: 0.5, window: 'never' },
    ],
    service: true,
  });
  expect(readAdminCommand(['keys', 'list', '--team', 'a b']).path).toBe('/api/keys?limit=500&team=a+b');
  expect(readAdminCommand(['keys', 'rotate', 'a/b', '--grace', '1h'])).toMatchObject({
    path: '/api/keys/a%2Fb/rotate',
    body: { grace: '1h' },
  });
  expect(readAdminCommand(['keys', 'revoke', 'app'])).toMatchObject({
    method: 'DELETE',
    path: '/api/keys/app',
  });
  expect(readAdminCommand(['keys', 'get', 'app'])).toMatchObject({
    method: 'GET',
    path: '/api/keys/app',
    show: 'object',
  });
  expect(readAdminCommand(['keys', 'delete', 'app'])).toMatchObject({ method: 'DELETE' });
  expect(readAdminCommand(['keys', 'fetch', 'app'])).toMatchObject({
    method: 'POST',
    path: '/api/keys/app/fetch',
    show: 'key',
  });
});

it('changes a key by options and by a body, of which options win', () => {
  const command = readAdminCommand(
    ['keys', 'update', 'app', '--models', '*', '--file', 'f', '--rotate-every', '90d', '--organization', 'o'],
    () => 'models: [a/*]\nteam: null\nmetadata: { cost: 7 }\n',
  );
  expect(command).toMatchObject({ method: 'PATCH', path: '/api/keys/app', show: 'object' });
  expect(command.body).toEqual({
    models: ['*'],
    team: null,
    metadata: { cost: 7 },
    rotateEvery: '90d',
    organization: 'o',
  });
  expect(readAdminCommand(['keys', 'create', '--data', '{"name":"of-data"}']).body).toEqual({
    name: 'of-data',
  });
});

it('a key that nobody names gets a name by whose it is', () => {
  const create = (...more: string[]) => {
    const { body, note } = readAdminCommand(['keys', 'create', ...more]);
    const { name, ...rest } = body as { name: string };
    expect(note).toBe(`its name is ${name}`);
    return { name, rest };
  };
  const { name, rest } = create('--team', 'a', '--models', 'openai/*', '--limit', '600/min');
  expect(name).toMatch(/^a-[0-9a-f]{8}$/);
  expect(rest).toEqual({ team: 'a', models: ['openai/*'], limits: [{ requests: '600/min' }] });
  expect(create('--budget', '50/1M').name).toMatch(/^key-[0-9a-f]{8}$/);
  expect(create('--team', 'a').name).not.toBe(create('--team', 'a').name);
});

it.each([
  [['keys'], 'say one of'],
  [['keys', 'creat'], 'did you mean `create`?'],
  [['keys', 'create'], 'needs a --name'],
  [['keys', 'create', '--name', 'a', '--modles', '*'], 'did you mean `--models`?'],
  [['keys', 'create', '--name', 'a', '--budget', '50/month'], 'say dollars and a window'],
  [['keys', 'list', '--grace', '1h'], 'takes no --grace'],
  [['keys', 'revoke'], 'needs the id or the name'],
  [['keys', 'update', 'app'], 'needs something to change'],
  [['keys', 'update', 'app', '--data', '[1]'], 'must be a mapping'],
  [['keys', 'list', '--data', '{}'], 'takes no --data'],
  [['backup', 'now'], 'no further words'],
])('%j is refused with a hint', (args, words) => {
  expect(() => readAdminCommand(args)).toThrow(UsageError);
  expect(() => readAdminCommand(args)).toThrow(words);
});
