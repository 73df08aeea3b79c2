// Exports into a real server that speaks S3 (s3rver; it looks at signatures only in part: bucket.test.ts), out of a real log.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import S3rver from 's3rver';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoggedRow, LogJob } from '../../src/contracts/log-store.ts';
import type { LogExportConfig } from '../../src/contracts/log-receivers.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { createLogStore, type LogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { type Bucket, createBucket } from './bucket.ts';
import { createExporter, type Exporter } from './exporter.ts';

const HOUR = 3_600_000;
/** 13:00 UTC. */
const START = Date.UTC(2026, 10, 29, 13);
let folder: string;
let server: S3rver;
let config: LogExportConfig;
let store: LogStore;
let now = START;
let caughtUpAt = Number.MAX_SAFE_INTEGER;
const warnings: object[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-export-'));
  server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: path.join(folder, 's3'),
    configureBuckets: [{ name: 'logs', configs: [] }],
  });
  const { port } = (await server.run()) as AddressInfo;
  config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    bucket: 'logs',
    prefix: 'gate=a/it',
    // The pair that s3rver knows.
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    sessionToken: null,
    pathStyle: true,
    delayMs: 600_000,
  };
  store = createLogStore(openSqlite(path.join(folder, 'log.db'), LOG_SHAPE));
  now = START + 5 * 60_000;
  caughtUpAt = Number.MAX_SAFE_INTEGER;
  warnings.length = 0;
});
afterEach(async () => {
  await server.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

let ids = 0;
const exporterOf = (bucket: Bucket = createBucket(config, Date.now), partRows = 40): Exporter =>
  createExporter(config, {
    log: store,
    bucket,
    logger: { warn: (fields: object) => warnings.push(fields) } as never, // all that is used of it
    now: () => now,
    caughtUpAt: () => caughtUpAt,
    id: () => `id-${++ids}`,
    partRows,
  });
let files = 0;
async function write(count: number, at: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, n) => logRow({ call: `c${at - START}-${n}`, at: at + n }));
  await store.write({ file: `f${++files}`, from: 0, to: 1, rows, bodies: [] });
}
/** Names below the bucket, and the rows in them. */
function objects(): Map<string, LoggedRow[]> {
  const root = path.join(folder, 's3', 'logs');
  const found = new Map<string, LoggedRow[]>();
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(root, name);
    if (!statSync(file).isFile() || !name.endsWith('_object')) continue;
    const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
    found.set(
      name.replace('._S3rver_object', ''),
      lines.map((line) => JSON.parse(line) as LoggedRow),
    );
  }
  return found;
}
const jobs = (): Promise<readonly LogJob[]> => store.jobs('export');

