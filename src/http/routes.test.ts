import { describe, expect, test } from 'vitest';
import { createRouteTable, forAnthropic, routes } from './routes.ts';

const table = createRouteTable(['local', 'claude-test']);
const kind = (path: string) => table.match(path).route.kind;
const answer = (path: string): string | null => {
  const { route } = table.match(path);
  return route.kind === 'local' ? route.answer : null;
};

describe('a path finds its route', () => {
  test.each([
    ['/v1/chat/completions', '/v1/chat/completions', null],
    ['/chat/completions', '/v1/chat/completions', null],
    ['/v1/chat/completions/', '/v1/chat/completions', null],
    ['/openai/v1/chat/completions', '/v1/chat/completions', 'openai'],
    ['/local/chat/completions', '/v1/chat/completions', 'local'],
    ['/v1/messages', '/v1/messages', null],
    ['/messages', '/v1/messages', null],
    ['/anthropic/v1/messages', '/v1/messages', 'anthropic'],
    ['/claude-test/v1/messages/count_tokens', '/v1/messages/count_tokens', 'claude-test'],
    ['/v1/models', '/v1/models', null],
    ['/openai/models/', '/v1/models', 'openai'],
  ])('%s', (path, template, prefix) => {
    const match = table.match(path);
    expect(match.route.template).toBe(template);
    expect(match.prefix).toBe(prefix);
    expect(match.ambiguous).toBe(false);
    // The second time it comes from the cache and must be the same.
    expect(table.match(path)).toEqual(match);
  });

  test('a model id may hold slashes, encoded or not', () => {
    expect(table.match('/v1/models/openai/gpt-4o').params).toEqual({ model: 'openai/gpt-4o' });
    expect(table.match('/v1/models/openai%2Fgpt-4o').params).toEqual({ model: 'openai/gpt-4o' });
    expect(answer('/v1/models/openai%2Fgpt-4o')).toBe('model-card');
  });

  test('health and metrics live at the root only', () => {
    expect(answer('/livez')).toBe('live');
    expect(answer('/readyz/')).toBe('ready');
    expect(answer('/')).toBe('root');
    expect(kind('/openai/livez')).toBe('unknown');
  });
});

describe('an unknown path', () => {
  test('answers in the dialect it looks like', () => {
    expect(table.match('/v1/nope').route.dialect).toBe('openai-chat');
    expect(table.match('/v1/messages/nope').route.dialect).toBe('anthropic');
    expect(table.match('/anthropic/x').route.dialect).toBe('anthropic');
  });

  test("and every path that is no vendor's speaks Anthropic's dialect to its clients", () => {
    for (const path of ['/v1/nope', '/v1/models', '/v1/models/x', '/', '/health', '/metrics', '/v1/files']) {
      const { route } = table.match(path);
      expect(forAnthropic(route)).toEqual({ ...route, dialect: 'anthropic' });
    }
    for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/messages/nope']) {
      const { route } = table.match(path);
      expect(forAnthropic(route)).toBe(route);
    }
  });

  test('says so when the SDK doubled the path', () => {
    expect(table.match('/v1/chat/completions/chat/completions').hint).toContain('base URL');
    expect(table.match('/v1/v1/chat/completions').hint).toContain('twice');
  });

  test('with an unknown prefix is not a route', () => {
    expect(kind('/mystery/v1/chat/completions')).toBe('unknown');
    expect(kind('/local/openai/v1/chat/completions')).toBe('unknown');
  });
});

test.each([
  '//v1/chat/completions',
  '/v1//chat/completions',
  '/v1/../v1/chat/completions',
  '/v1/%2e%2e/chat/completions',
  '/v1/chat%2fcompletions',
  '/v1\\chat/completions',
  '/v1/chat/completions%00',
  'http://elsewhere/v1/chat/completions',
  '/v1/models/%zz',
])('a path two readers may take differently is ambiguous: %s', (path) => {
  expect(table.match(path).ambiguous).toBe(true);
});

test('every route of an operation asks for a key, is limited, and ends in dispatch', () => {
  const served = routes.filter((route) => route.kind === 'model');
  expect(served.length).toBeGreaterThan(2);
  for (const { open, operation } of served) {
    expect(open).toBe(false);
    expect(operation.flow).toContain('admit');
    expect(operation.flow.at(-1)).toBe('dispatch');
  }
});
