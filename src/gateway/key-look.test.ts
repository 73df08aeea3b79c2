import { expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import type { TokenVerifier } from '../contracts/token-verifier.ts';
import { principalOf } from '../governance/principal.ts';
import { keyView } from './key-look.ts';

const ada = principalOf({ name: 'sso:ada', team: 'blue', aliases: { cheap: ['oa/m'] } });
/** One that has seen a token before, and can verify another. */
const tokens: TokenVerifier = {
  claims: (token) => token.startsWith('eyJ'),
  known: (token) => (token === 'eyJknown' ? ada : null),
  verify: async (token) => (token === 'eyJnew' ? ada : new GatewayError('GW_CALLER_UNKNOWN')),
};
const view = (credential: string, known: TokenVerifier | null = tokens) => {
  const snapshot = {
    ...{ identify: (key: string) => (key === 'hg-key' ? principalOf({ name: 'app' }) : null) },
    ...{ tokens: known, config: { limits: [] } },
  } as unknown as Snapshot; // all that is asked of it
  return keyView(credential, snapshot, { list: async () => [] }, { standings: async () => [] });
};

it('the holder of a key, or of a token of an issuer, may know how it stands', async () => {
  expect(await view('hg-key')).toMatchObject({ name: 'app', standings: [], models: [] });
  for (const token of ['eyJknown', 'eyJnew'])
    expect(await view(token)).toMatchObject({ name: 'sso:ada', team: 'blue', models: ['cheap'] });
});

it('nobody else', async () => {
  for (const credential of ['hg-other', 'eyJforged', '']) expect(await view(credential)).toBeNull();
  expect(await view('eyJnew', null)).toBeNull();
});
