import { describe, expect, test } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { AliasConfig } from '../contracts/alias-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { Lane } from '../contracts/lane.ts';
import type { Plan } from '../contracts/plan.ts';
import { createLoadBook } from './balance/load-book.ts';
import { createModelTable } from './model-table.ts';

const provider = (name: string, models: string[], change: Partial<ProviderConfig> = {}): ProviderConfig =>
  makeProvider(name, { models, keys: [], ...change });

/** Gives its cells away by name. */
const lane = { cell: (model: string) => ({ model }) } as Lane;

const table = (providers: ProviderConfig[], aliases: Record<string, { targets: string[] }> = {}) =>
  createModelTable({
    providers,
    aliases,
    lane: () => lane,
    dialect: (name) => ({ name }) as Dialect,
  });

const standard = () =>
  table(
    [
      provider('openai', ['gpt-*'], { modelsDeclared: false }),
      provider('local', ['*', 'llama-3.3-70b']),
      provider('claude-test', ['*'], {
        speaks: [{ dialect: 'anthropic', path: '', auth: { kind: 'none' } }],
      }),
    ],
    { fast: { targets: ['openai/gpt-4o-mini', 'local/llama-3.3-70b'] } },
  );

describe('a model name', () => {
  const labels = (
    name: string,
    dialect: 'openai-chat' | 'anthropic' = 'openai-chat',
    prefix: string | null = null,
  ) =>
    standard()
      .plan(name, dialect, prefix)
      ?.targets.map((target) => target.label);

  test('that is an alias goes to its targets in order', () => {
    expect(labels('fast')).toEqual(['openai/gpt-4o-mini', 'local/llama-3.3-70b']);
    expect(standard().plan('fast', 'openai-chat', null)?.name).toBe('fast');
  });

  test('with its provider in front goes there, further slashes included', () => {
    expect(labels('local/meta/llama')).toEqual(['local/meta/llama']);
    expect(labels('claude-test/m', 'openai-chat')).toEqual(['claude-test/m']);
  });

  test('with another maker in front is the provider’s whose name stands before the path', () => {
    expect(labels('openai/gpt-oss-120b', 'openai-chat', 'local')).toEqual(['local/openai/gpt-oss-120b']);
    expect(labels('local/openai/gpt-oss-120b', 'openai-chat', 'local')).toEqual([
      'local/openai/gpt-oss-120b',
    ]);
    // A vendor whose clients any model may have, an alias, and what the provider does not offer.
    expect(labels('local/m', 'openai-chat', 'openai')).toEqual(['local/m']);
    expect(labels('fast', 'openai-chat', 'local')).toEqual(['openai/gpt-4o-mini', 'local/llama-3.3-70b']);
    const strict = table([provider('one', ['m'], { modelsDeclared: true }), provider('two', ['*'])]);
    const below = (name: string) =>
      strict.plan(name, 'openai-chat', 'one')?.targets.map(({ label }) => label);
    expect([below('two/x'), below('m'), below('x')]).toEqual([['two/x'], ['one/m'], undefined]);
  });

  test('of an arm of a split is where it says, whatever path is asked below', () => {
    const split = [
      { to: 'openai/gpt-4o', percent: 10 },
      { to: 'm', percent: 10 },
    ];
    const made = createModelTable({
      providers: [provider('openai', ['gpt-*']), provider('local', ['*'])],
      aliases: { fast: { targets: ['openai/gpt-4o-mini'], split } },
      lane: () => lane,
      dialect: (name) => ({ name }) as Dialect,
    });
    const arms = made.plan('fast', 'openai-chat', 'local')?.arms?.map(({ plan }) => plan.targets[0]!.label);
    expect(arms).toEqual(['openai/gpt-4o', 'local/m']);
  });

  test('is told to its provider as that calls it', () => {
    const quirks = { streamUsage: true, legacyMaxTokens: true, modelNames: { sonar: 'made/sonar' } };
    const named = (name: string) =>
      table([provider('pp', ['sonar', 'other'], { quirks })]).plan(name, 'openai-chat', null)?.targets[0];
    expect(named('pp/sonar')).toMatchObject({ label: 'pp/sonar', encode: { model: 'made/sonar' } });
    expect(named('sonar')).toMatchObject({ model: 'sonar', encode: { model: 'made/sonar' } });
    expect(named('pp/other')).toMatchObject({ encode: { model: 'other' } });
  });

  test('that a provider is known for goes there before one that takes anything', () => {
    expect(labels('gpt-4o')).toEqual(['openai/gpt-4o']);
    expect(labels('llama-3.3-70b')).toEqual(['local/llama-3.3-70b']);
  });

  test('that only a wildcard takes goes to the dialect of the caller', () => {
    expect(labels('whatever')).toEqual(['local/whatever']);
    expect(labels('whatever', 'anthropic')).toEqual(['claude-test/whatever']);
    expect(labels('meta/whatever')).toEqual(['local/meta/whatever']);
  });

  test('stays with the provider its path names', () => {
    expect(labels('gpt-4o', 'openai-chat', 'local')).toEqual(['local/gpt-4o']);
    // `anthropic` may stand in a path without being a provider: then it only says the dialect.
    expect(labels('gpt-4o', 'anthropic', 'anthropic')).toEqual(['openai/gpt-4o']);
  });

  test('nobody offers is not found, and what it resembles is told', () => {
    const strict = table([provider('openai', ['gpt-4o', 'gpt-4o-mini']), provider('local', ['llama'])]);
    expect(strict.plan('gtp-4o', 'openai-chat', null)).toBeNull();
    // The provider exists and does not offer it: nobody else is asked for a name that names it.
    expect(table([provider('a', ['m']), provider('b', ['*'])]).plan('a/x', 'openai-chat', null)).toBeNull();
    expect(strict.plan('/x', 'openai-chat', null)).toBeNull();
    expect(strict.plan('openai/', 'openai-chat', null)).toBeNull();
    expect(strict.similar('openai/gtp-4o')).toEqual(['openai/gpt-4o']);
    expect(strict.similar('llama')).toEqual(['local/llama']);
  });

  test('in an ARN is the model of whoever serves it, where nobody takes the ARN itself', () => {
    const known = table([provider('aws', ['cohere.*']), provider('b', ['m'])]);
    const label = (kind: string, name: string) =>
      known.plan(`arn:aws:bedrock:us-west-2:1234:${kind}/${name}`, 'bedrock', null)?.targets[0]?.label;
    expect(label('foundation-model', 'cohere.rerank-v3-5:0')).toBe('aws/cohere.rerank-v3-5:0');
    expect(label('inference-profile', 'b/m')).toBe('b/m');
    // What its profile leads to AWS alone knows.
    expect(label('application-inference-profile', 'm')).toBeUndefined();
    const own = table([provider('aws', ['arn:*', 'cohere.*'])]);
    const arn = 'arn:aws:bedrock:us-west-2::foundation-model/cohere.rerank-v3-5:0';
    expect(own.plan(arn, 'bedrock', null)?.targets[0]?.model).toBe(arn);
  });

  test('with one provider only needs no declaration', () => {
    const only = table([provider('openai', ['gpt-*'], { modelsDeclared: false })]);
    const plan = only.plan('my-tuned-model', 'openai-chat', null);
    expect(plan?.targets[0]?.label).toBe('openai/my-tuned-model');
    expect(plan?.targets[0]?.cell.model).toBe('my-tuned-model');
  });
});

