import { expect, it } from 'vitest';
import { isResourceCommand, readResourceCommand } from './admin-resources.ts';
import { UsageError } from './usage.ts';

const read = (line: string, file = '') => {
  const { method, path, body } = readResourceCommand(line.split(' '), () => file);
  return [method, path, ...(body === undefined ? [] : [body])];
};

it.each([
  ['teams list', ['GET', '/api/teams?limit=500']],
  ['teams get a', ['GET', '/api/teams/a']],
  ['teams create a --data {"models":["x/*"]}', ['POST', '/api/teams', { name: 'a', models: ['x/*'] }]],
  [
    'teams create red --budget 50/1M --budget 2 --limit 600/min --data {"models":["x/*"]}',
    [
      'POST',
      '/api/teams',
      {
        name: 'red',
        models: ['x/*'],
        limits: [{ requests: '600/min' }],
        budgets: [
          { amountUsd: 50, window: '1M' },
          { amountUsd: 2, window: 'never' },
        ],
      },
    ],
  ],
  [
    'customers update acme --budget 1/1d',
    ['PATCH', '/api/customers/acme', { budgets: [{ amountUsd: 1, window: '1d' }] }],
  ],
  [
    'provider-keys create --data {"provider":"p","alias":"a"}',
    ['POST', '/api/provider-keys', { provider: 'p', alias: 'a' }],
  ],
  ['models update fast --data {"gate":true}', ['PATCH', '/api/models/fast', { gate: true }]],
  ['providers delete p', ['DELETE', '/api/providers/p']],
  ['providers pause p', ['POST', '/api/providers/p/pause', {}]],
  ['models try fast', ['POST', '/api/models/fast/try', {}]],
  ['lanes reset p m', ['POST', '/api/lanes/p/reset', { model: 'm' }]],
  ['config rollback 7', ['POST', '/api/config/rollback', { version: 7 }]],
  ['config history', ['GET', '/api/config/history']],
  ['cluster show', ['GET', '/api/cluster']],
  ['cluster history', ['GET', '/api/cluster/history']],
  ['devices list --where state=pending', ['GET', '/api/edge/devices?limit=500&state=pending']],
  ['devices create farm-1', ['POST', '/api/edge/devices', { name: 'farm-1' }]],
  ['devices deny ada-laptop', ['PATCH', '/api/edge/devices/ada-laptop', { state: 'denied' }]],
  [
    'edge-catalog deny item_1 --data {"note":"no"}',
    ['PATCH', '/api/edge/catalog/item_1', { note: 'no', state: 'denied' }],
  ],
  ['edge-policy set --data {"fallback":true}', ['PUT', '/api/edge/policy', { fallback: true }]],
  ['edge-authority create', ['POST', '/api/edge/authority', {}]],
  ['edge-authority delete', ['DELETE', '/api/edge/authority']],
  ['budgets standing', ['GET', '/api/budgets/standing']],
  ['budgets standing --where team=red', ['GET', '/api/budgets/standing?team=red']],
  [
    'prices set openai/gpt-5 --data {"input_cost_per_token":1}',
    ['PUT', '/api/prices', { model: 'openai/gpt-5', prices: { input_cost_per_token: 1 } }],
  ],
  ['prices unset openai/*', ['DELETE', '/api/prices?model=openai%2F*']],
  ['budgets create b --data {"amountUsd":1}', ['POST', '/api/budgets', { name: 'b', amountUsd: 1 }]],
  ['credit add app 5.5', ['POST', '/api/keys/app/credit', { amountUsd: 5.5 }]],
  ['credit show team/red', ['GET', '/api/teams/red/credit']],
  [
    'teams list --where organization=o --where blocked=true',
    ['GET', '/api/teams?limit=500&organization=o&blocked=true'],
  ],
  ['admins update ada --data {"role":"viewer"}', ['PATCH', '/api/admins/ada', { role: 'viewer' }]],
  ['tokens create ci --data {"days":9}', ['POST', '/api/tokens', { name: 'ci', days: 9 }]],
  ['tokens delete tok_1', ['DELETE', '/api/tokens/tok_1']],
  ['secrets show', ['GET', '/api/secrets']],
  ['secrets rotate', ['POST', '/api/secrets/rotate', {}]],
  ['cache show', ['GET', '/api/cache']],
  ['cache purge --where tag=a=b', ['DELETE', '/api/cache?tag=a%3Db']],
  ['prices show a/b,c', ['GET', '/api/prices?models=a%2Fb%2Cc']],
  ['exports create --data {"since":"24h"}', ['POST', '/api/logs/exports', { since: '24h' }]],
  ['lanes list --where paused=true', ['GET', '/api/lanes?paused=true']],
])('%s', (line, wanted) => {
  expect(read(line)).toEqual(wanted);
});

it('sends a document as the text it is, and a body of a file as what it says', () => {
  expect(read('config apply --file f', 'models: {}')).toEqual([
    'POST',
    '/api/config/apply',
    { config: 'models: {}' },
  ]);
  expect(read('teams create a --file f', 'models:\n  - x/*\n')).toEqual([
    'POST',
    '/api/teams',
    { name: 'a', models: ['x/*'] },
  ]);
});

it.each([
  'teams lst',
  'teams get',
  'config apply',
  'config rollback',
  'teams list --nope',
  'teams get a b c d',
  'teams get a --where team=b',
  'teams list --where team',
  'tokens get tok_1',
  'secrets rotat',
  'teams create a --data 7',
  'teams create a --budget 50/month',
  'teams get a --budget 50',
  'models create m --limit 5/s',
  'credit add app',
  'credit add app five',
  'credit show world/x',
  'credit show',
])('refuses `%s`', (line) => {
  expect(() => read(line)).toThrow(UsageError);
});

it('leaves `headgate models` to the command that prints names', () => {
  expect(isResourceCommand(['models'])).toBe(false);
  expect(isResourceCommand(['models', '--config', 'x'])).toBe(false);
  expect(isResourceCommand(['models', 'try', 'x'])).toBe(true);
  expect(isResourceCommand(['teams'])).toBe(true);
  expect(isResourceCommand(['start'])).toBe(false);
  expect(isResourceCommand(['cache', 'calibrate'])).toBe(false);
  expect(isResourceCommand(['cache', 'purge'])).toBe(true);
});

it.each(['budgets standing team=red', 'teams list red', 'config show all'])(
  '`%s` has a word too many',
  (line) => {
    expect(() => read(line)).toThrow('too many words');
  },
);
