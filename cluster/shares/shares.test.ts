import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairPart } from './share-broker.ts';
import { type LaneTotals, ShareLedger, type ShareOrder } from './shares.ts';

const KINDS = ['run', 'wait'] as const;
const totals = (run: number, wait: number): LaneTotals => new Map([['openai', { run, wait }]]);

/** A ledger whose orders are written down instead of sent. */
function makeLedger(
  run: number,
  wait = 0,
): { ledger: ShareLedger; sent: { to: number; order: ShareOrder }[] } {
  const sent: { to: number; order: ShareOrder }[] = [];
  return { ledger: new ShareLedger(totals(run, wait), (to, order) => sent.push({ to, order })), sent };
}

function join(ledger: ShareLedger, ...members: number[]): void {
  members.forEach((member, index) => {
    ledger.join(
      member,
      (total) => fairPart(total, index, members.length),
      () => undefined,
    );
  });
}

/** Answers every open reclaim of `sent` as if the worker had `idle` idle share. */
function answer(ledger: ShareLedger, sent: { to: number; order: ShareOrder }[], idle: number): void {
  for (const { order } of sent.splice(0)) {
    if (order.t === 'reclaim') ledger.yielded(order.lane, order.kind, Math.min(idle, order.count), order.id);
  }
}

describe('lane shares', () => {
  it('start as equal parts, the first workers taking the remainder', () => {
    const { ledger } = makeLedger(10, 4);
    join(ledger, 1, 2, 3);
    expect([1, 2, 3].map((member) => ledger.sharesOf(member)['openai'])).toEqual([
      { run: 4, wait: 2 },
      { run: 3, wait: 1 },
      { run: 3, wait: 1 },
    ]);
  });

  it('go from idle workers to the one that wants more', () => {
    const { ledger, sent } = makeLedger(10);
    join(ledger, 1, 2);
    const got: number[] = [];
    ledger.want(1, 'openai', 'run', 3, (count) => got.push(count));
    expect(sent).toEqual([
      { to: 2, order: { t: 'reclaim', lane: 'openai', kind: 'run', count: 3, id: expect.any(Number) } },
    ]);
    answer(ledger, sent, 2);
    expect(got).toEqual([2]);
    expect(ledger.sharesOf(1)['openai']?.run).toBe(7);
    expect(ledger.sharesOf(2)['openai']?.run).toBe(3);
  });

  it('come from what is free before anybody is asked', () => {
    const { ledger, sent } = makeLedger(10);
    join(ledger, 1, 2);
    ledger.leave(2);
    const got: number[] = [];
    ledger.want(1, 'openai', 'run', 5, (count) => got.push(count));
    expect(got).toEqual([5]);
    expect(sent).toEqual([]);
  });

  it('answer with what came in time and keep what comes late for the next in need', () => {
    const { ledger, sent } = makeLedger(10);
    join(ledger, 1, 2);
    const got: number[] = [];
    ledger.want(1, 'openai', 'run', 2, (count) => got.push(count));
    ledger.expire(1, 'openai', 'run');
    expect(got).toEqual([0]);
    answer(ledger, sent, 2);
    ledger.want(1, 'openai', 'run', 2, (count) => got.push(count));
    expect(got).toEqual([0, 2]);
  });

  it('of a dead worker are free, also those it was asked for', () => {
    const { ledger } = makeLedger(10);
    join(ledger, 1, 2);
    const got: number[] = [];
    ledger.want(1, 'openai', 'run', 5, (count) => got.push(count));
    ledger.leave(2);
    expect(got).toEqual([5]);
    expect(ledger.sharesOf(1)['openai']?.run).toBe(10);
  });

  it('shrink for everybody in proportion when the total shrinks, free share first', () => {
    const { ledger } = makeLedger(12);
    join(ledger, 1, 2);
    ledger.resize(totals(5, 0));
    const held = [1, 2].map((member) => ledger.sharesOf(member)['openai']!.run);
    expect(held.reduce((a, b) => a + b)).toBe(5);
    expect(Math.abs(held[0]! - held[1]!)).toBeLessThanOrEqual(1);
  });

  it('of a new lane are spread over the workers that are there; a lane that is gone has none', () => {
    const { ledger } = makeLedger(4);
    join(ledger, 1, 2);
    ledger.resize(new Map([['anthropic', { run: 3, wait: 0 }]]));
    expect(ledger.sharesOf(1)).toEqual({ anthropic: { run: 2, wait: 0 } });
    expect(ledger.sharesOf(2)).toEqual({ anthropic: { run: 1, wait: 0 } });
    expect(ledger.want(1, 'openai', 'run', 1, () => undefined)).toBeNull();
  });

  it('of a worker whose next config is being written are not asked for', () => {
    const { ledger, sent } = makeLedger(10);
    join(ledger, 1, 2);
    expect(ledger.freeze(2)).toBe(true);
    const got: number[] = [];
    ledger.want(1, 'openai', 'run', 1, (count) => got.push(count));
    expect(sent).toEqual([]);
    expect(got).toEqual([0]);
  });

  it('are not written down while an answer is on its way', () => {
    const { ledger, sent } = makeLedger(10);
    join(ledger, 1, 2);
    ledger.want(1, 'openai', 'run', 1, () => undefined);
    expect(ledger.freeze(2)).toBe(false);
    answer(ledger, sent, 1);
    expect(ledger.freeze(2)).toBe(true);
  });
});

