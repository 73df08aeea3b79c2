import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bucket, LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { unitsOf } from '../limits/need.ts';
import { paceOf } from '../limits/pace.ts';
import { type Claim, Estate } from './estate.ts';
import { LocalBucket } from './local-bucket.ts';

const none = (): void => undefined;
const meter = { admitted: none, refused: none, unknown: none, refilled: none };
const authority: LimitAuthority = { healthy: true, ask: async () => [], giveBack: none };

function bucket(id: string, dimension: LimitRule['dimension'] = 'tokens', limit = 10_000): LocalBucket {
  const rule: LimitRule = {
    name: id,
    dimension,
    per: [],
    match: { key: null, model: null, provider: null },
    limit,
    periodMs: 60_000,
    ...paceOf(limit, 60_000, limit),
  };
  return new LocalBucket({ id, rule }, () => 1, authority, meter);
}

class Open implements Claim {
  made = 0;
  estate: Estate | null = null;
  before: Claim | null = null;
  after: Claim | null = null;
  openedAt = 0;
  used = -1;
  readonly buckets: readonly LocalBucket[];
  readonly prompt: number;
  readonly requests = 1;
  readonly tokens: number;
  readonly cost = 0;
  readonly promptCost = 0;
  readonly tokenCost = 0;

  constructor(buckets: readonly LocalBucket[], prompt: number, output: number) {
    this.buckets = buckets;
    this.prompt = prompt;
    this.tokens = prompt + output;
  }

  produced(): number {
    return this.made;
  }
}