describe('the log in storage', () => {
  it('has each hour once it is over, in parts, under names that say when', async () => {
    const exporter = exporterOf();
    await write(100, START + 60_000);
    await write(3, START + HOUR);
    await exporter.round();
    now = START + HOUR + 599_999;
    await exporter.round();
    expect(objects().size).toBe(0);
    now += 1;
    caughtUpAt = START + HOUR - 1;
    await exporter.round();
    expect(objects().size).toBe(0);
    caughtUpAt = now;
    await exporter.round();
    const place = 'gate=a/it/year=2026/month=11/day=29/hour=13';
    expect([...objects().keys()]).toEqual([0, 1, 2].map((part) => `${place}/part-0000${part}.ndjson.gz`));
    const all = [...objects().values()].flat();
    expect(new Set(all.map(({ call }) => call)).size).toBe(100);
    expect(all[0]).toEqual((await store.call(all[0]!.call))[0]);
    now += 3 * HOUR;
    caughtUpAt = now;
    await exporter.round();
    // Hours in which nothing was have no object.
    expect([...objects().keys()].slice(3)).toEqual([
      'gate=a/it/year=2026/month=11/day=29/hour=14/part-00000.ndjson.gz',
    ]);
    expect((await jobs()).find(({ state }) => state['mode'] === 'hourly')?.state).toMatchObject({
      rows: 103,
      objects: 4,
    });
    expect(warnings).toEqual([]);
  });

  it('goes on where it was when its gatehouse died between any two steps', async () => {
    await write(100, START + 60_000);
    await exporterOf().round();
    now = START + 2 * HOUR;
    for (let dies = 1; dies <= 4; dies++) {
      let left = dies;
      const real = createBucket(config, Date.now);
      const dying = exporterOf({
        async put(key, body) {
          const outcome = await real.put(key, body);
          if (--left === 0) throw new Error('dies');
          return outcome;
        },
      });
      await dying.round().catch(() => undefined);
      // Of one that died nobody takes the work over while it may still be there.
      await exporterOf().round();
      now += 200_000;
    }
    await exporterOf().round();
    const all = [...objects().values()].flat();
    expect(all).toHaveLength(100);
    expect(new Set(all.map(({ call }) => call)).size).toBe(100);
    expect((await jobs()).find(({ state }) => state['mode'] === 'hourly')?.state).toMatchObject({
      rows: 100,
      objects: 3,
      owner: '',
    });
  });

  it('waits for storage that is away or refuses, and says so once', async () => {
    await write(2, START + 60_000);
    await exporterOf().round();
    now = START + 2 * HOUR;
    const wrong = exporterOf(createBucket({ ...config, accessKeyId: 'another' }, Date.now));
    await wrong.round();
    await wrong.round();
    expect(warnings).toEqual([{ reason: 'status 403 InvalidAccessKeyId' }]);
    await exporterOf(createBucket({ ...config, endpoint: 'http://127.0.0.1:1' }, Date.now)).round();
    expect(objects().size).toBe(0);
    now += 200_000;
    await exporterOf().round();
    expect([...objects().values()].flat()).toHaveLength(2);
  });

  it('has windows that were asked for in folders of their own, and says why one cannot be', async () => {
    await write(10, START - HOUR - 5);
    await write(10, START + 60_000);
    const exporter = exporterOf();
    const job = await exporter.ask(START - HOUR - 2, START + 60_005);
    await exporter.stop();
    await exporterOf().round();
    expect([...objects()].map(([name, rows]) => [name, rows.length])).toEqual([
      [`gate=a/it/exports/${job.id}/year=2026/month=11/day=29/hour=11/part-00000.ndjson.gz`, 2],
      [`gate=a/it/exports/${job.id}/year=2026/month=11/day=29/hour=12/part-00000.ndjson.gz`, 5],
      [`gate=a/it/exports/${job.id}/year=2026/month=11/day=29/hour=13/part-00000.ndjson.gz`, 5],
    ]);
    expect((await jobs()).find(({ id }) => id === job.id)).toMatchObject({ done: true, state: { rows: 12 } });
    const refused = exporterOf(createBucket({ ...config, bucket: 'nowhere' }, Date.now));
    const lost = await refused.ask(START, START + HOUR);
    await refused.stop();
    await exporterOf(createBucket({ ...config, bucket: 'nowhere' }, Date.now)).round();
    expect((await jobs()).find(({ id }) => id === lost.id)).toMatchObject({
      done: true,
      state: { error: 'status 404 NoSuchBucket' },
    });
  });

  it('has what was corrected after its hour, by the hour in which it was, and each once', async () => {
    await write(45, START);
    await exporterOf().round();
    now = START + 2 * HOUR + config.delayMs!;
    const charges = await store.chargesOf({ since: START, until: START + HOUR, after: null, limit: 100 });
    const correct = async (job: string, at: number, toNano: number): Promise<void> => {
      const found = await store.chargesOf({ since: START, until: START + HOUR, after: null, limit: 100 });
      const state = { id: job, kind: 'recalculate', done: true, updatedAt: at, state: {} };
      await store.putJob(state, null);
      const corrections = found.map((charge) => ({ charge, toNano, priceVersion: 'configuration' }));
      await store.correct({
        ...{ job: { ...state, updatedAt: at + 1 }, before: at, at, corrections },
        ...{ minutesFrom: 0, hoursFrom: 0 },
      });
    };
    await correct('job-1', START + HOUR + 60_000, 7);
    await correct('job-2', START + HOUR + 61_000, 9);
    await exporterOf().round();
    await exporterOf().round();
    const of = [...objects()].filter(([name]) => name.includes('corrections'));
    const place = 'gate=a/it/corrections/year=2026/month=11/day=29/hour=14';
    expect(of.map(([name, rows]) => [name, rows.length])).toEqual([
      [`${place}/part-00000.ndjson.gz`, 40],
      [`${place}/part-00001.ndjson.gz`, 40],
      [`${place}/part-00002.ndjson.gz`, 10],
    ]);
    const rows = of.flatMap(([, some]) => some) as unknown as Record<string, unknown>[];
    expect(rows[0]).toMatchObject({
      ...{ id: charges[0]!.id, call: charges[0]!.call, attempt: 1, at: charges[0]!.at, job: 'job-1' },
      ...{ correctedAt: START + HOUR + 60_000, fromNano: charges[0]!.costNano, toNano: 7 },
    });
    expect(rows.slice(45).every(({ fromNano, toNano }) => fromNano === 7 && toNano === 9)).toBe(true);
    expect(new Set(rows.map(({ id, job }) => `${String(id)} ${String(job)}`)).size).toBe(90);
  });
});
