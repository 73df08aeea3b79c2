import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spool } from '../../src/observability/requests/spool.ts';
import { sumOf } from '../../src/observability/requests/points.fixture.ts';
import { attempt, keptOf, settledCall } from '../../src/observability/settled-call.fixture.ts';
import { createLogStore, type LogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createIngest, type Ingest } from './ingest.ts';

const NOW = 1_764_000_000_000;
let place: string;
let folder: string;
let store: LogStore;
let now = NOW;
const faults: object[] = [];
const toClose: LogStore[] = [];

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'headgate-ingest-'));
  folder = join(place, 'spool');
  store = createLogStore(openSqlite(join(place, 'log.db'), LOG_SHAPE));
  now = NOW;
  faults.length = 0;
});
afterEach(async () => {
  await store.close();
  for (const opened of toClose.splice(0)) await opened.close().catch(() => undefined);
  rmSync(place, { recursive: true, force: true });
});

const spool = (maxBytes = 64 * 1024 * 1024): Spool =>
  new Spool({ folder, maxBytes, node: 'gate-a', worker: 3, now: () => now });
const ingest = (from: LogStore = store): Ingest =>
  createIngest({
    untold: () => [],
    store: from,
    folder,
    maxBytes: 64 * 1024 * 1024,
    sumMs: 5_000,
    now: () => now,
    written: () => undefined,
    log: { warn: (one: object) => faults.push(one), error: (one: object) => faults.push(one) } as never, // all that is used of it
  });
const call = (id: string) =>
  Object.assign(
    settledCall({
      attempts: [
        attempt({
          usage: {
            input: 7,
            cacheRead: 0,
            cacheWriteShort: null,
            cacheWriteLong: null,
            output: 3,
            reasoning: null,
          },
        }),
      ],
    }),
    { id },
  );
const files = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.seg'));
/** Nobody wrote to them for so long that nobody will. */
const age = (): void => {
  for (const name of files()) utimesSync(join(folder, name), NOW / 1_000, NOW / 1_000);
  now = NOW + 400_000;
};
/** Of another process that opens the same log. */
const another = (): LogStore => {
  const opened = createLogStore(openSqlite(join(place, 'log.db'), LOG_SHAPE));
  toClose.push(opened);
  return opened;
};
const counted = async (log: LogStore): Promise<[requests: number, costNano: number]> => {
  const points = await log.points({ step: 'day', since: 0, until: NOW * 2, fields: [] });
  return [sumOf(points, 'requests'), sumOf(points, 'costNano')];
};
const known = async (): Promise<string[]> =>
  (await store.page({ values: {}, ranges: {}, limit: 500 })).rows.map((row) => row.call).sort();

