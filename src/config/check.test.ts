import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { check } from './check.ts';
import { showPath } from './path.ts';
import { FILE_NODE, FILE_SCHEMA } from './schema/schema.ts';
import { nodeType, type SchemaNode } from './schema/node.ts';

const problems = (value: unknown): string[] =>
  check(FILE_NODE, value).map((problem) => `${showPath(problem.path)}: ${problem.message}`);

describe('checking a configuration', () => {
  it.each<[string, unknown, string]>([
    ['an unknown key', { server: { prot: 1 } }, 'server.prot: unknown key `prot`; did you mean `port`?'],
    [
      'a key in another spelling',
      { server: { max_body_bytes: 1 } },
      'server.max_body_bytes: unknown key `max_body_bytes`; did you mean `maxBodyBytes`?',
    ],
    ['an unknown section', { provider: {} }, 'provider: unknown key `provider`; did you mean `providers`?'],
    [
      'a key that is near none',
      { log: { zzzzzz: 1 } },
      'log.zzzzzz: unknown key `zzzzzz` (known here: level, access, format, requests, retentionDays, bodyRetentionDays, ledgerRetentionDays, spoolMaxBytes, bodies, callbacks, export)',
    ],
    [
      'text for a number',
      { server: { port: 'abc' } },
      'server.port: expected a whole number from 0 to 65535, got text',
    ],
    [
      'a quoted number',
      { server: { port: '80' } },
      'server.port: expected a whole number from 0 to 65535, got a number in quotes',
    ],
    [
      'a number out of range',
      { server: { port: 70000 } },
      'server.port: expected a whole number from 0 to 65535, got a number outside that range',
    ],
    [
      'a fraction',
      { server: { workers: 1.5 } },
      'server.workers: expected a whole number from 1 to 512, got a fraction',
    ],
    ['text for a switch', { log: { access: 'yes' } }, 'log.access: expected `true` or `false`, got text'],
    [
      'a value outside its set',
      { lane: { onFull: 'shedd' } },
      'lane.onFull: expected one of `shed`, `block`, got other text; did you mean `shed`?',
    ],
    ['a list for a mapping', { server: [] }, 'server: expected a mapping of keys to values, got a list'],
    ['a mapping for a list', { auth: { keys: {} } }, 'auth.keys: expected a list, got a mapping'],
    [
      'a number for a name',
      { providers: { a: { models: [4] } } },
      'providers.a.models[0]: expected a model name without spaces, `*` only at its end, got a number (put it in quotes if text is meant)',
    ],
    [
      'a star inside a name',
      { providers: { a: { models: ['a*b'] } } },
      'providers.a.models[0]: expected a model name without spaces, `*` only at its end, got other text',
    ],
    [
      'a provider name with a space',
      { providers: { 'a b': {} } },
      'providers["a b"]: the key must be a name of letters, digits, `.`, `_`, `-` (63 at most)',
    ],
    ['a missing required key', { auth: { keys: [{ name: 'a' }] } }, 'auth.keys[0]: `value` is missing'],
    [
      'a capability that is none',
      { models: { fast: { targets: ['a/b'], capabilities: { temprature: false, samplings: 'all' } } } },
      'models.fast.capabilities.samplings: unknown key `samplings`; did you mean `sampling`?',
    ],
    [
      'a capability of a wrong kind',
      { models: { 'a/b': { capabilities: { sampling: 'some' } } } },
      'models["a/b"].capabilities.sampling: expected one of `all`, `one`, `unreasoned`, `none`, got other text',
    ],
    [
      'no target',
      { models: { fast: { targets: [] } } },
      'models.fast.targets: the list is empty; at least one entry is needed',
    ],
    [
      'a target without provider',
      { models: { fast: { targets: ['gpt-4o'] } } },
      'models.fast.targets[0]: expected `provider/model`, got other text',
    ],
    [
      'a mistake in one of two shapes',
      { auth: { keys: [{ name: 'a', valu: 'x' }] } },
      'auth.keys[0].valu: unknown key `valu`; did you mean `value`?',
    ],
    [
      'a header that breaks the line',
      { providers: { a: { headers: { 'x-a': 'b\r\nc: d' } } } },
      'providers.a.headers.x-a: expected printable ASCII on one line, got other text',
    ],
    ['a file that is only text', 'hello', ': expected a mapping of keys to values, got text'],
    [
      'an unknown route',
      { routes: { '/v1/chat/completion': {} } },
      'routes["/v1/chat/completion"]: unknown key `/v1/chat/completion`; did you mean `/v1/chat/completions`?',
    ],
    [
      'a prototype as a key',
      JSON.parse('{"models":{"__proto__":{"targets":["a/b"]}}}'),
      'models.__proto__: the key must be a model name without spaces, `*` only at its end',
    ],
  ])('names %s in plain words', (_, value, expected) => {
    expect(problems(value)).toContain(expected);
  });

  it('lists everything that is wrong, not only the first', () => {
    const value = { server: { port: 'x', hots: 1 }, log: { level: 'loud' }, nonsense: 1 };
    expect(problems(value)).toHaveLength(4);
  });

  it('takes an empty section as one that states nothing', () => {
    expect(problems({ server: null, providers: { openai: null }, models: null })).toEqual([]);
  });

  it('does not show the name of a key that looks like a secret', () => {
    expect(problems({ log: { 'sk-live-0123456789': 1 } })[0]).toMatch(/unknown key \(not shown\)/);
  });

  it('does not show a key without a value, which may be the rest of a secret', () => {
    expect(problems({ auth: { keys: [{ value: 'x', 'rest-of-it': null }] } })).toEqual([
      'auth.keys[0].rest-of-it: unknown key without a value (known here: name, value, accessKeyId, organization, team, user, customer, project, expiresAt, service, models, providers, endpoints, ips, tags, priority, aliases, fallbacks, blocked, limits, budgets, guardrails)',
    ]);
  });

  it('agrees with typebox on what is valid', () => {
    fc.assert(
      fc.property(arbitrary(FILE_NODE), (value) => {
        expect(check(FILE_NODE, value).length === 0).toBe(Value.Check(FILE_SCHEMA, value));
      }),
      { numRuns: 1500 },
    );
  });
});

