import { describe, expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import type { TokenVerifier } from '../../contracts/token-verifier.ts';
import { principalOf } from '../../governance/principal.ts';
import { createTokenCallers } from './token-callers.ts';

const ada = principalOf({ name: 'sso:ada' });
const stranger = new GatewayError('GW_CLIENT_AUTH');

function callWith(token: string, tokens: Partial<TokenVerifier> | null): Call {
  const { call } = fakeCall('openai-chat', {}, [], { authorization: `Bearer ${token}` });
  const verifier = {
    claims: () => true,
    known: () => null,
    verify: () => Promise.resolve(ada as Principal | GatewayError),
    ...tokens,
  };
  (call as { snapshot: Snapshot }).snapshot = {
    ...call.snapshot,
    tokens: tokens === null ? null : verifier,
  };
  return call;
}

const stage = createTokenCallers(
  () => 1_000,
  () => stranger,
);

describe('a caller with a token', () => {
  test('that was verified before is known at once', () => {
    const call = callWith('eyJ.a.b', { known: () => ada });
    expect(stage(call)).toBe('continue');
    expect(call.principal).toBe(ada);
    expect(call.prove).toBeNull();
  });

  test('that is new is verified before anything runs', async () => {
    const call = callWith('eyJ.a.b', {});
    expect(stage(call)).toBe('continue');
    expect(call.principal).toBeNull();
    expect(await call.prove!(Buffer.alloc(0))).toBeNull();
    expect(call.principal).toBe(ada);
  });

  test('that is no good, or whose holder may not call, is refused then', async () => {
    const bad = callWith('eyJ.a.b', { verify: () => Promise.resolve(stranger) });
    expect(stage(bad)).toBe('continue');
    expect(await bad.prove!(Buffer.alloc(0))).toBe(stranger);
    expect(bad.principal).toBeNull();
    const blocked = principalOf({ name: 'x', blocked: true });
    const call = callWith('eyJ.a.b', { verify: () => Promise.resolve(blocked) });
    expect(stage(call)).toBe('continue');
    expect(await call.prove!(Buffer.alloc(0))).toMatchObject({ code: 'GW_CLIENT_KEY_BLOCKED' });
  });

  test('of nobody we know, a key, and all where no issuer is trusted, go by keys', () => {
    expect(stage(callWith('eyJ.a.b', { claims: () => false }))).toBe(stranger);
    expect(stage(callWith('hg-key', {}))).toBe(stranger);
    expect(stage(callWith('eyJ.a.b', null))).toBe(stranger);
  });
});
