// What a row of the request log costs the gatehouse, from a spool file to the database: CPU time, whoever else is on the core.
// Run: scripts/node node bench/micro/log-ingest.ts [calls, 20000] [calls a second they came at, 5000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIngest } from '../../gatehouse/ingest/ingest.ts';
import { principalOf } from '../../src/governance/principal.ts';
import { Spool } from '../../src/observability/requests/spool.ts';
import { attempt, settledCall } from '../../src/observability/settled-call.fixture.ts';
import { createLogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';

const [calls = 20_000, rate = 5_000] = process.argv.slice(2).map(Number);
const BEGAN = 1_764_000_000_000;

let seed = 42;
const random = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
/** Low numbers more often: few do most. */
const skewed = (limit: number): number => Math.floor(random() ** 2 * limit);

const principals = Array.from({ length: 40 }, (_, at) =>
  principalOf({ name: `key-${at}`, team: `team-${at % 6}`, user: `user-${at}` }),
);

function callOf(n: number) {
  const model = `model-${skewed(12)}`;
  const provider = ['openai', 'anthropic', 'gemini', 'bedrock'][skewed(4)]!;
  const usage = {
    input: Math.floor(random() * 4_000),
    cacheRead: 0,
    cacheWriteShort: null,
    cacheWriteLong: null,
    output: Math.floor(random() * 800),
    reasoning: null,
  };
  const costNano = Math.floor(random() * 4e6);
  const call = settledCall({
    id: `req_${n.toString(36).padStart(20, '0')}`,
    principal: principals[skewed(40)]!,
    model,
    provider,
    usage,
    firstByteAt: 1_100 + random() * 900,
    settledAt: 2_000 + random() * 9_000,
    attempts: [attempt({ provider, model, usage, costNano })],
  } as never); // the id is fixed only for those who serve
  call.lastByteAt = call.settledAt;
  return call;
}

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-log-ingest-'));
let now = BEGAN;
const spool = new Spool({
  folder: path.join(folder, 'spool'),
  maxBytes: 1e9,
  node: 'a',
  worker: 0,
  now: () => now,
});
for (let n = 0; n < calls; n++) {
  now = BEGAN + Math.floor((n * 1_000) / rate);
  spool.take(callOf(n));
  if (n % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
await spool.close();
if (spool.counts.dropped > 0) throw new Error(`${spool.counts.dropped} dropped`);

const store = createLogStore(openSqlite(path.join(folder, 'log.db'), LOG_SHAPE));
let rows = 0;
const log = { warn: console.log, error: console.log } as never; // all that is used of it
const ingest = createIngest({
  untold: () => [],
  store,
  folder: path.join(folder, 'spool'),
  maxBytes: 1e9,
  sumMs: 20_000,
  log,
  now: () => now,
  written: (written) => void (rows += written.length),
});
const cpu = process.cpuUsage();
const begun = performance.now();
await ingest.round();
await ingest.stop();
const { user, system } = process.cpuUsage(cpu);
const [own, all] = [(user + system) / rows, ((performance.now() - begun) * 1_000) / rows];
console.log(`${rows} rows of ${calls} calls, ${spool.counts.bytes / calls} bytes each in the spool`);
console.log(
  `${own.toFixed(1)} us of CPU a row (${(user / rows) | 0} user), ${Math.round(1e6 / own)} rows a second of a core; ${all.toFixed(1)} us as it was paced`,
);
await store.close();
rmSync(folder, { recursive: true });
