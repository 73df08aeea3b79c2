// Fills a log of requests with a year of calls, and asks what the page asks of it: first page, filters, a year's overview,
// while rows go on being written.
// Run: scripts/node node bench/log-rows.ts [rows] [folder]     (5,000,000 rows take 1.5 KB of disk each, with their sums)
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildBlocks } from '../gatehouse/ingest/block-builder.ts';
import { facetsOf } from '../gatehouse/logs/facets.ts';
import { statsOf } from '../gatehouse/logs/stats.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../gatehouse/logs/window.ts';
import { LOG_FACETS, type LogQuery } from '../src/contracts/log-store.ts';
import type { LogRow } from '../src/contracts/request-log.ts';
import { logRow } from '../src/observability/requests/row.fixture.ts';
import { createLogStore, type LogStore } from '../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../src/stores/log/shape.ts';
import { openSqlite } from '../src/stores/sqlite.ts';
import { fillWork } from './log-fill.ts';

const [count = 5_000_000, folder = '/tmp/headgate-log-rows'] = [
  Number(process.argv[2] ?? 5_000_000),
  process.argv[3],
];
const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
/** Most of a day: its sums are written once then. */
const BATCH = 10_000;
const now = Math.floor(Date.now() / DAY_MS) * DAY_MS;

/** The same numbers each time. */
let seed = 42;
const random = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
/** Low numbers more often: few do most. */
const skewed = (limit: number): number => Math.floor(random() ** 2 * limit);

function row(at: number, n: number): LogRow {
  const failed = random() < 0.02;
  const model = `model-${skewed(12)}`;
  const key = skewed(40);
  return logRow({
    call: `req_${n.toString(36).padStart(8, '0')}`,
    at,
    key: `key-${key}`,
    keyId: `key-${key}`,
    team: `team-${key % 6}`,
    user: `user-${skewed(60)}`,
    customer: random() < 0.5 ? '' : `customer-${skewed(200)}`,
    session: `session-${Math.floor(n / 20)}`,
    tags: random() < 0.1 ? ['batch'] : [],
    model,
    requestedModel: model,
    provider: ['openai', 'anthropic', 'gemini', 'bedrock'][skewed(4)]!,
    upstreamModel: model,
    ...(failed
      ? { outcome: 'error', owner: 'provider', errorType: 'provider_overloaded', status: 503, costNano: 0 }
      : { costNano: Math.floor(random() * 4e6) }),
    inputTokens: Math.floor(random() * 4_000),
    outputTokens: failed ? 0 : Math.floor(random() * 800),
    ttftMs: 100 + random() * 900,
    totalMs: 500 + random() * 9_000,
    overheadMs: 0.3 + random(),
  });
}

async function fill(store: LogStore): Promise<void> {
  const step = YEAR_MS / count;
  const begun = performance.now();
  for (let n = 0; n < count; n += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - n) }, (_, at) =>
      row(Math.floor(now - YEAR_MS + (n + at) * step), n + at),
    );
    await store.driver.write(() => fillWork(rows, now - MINUTES_KEPT_MS, now - HOURS_KEPT_MS));
    if (n % (BATCH * 10) === 0)
      console.log(`${n} rows, ${Math.round(n / ((performance.now() - begun) / 1_000 || 1))} a second`);
  }
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  const [first] = times;
  times.sort((one, other) => one - other);
  console.log(
    `${name.padEnd(52)} ${first!.toFixed(0).padStart(6)} ms first, ${times[2]!.toFixed(0).padStart(6)} ms median`,
  );
}

mkdirSync(folder, { recursive: true });
const file = join(folder, 'log.db');
const fresh = !existsSync(file);
const store = createLogStore(openSqlite(file, LOG_SHAPE));
if (fresh) await fill(store);
// As the gatehouse does it beside everything else; here at once.
const building = performance.now();
await buildBlocks({ driver: store.driver, rest: async () => undefined, stopped: () => false }, 0, now);
console.log(`blocks made in ${Math.round(performance.now() - building)} ms`);