test('a provider that speaks the dialect of the client is asked in it, else in the one it prefers', () => {
  const auth = { kind: 'none' } as const;
  const both = table(
    [
      provider('both', ['*'], {
        speaks: [
          { dialect: 'openai-chat', path: '/v1', auth },
          { dialect: 'anthropic', path: '', auth },
        ],
      }),
      provider('one', ['*']),
    ],
    { mixed: { targets: ['one/m', 'both/m'] } },
  );
  const asked = (name: string, dialect: 'openai-chat' | 'anthropic') =>
    both.plan(name, dialect, null)?.targets.map((target) => [target.dialect.name, target.spoken.path]);
  expect(asked('both/m', 'openai-chat')).toEqual([['openai-chat', '/v1']]);
  expect(asked('both/m', 'anthropic')).toEqual([['anthropic', '']]);
  expect(asked('one/m', 'anthropic')).toEqual([['openai-chat', '']]);
  expect(asked('mixed', 'anthropic')).toEqual([
    ['openai-chat', ''],
    ['anthropic', ''],
  ]);
});

test('the list shows aliases and concrete names, never patterns', () => {
  expect(standard().list).toEqual([
    { id: 'fast', ownedBy: 'headgate' },
    { id: 'local/llama-3.3-70b', ownedBy: 'local' },
  ]);
});

