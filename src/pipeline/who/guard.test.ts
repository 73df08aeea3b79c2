import { describe, expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import type { RequestHead, StageResult } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Holder } from '../../contracts/holder.ts';
import { createPrincipalMaker } from '../../governance/principal.ts';
import { createGuard } from './guard.ts';

const principalOf = createPrincipalMaker();

function ask(holder: Partial<Holder> | null, at = 1_000, from = '10.0.0.1'): StageResult {
  const { call } = fakeCall('anthropic', {}, []);
  (call as { head: RequestHead }).head = {
    ...call.head,
    peer: { socketAddress: () => from, proxiedAddress: () => '' },
  };
  const stage = createGuard(
    () => at,
    () => {
      if (holder === null) return new GatewayError('GW_CLIENT_AUTH');
      call.principal = principalOf({ name: 'key', ...holder });
      return 'continue';
    },
  );
  const result = stage(call);
  if (result instanceof Promise) throw new Error('nothing here waits');
  return result;
}

const codeOf = (result: StageResult): string =>
  result instanceof GatewayError ? `${result.status} ${result.code}` : result;

describe('a key', () => {
  test.each<[string, Partial<Holder>, string]>([
    ['with nothing to check', {}, 'continue'],
    ['that is blocked', { blocked: true }, '401 GW_CLIENT_KEY_BLOCKED'],
    ['that expires now', { expiresAtMs: 1_000 }, '401 GW_CLIENT_KEY_EXPIRED'],
    ['that expires later', { expiresAtMs: 1_001 }, 'continue'],
    ['of that network', { grants: [{ ips: ['10.0.0.0/8'] }] }, 'continue'],
    ['of another network', { grants: [{ ips: ['192.0.2.0/24'] }] }, '403 GW_CLIENT_ADDRESS_FORBIDDEN'],
    [
      'of that network in a team of another',
      { grants: [{ ips: ['10.0.0.0/8'] }, { ips: ['192.0.2.0/24'] }] },
      '403 GW_CLIENT_ADDRESS_FORBIDDEN',
    ],
    ['for that operation', { grants: [{ endpoints: ['chat'] }] }, 'continue'],
    ['for another', { grants: [{ endpoints: ['token-count'] }] }, '403 GW_CLIENT_ENDPOINT_FORBIDDEN'],
    ['for no endpoint', { grants: [{ endpoints: [] }] }, '403 GW_CLIENT_ENDPOINT_FORBIDDEN'],
    // What model it may use shows with the body.
    ['for one model', { grants: [{ models: ['m'] }] }, 'continue'],
  ])('%s', (_, holder, result) => {
    expect(codeOf(ask(holder))).toBe(result);
  });

  test('that nobody knows is refused as one, and one whose address is not known is not let in by it', () => {
    expect(codeOf(ask(null))).toBe('401 GW_CLIENT_AUTH');
    expect(codeOf(ask({ grants: [{ ips: ['0.0.0.0/0'] }] }, 1_000, ''))).toContain('ADDRESS_FORBIDDEN');
  });
});