/** A heir that remembers, and hears when it is told to. */
function setUp() {
  const known = new Map<string, number>();
  const messages: string[] = [];
  const onTheWay: (() => void)[] = [];
  const heir = {
    listening: true,
    deaf: false,
    tell(rows: readonly (readonly [Bucket, number])[]): Promise<void> {
      messages.push(rows.map(([{ id }, units]) => `${id}=${units}`).join(' '));
      return new Promise((resolve) => {
        const arrive = (): void => {
          for (const [{ id }, units] of rows) {
            if (units === 0) known.delete(id);
            else known.set(id, units);
          }
          resolve();
        };
        if (heir.deaf) onTheWay.push(arrive);
        else arrive();
      });
    },
  };
  const estate = new Estate(heir, () => performance.now());
  const open = (claim: Open): Open => {
    estate.open(claim, performance.now());
    return claim;
  };
  return { estate, heir, known, messages, onTheWay, open };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('what a process would leave behind', () => {
  it('is not spoken of while calls are short', async () => {
    const { estate, messages, open } = setUp();
    const tokens = bucket('t');
    for (let at = 0; at < 50; at++) {
      const claims = [1, 2, 3].map(() => open(new Open([tokens], 10, 100)));
      await pass(300);
      // In any order.
      for (const claim of [claims[1]!, claims[2]!, claims[0]!]) expect(estate.close(claim)).toBe(false);
    }
    await pass(5_000);
    expect(messages).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is, of calls that last, what they reserved beyond their prompts, over all calls of a bucket', async () => {
    const { known, open } = setUp();
    const [a, b] = [bucket('a'), bucket('b')];
    open(new Open([a, b], 10, 100));
    open(new Open([a, bucket('r', 'requests'), bucket('s', 'concurrent')], 20, 50));
    await pass(1_300);
    expect([...known]).toEqual([
      ['a', 150],
      ['b', 100],
    ]);
  });

  it('is never more than the limit that was reserved of', async () => {
    const { known, open } = setUp();
    open(new Open([bucket('small', 'tokens', 40), bucket('large')], 10, 100));
    await pass(1_300);
    expect([...known]).toEqual([
      ['small', 30],
      ['large', 100],
    ]);
  });

  it('falls by what streams produce, and to nothing, never below', async () => {
    const { known, open } = setUp();
    const claim = open(new Open([bucket('t')], 10, 100));
    claim.made = 5;
    await pass(1_300);
    expect(known.get('t')).toBe(95);
    claim.made = 60;
    await pass(1_000);
    expect(known.get('t')).toBe(40);
    claim.made = 500;
    await pass(1_000);
    expect(known.size).toBe(0);
  });

  it('is withdrawn, and that is heard, before a call gives anything back', async () => {
    const { estate, heir, known, onTheWay, open } = setUp();
    const tokens = bucket('t');
    const [first, second] = [open(new Open([tokens], 10, 100)), open(new Open([tokens], 10, 200))];
    await pass(1_300);
    expect(known.get('t')).toBe(300);
    heir.deaf = true;
    let back = 0;
    expect(estate.close(first)).toBe(true);
    estate.afterwards(() => back++);
    await pass(2_000);
    expect(back).toBe(0);
    for (const arrive of onTheWay.splice(0)) arrive();
    await pass(0);
    expect(back).toBe(1);
    expect(known.get('t')).toBe(200);
    heir.deaf = false;
    expect(estate.close(second)).toBe(true);
    estate.afterwards(() => back++);
    estate.flush();
    await pass(0);
    expect(back).toBe(2);
    expect(known.size).toBe(0);
    await pass(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing new to a heir that does not listen', async () => {
    const { estate, heir, messages, open } = setUp();
    heir.listening = false;
    const claim = open(new Open([bucket('t')], 10, 100));
    await pass(5_000);
    expect(messages).toEqual([]);
    heir.listening = true;
    await pass(300);
    expect(messages).toEqual(['t=100']);
    expect(estate.close(claim)).toBe(true);
  });

  it('calls that end together are withdrawn in one message', async () => {
    const { estate, messages, open } = setUp();
    const claims = Array.from({ length: 20 }, (_, at) => open(new Open([bucket(`b${at % 2}`)], 1, 10)));
    await pass(1_300);
    expect(messages).toEqual(['b0=100 b1=100']);
    for (const claim of claims) {
      estate.close(claim);
      estate.afterwards(none);
    }
    await pass(20);
    expect(messages.slice(1)).toEqual(['b0=0 b1=0']);
  });
});

it('whatever calls do, the heir never knows of more than is reserved and unused, and of nothing in the end', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('open' as const), output: fc.nat(200), two: fc.boolean() }),
    fc.record({ do: fc.constant('close' as const), which: fc.nat() }),
    fc.record({ do: fc.constant('make' as const), which: fc.nat(), events: fc.nat(80) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat(900) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { estate, known, open } = setUp();
      const buckets = [bucket('a'), bucket('b', 'tokens', 120)];
      const claims: Open[] = [];
      for (const one of steps) {
        const claim = 'which' in one ? claims[one.which % Math.max(1, claims.length)] : undefined;
        if (one.do === 'open')
          claims.push(open(new Open(one.two ? buckets : buckets.slice(0, 1), 10, one.output)));
        else if (one.do === 'pass') await pass(one.ms);
        else if (claim !== undefined && one.do === 'make') {
          claim.made += one.events;
          await pass(1_250); // a count later: what was made is known of
        } else if (claim !== undefined) {
          claims.splice(claims.indexOf(claim), 1);
          if (estate.close(claim)) estate.afterwards(none);
          estate.flush();
        }
        for (const local of buckets) {
          const unused = claims
            .filter((claim) => claim.buckets.includes(local))
            .map((claim) => Math.max(0, unitsOf(claim, local.rule) - claim.prompt - claim.made));
          const most = unused.reduce((sum, units) => sum + units, 0);
          expect(known.get(local.bucket.id) ?? 0).toBeLessThanOrEqual(most);
        }
      }
      for (const claim of claims) if (estate.close(claim)) estate.afterwards(none);
      await pass(2_000);
      expect(known.size).toBe(0);
      expect(estate.claimed.size).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 150 },
  );
});
