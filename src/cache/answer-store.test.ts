import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CachedAnswer, CachePurge } from '../contracts/cache.ts';
import { AnswerStore } from './answer-store.ts';

const MB = 1024 * 1024;

/** Whose body says which entry, and which of its answers, it is. */
function entry(id: string, length: number, version = 0, untilMs = 1_000): CachedAnswer {
  return {
    ...{ id, createdMs: 0, freshUntilMs: untilMs, staleUntilMs: untilMs, operation: 'chat' },
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

  it('keep their words, of any alphabet', () => {
    const store = new AnswerStore(MB);
    const put = { ...entry('a', 10), upstreamModel: 'größer ✓ \u2028', dropped: ['tools[0].\u0000'] };
    store.put(put);
    expect(store.get('a', 0)).toEqual(put);
    expect(store.purge({ model: 'p/größer ✓ \u2028' })).toBe(1);
  });

  it('are purged by any of what is known of them, small and large, and by nothing at all', () => {
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
      [{ id: 'x', key: 'k"1' }, true],
      [{ model: 'fast/one' }, true],
      [{ model: 'p/up/1' }, true],
      [{ model: 'up/1' }, false],
      [{}, true],
    ];
    for (const length of [10, 100_000])
      for (const [wanted, gone] of wishes) {
        const store = new AnswerStore(MB);
        store.put({ ...entry('x', length), upstreamModel: 'up/1', labels });
        expect([wanted, store.purge(wanted), store.size]).toEqual([wanted, gone ? 1 : 0, gone ? 0 : 1]);
      }
  });

  it('stay what they were for who has one that is gone meanwhile', () => {
    const store = new AnswerStore(MB);
    const put = entry('a', 600);
    store.put(put);
    const had = store.get('a', 0)!;
    store.drop('a');
    store.put(entry('b', 600));
    expect(had).toEqual(put);
    expect(store.get('a', 0)).toBeNull();
  });

  it('that were not used for longest go first, and one larger than all of the store takes its older answer along', () => {
    const store = new AnswerStore(300_000);
    for (const id of ['a', 'b', 'c']) store.put(entry(id, 90_000));
    store.get('a', 0);
    store.put(entry('d', 90_000));
    expect(['a', 'b', 'c', 'd'].map((id) => store.get(id, 0) !== null)).toEqual([true, false, true, true]);
    store.put(entry('a', 500_000));
    expect(store.get('a', 0)).toBeNull();
  });

  it('whatever is put, given, dropped, purged and resized: each has its own bytes, or is not there', () => {
    const id = fc.constantFrom('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1');
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), id, length: fc.integer({ min: 0, max: 6_000 }) }),
      fc.record({ do: fc.constantFrom('get' as const, 'drop' as const, 'purge' as const), id }),
      fc.record({
        do: fc.constant('size' as const),
        bytes: fc.constantFrom(6_000, 40_000, 400_000, MB, 2 * MB),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const store = new AnswerStore(MB / 2);
        const last = new Map<string, CachedAnswer>();
        const check = (one: string): void => {
          const got = store.get(one, 0);
          if (got !== null) expect(got).toEqual(last.get(one));
        };
        steps.forEach((step, at) => {
          if (step.do === 'size') store.resize(step.bytes);
          else if (step.do === 'put') {
            last.set(step.id, entry(step.id, step.length, at));
            store.put(last.get(step.id)!);
          } else if (step.do === 'drop') {
            store.drop(step.id);
            last.delete(step.id);
          } else if (step.do === 'purge') {
            store.purge({ key: step.id.slice(0, 1) });
            for (const one of [...last.keys()]) if (one[0] === step.id[0]) last.delete(one);
          } else check(step.id);
        });
        for (const one of last.keys()) check(one);
        for (const one of ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1'])
          if (!last.has(one)) expect(store.get(one, 0)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });
});