describe('rows on their way from a worker into the log', () => {
  it('arrive as the call was', async () => {
    const writer = spool();
    const told = call('c1');
    told.attempts[0]!.connectMs = 2;
    told.guardrails = [{ name: 'pii', at: 'request', action: 'mask' }];
    told.cache = keptOf({ type: 'semantic', similarity: 0.5 });
    told.head.headers.add('session_id', 's-9');
    writer.take(told);
    await writer.close();
    await ingest().round();
    const [row] = await store.call('c1');
    expect(row).toMatchObject({
      call: 'c1',
      at: NOW,
      key: 'team-a',
      model: 'fast',
      provider: 'openai',
      upstreamModel: 'gpt-4o-mini-2024',
      keyAlias: 'openai-1',
      session: 's-9',
      stream: true,
      attempt: 1,
      attempts: 1,
      final: true,
      inputTokens: 7,
      outputTokens: 3,
      queueMs: 1,
      connectMs: 2,
      headMs: 295,
      attemptMs: 998,
      ttftMs: 310,
      totalMs: 1_000,
      overheadMs: 60,
      cache: 'hit',
      cacheType: 'semantic',
      similarity: 0.5,
      savedNano: 12_000,
      savedMs: 7_250,
      guardrails: [{ name: 'pii', at: 'request', action: 'mask' }],
      node: 'gate-a',
      worker: 3,
    });
  });

  it('are all there for who asks it to catch up, whatever round is under way and whoever asks beside', async () => {
    const writer = spool();
    const reader = ingest();
    expect(await reader.catchUp()).toBe(false); // it was not begun
    reader.start();
    for (let n = 0; n < 20; n++) {
      writer.take(call(`e${String(n).padStart(2, '0')}`));
      await writer.flush();
      expect(await Promise.all([reader.catchUp(), reader.catchUp()])).toEqual([true, true]);
      expect(await known()).toHaveLength(n + 1);
    }
    await reader.stop();
    expect(await reader.catchUp()).toBe(false);
    await writer.close();
  });

  it('does not say that it caught up while they cannot be written', async () => {
    const writer = spool();
    writer.take(call('f1'));
    await writer.flush();
    let down = true;
    const write: LogStore['write'] = (...it) =>
      down ? Promise.reject(new Error('away')) : store.write(...it);
    const reader = ingest(
      new Proxy(store, { get: (of, name) => (name === 'write' ? write : Reflect.get(of, name, of)) }),
    );
    reader.start();
    expect(await reader.catchUp()).toBe(false);
    down = false;
    expect(await reader.catchUp()).toBe(true);
    expect(await known()).toEqual(['f1']);
    await reader.stop();
    await writer.close();
  });

  it('are there once when the reader dies between any two of its steps', async () => {
    const writer = spool();
    const ids = Array.from({ length: 300 }, (_, n) => `d${String(n).padStart(3, '0')}`);
    for (const id of ids) writer.take(call(id));
    await writer.close();
    age();
    // Dies at its first, second, … step; what was committed stays, what it had in its hands is gone.
    for (let steps = 0; steps < 12; steps++) {
      let left = steps;
      const dying = another();
      for (const step of ['write', 'places', 'sum', 'forget'] as const) {
        const own = dying[step] as (...input: never[]) => Promise<unknown>;
        dying[step] = (async (...input: never[]) => {
          if (left-- <= 0) throw new Error('dies');
          return own(...input);
        }) as never; // the same function, but for its end
      }
      await ingest(dying)
        .round()
        .catch(() => undefined);
      await dying.close();
    }
    await ingest().round();
    expect(await known()).toEqual(ids);
    expect(files()).toEqual([]);
    expect(await counted(another())).toEqual([300, 300 * 27_000]);
    expect((await store.places()).size).toBe(0);
  });

  it('count at once in sums that are written later, and after the death of who had them in hand', async () => {
    const writer = spool();
    for (let at = 0; at < 100; at++) writer.take(call(`s${at}`));
    await writer.close();
    const dying = another();
    await ingest(dying).round();
    expect(await counted(dying)).toEqual([100, 100 * 27_000]);
    await dying.close();
    expect(await counted(store)).toEqual([0, 0]);
    const next = ingest();
    // Who asks before they were read anew waits for it: half of it would be said else.
    store.resuming();
    const asked = counted(store);
    await next.round();
    expect(await asked).toEqual([100, 100 * 27_000]);
    expect(await counted(store)).toEqual([100, 100 * 27_000]);
    await next.stop();
    expect(store.unsummed).toBe(0);
    expect(await counted(store)).toEqual([100, 100 * 27_000]);
    expect(await counted(another())).toEqual([100, 100 * 27_000]);
  });

  it('come from every file in turn, however fast one of them grows', async () => {
    const [busy, other] = [spool(), spool()];
    let taken = 0;
    const more = (): void => {
      for (let at = 0; at < 64; at++) busy.take(call(`u${taken++}`));
    };
    more();
    other.take(call('v'));
    await other.close();
    await vi.waitFor(() => expect(files()).toHaveLength(2));
    // Whenever rows of a file are written, more are there.
    const growing = Object.create(store, {
      write: {
        async value(...input: Parameters<LogStore['write']>) {
          const result = await store.write(...input);
          const before = busy.counts.bytes;
          more();
          await vi.waitFor(() => expect(busy.counts.bytes).toBeGreaterThan(before));
          return result;
        },
      },
    }) as LogStore; // all else is its prototype's
    await ingest(growing).round();
    expect(await store.call('v')).toHaveLength(1);
    await busy.close();
  });

  it('are written and summed once where two read the same folder', async () => {
    const [one, other] = [another(), another()];
    const readers = [ingest(one), ingest(other), ingest(one), ingest(other)];
    for (let at = 0; at < 8; at++) {
      const writer = spool();
      for (let n = 0; n < 50; n++) writer.take(call(`t${at}-${n}`));
      await writer.close();
      await readers[at % 2]!.round();
      if (at % 3 === 0) await readers[(at + 1) % 2]!.round();
    }
    for (const reader of readers.slice(0, 2)) await reader.round();
    await Promise.all(readers.slice(0, 2).map((reader) => reader.stop()));
    // Who came second has nothing in hand that the first wrote.
    await ingest().round();
    expect(await known()).toHaveLength(400);
    expect(await counted(store)).toEqual([400, 400 * 27_000]);
  });

  it('are dropped and counted where nobody reads them and the spool is full, and go on when there is room', async () => {
    const writer = spool(1_048_576 / 16);
    for (let at = 0; at < 2_048; at++) writer.take(call(`e${at}`));
    await vi.waitFor(() => expect(writer.counts.bytes).toBe(statSync(join(folder, files()[0]!)).size));
    const { dropped } = writer.counts;
    expect(dropped).toBeGreaterThan(0);
    expect(statSync(join(folder, files()[0]!)).size).toBeLessThanOrEqual(1_048_576 / 16);
    age();
    await ingest().round();
    expect(sumOf(await store.points({ step: 'day', since: 0, until: now * 2, fields: [] }), 'requests')).toBe(
      2_048 - dropped,
    );
    expect(files()).toEqual([]);
    // The next that finds no room looks what is there.
    for (let at = 0; at < 256; at++) writer.take(call(`f${at}`));
    await vi.waitFor(() => expect(writer.counts.bytes).toBe(0));
    writer.take(call('g'));
    await writer.close();
    await ingest().round();
    expect(await store.call('g')).toHaveLength(1);
  });

  it('are dropped and counted where the disk takes nothing', async () => {
    writeFileSync(folder, 'no folder');
    const writer = spool();
    for (let at = 0; at < 10; at++) writer.take(call(`h${at}`));
    await writer.close();
    expect(writer.counts.dropped).toBe(10);
  });

  it('survive a file that was cut, and one that is damaged: what was whole before is read', async () => {
    const cut = spool();
    cut.take(call('i1'));
    await cut.close();
    const [name] = files();
    const whole = statSync(join(folder, name!)).size;
    appendFileSync(join(folder, name!), Buffer.alloc(5));
    await ingest().round();
    expect(await known()).toEqual(['i1']);
    expect(files()).toEqual([name]);
    truncateSync(join(folder, name!), whole);
    appendFileSync(join(folder, name!), Buffer.from('this was never a segment of ours'));
    age();
    const reader = ingest();
    await reader.round();
    expect(faults).toHaveLength(1);
    expect(files()).toEqual([]);
    expect(await known()).toEqual(['i1']);
  });

  it('stay in a file that may still be written to', async () => {
    const writer = spool();
    writer.take(call('j1'));
    await writer.close();
    utimesSync(join(folder, files()[0]!), NOW / 1000, NOW / 1000);
    const reader = ingest();
    now += 200_000;
    await reader.round();
    expect(files()).toHaveLength(1);
    now += 200_000;
    await reader.round();
    expect(files()).toHaveLength(0);
  });
});
