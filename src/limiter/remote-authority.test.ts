import { describe, expect, it, vi } from 'vitest';
import type { LimitAnswer, LimitBatch } from '../contracts/ipc.ts';
import type { Journal } from '../contracts/journal.ts';
import type { Bucket } from '../contracts/limits.ts';
import { createRemoteAuthority } from './remote-authority.ts';

const bucket = (id: string): Bucket => ({
  id,
  version: 1,
  rule: {
    name: 'r',
    dimension: 'requests',
    per: [],
    match: { key: null, model: null, provider: null },
    limit: 60,
    periodMs: 60_000,
    burst: 1,
    spacingMs: 1_000,
  },
});

function setUp() {
  const sent: LimitBatch[] = [];
  const link = { connected: true, send: (batch: LimitBatch) => void sent.push(batch) };
  let now = 0;
  const authority = createRemoteAuthority(link, () => now);
  const answer = (id: number, ...granted: number[]): LimitAnswer => ({
    id,
    grants: granted.map((count) => [count, count > 0 ? 0 : 500, 3, 100, 1_000]),
  });
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { sent, link, authority, answer, pass };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const one = (id: string) => [{ bucket: bucket(id), need: 1, want: 5 }];

describe('the primary as a worker asks it', () => {
  it('hears in one message what a turn of the event loop had to say, what came back first', async () => {
    const { sent, authority, answer } = setUp();
    const first = authority.ask(one('a'), 't1');
    authority.giveBack(bucket('b'), 2, 't2');
    const second = authority.ask(one('c'), 't3');
    authority.commit?.(bucket('a'), 1);
    authority.commit?.(bucket('a'), 2);
    await turn();
    expect(sent).toHaveLength(1);
    expect(sent[0]!.back).toEqual([[['b', 'requests', 60, 1_000, 1, 1], 2]]);
    expect(sent[0]!.spent).toEqual([['a', 3]]);
    expect(sent[0]!.asks.map(({ token }) => token)).toEqual(['t1', 't3']);
    const [a, c] = sent[0]!.asks;
    authority.answered([answer(c!.id, 0), answer(a!.id, 5)]);
    expect(await first).toMatchObject([{ granted: 5, remaining: 3 }]);
    expect(await second).toMatchObject([{ granted: 0, retryAfterMs: 500 }]);
  });

  it('is told of spent units in passing, without a message for each', async () => {
    vi.useFakeTimers();
    try {
      const { sent, authority, pass } = setUp();
      // After a while without any, of one call at once: somebody may look what it cost.
      authority.commit?.(bucket('a'), 1);
      await pass(1);
      expect(sent.splice(0).map(({ spent }) => spent)).toEqual([[['a', 1]]]);
      for (let i = 0; i < 100; i++) authority.commit?.(bucket('a'), 1);
      await pass(400);
      expect(sent).toHaveLength(0);
      await pass(200);
      expect(sent.map(({ spent }) => spent)).toEqual([[['a', 100]]]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that does not answer is not waited for, and what it grants too late goes back', async () => {
    vi.useFakeTimers();
    try {
      const { sent, authority, answer, pass } = setUp();
      let over = false;
      const asked = authority.ask(one('a'), 't1').finally(() => {
        over = true;
      });
      await pass(2_500);
      expect(over).toBe(false);
      await pass(800);
      expect(await asked).toMatchObject([{ granted: 0 }]);
      expect(authority.healthy).toBe(false);
      authority.answered([answer(sent[0]!.asks[0]!.id, 5)]);
      expect(authority.healthy).toBe(true);
      await pass(10);
      expect(sent.at(-1)!.back).toEqual([[['a', 'requests', 60, 1_000, 1, 1], 5]]);
      await pass(5_000); // nothing is looked for any more
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is heard when its answer lies in the channel, however long the worker itself stood still', async () => {
    vi.useFakeTimers();
    try {
      const { sent, authority, answer, pass } = setUp();
      const asked = authority.ask(one('a'), 't1');
      await pass(200);
      // Read in the turn of the look, behind it.
      setTimeout(() => authority.answered([answer(sent[0]!.asks[0]!.id, 5)]), 50);
      await pass(60_000);
      expect(await asked).toMatchObject([{ granted: 5 }]);
      expect(authority.healthy).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that stands still holds up one call at a time, and is trusted again with its first answer', async () => {
    vi.useFakeTimers();
    try {
      const { sent, authority, answer, pass } = setUp();
      void authority.ask(one('a'), 't1');
      await pass(3_300);
      const probe = authority.ask(one('a'), 't2');
      const others = Array.from({ length: 1_000 }, (_, at) => authority.ask(one('a'), `more${at}`));
      for (const grants of await Promise.all(others))
        expect(grants).toMatchObject([{ granted: 0, degraded: true }]);
      await pass(10);
      expect(sent.flatMap(({ asks }) => asks.map(({ token }) => token))).toEqual(['t1', 't2']);
      authority.answered([answer(sent.at(-1)!.asks[0]!.id, 5)]);
      expect(await probe).toMatchObject([{ granted: 5 }]);
      const [third, fourth] = [authority.ask(one('a'), 't3'), authority.ask(one('a'), 't4')];
      await pass(10);
      authority.answered(sent.at(-1)!.asks.map(({ id }) => answer(id, 5)));
      expect([...(await third), ...(await fourth)]).toMatchObject([{ granted: 5 }, { granted: 5 }]);
      await pass(5_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that dies while it is asked answers nothing, soon', async () => {
    vi.useFakeTimers();
    try {
      const { link, authority, pass } = setUp();
      const asked = [authority.ask(one('a'), 't1'), authority.ask(one('b'), 't2')];
      link.connected = false;
      await pass(300);
      for (const grants of await Promise.all(asked))
        expect(grants).toMatchObject([{ granted: 0, degraded: true }]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that is gone grants nothing, at once', async () => {
    const { link, authority, sent } = setUp();
    link.connected = false;
    expect(authority.healthy).toBe(false);
    expect(await authority.ask(one('a'), 't1')).toMatchObject([{ granted: 0 }]);
    authority.giveBack(bucket('a'), 1, 't2');
    await turn();
    expect(sent).toEqual([]);
  });
});

describe('with a journal', () => {
  it('notes what is spent of budgets, and by which message it is told', async () => {
    const noted: unknown[] = [];
    let batch = 1;
    const journal = {
      charged: (id: string, amount: number) => void noted.push([id, amount]),
      nextBatch: () => batch++,
      batchTold: (number: number) => void noted.push(number),
    } as unknown as Journal; // all of it that is asked for here
    const sent: [LimitBatch, () => void][] = [];
    const link = {
      connected: true,
      send: (full: LimitBatch, done: () => void) => void sent.push([full, done]),
    };
    const authority = createRemoteAuthority(link, () => 0, journal);
    const paid = bucket('money');
    const rule = { ...paid.rule, dimension: 'cost' as const };
    authority.commit?.({ ...paid, rule }, 7);
    // There again in half a second.
    authority.commit?.(bucket('rate'), 1);
    // Used beyond what was granted.
    authority.giveBack({ ...paid, rule }, -3, 't');
    authority.giveBack({ ...paid, rule }, 4, 't');
    expect(noted).toEqual([
      ['money', 7],
      ['money', -3],
    ]);
    authority.flush();
    expect(sent.map(([{ number }]) => number)).toEqual([1]);
    expect(noted).toHaveLength(2);
    // Only now nothing can take it away any more.
    sent[0]![1]();
    expect(noted.at(-1)).toBe(1);
  });
});
