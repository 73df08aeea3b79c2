// Ledger, sums and log say the same to the nanodollar, whoever the calls were of: with aborts, and with fallbacks that are charged for
// both attempts. HEADGATE_LONG_TESTS=1 writes a hundred thousand calls.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { LogFacet } from '../../src/contracts/log-store.ts';
import type { LogRow } from '../../src/contracts/request-log.ts';
import { sumOf } from '../../src/observability/requests/points.fixture.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { createLogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';

const CALLS = process.env['HEADGATE_LONG_TESTS'] === '1' ? 100_000 : 3_000;
const BATCH = 500;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 29, 10);
const folder = mkdtempSync(path.join(tmpdir(), 'headgate-ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same numbers each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function rowsOf(call: number, random: () => number): LogRow[] {
  const [aborted, fellBack] = [call % 20 === 7, call % 20 === 13];
  const key = `key-${Math.floor(random() * 40)}`;
  const team = `team-${Math.floor(random() * 7)}`;
  const whole = {
    call: `req-${call}`,
    at: START + Math.floor((call * 2 * HOUR) / CALLS),
    key,
    keyId: key,
    team,
    organization: `org-${team.at(-1)! < '4' ? 'a' : 'b'}`,
    customer: `customer-${Math.floor(random() * 100)}`,
    attempts: fellBack ? 2 : 1,
    ...(aborted ? { outcome: 'cancelled' as const, estimated: true } : {}),
  };
  const cost = (): number => Math.floor(random() * 1e7) + 1;
  const last = logRow({ ...whole, attempt: whole.attempts, costNano: cost() });
  return fellBack ? [logRow({ ...whole, attempt: 1, final: false, costNano: cost() }), last] : [last];
}

it('the ledger is the sum of keys, teams, organizations and customers, to the nanodollar', async () => {
  const store = createLogStore(openSqlite(path.join(folder, 'log.db'), LOG_SHAPE));
  const random = chance(17);
  let spent = 0;
  for (let from = 0; from < CALLS; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, CALLS - from) }, (_, at) =>
      rowsOf(from + at, random),
    ).flat();
    for (const { costNano } of rows) spent += costNano!;
    const { written } = await store.write({ file: 'f', from, to: from + BATCH, rows, bodies: [] });
    expect(written).toBe(true);
  }
  const total = async (field: LogFacet): Promise<number> => {
    const fields = [{ field, values: null }] as const;
    const points = await store.points({ step: 'hour', since: START, until: START + 3 * HOUR, fields });
    return sumOf(points, 'costNano');
  };
  for (const field of ['key', 'team', 'organization', 'customer'] as const)
    expect(await total(field)).toBe(spent);
  let charged = 0;
  for (let hour = 0; hour < 3; hour++) {
    const { costNano, summedNano, otherCost, withoutCharge, withoutRow } = await store.reconcile(
      START + hour * HOUR,
    );
    expect([summedNano, otherCost, withoutCharge, withoutRow]).toEqual([costNano, 0, 0, 0]);
    charged += costNano;
  }
  expect(charged).toBe(spent);
  await store.close();
}, 600_000);