describe('what the configuration says of a model', () => {
  const stated = createModelTable({
    providers: [provider('openai', ['gpt-*'], { modelsDeclared: false }), provider('local', ['*'])],
    aliases: {
      plain: { targets: ['local/gpt-5'] },
      own: { targets: ['local/gpt-5'], capabilities: { stops: 3 } },
    },
    capabilities: { 'local/gpt-5': { stops: 2 }, 'local/*': { stops: 1, sampling: 'one' } },
    lane: () => lane,
    dialect: (name) => ({ name }) as Dialect,
  });
  const target = (name: string) => stated.plan(name, 'openai-chat', null)!.targets[0]!;

  test('counts over the table, the longer name over the shorter, the alias over both', () => {
    const of = (name: string) => {
      const { stops, sampling, thinking } = target(name).encode.capabilities;
      return [stops, sampling, thinking];
    };
    expect(of('openai/gpt-5')).toEqual([0, 'none', 'effort']);
    expect(of('local/llama')).toEqual([1, 'one', 'unknown']);
    expect(of('local/gpt-5')).toEqual([2, 'one', 'effort']);
    expect(of('plain')).toEqual([2, 'one', 'effort']);
    expect(of('own')).toEqual([3, 'one', 'effort']);
  });

  test('makes a target particular, or not, once when it is compiled', () => {
    expect(target('local/llama').particular).toBe(true);
    expect(standard().plan('local/llama-3.3-70b', 'openai-chat', null)!.targets[0]!.particular).toBe(false);
    expect(target('openai/gpt-4o')).toBe(target('openai/gpt-4o'));
  });
});

describe('an alias with a strategy', () => {
  const plan = (alias: AliasConfig, costs: Record<string, number> = {}) =>
    createModelTable({
      providers: [provider('one', ['*']), provider('two', ['*'])],
      aliases: { fast: alias },
      lane: () => lane,
      dialect: (name) => ({ name }) as Dialect,
      balance: {
        loads: createLoadBook(),
        costOf: ({ name }) => costs[name] ?? null,
        start: 0,
      },
    }).plan('fast', 'openai-chat', null)!;
  const targets = ['one/a', 'two/b'];
  const ask = { nowMs: () => 0, random: () => 0, affinity: () => 0 };
  const chosen = ({ tiers: [tier] }: Plan) => tier!.balancer!.order(ask).map(({ label }) => label);

  test('is one tier, whose targets are counted and weighed', () => {
    const made = plan({ targets, strategy: 'weighted', weights: [1, 3] });
    expect(made.balanced).toBe(true);
    expect(made.tiers).toHaveLength(1);
    expect(made.targets.map(({ weight }) => weight)).toEqual([1, 3]);
    expect(made.targets.every(({ load }) => load !== null)).toBe(true);
    expect([1, 2, 3, 4].map(() => chosen(made)[0])).toEqual(['two/b', 'one/a', 'two/b', 'two/b']);
  });

  test('goes by what it costs', () => {
    expect(chosen(plan({ targets, strategy: 'cost' }, { one: 2, two: 1 }))).toEqual(['two/b', 'one/a']);
    expect(chosen(plan({ targets, strategy: 'cost' }, { one: 2 }))).toEqual(['one/a', 'two/b']);
  });

  test.each([
    { targets },
    { targets, strategy: 'order' },
    { targets: ['one/a'], strategy: 'adaptive' },
  ] as const)('that chooses nothing costs nothing: %o', (alias) => {
    const made = plan({ ...alias, targets: [...alias.targets] });
    expect(made.balanced).toBe(false);
    expect(made.tiers).toHaveLength(alias.targets.length);
  });
});

test('an alias is followed by its fallbacks, each for its kinds, and says what becomes of its streams', () => {
  const aliased = createModelTable({
    providers: [provider('one', ['*']), provider('two', ['*'])],
    aliases: {
      fast: {
        targets: ['one/a'],
        fallbacks: [
          { on: ['rate_limit'], to: 'two/b' },
          { on: ['context_window'], to: 'big' },
        ],
        gate: true,
        rescue: 'error',
      },
      big: { targets: ['two/c', 'one/d'] },
    },
    lane: () => lane,
    dialect: (name) => ({ name }) as Dialect,
  });
  const plan = aliased.plan('fast', 'openai-chat', null)!;
  expect(plan.targets.map(({ label }) => label)).toEqual(['one/a', 'two/b', 'two/c', 'one/d']);
  expect(plan.targets.map((target) => [...(plan.kinds!.get(target) ?? [])])).toEqual([
    [],
    ['rate_limit'],
    ['context_window'],
    ['context_window'],
  ]);
  expect([plan.gate, plan.rescue]).toEqual([true, 'error']);
});

test.each([
  ['gpt-5.4', 'openai-responses', 'openai-chat'],
  // Chat takes no tools for it at all.
  ['gpt-6-astra', 'openai-responses', undefined],
  ['gpt-4o', undefined, undefined],
])('function tools for %s go to %s, and to %s where that is not there', (model, first, otherwise) => {
  const speaks = (['openai-chat', 'openai-responses'] as const).map((dialect) => ({
    dialect,
    path: '',
    auth: { kind: 'bearer' as const },
  }));
  const plan = table([provider('openai', ['gpt-*'], { speaks })]).plan(model, 'openai-chat', null);
  const [target] = plan?.withTools?.targets ?? [];
  expect([target?.dialect.name, target?.otherwise?.dialect.name]).toEqual([first, otherwise]);
  expect(plan?.targets[0]?.otherwise).toBeNull();
});