/** Values that mostly fit a node and sometimes do not. Never null: an empty section is ours alone. */
function arbitrary(node: SchemaNode): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>('', 'abc', 'a/b', 'a*', 0, -1, 1.5, 1e9, true, [], {}, ['x'], {
    x: 1,
  });
  return fc.oneof({ weight: 30, arbitrary: fitting(node) }, { weight: 1, arbitrary: odd });
}

function fitting(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.anyOf !== undefined) return fc.oneof(...node.anyOf.map(arbitrary));
  if (node.enum !== undefined) return fc.constantFrom(...node.enum, 'shedd');
  switch (nodeType(node)) {
    case 'object': {
      const entry = Object.values(node.patternProperties ?? {})[0];
      if (entry !== undefined)
        return fc.dictionary(fc.constantFrom('a', 'x-b', 'C.1', 'a b', ''), arbitrary(entry), { maxKeys: 2 });
      const fields = Object.entries(node.properties ?? {}).map(
        ([key, child]) => [key, arbitrary(child)] as const,
      );
      const model = Object.fromEntries([...fields, ['odd', fc.constant(1)] as const]);
      const required = fc
        .subarray(Object.keys(model))
        .map((keys) => keys.filter((key) => key !== 'odd' || keys.length > 8));
      return required.chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, model[key]!]))));
    }
    case 'array':
      return fc.array(arbitrary(node.items!), { maxLength: 2 });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return fc.constantFrom(
        'x',
        'gpt-4o',
        'a/b',
        '*',
        'http://h',
        '',
        'ünï',
        'loopback',
        'a'.repeat(70),
        'a\nb',
      );
    default:
      return fc.oneof(
        fc.integer({ min: node.minimum ?? 0, max: node.maximum ?? 9 }),
        fc.constantFrom(0, -1, 0.5, 2 ** 40),
      );
  }
}
