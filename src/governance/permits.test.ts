import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Grant } from '../contracts/holder.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Route } from '../contracts/route.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { compilePermits } from './permits.ts';
import { createPrincipalMaker } from './principal.ts';

const may = (grants: readonly Grant[], model: string, provider = 'openai', upstream = model): boolean =>
  compilePermits(grants)?.mayUse(model, provider, upstream) ?? true;

const route = (template: string): Route => ({
  kind: 'model',
  operation: operations.chat,
  dialect: 'anthropic',
  template,
  methods: ['POST'],
  open: false,
  stream: null,
});

describe('a grant', () => {
  it('that says nothing, or `*`, allows everything and costs nothing', () => {
    for (const grants of [[], [{}], [{ models: ['*'], providers: ['*'], endpoints: ['*'], ips: ['*'] }]])
      expect(compilePermits(grants)).toBeNull();
  });

  it('that is empty denies all', () => {
    expect(may([{ models: [] }], 'gpt-4o')).toBe(false);
    expect(may([{ providers: [] }], 'gpt-4o')).toBe(false);
    expect(compilePermits([{ endpoints: [] }])!.mayCall(route('/v1/messages'))).toBe(false);
    expect(compilePermits([{ ips: [] }])!.mayCallFrom('10.0.0.1')).toBe(false);
  });

  it.each([
    [['gpt-4o'], 'gpt-4o', true],
    [['openai/gpt-4o'], 'gpt-4o', true],
    [['openai/*'], 'gpt-4o', true],
    [['azure/*'], 'gpt-4o', false],
    [['gpt-*', '!*-mini'], 'gpt-4o-mini', false],
    [['gpt-*', '!*-mini'], 'gpt-4o', true],
    [['*', '!openai/*'], 'gpt-4o', false],
    [['!gpt-4o'], 'gpt-4o', false],
    [['!gpt-4o'], 'o3', true],
    [['gpt-4o', '!gpt-4o'], 'gpt-4o', false],
    [['!*'], 'gpt-4o', false],
  ])('of models %j on %s: %j', (models, name, allowed) => {
    expect(may([{ models }], name)).toBe(allowed);
  });

  it('that denies a model denies it behind every alias; one that allows an alias allows what it stands for', () => {
    expect(may([{ models: ['fast', '!gpt-4o'] }], 'fast', 'openai', 'gpt-4o')).toBe(false);
    expect(may([{ models: ['fast'] }], 'fast', 'openai', 'gpt-4o')).toBe(true);
    expect(may([{ models: ['gpt-4o'] }], 'fast', 'openai', 'gpt-4o')).toBe(true);
    expect(may([{ models: ['fast'] }], 'openai/gpt-4o', 'openai', 'gpt-4o')).toBe(false);
  });

  it('of endpoints knows operations and routes, and lets lists of models be', () => {
    const permits = compilePermits([{ endpoints: ['chat', '!/v1/messages*'] }])!;
    expect(permits.mayCall(route('/v1/chat/completions'))).toBe(true);
    expect(permits.mayCall(route('/v1/messages'))).toBe(false);
    const { operation: _, stream: __, ...rest } = { ...route('/v1/models'), operation: null, stream: null };
    expect(permits.mayCall({ ...rest, kind: 'local', answer: 'model-list' })).toBe(true);
  });

  it('of endpoints means by films whatever way they are asked for', () => {
    const films = (name: OperationName) => ({ ...route('/v1/videos'), operation: operations[name] });
    const may = (endpoints: string[], name: OperationName) =>
      compilePermits([{ endpoints }])!.mayCall(films(name));
    for (const name of ['video', 'video-form', 'video-object'] as const)
      expect([may(['video'], name), may(['*', '!video'], name), may(['chat'], name)]).toEqual([
        true,
        false,
        false,
      ]);
    expect([may(['*', '!video-form'], 'video-form'), may(['*', '!video-form'], 'video')]).toEqual([
      false,
      true,
    ]);
  });
});

describe('several grants', () => {
  const list = fc.option(
    fc.uniqueArray(fc.constantFrom('a', 'b', 'p/*', '!a', '!p/b', '*'), { maxLength: 4 }),
    { nil: undefined },
  );
  const grants = fc.array(
    list.map((models): Grant => (models === undefined ? {} : { models })),
    { maxLength: 4 },
  );

  it('allow what each of them allows, in any order', () => {
    fc.assert(
      fc.property(grants, fc.constantFrom('a', 'b', 'c'), (all, model) => {
        const each = all.every((grant) => may([grant], model, 'p'));
        expect(may(all, model, 'p')).toBe(each);
        expect(may([...all].reverse(), model, 'p')).toBe(each);
      }),
    );
  });

  it('never allow more with one more', () => {
    fc.assert(
      fc.property(grants, grants, fc.constantFrom('a', 'b', 'c'), (some, more, model) => {
        if (may([...some, ...more], model, 'p')) expect(may(some, model, 'p')).toBe(true);
      }),
    );
  });

  it('never allow what one more denial names', () => {
    fc.assert(
      fc.property(grants, fc.constantFrom('a', 'b', 'c'), (some, model) => {
        expect(may([...some, { models: ['*', `!${model}`] }], model, 'p')).toBe(false);
      }),
    );
  });
});

describe('a plan', () => {
  const [a, b] = [
    fakeProvider('a', dialectByName('openai-chat')),
    fakeProvider('b', dialectByName('anthropic')),
  ];
  const plan = planOf('fast', tiersInOrder([a.target, b.target]));

  it('keeps the targets that may be used, in their order, and is itself where all may', () => {
    const some = compilePermits([{ providers: ['b'] }])!;
    const within = some.within(plan)!;
    expect(within).toMatchObject({ name: 'fast', targets: [b.target] });
    expect(within.tiers).toHaveLength(1);
    expect(some.within(plan)).toBe(within);
    expect(compilePermits([{ models: ['fast', '!b/x'] }])!.within(plan)).toBe(plan);
    expect(compilePermits([{ models: ['other'] }])!.within(plan)).toBeNull();
  });
});

describe('a principal', () => {
  it('has everything that was said of its holder, and shares what its grants compile to', () => {
    const principalOf = createPrincipalMaker();
    const grants = [{ models: ['a'] }];
    const one = principalOf({ name: 'one', team: 't', tags: ['x'], service: true, grants });
    const two = principalOf({ name: 'two', grants: [{ models: ['a'] }], aliases: { fast: ['a'] } });
    expect(one).toMatchObject({
      id: 'one',
      team: 't',
      user: null,
      tags: ['x'],
      priority: 'normal',
      guarded: true,
    });
    expect(two.permits).toBe(one.permits);
    expect(two.aliases?.get('fast')).toEqual(['a']);
    expect(Object.isFrozen(one) && Object.isFrozen(one.tags)).toBe(true);
    expect(principalOf({ name: 'three', grants: [{ models: ['*'] }] }).guarded).toBe(false);
    expect(principalOf({ name: 'four', expiresAtMs: 1 }).guarded).toBe(true);
  });
});
