import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { Plan } from '../contracts/plan.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { principalOf } from '../governance/principal.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { plan } from './plan.ts';

const openai = dialectByName('openai-chat');
const targets = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, fakeProvider(name, openai).target]));
const plans: Record<string, Plan> = {
  a: planOf('a/m', tiersInOrder([targets['a']!])),
  b: planOf('b/m', tiersInOrder([targets['b']!])),
  ab: planOf('ab', tiersInOrder([targets['a']!, targets['b']!])),
  bc: planOf('bc', tiersInOrder([targets['b']!, targets['c']!])),
};

plans['halves'] = {
  ...planOf('halves', tiersInOrder([targets['a']!])),
  arms: [{ percent: 50, plan: { ...plans['b']!, name: 'halves' } }],
};

function callWith(body: object): Call {
  const { call } = fakeCall('openai-chat', body, []);
  call.plan = null;
  call.model = '';
  const models = { plan: (name: string) => plans[name] ?? null, similar: () => ['a', 'ab'], list: [] };
  (call as { snapshot: Snapshot }).snapshot = { models } as unknown as Snapshot;
  return call;
}

const labels = (call: Call) => call.plan?.targets.map(({ label }) => label);

describe('a call is planned', () => {
  test('by its model, whose compiled plan is taken as it is', () => {
    const call = callWith({ model: 'ab' });
    expect(plan(call)).toBe('continue');
    expect(call.plan).toBe(plans['ab']);
    expect(call.model).toBe('ab');
  });

  test('by the model behind the name that Claude Code knows it by, also as a fallback', () => {
    const call = callWith({ model: 'claude-hg-ab', fallbacks: ['claude-hg-bc'] });
    expect(plan(call)).toBe('continue');
    expect(labels(call)).toEqual(['a/m', 'b/m', 'c/m']);
    expect(plan(callWith({ model: 'claude-hg-nobody' }))).toMatchObject({
      code: 'GW_CLIENT_MODEL_NOT_FOUND',
    });
  });

  test('by a name that begins as those that Claude Code knows, where somebody called a model so', () => {
    const name = 'claude-hg-ab';
    plans[name] = planOf(name, tiersInOrder([targets['c']!]));
    try {
      const call = callWith({ model: name });
      expect(plan(call)).toBe('continue');
      expect(labels(call)).toEqual(['c/m']);
      // What a provider takes under any name is no model of that name.
      plans[name] = planOf(`c/${name}`, tiersInOrder([targets['c']!]));
      const listed = callWith({ model: name });
      expect(plan(listed)).toBe('continue');
      expect(labels(listed)).toEqual(['a/m', 'b/m']);
    } finally {
      delete plans[name];
    }
    const own = callWith({ model: name });
    own.principal = principalOf({ name: 'k', aliases: { [name]: ['bc'] } });
    expect(plan(own)).toBe('continue');
    expect(labels(own)).toEqual(['b/m', 'c/m']);
  });

  test('with its fallbacks behind the model’s own targets, each target once, under the model’s name', () => {
    const call = callWith({ model: 'a', fallbacks: ['bc', 'ab', 'b'] });
    expect(plan(call)).toBe('continue');
    expect(labels(call)).toEqual(['a/m', 'b/m', 'c/m']);
    expect(call.model).toBe('a/m');
    // What is compiled is never written into.
    expect(plans['a']!.targets).toHaveLength(1);
  });

  test('of a copy by the model that is asked instead, with no fallbacks of the request', () => {
    const call = callWith({ model: 'a', fallbacks: ['b'] });
    call.instead = 'bc';
    expect(plan(call)).toBe('continue');
    expect(labels(call)).toEqual(['b/m', 'c/m']);
  });

  test('below a provider’s path by that provider, but for what a key or a list of fallbacks names in full', () => {
    const asked: string[] = [];
    const below = (body: object, change: object = {}) => {
      const call = callWith(body);
      const models = {
        plan: (name: string, _dialect: string, place: string | null) => {
          asked.push(`${name} at ${place}`);
          return plans['a']!;
        },
        similar: () => [],
        list: [],
      };
      const config = { providers: [{ name: 'a' }, { name: 'b' }] };
      Object.assign(call, { prefix: 'a', snapshot: { models, config } as unknown as Snapshot, ...change });
      expect(plan(call)).toBe('continue');
      return asked.splice(0);
    };
    expect(below({ model: 'b/m', fallbacks: ['b/n', 'n', 'maker/n'] })).toEqual([
      'b/m at a',
      'b/n at null',
      'n at a',
      'maker/n at a',
    ]);
    const principal = principalOf({ name: 'k', aliases: { fast: ['b/m', 'm'] }, fallbacks: ['b/o'] });
    expect(below({ model: 'fast' }, { principal })).toEqual(['b/m at null', 'm at a', 'b/o at null']);
    expect(below({ model: 'b/m' }, { instead: 'b/m' })).toEqual(['b/m at null']);
  });

  test('by the arm of its session, under the name that was asked', () => {
    const seen = new Set<string>();
    for (let at = 0; at < 40; at++) {
      const call = callWith({ model: 'halves', messages: [{ role: 'user', content: `question ${at}` }] });
      expect(plan(call)).toBe('continue');
      expect(call.model).toBe('halves');
      seen.add(labels(call)!.join());
      const again = callWith({ model: 'halves', messages: [{ role: 'user', content: `question ${at}` }] });
      plan(again);
      expect(labels(again)).toEqual(labels(call));
    }
    expect([...seen].toSorted()).toEqual(['a/m', 'b/m']);
  });

  test('by its vendor’s own model where it names none and the operation has one', () => {
    const call = callWith({});
    const moderated = Object.assign(Object.create(call) as Call, {
      operation: { ...operations.moderation, defaultModel: 'ab' },
    });
    expect(plan(moderated)).toBe('continue');
    expect(moderated.plan).toBe(plans['ab']);
  });

  test.each<[string, object, string, string]>([
    ['no model', {}, 'GW_CLIENT_BAD_REQUEST', 'model'],
    ['an empty model', { model: '' }, 'GW_CLIENT_BAD_REQUEST', 'model'],
    ['an unknown model', { model: 'x' }, 'GW_CLIENT_MODEL_NOT_FOUND', 'model'],
    [
      'an unknown fallback',
      { model: 'a', fallbacks: ['b', 'x'] },
      'GW_CLIENT_MODEL_NOT_FOUND',
      'fallbacks[1]',
    ],
    [
      'too many fallbacks',
      { model: 'a', fallbacks: Array(11).fill('b') },
      'GW_CLIENT_BAD_REQUEST',
      'fallbacks',
    ],
  ])('never with %s', (_, body, code, param) => {
    const call = callWith(body);
    expect(plan(call)).toMatchObject({ code, param });
    expect(call.plan).toBeNull();
  });

  test('an unknown name is told what it is like', () => {
    const result = plan(callWith({ model: 'aa' }));
    expect(result).toMatchObject({ publicMessage: expect.stringContaining('Did you mean `a` or `ab`?') });
  });
});
