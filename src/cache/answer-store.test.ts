import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CachedAnswer, CachePurge } from '../contracts/cache.ts';
import { AnswerStore } from './answer-store.ts';

const MB = 1024 * 1024;

const others = (): Promise<void> => Promise.resolve();
/** As keys of requests are. */
const name = (text: string): string => hash('sha256', text, 'base64url');

/** Whose body says which entry, and which of its answers, it is. */
function entry(id: string, length: number, version = 0, untilMs = 1_000): CachedAnswer {
  return {
    ...{ id: name(id), createdMs: 0, freshUntilMs: untilMs, staleUntilMs: untilMs, operation: 'chat' },
    ...{ dialect: 'openai-chat', form: 'whole', contentType: 'application/json', includeUsage: false },
    body: Buffer.alloc(length, `${id} ${version} `),
    ...{ pace: null, provider: 'p', upstreamModel: 'm', answerModel: 'm', translated: false },
    ...{ dropped: [], adapted: [], stop: 'end', usage: null, quantities: null, turnId: null },
    ...{ costNano: null, tookMs: 1 },
    labels: {
      ...{ key: id.slice(0, 1), organization: null, team: null, user: null, customer: null, project: null },
      ...{ tags: [], model: 'm' },
    },
  };
}

describe('kept answers', () => {
  it('are given as they were put, whatever their size, also where they were a part of a larger block', () => {
    const store = new AnswerStore(4 * MB);
    for (const length of [0, 1, 500, 700, 1_500, 3_500, 4_097, 100_000]) {
      const put = entry(`a${length}`, length);
      const whole = Buffer.concat([Buffer.alloc(7), put.body, Buffer.alloc(9)]);
      store.put({ ...put, body: whole.subarray(7, 7 + length) });
      whole.fill(0);
      expect(store.get(put.id, 0)).toEqual(put);
      expect(store.get(put.id, 0)).toEqual(put);
    }
  });

  it('are counted as memory while they are there, small and large', () => {
    const store = new AnswerStore(4 * MB);
    const { heldBytes } = store;
    const large = entry('b', 200_000);
    store.put(large);
    expect(store.heldBytes).toBeGreaterThanOrEqual(heldBytes + 200_000);
    const { heldBytes: before } = store;
    store.put(entry('b', 100_000, 1));
    expect(store.heldBytes).toBe(before - 100_000);
    store.drop(large.id);
    expect(store.heldBytes).toBe(before - 200_000);
    store.put(entry('s', 700));
    expect(store.heldBytes).toBeGreaterThan(before - 200_000);
  });

  it('keep their words, of any alphabet', async () => {
    const store = new AnswerStore(MB);
    const put = { ...entry('a', 10), upstreamModel: 'größer ✓ \u2028', dropped: ['tools[0].\u0000'] };
    store.put(put);
    expect(store.get(put.id, 0)).toEqual(put);
    expect(await store.purge({ model: 'p/größer ✓ \u2028' }, others)).toBe(1);
  });

  it('are purged by any of what is known of them, small and large, and by nothing at all', async () => {
    const labels = {
      ...{ key: 'k"1', organization: null, team: 'red', user: null, customer: 'größe', project: null },
      ...{ tags: ['web', 'a"b'], model: 'fast/one' },
    };
    const wishes: [wanted: CachePurge, fits: boolean][] = [
      [{ key: 'k"1' }, true],
      [{ key: 'k' }, false],
      [{ tag: 'a"b' }, true],
      [{ tag: 'red' }, false],
      [{ tenant: 'größe' }, true],
      [{ tenant: 'red', tag: 'web' }, true],
      [{ tenant: 'red', tag: 'we' }, false],
      [{ id: name('x') }, true],
      [{ id: name('x'), key: 'k"1' }, true],
      [{ id: name('y'), key: 'k"1' }, false],
      [{ id: 'x' }, false],
      [{ model: 'fast/one' }, true],
      [{ model: 'p/up/1' }, true],
      [{ model: 'up/1' }, false],
      [{}, true],
    ];
    for (const length of [10, 100_000])
      for (const [wanted, gone] of wishes) {
        const store = new AnswerStore(MB);
        store.put({ ...entry('x', length), upstreamModel: 'up/1', labels });
        expect([wanted, await store.purge(wanted, others), store.size]).toEqual([
          wanted,
          gone ? 1 : 0,
          gone ? 0 : 1,
        ]);
      }
  });

  it('stay what they were for who has one that is gone meanwhile', () => {
    const store = new AnswerStore(MB);
    const put = entry('a', 600);
    store.put(put);
    const had = store.get(put.id, 0)!;
    store.drop(put.id);
    store.put(entry('b', 600));
    expect(had).toEqual(put);
    expect(store.get(put.id, 0)).toBeNull();
  });

  it('that were not used for longest go first, and one larger than all of the store takes its older answer along', () => {
    const store = new AnswerStore(300_000);
    for (const id of ['a', 'b', 'c']) store.put(entry(id, 90_000));
    store.get(name('a'), 0);
    store.put(entry('d', 90_000));
    expect(['a', 'b', 'c', 'd'].map((id) => store.get(name(id), 0) !== null)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    store.put(entry('a', 500_000));
    expect(store.get(name('a'), 0)).toBeNull();
  });

  it('never take more than they may, also where each is of an end user of its own', () => {
    const store = new AnswerStore(MB);
    for (let at = 0; at < 3_000; at++) {
      const { labels, ...put } = entry(`a${at}`, at % 97);
      store.put({ ...put, labels: { ...labels, customer: `u${at}` } });
      expect(store.bytes).toBeLessThanOrEqual(MB);
    }
    // Of each 512 bytes of a place, 256 for what stands beside it, and 1,024 for whose it is.
    expect(store.size).toBe(Math.floor((MB - 2_048) / (512 + 256 + 1_024)));
    for (let at = 0; at < 3_000; at++) store.put(entry(`a${at}`, at % 97));
    expect(store.size).toBeGreaterThan(1_000);
    expect(store.bytes).toBeLessThanOrEqual(MB);
  });

  it('do not go for one that has no room by itself', () => {
    const store = new AnswerStore(MB);
    store.put(entry('a', 100));
    for (let length = MB - 4_096; length <= MB; length += 128) {
      store.put(entry('b', length));
      if (store.get(name('b'), 0) === null) break;
      store.put(entry('a', 100));
    }
    expect(store.get(name('b'), 0)).toBeNull();
    expect(store.get(name('a'), 0)).not.toBeNull();
  });

  it('tell all that they told, also what few of them have', () => {
    const store = new AnswerStore(4 * MB);
    const plain = {
      input: 9,
      cacheRead: null,
      cacheWriteShort: 0,
      cacheWriteLong: null,
      output: 0,
      reasoning: 7,
    };
    const changes: Partial<CachedAnswer>[] = [
      { usage: plain, costNano: 12_345_678_901, tookMs: 3 },
      { usage: { ...plain, input: null, output: null } },
      { usage: { ...plain, audioInput: 3, tier: 'flex', factors: ['fast'] } },
      // What no model says, and no place of a record holds.
      { usage: { ...plain, input: 2 ** 31, output: 2 ** 31 - 1 } },
      { usage: { ...plain, input: 0.5, reasoning: -2 } },
      { costNano: 0, pace: [3, 0, 7, 120], form: 'events' },
      { turnId: 'resp_ü', quantities: { images: 1, characters: null, seconds: 0.5, searches: null } },
    ];
    for (const length of [5, 100_000])
      for (const [at, change] of changes.entries()) {
        const put = { ...entry(`${at} ${length}`, length), ...change };
        store.put(put);
        expect(store.get(put.id, 0)).toEqual(put);
      }
  });

  it('are purged some at a time, others served in between, and what comes meanwhile is kept or gone, never half', async () => {
    const store = new AnswerStore(64 * MB);
    for (let at = 0; at < 10_000; at++) store.put(entry(`${at % 2 === 0 ? 'a' : 'b'}${at}`, 20));
    const counts: number[] = [];
    const gone = await store.purge({ key: 'a' }, () => {
      counts.push(store.size);
      const put = entry(`c${counts.length}`, 20, counts.length);
      store.put(put);
      expect(store.get(put.id, 0)).toEqual(put);
      return Promise.resolve();
    });
    expect(gone).toBe(5_000);
    expect(counts.length).toBeGreaterThan(1);
    expect(store.size).toBe(5_000 + counts.length);
    for (let at = 1; at < 10_000; at += 2) expect(store.get(name(`b${at}`), 0)).not.toBeNull();
  });

  it('whatever is put, given, dropped, purged and resized: each has its own bytes, or is not there', async () => {
    const id = fc.constantFrom('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1');
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), id, length: fc.integer({ min: 0, max: 6_000 }) }),
      fc.record({ do: fc.constantFrom('get' as const, 'drop' as const, 'purge' as const), id }),
      fc.record({
        do: fc.constant('size' as const),
        bytes: fc.constantFrom(6_000, 40_000, 400_000, MB, 2 * MB),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const store = new AnswerStore(MB / 2);
        const last = new Map<string, CachedAnswer>();
        const check = (one: string): void => {
          const got = store.get(name(one), 0);
          if (got !== null) expect(got).toEqual(last.get(one));
        };
        for (const [at, step] of steps.entries()) {
          if (step.do === 'size') store.resize(step.bytes);
          else if (step.do === 'put') {
            last.set(step.id, entry(step.id, step.length, at));
            store.put(last.get(step.id)!);
          } else if (step.do === 'drop') {
            store.drop(name(step.id));
            last.delete(step.id);
          } else if (step.do === 'purge') {
            await store.purge({ key: step.id.slice(0, 1) }, others);
            for (const one of [...last.keys()]) if (one[0] === step.id[0]) last.delete(one);
          } else check(step.id);
        }
        for (const one of last.keys()) check(one);
        for (const one of ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1'])
          if (!last.has(one)) expect(store.get(name(one), 0)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });
});
