import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Holder } from '../../contracts/holder.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { createPrincipalMaker } from '../../governance/principal.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { planOf, tiersInOrder, withFallbacks } from '../../routing/plan-tiers.ts';
import { permit } from './permit.ts';

const principalOf = createPrincipalMaker();
const openai = dialectByName('openai-chat');
const [a, b] = [fakeProvider('a', openai), fakeProvider('b', openai)];

function callOf(holder: Partial<Holder>, body: object = {}, headers: Record<string, string> = {}): Call {
  const { call } = fakeCall('openai-chat', { model: 'fast', ...body }, [a, b], headers);
  call.principal = principalOf({ name: 'key', ...holder });
  call.plan = planOf('fast', tiersInOrder([a.target, b.target]));
  return call;
}

const labels = (call: Call) => call.plan?.targets.map(({ label }) => label);

describe('a caller', () => {
  test('without permits has its plan as it is', () => {
    const call = callOf({});
    const { plan } = call;
    expect(permit(call)).toBe('continue');
    expect(call.plan).toBe(plan);
  });

  test('goes past targets that it may not use', () => {
    const call = callOf({ grants: [{ models: ['*', '!a/m'] }] });
    expect(permit(call)).toBe('continue');
    expect(labels(call)).toEqual(['b/m']);
  });

  test('that may use none of them is told so by the name it used', () => {
    const call = callOf({ grants: [{ models: ['other'] }] });
    expect(permit(call)).toMatchObject({
      code: 'GW_CLIENT_MODEL_FORBIDDEN',
      status: 403,
      param: 'model',
      publicMessage: 'This key may not use the model `fast`.',
    });
  });

  test('is given a fallback by the name of the fallback, whatever it falls back from', () => {
    const base = planOf('fast', tiersInOrder([a.target]));
    const spare = planOf('spare', tiersInOrder([b.target]));
    const may = (models: string[]): readonly string[] | undefined | GatewayError => {
      const call = callOf({ grants: [{ models }] });
      call.plan = withFallbacks(base, [spare]);
      const result = permit(call);
      expect(call.plan.name).toBe('fast');
      return result instanceof GatewayError ? result : labels(call);
    };
    expect(may(['fast', 'spare'])).toEqual(['a/m', 'b/m']);
    expect(may(['fast'])).toEqual(['a/m']);
    expect(may(['spare'])).toEqual(['b/m']);
    expect(may(['neither'])).toBeInstanceOf(GatewayError);
  });
});

describe('the customer of a call', () => {
  const customerOf = (holder: Partial<Holder>, body: object, headers = {}, header?: string) => {
    const call = callOf(holder, body, headers);
    if (header !== undefined) {
      const { snapshot } = call;
      const config = { ...snapshot.config, auth: { anonymous: false, customerHeader: header } };
      (call as { snapshot: Snapshot }).snapshot = { ...snapshot, config };
    }
    permit(call);
    return call.customer;
  };

  test.each([
    [{ user: 'u1' }, 'u1'],
    [{ safety_identifier: 's1' }, 's1'],
    [{ safety_identifier: 's1', user: 'u1' }, 'u1'],
    [{ user: 'u1', safety_identifier: 's1' }, 'u1'],
    [{ metadata: { other: 1, user_id: 'm1' } }, 'm1'],
    [{ metadata: { user_id: 'm1' }, user: 'u1' }, 'u1'],
    [{ user: '' }, null],
    [{ user: 7 }, null],
    [{ user: null, metadata: null }, null],
    [{ metadata: [] }, null],
    [{ metadata: { user_id: { user_id: 'deep' } } }, null],
    [{}, null],
  ])('is what the body %j says: %j', (body, customer) => {
    expect(customerOf({}, body)).toBe(customer);
  });

  test('is what a header says that the operator named, and no other header', () => {
    const headers = { 'x-end-user': 'h1' };
    expect(customerOf({}, { user: 'u1' }, headers, 'x-end-user')).toBe('h1');
    expect(customerOf({}, { user: 'u1' }, headers)).toBe('u1');
    expect(customerOf({}, { user: 'u1' }, {}, 'x-end-user')).toBe('u1');
  });

  test('is the key’s own, whatever a call says', () => {
    expect(customerOf({ customer: 'acme' }, { user: 'u1' }, { 'x-end-user': 'h1' }, 'x-end-user')).toBe(
      'acme',
    );
  });
});