const page = (over: Partial<LogQuery>) => () => store.page({ values: {}, ranges: {}, limit: 50, ...over });
await timed('first page', page({}));
await timed('first page with all facets of a day', async () => {
  await page({ since: now - DAY_MS })();
  await facetsOf(store, { values: {}, ranges: {}, since: now - DAY_MS, until: now }, LOG_FACETS, now);
});
await timed('all facets of 30 days', () =>
  facetsOf(store, { values: {}, ranges: {}, since: now - 30 * DAY_MS, until: now }, LOG_FACETS, now),
);
await timed('one model', page({ values: { model: ['model-3'] } }));
await timed(
  'one model at one provider, errors',
  page({ values: { model: ['model-3'], provider: ['bedrock'], outcome: ['error'] } }),
);
await timed(
  'rare customer and common model',
  page({ values: { customer: ['customer-199'], model: ['model-0'] } }),
);
await timed('two that never meet', page({ values: { key: ['key-1'], team: ['team-3'] } }));
await timed(
  'status 200 above 9 s',
  page({ values: { status: ['200'] }, ranges: { totalMs: [9_400, null] } }),
);
await timed('nothing costs so much', page({ ranges: { costNano: [1e12, null] } }));
await timed('a tag', page({ values: { tag: ['batch'] } }));
await timed('a session', page({ values: { session: ['session-777'] } }));
await timed('one call by its id', () => store.call('req_00000abc'));
await timed('a page in the middle of the year', page({ until: now - YEAR_MS / 2 }));
const year = { step: 'day', since: now - YEAR_MS, until: now } as const;
const overview = {
  filters: [],
  metrics: ['requests', 'costNano', 'ttftMs.p95', 'overheadMs.p99'],
  top: 6,
  by: 'requests',
  compare: false,
} as const;
await timed('a year, all calls', () => statsOf(store, { window: year, group: null, ...overview }));
await timed('a year by model', () => statsOf(store, { window: year, group: 'model', ...overview }));
await timed('a year by user of one team', () =>
  statsOf(store, {
    window: year,
    group: 'user',
    ...overview,
    filters: [{ field: 'team', values: ['team-2'] }],
  }),
);
await timed('a year by customer, the greatest 100', () =>
  statsOf(store, { window: year, group: 'customer', ...overview, top: 100 }),
);
await timed('all facets of a year', () =>
  facetsOf(store, { values: {}, ranges: {}, since: now - YEAR_MS, until: now }, LOG_FACETS, now),
);
await timed('14 days in hours, by user of one team', () =>
  statsOf(store, {
    window: { step: 'hour', since: now - 14 * DAY_MS, until: now },
    group: 'user',
    ...overview,
    filters: [{ field: 'team', values: ['team-2'] }],
  }),
);
// As they come at 500 a second: read twice a second, sums written every five. Whoever asks meanwhile waits for the one under way.
const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
};
const steps: number[] = [];
const sums: number[] = [];
for (let n = 0; n < 40; n++) {
  const rows = Array.from({ length: 250 }, (_, at) => row(now + n * 500 + at * 2, count + n * 250 + at));
  const begun = process.cpuUsage();
  await store.write({ file: `bench-${n}-${Date.now()}`, from: 0, to: 1, rows, bodies: [] });
  steps.push(cpuMs(begun));
  if (n % 10 !== 9) continue;
  const summing = process.cpuUsage();
  await store.sum();
  sums.push(cpuMs(summing));
}
steps.sort((one, other) => one - other);
console.log(
  `CPU of 250 rows written as one: ${steps[20]!.toFixed(0)} ms median, ${steps.at(-1)!.toFixed(0)} ms most; sums of 2,500 rows: ${sums.map((ms) => ms.toFixed(0)).join(', ')} ms`,
);
await store.close();
