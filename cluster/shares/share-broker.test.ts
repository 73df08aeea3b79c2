import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Shares, ToWorker } from '../../src/contracts/ipc.ts';
import { fakeClock } from '../fakes.fixture.ts';
import { createShareBroker, type PrimaryShareBroker } from './share-broker.ts';

interface Bench {
  broker: PrimaryShareBroker;
  sent: { to: number; message: ToWorker }[];
  clock: ReturnType<typeof fakeClock>;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Two workers with five run slots each, or equal parts of so many. */
function makeBench(run = 10): Bench {
  const sent: Bench['sent'] = [];
  const clock = fakeClock();
  const broker = createShareBroker(
    { clock, send: (to, message) => sent.push({ to, message }) },
    new Map([['openai', { run, wait: 0 }]]),
  );
  for (const [index, id] of [1, 2].entries()) broker.join(id, index, 2, () => undefined);
  return { broker, sent, clock };
}

function pass(bench: Bench, ms: number): void {
  for (let at = 0; at < ms; at += 10) {
    bench.clock.time += 10;
    vi.advanceTimersByTime(10);
  }
}

const grants = (bench: Bench): [number, number][] =>
  bench.sent.flatMap(({ to, message }) => (message.t === 'grant' ? [[to, message.count]] : []));

function answer(bench: Bench, count: number): void {
  for (const { to, message } of bench.sent.splice(0)) {
    if (message.t === 'reclaim') broker(bench).yielded(to, message.lane, message.kind, count, message.id);
  }
}
const broker = (bench: Bench): PrimaryShareBroker => bench.broker;

describe('share broker', () => {
  it('grants what the others gave up', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 2);
    answer(bench, 2);
    expect(grants(bench)).toEqual([[1, 2]]);
  });

