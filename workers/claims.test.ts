import { expect, it } from 'vitest';
import type { ToPrimary } from '../src/contracts/ipc.ts';
import { hereMs, machineMs } from './machine-clock.ts';
import { createClaims } from './claims.ts';

it('tells and hears when an answer was made in ms that all processes of the machine mean', async () => {
  const said: ToPrimary[] = [];
  const claims = createClaims({ connected: true, send: (message) => said.push(message) });
  const answer = Buffer.from('x');
  claims.settle('n', { answer, ttlMs: 0, madeAt: 1_000 });
  expect(said).toEqual([{ t: 'claim-over', name: 'n', answer, ttlMs: 0, madeAt: machineMs(1_000) }]);
  const asked = claims.claim('n', 'p', 900);
  claims.claimed(1, { kind: 'made', answer, madeAt: machineMs(1_000) });
  expect(await asked).toEqual({ kind: 'made', answer, madeAt: hereMs(machineMs(1_000)) });
  claims.settle('n', null);
  expect(said.at(-1)).toEqual({ t: 'claim-over', name: 'n', answer: null, ttlMs: 0 });
});
