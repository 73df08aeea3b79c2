// What the admin API can, the command line can: every route is reached by some words, or stands in a short list that says why not.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAdminCommand } from '../../cluster/command/admin-command.ts';
import { readResourceCommand } from '../../cluster/command/admin-resources.ts';
import { readAuditCommand } from '../../cluster/command/audit-command.ts';
import { startTestApi, type TestApi } from '../../gatehouse/api/api.fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const OBJECTS =
  'organizations teams users customers projects limits budgets providers provider-keys models admins';
const CREDITED = ['key', 'team', 'user', 'customer', 'project', 'organization'];

const RESOURCE = [
  ...OBJECTS.split(' ').flatMap((noun) =>
    ['list', 'get x', 'create x', 'update x', 'delete x'].map((verb) => `${noun} ${verb}`),
  ),
  ...['pause', 'resume', 'test'].map((verb) => `providers ${verb} x`),
  'models try x',
  ...['list', 'get x', 'reset x'].map((verb) => `lanes ${verb}`),
  ...['show', 'validate', 'diff', 'apply', 'history', 'history 1', 'rollback 1', 'export'].map(
    (verb) => `config ${verb}`,
  ),
  'budgets standing',
  ...CREDITED.flatMap((kind) => [`credit show ${kind}/x`, `credit add ${kind}/x 1`]),
  ...['list', 'create x', 'delete x'].map((verb) => `tokens ${verb}`),
  ...['secrets show', 'secrets rotate', 'cache show', 'cache purge', 'oidc show'],
  ...['prices show x', 'prices set x', 'prices unset x'],
  ...['exports list', 'exports create', 'cluster show', 'cluster history'],
];
const KEYS = [
  ...['list', 'create --name x', 'get x', 'update x --priority low', 'delete x'],
  ...['rotate x', 'fetch x', 'block x', 'unblock x'],
].map((verb) => `keys ${verb}`);

/** Routes that are no matter of the command line. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^(POST|GET|DELETE) \/api\/(setup|login|logout|session)/, 'of a browser with a session'],
  [/ \/api\/admins\/\{id\}\/(password|totp)$/, 'of people, on the page: no password in a shell’s history'],
  [/ \/api\/keys\/self/, 'of the holder of a key'],
  [/ \/api\/(key|team)\//, 'LiteLLM’s calls'],
  [/ \/api\/(logs|ledger|stats|cluster\/stream)/, '`headgate logs`, `ledger`, `top`'],
  [/ \/api\/edge/, '`headgate edge …`, and the page'],
  [/ \/api\/openapi\.json$/, 'this description itself'],
  [/ \/api\/config\/schema$/, '`headgate schema`'],
  [/ \/api\/[a-z]+\/\{id\}\/budgets$/, '`headgate budgets standing`'],
];

it('every route of the admin API has its words', () => {
  const reached = new Set<string>();
  const reach = (method: string, path: string): void => void reached.add(`${method} ${path.split('?')[0]}`);
  for (const words of RESOURCE) {
    const { method, path } = readResourceCommand([...words.split(' '), '--data', '{"a":1}']);
    reach(method, path);
  }
  for (const words of KEYS) {
    const { method, path } = readAdminCommand(words.split(' '));
    reach(method, path);
  }
  for (const verb of ['list', 'export', 'verify']) reach('GET', readAuditCommand(['audit', verb]).path);
  const backup = readAdminCommand(['backup']);
  reach(backup.method, backup.path);
  const missing = api.routes
    .filter(({ path }) => path.startsWith('/api/'))
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => !ELSEWHERE.some(([pattern]) => pattern.test(route)))
    .filter((route) => !reached.has(route.replace('{version}', '1').replace('{id}', 'x')));
  expect(missing).toEqual([]);
  // Nothing on the list that is not there any more.
  for (const [pattern, why] of ELSEWHERE)
    expect(
      api.routes.some(({ method, path }) => pattern.test(`${method} ${path}`)) || why.startsWith('LiteLLM'),
      why,
    ).toBe(true);
});
