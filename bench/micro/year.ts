// What an overview of a year by its hundred greatest customers costs the gatehouse: cells of 200 customers, of which each day has as many
// calls as 5,000,000 a year make. Asked for the first time, and again as a page does that is looked at.
// Run: scripts/node node bench/micro/year.ts [rounds, 7] [folder that the log is left in, for ../log-live.ts]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBlocks } from '../../gatehouse/ingest/block-builder.ts';
import { KeptDays } from '../../gatehouse/logs/kept-days.ts';
import { statsOf } from '../../gatehouse/logs/stats.ts';
import { addRow, emptyCell } from '../../src/observability/requests/cells.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { createLogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import type { Sum } from '../../src/stores/log/sum-book.ts';
import { addSums } from '../../src/stores/log/sums.ts';
import type { SqlWork } from '../../src/stores/sql-driver.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { summarise } from './measure.ts';

const [asked = '7', left = null] = process.argv.slice(2);
const rounds = Number(asked);
const DAY_MS = 86_400_000;
const DAYS = 365;
const CUSTOMERS = 200;
const CALLS = 34;
const until = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const since = until - DAYS * DAY_MS;

/** The same numbers each time. */
let seed = 42;
const random = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

const template = logRow({});
function* day(start: number): SqlWork<void> {
  const [all, own] = [new Map<string, Sum>(), new Map<string, Sum>()];
  const whole = emptyCell();
  for (let nth = 0; nth < CUSTOMERS; nth++) {
    const customer = `customer-${nth}`;
    const cell = emptyCell();
    for (let call = 0; call < CALLS; call++) {
      const row = {
        ...template,
        costNano: Math.floor(random() * 4e6),
        inputTokens: Math.floor(random() * 4_000),
        outputTokens: Math.floor(random() * 800),
        ttftMs: 100 + random() * 900,
        totalMs: 500 + random() * 9_000,
        overheadMs: 0.3 + random(),
      };
      addRow(cell, row);
      addRow(whole, row);
    }
    own.set(customer, { a: customer, b: '', cell });
  }
  all.set('', { a: '', b: '', cell: whole });
  yield* addSums([
    { step: 'day', dim: '', start, timed: true, sums: all },
    { step: 'day', dim: 'customer', start, timed: true, sums: own },
  ]);
}

const folder = left ?? mkdtempSync(join(tmpdir(), 'headgate-year-'));
mkdirSync(folder, { recursive: true });
const store = createLogStore(openSqlite(join(folder, 'log.db'), LOG_SHAPE));
for (let start = since; start < until; start += DAY_MS) await store.driver.write(() => day(start));
await buildBlocks({ driver: store.driver, rest: async () => undefined, stopped: () => false }, 0, until);

const question = {
  window: { step: 'day', since, until },
  group: 'customer',
  filters: [],
  metrics: ['requests', 'costNano', 'ttftMs.p95', 'overheadMs.p99'],
  top: 100,
  by: 'requests',
  compare: false,
} as const;
async function cpu(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1_000;
}
const ms = (ns: number): string => (ns / 1e6).toFixed(0);
async function say(what: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await cpu(work));
  const { medianNs, minNs, maxNs } = summarise(times.slice(1));
  console.log(
    `${what.padEnd(40)} ${ms(times[0]!)} ms of CPU first, ${ms(medianNs)} after (${ms(minNs)} - ${ms(maxNs)})`,
  );
}
let answer: object = {};
const kept = new KeptDays(() => performance.now());
await say('the same, of days that are kept', async () => {
  answer = await statsOf(store, question, kept);
});
console.log(`${Math.round(kept.bytes / 1e6)} MB kept`);
await say('a year by its hundred greatest', async () => {
  answer = await statsOf(store, question);
});
await say('its text', () => Promise.resolve(JSON.stringify(answer)));
const top = Array.from({ length: 100 }, (_, nth) => `customer-${nth}`);
const where = { step: 'day', since, until, fields: [{ field: 'customer', values: top }] } as const;
await say('its points alone', () => store.points(where));
await say('which are greatest', () =>
  store.counts({ ...where, fields: [{ field: 'customer', values: null }] }, 'requests'),
);
await say('all calls of its days', () => store.points({ ...where, fields: [] }));
const points = await store.points(where);
console.log(
  `${points.length} points of ${Math.round(points.reduce((sum, { cell }) => sum + cell.length, 0) / points.length)} characters`,
);
await store.close();
if (left === null) rmSync(folder, { recursive: true, force: true });