  it('answers with nothing after 50 ms when the others keep silent', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 2);
    pass(bench, 40);
    expect(grants(bench)).toEqual([]);
    pass(bench, 20);
    expect(grants(bench)).toEqual([[1, 0]]);
  });

  it('counts an answer that lies in the channel, however long it stood still itself', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 2);
    // Read in the turn of the look, behind it.
    setTimeout(() => answer(bench, 2), 50);
    bench.clock.time += 60_000;
    vi.advanceTimersByTime(60_000);
    expect(grants(bench)).toEqual([[1, 2]]);
  });

  it('ends nothing that was asked after what it looked for was answered', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 2);
    setTimeout(() => {
      answer(bench, 2);
      bench.sent.length = 0;
      bench.broker.want(1, 'openai', 'run', 1);
    }, 50);
    pass(bench, 90);
    expect(grants(bench)).toEqual([]);
    answer(bench, 1);
    expect(grants(bench)).toEqual([[1, 1]]);
  });

  it('waits for the silent as long as who asks has less than its part', () => {
    const bench = makeBench();
    bench.broker.join(3, 2, 3, () => undefined);
    pass(bench, 60);
    bench.sent.length = 0;
    bench.broker.want(3, 'openai', 'run', 2);
    pass(bench, 2_000);
    expect(grants(bench)).toEqual([]);
    answer(bench, 1);
    expect(grants(bench)).toEqual([[3, 2]]);
    bench.sent.length = 0;
    bench.broker.want(3, 'openai', 'run', 9);
    pass(bench, 2_600);
    expect(grants(bench)).toEqual([[3, 0]]);
  });

  it('does not wait for the silent when somebody gave something', () => {
    const bench = makeBench();
    bench.broker.join(3, 2, 3, () => undefined);
    pass(bench, 60);
    bench.sent.length = 0;
    bench.broker.want(3, 'openai', 'run', 9);
    const asked = bench.sent.flatMap(({ message }) => (message.t === 'reclaim' ? [message] : []));
    expect(asked).toHaveLength(2);
    pass(bench, 100);
    bench.broker.yielded(1, 'openai', 'run', 1, asked[0]!.id);
    expect(grants(bench)).toEqual([]);
    pass(bench, 60);
    expect(grants(bench)).toEqual([[3, 1]]);
  });

  it('waits for the silent where there are fewer than workers, and who asks has none', () => {
    const bench = makeBench(1);
    bench.broker.want(2, 'openai', 'run', 1);
    pass(bench, 1_000);
    expect(grants(bench)).toEqual([]);
    answer(bench, 1);
    expect(grants(bench)).toEqual([[2, 1]]);
  });

  it('answers who asks while it is tried again for what it asked before', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 1);
    answer(bench, 0);
    pass(bench, 60);
    expect(bench.sent.map(({ message }) => message.t)).toEqual(['grant', 'reclaim']);
    bench.sent.splice(0, 1);
    bench.broker.want(1, 'openai', 'run', 1);
    expect(grants(bench)).toEqual([]);
    answer(bench, 0);
    expect(grants(bench)).toEqual([[1, 0]]);
  });

  it('says no for a lane that goes while somebody waits for an answer of it', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 1);
    bench.broker.resize(new Map([['other', { run: 4, wait: 0 }]]));
    expect(grants(bench)).toEqual([[1, 0]]);
    answer(bench, 1);
    pass(bench, 3_000);
    expect(grants(bench)).toEqual([]);
  });

  it('remembers who got nothing and serves it when another worker has idle share', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 1);
    answer(bench, 0);
    expect(grants(bench)).toEqual([[1, 0]]);
    bench.sent.length = 0;
    pass(bench, 60);
    answer(bench, 1);
    expect(grants(bench)).toEqual([[1, 1]]);
    bench.sent.length = 0;
    pass(bench, 1_000);
    expect(bench.sent).toEqual([]);
  });

  it('forgets an unserved want after a while, and when its worker is gone', () => {
    for (const gone of [false, true]) {
      const bench = makeBench();
      bench.broker.want(1, 'openai', 'run', 1);
      answer(bench, 0);
      if (gone) bench.broker.leave(1);
      for (let at = 0; at < 3_000; at += 50) {
        pass(bench, 50);
        if (at < 2_500) answer(bench, 0);
      }
      expect(bench.sent).toEqual([]);
    }
  });

  it('says no at once for a lane nobody has', () => {
    const bench = makeBench();
    bench.broker.want(1, 'gone', 'run', 1);
    expect(grants(bench)).toEqual([[1, 0]]);
  });

  it('gives a newcomer its part of what others have idle, and does not wait for the stuck', () => {
    const bench = makeBench();
    let shares: Shares | null = null;
    bench.broker.join(3, 2, 3, (own) => (shares = own));
    const asked = bench.sent.filter(({ message }) => message.t === 'reclaim');
    expect(asked.map(({ to }) => to)).toEqual([1, 2]);
    const first = asked[0]!.message as Extract<ToWorker, { t: 'reclaim' }>;
    bench.broker.yielded(1, 'openai', 'run', 2, first.id);
    expect(shares).toBeNull();
    pass(bench, 60);
    expect(shares).toEqual({ openai: { run: 2, wait: 0 } });
  });

  it('holds absolute shares back until the answer that would change them is here', () => {
    const bench = makeBench();
    bench.broker.want(1, 'openai', 'run', 2);
    const written: Shares[] = [];
    bench.broker.snapshot(2, (own) => written.push(own));
    bench.broker.snapshot(1, (own) => written.push(own));
    expect(written).toEqual([{ openai: { run: 5, wait: 0 } }]);
    answer(bench, 2);
    expect(written[1]).toEqual({ openai: { run: 3, wait: 0 } });
  });

  it('takes the idle share of a worker that drains', () => {
    const bench = makeBench();
    bench.broker.drain(2);
    answer(bench, 4);
    bench.broker.want(1, 'openai', 'run', 4);
    expect(grants(bench)).toEqual([[1, 4]]);
  });
});
