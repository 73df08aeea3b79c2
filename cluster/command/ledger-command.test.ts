import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { LedgerRow } from '../../src/contracts/log-store.ts';
import { chargeLine, runLedger } from './ledger-command.ts';

const charge = {
  ...{
    at: Date.UTC(2026, 10, 30),
    call: 'req-1',
    key: 'app',
    team: 'red',
    provider: 'openai',
    upstreamModel: 'gpt-x',
  },
  ...{
    inputTokens: 12,
    outputTokens: null,
    tier: 'batch',
    costNano: 1_500,
    originalNano: null,
    estimated: true,
  },
  recalculatedAt: 5,
} as unknown as LedgerRow; // all that a line says

it('a charge is one line: whose, of what, and what it was before it was corrected', () => {
  expect(chargeLine(charge)).toBe(
    '2026-11-30T00:00:00.000Z  req-1  app (red)  openai/gpt-x batch  12 in, - out  $0.0000015, estimated, was no price',
  );
});

it('asks the API for charges and recalculations, and ends one', async () => {
  const asked: string[] = [];
  const job = { id: 'r1', dryRun: true, done: false, error: '', progress: 0.425 };
  const sums = { charges: 3, corrected: 2, differenceNano: -5_000 };
  const server = createServer((request, response) => {
    request.resume();
    asked.push(`${request.method} ${request.url}`);
    const one = {
      ...job,
      ...sums,
      done: request.method === 'POST',
      error: request.method === 'POST' ? 'cancelled' : '',
    };
    const body = request.url!.includes('/r1')
      ? one
      : { items: request.url!.includes('recalc') ? [one] : [charge] };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'hga-x' };
  const ask = (what: 'charges' | 'recalculations' | 'cancel', id = '', json = false) =>
    runLedger(target, { what, id, json, query: new URLSearchParams({ key: 'app', limit: '5' }) });
  try {
    expect(await ask('charges')).toBe(`${chargeLine(charge)}\n`);
    expect(JSON.parse(await ask('charges', '', true))).toEqual(charge);
    const line = 'r1  42 %  3 charges, 2 corrected, -$0.000005  dry run\n';
    expect(await ask('recalculations')).toBe(line);
    expect(await ask('recalculations', 'r1')).toBe(line);
    expect(await ask('cancel', 'r1')).toContain('r1  ended: cancelled  ');
  } finally {
    server.close();
    server.closeAllConnections();
  }
  expect(asked.slice(-1)).toEqual(['POST /api/ledger/recalculations/r1/cancel']);
  expect(asked[0]).toBe('GET /api/ledger?key=app&limit=5');
});