// A model of whole workers with message queues between them and the primary: whatever happens in whatever order,
// the shares that workers really hold never add up to more than the total.
describe('lane shares under any order of events', () => {
  type Order = ShareOrder | { t: 'config'; run: number; wait: number };
  interface Worker {
    id: number;
    inbox: Order[];
    outbox: { kind: 'run' | 'wait'; count: number; id: number }[];
    share: { run: number; wait: number };
    configured: boolean;
    wantsConfig: boolean;
  }

  const step = fc.oneof(
    fc.record({
      do: fc.constant('want' as const),
      who: fc.nat(4),
      kind: fc.constantFrom(...KINDS),
      count: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ do: fc.constant('receive' as const), who: fc.nat(4), busy: fc.nat(8) }),
    fc.record({ do: fc.constant('answer' as const), who: fc.nat(4) }),
    fc.record({ do: fc.constant('expire' as const), who: fc.nat(4), kind: fc.constantFrom(...KINDS) }),
    fc.record({ do: fc.constant('die' as const), who: fc.nat(4) }),
    fc.record({ do: fc.constant('begin' as const) }),
    fc.record({ do: fc.constant('drain' as const), who: fc.nat(4) }),
    fc.record({ do: fc.constant('resize' as const), run: fc.nat(20), wait: fc.nat(20) }),
  );

  function play(steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[], resizing: boolean): void {
    let total = { run: 12, wait: 7 };
    /** While a smaller total rolls out, the one before is the bound. */
    let bound = { ...total };
    let workers: Worker[] = [];
    let nextId = 1;
    const ledger = new ShareLedger(totals(total.run, total.wait), (to, order) => {
      workers.find((worker) => worker.id === to)?.inbox.push(order);
    });

    const sendConfigs = (): void => {
      for (const worker of workers) {
        if (!worker.wantsConfig || !ledger.freeze(worker.id)) continue;
        worker.wantsConfig = false;
        worker.inbox.push({ t: 'config', ...ledger.sharesOf(worker.id)['openai']! });
        ledger.thaw(worker.id);
      }
    };
    const begin = (): void => {
      if (workers.length === 5) return;
      const worker: Worker = {
        id: nextId++,
        inbox: [],
        outbox: [],
        share: { run: 0, wait: 0 },
        configured: false,
        wantsConfig: false,
      };
      workers.push(worker);
      ledger.join(
        worker.id,
        (all) => fairPart(all, worker.id % 3, 3),
        () => {
          worker.configured = true;
          worker.inbox.push({ t: 'config', ...ledger.sharesOf(worker.id)['openai']! });
        },
      );
    };
    const deliver = (worker: Worker, busy: number): void => {
      const order = worker.inbox.shift();
      if (order === undefined) return;
      if (order.t === 'config') worker.share = { run: order.run, wait: order.wait };
      else if (order.t === 'grant') worker.share[order.kind] += order.count;
      else {
        const count = Math.min(order.count, Math.max(0, worker.share[order.kind] - busy));
        worker.share[order.kind] -= count;
        worker.outbox.push({ kind: order.kind, count, id: order.id });
      }
    };
    const answerOne = (worker: Worker): void => {
      const reply = worker.outbox.shift();
      if (reply !== undefined) ledger.yielded('openai', reply.kind, reply.count, reply.id);
    };
    const check = (): void => {
      for (const kind of KINDS) {
        const held = workers.reduce((sum, worker) => sum + worker.share[kind], 0);
        expect(held, `${kind} held`).toBeLessThanOrEqual(bound[kind]);
        const booked = workers.reduce(
          (sum, worker) => sum + (ledger.sharesOf(worker.id)['openai']?.[kind] ?? 0),
          0,
        );
        expect(booked, `${kind} booked`).toBeLessThanOrEqual(total[kind]);
      }
    };

    begin();
    begin();
    for (const one of steps) {
      const worker = 'who' in one ? workers[one.who] : undefined;
      if (one.do === 'begin') begin();
      else if (one.do === 'resize') {
        if (resizing) {
          bound = { run: Math.max(bound.run, one.run), wait: Math.max(bound.wait, one.wait) };
          total = { run: one.run, wait: one.wait };
          ledger.resize(totals(one.run, one.wait));
          for (const each of workers) each.wantsConfig = each.configured;
        }
      } else if (worker === undefined) continue;
      else if (one.do === 'want') {
        if (!worker.configured) continue;
        ledger.want(worker.id, 'openai', one.kind, one.count, (count) =>
          worker.inbox.push({ t: 'grant', lane: 'openai', kind: one.kind, count }),
        );
      } else if (one.do === 'receive') deliver(worker, one.busy);
      else if (one.do === 'answer') answerOne(worker);
      else if (one.do === 'expire') ledger.expire(worker.id, 'openai', one.kind);
      else if (one.do === 'drain') ledger.askBack(worker.id);
      else if (one.do === 'die') {
        workers = workers.filter((each) => each !== worker);
        ledger.leave(worker.id);
      }
      sendConfigs();
      check();
    }
    // Let everything arrive: then books and workers agree, and nothing is lost.
    for (let round = 0; round < 200; round++) {
      for (const worker of workers) {
        deliver(worker, 0);
        answerOne(worker);
      }
      sendConfigs();
    }
    bound = total;
    check();
    for (const worker of workers) {
      if (worker.configured) expect(worker.share).toEqual(ledger.sharesOf(worker.id)['openai']);
    }
    for (const worker of [...workers]) ledger.leave(worker.id);
    ledger.join(
      99,
      (all) => all,
      () => undefined,
    );
    expect(ledger.sharesOf(99)['openai']).toEqual(total);
  }

  it('never add up to more than the total, and a dead worker leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => play(steps, false)),
      { numRuns: 400 },
    );
  });

  it('never add up to more than the larger total while a new one rolls out, nor than the new one after', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => play(steps, true)),
      { numRuns: 400 },
    );
  });
});
