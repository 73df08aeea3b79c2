import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { TargetHold } from '../contracts/admission.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Ask, Bucket, Grant, LimitAuthority, LimitRule } from '../contracts/limits.ts';
import type { Principal } from '../contracts/principal.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { principalOf } from '../governance/principal.ts';
import { LimitLedger } from '../limits/ledger.ts';
import { paceOf } from '../limits/pace.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import type { Hold } from './reservation.ts';

const openai = dialectByName('openai-chat');
const ANY = { key: null, model: null, provider: null };

/** The same object for a key each time, as a directory gives it. */
const callers = new Map<string, Principal>();
const callerOf = (name: string): Principal =>
  callers.get(name) ?? callers.set(name, principalOf({ name })).get(name)!;

function rate(name: string, limit: number, burst: number | null, change: Partial<LimitRule> = {}): LimitRule {
  const pace = paceOf(limit, 60_000, burst);
  return {
    name,
    dimension: 'requests',
    per: ['key'],
    match: ANY,
    limit,
    periodMs: 60_000,
    ...pace,
    ...change,
  };
}

function slots(name: string, limit: number, change: Partial<LimitRule> = {}): LimitRule {
  const none = { periodMs: 0, spacingMs: 0, burst: 0 };
  return { name, dimension: 'concurrent', per: ['key'], match: ANY, limit, ...none, ...change };
}

/** The books behind a promise, as the primary is behind a channel. */
class FakeAuthority implements LimitAuthority {
  readonly ledger = new LimitLedger();
  readonly asked: (readonly Ask[])[] = [];
  now = (): number => 0;
  healthy = true;

  async ask(asks: readonly Ask[], token: string): Promise<readonly Grant[]> {
    this.asked.push(asks);
    await Promise.resolve();
    if (!this.healthy)
      return asks.map(() => ({
        granted: 0,
        retryAfterMs: 0,
        remaining: 0,
        resetMs: 0,
        lifeMs: 0,
        degraded: true,
      }));
    const parts = asks.map(({ bucket, need, want }) => ({ bucket: refOf(bucket), need, want }));
    return this.ledger.ask(1, parts, token, this.now());
  }

  giveBack(bucket: Bucket, amount: number): void {
    this.ledger.giveBack(1, refOf(bucket), amount, this.now());
  }

  commit(bucket: Bucket, amount: number): void {
    this.ledger.commit(1, bucket.id, amount);
  }
}

function refOf({ id, rule, version = 0 }: Bucket) {
  return { id, version, ...rule };
}

function setUp(rules: readonly LimitRule[], { strict = false, holders = 1 } = {}) {
  const time = { now: 1_000 };
  const authority = new FakeAuthority();
  authority.now = () => time.now;
  const counted: string[] = [];
  const limiter: Limiter = createLimiter({
    clock: { now: () => time.now, wall: () => 1_800_000_000_000 + time.now },
    origin: 'test',
    meter: {
      rule: (name) => ({
        admitted: () => counted.push(`${name} admitted`),
        refused: () => counted.push(`${name} refused`),
        unknown: () => counted.push(`${name} unknown`),
        refilled: () => {},
      }),
    },
  });
  const limits = limiter.compile(rules, ['p', 'q'], authority, {
    holders,
    strict,
    failOpen: false,
    ietf: true,
    version: 1,
  });
  const providers = [fakeProvider('p', openai), fakeProvider('q', openai)];
  const call = (body: object = {}, headers: Record<string, string> = {}, key = 'team'): Call => {
    const made = fakeCall('openai-chat', { model: 'm', messages: [], ...body }, providers, headers).call;
    made.principal = callerOf(key);
    (made as { snapshot: Snapshot }).snapshot = { ...made.snapshot, limits };
    return made;
  };
  /** Admits; the error, or null. */
  const admit = async (made: Call): Promise<GatewayError | null> => limiter.admit(made);
  /** Ends a call that reached its provider, as settle does. */
  const end = (made: Call, change: Partial<Call> = {}, sent = true): void => {
    made.status = 200;
    Object.assign(made, change);
    const { usage, contentEvents } = made;
    const errorType = made.error?.errorType ?? '';
    if (sent) made.attempts.push({ ...attempt(200), usage, contentEvents, errorType });
    made.settledAt = time.now;
    limiter.settled(made);
  };
  return { time, authority, limiter, call, admit, end, counted, providers };
}

function attempt(status: number): Call['attempts'][number] {
  return {
    provider: 'p',
    model: 'm',
    keyAlias: '',
    status,
    errorType: '',
    usage: null,
    quantities: null,
    contentEvents: 0,
    costNano: null,
    priceVersion: '',
    estimated: false,
    answerBytes: 0,
    queuedAt: 0,
    slotAt: 0,
    connectMs: 0,
    sentAt: 1,
    headAt: 0,
    endAt: 0,
  };
}

const usage = (input: number | null, output: number | null): NonNullable<Call['usage']> => ({
  input,
  output,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  reasoning: null,
});

/** What an attempt holds; fails where it was refused or nothing limits it. */
function holdOf(admitted: TargetHold | GatewayError | null): TargetHold {
  expect(admitted).toHaveProperty('record', null);
  return admitted as TargetHold; // checked on the line above
}

/** Lets what was asked in the background arrive. */
const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('reserving', () => {
  it('is synchronous while leases cover all rules, and asks once for many calls', async () => {
    const { call, limiter, admit, authority } = setUp([rate('a', 100_000, null), rate('b', 200_000, null)]);
    expect(await admit(call())).toBeNull();
    await rest();
    let waited = 0;
    for (let i = 0; i < 400; i++) if (limiter.admit(call()) !== null) waited++;
    expect(waited).toBe(0);
    expect(authority.asked.length).toBeLessThan(5);
  });

  it('fetches the next lease before the last is used up, so that no later call has to wait', async () => {
    const { call, limiter, admit, authority, time } = setUp([rate('a', 100_000, null)]);
    await admit(call());
    let waited = 0;
    for (let i = 0; i < 3_000; i++) {
      time.now += 1;
      if (limiter.admit(call()) !== null) waited++;
      if (i % 50 === 0) await rest();
    }
    expect(waited).toBe(0);
    expect(authority.asked.length).toBeLessThan(40);
  });

  it('renews a lease that lasts longer than it may be held, so that no call has to wait at its end', async () => {
    const { call, limiter, admit, authority, time } = setUp([
      rate('a', 10_000_000, null),
      slots('b', 1_000_000),
    ]);
    await admit(call());
    let waited = 0;
    for (let i = 0; i < 5_000; i++) {
      time.now += 1;
      if (limiter.admit(call()) !== null) waited++;
      if (i % 50 === 0) await rest();
    }
    expect(waited).toBe(0);
    expect(authority.asked.length).toBeLessThan(40);
  });

  it('costs nothing where no rule matches', () => {
    const { call, limiter } = setUp([rate('a', 10, 1, { match: { ...ANY, key: 'other' } })]);
    const made = call();
    expect(limiter.admit(made)).toBeNull();
    expect(made.limits).toBeNull();
  });

  it('refuses by the rule that is full, gives the others back, and states a wait that is true', async () => {
    const { call, admit, authority, time } = setUp([
      slots('s', 10),
      rate('narrow', 60, 1),
      rate('wide', 6_000, 100),
    ]);
    expect(await admit(call())).toBeNull();
    const refused = await admit(call());
    expect(refused?.code).toBe('GW_LIMIT_EXCEEDED');
    expect(refused?.errorType).toBe('policy_rate_limit');
    expect(refused?.publicMessage).toContain('`narrow`');
    expect(refused?.retryAfterMs).toBeCloseTo(1_000);
    expect(authority.ledger.taken('s|team')).toBe(1);
    time.now += Math.ceil(refused!.retryAfterMs!) - 2;
    expect(await admit(call())).not.toBeNull();
    time.now += 2;
    expect(await admit(call())).toBeNull();
  });

  it('asks nobody for what it was told a moment ago is full', async () => {
    const { call, limiter, admit, authority } = setUp([rate('narrow', 60, 1)]);
    await admit(call());
    await admit(call());
    const asked = authority.asked.length;
    for (let i = 0; i < 100; i++) expect(limiter.admit(call())).toBeInstanceOf(GatewayError);
    expect(authority.asked.length).toBe(asked);
  });

  it('takes once for a call however often it is asked', async () => {
    const { call, admit, authority } = setUp([slots('s', 10)]);
    const made = call();
    await admit(made);
    await admit(made);
    expect(authority.ledger.taken('s|team')).toBe(1);
  });

  it('counts calls that claim the same request id apart', async () => {
    const { call, admit, authority } = setUp([slots('s', 10)]);
    await admit(call());
    await admit(call()); // fakeCall gives every call the same id
    expect(authority.ledger.taken('s|team')).toBe(2);
  });

  it('names the longest wait of all that refuse, also of those that would not refuse another model', async () => {
    const { call, admit, time } = setUp([
      rate('short', 600, 1),
      rate('long', 60, 1, { per: ['key', 'model'] }),
      rate('other', 60, 1, { per: ['header:x-end-user'] }),
    ]);
    expect(await admit(call())).toBeNull();
    const refused = await admit(call());
    expect(refused?.message).toContain('`long`');
    expect(refused?.retryAfterMs).toBe(1_000);
    expect((await admit(Object.assign(call(), { model: 'm2' })))?.message).toContain('`short`');
    // Known here: nobody is asked, and the wait is that of the slowest all the same.
    expect((await admit(call()))?.retryAfterMs).toBe(1_000);
    expect(await admit(call({}, { 'x-end-user': 'bob' }, 'elsewhere'))).toBeNull();
    // `short` is known to refuse bob's other key, of bob himself nothing is: asked, since he must wait longer.
    expect((await admit(call({}, { 'x-end-user': 'bob' })))?.retryAfterMs).toBe(1_000);
    time.now += 1_000;
    expect(await admit(call({}, { 'x-end-user': 'bob' }))).toBeNull();
  });

  it('tells the truth: a client that waits as long as it was told is admitted', async () => {
    const pace = fc.record({
      limit: fc.integer({ min: 1, max: 20_000 }),
      burst: fc.option(fc.integer({ min: 1, max: 500 })),
      tokens: fc.boolean(),
      per: fc.constantFrom<LimitRule['per']>([], ['key'], ['key', 'model'], ['header:x-end-user']),
    });
    const step = fc.record({
      passMs: fc.integer({ min: 0, max: 300 }),
      maxTokens: fc.integer({ min: 1, max: 3_000 }),
      model: fc.constantFrom('m', 'm2'),
      user: fc.constantFrom('ann', 'bob'),
      ends: fc.boolean(),
    });
    const check = async (
      paces: (typeof pace extends fc.Arbitrary<infer T> ? T : never)[],
      steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
      strict: boolean,
      holders: number,
    ): Promise<void> => {
      const rules = paces.map(({ limit, burst, tokens, per }, at) =>
        rate(`r${at}`, limit, burst, { per, dimension: tokens ? 'tokens' : 'requests' }),
      );
      const { call, admit, end, time, limiter } = setUp(rules, { strict, holders });
      for (const { passMs, maxTokens, model, user, ends } of steps) {
        time.now += passMs;
        const make = (): Call =>
          Object.assign(call({ max_tokens: maxTokens }, { 'x-end-user': user }), { model });
        let made = make();
        const refused = await admit(made);
        if (refused !== null) {
          expect(refused.retryAfterMs).toBeGreaterThan(0);
          end(made, { error: refused, status: 429 }, false);
          // As the header says it, in whole ms.
          time.now += Math.ceil(refused.retryAfterMs!);
          made = make();
          expect(await admit(made)).toBeNull();
        }
        if (ends) end(made, { usage: usage(1, maxTokens) });
      }
      limiter.close();
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(pace, { minLength: 1, maxLength: 4 }),
        fc.array(step, { maxLength: 40 }),
        fc.boolean(),
        fc.constantFrom(1, 4),
        check,
      ),
    );
  });

  it('in strict mode asks for all buckets in one question a call', async () => {
    const { call, admit, authority } = setUp([rate('a', 100_000, null), slots('s', 1_000)], { strict: true });
    for (let i = 0; i < 3; i++) await admit(call());
    expect(authority.asked.map((asks) => asks.length)).toEqual([2, 2, 2]);
    expect(authority.asked.flat().every(({ need, want }) => need === 1 && want === 1)).toBe(true);
  });

  it('takes any value of a header for a name, however long or odd, and shows none of it', async () => {
    const { call, admit, authority } = setUp([rate('user', 60, 1, { per: ['header:x-end-user'] })]);
    const values = [
      'x'.repeat(16_000),
      'a|b',
      'a',
      '{tag}',
      '\r\nSET x y',
      'f\u00fc',
      'fu\u00cc\u0088',
      "'; DROP",
      '*',
      ' ',
      // What uWS leaves of a value of bytes beyond ASCII.
      '',
    ];
    for (const value of values) {
      expect(await admit(call({}, { 'x-end-user': value })), value.slice(0, 20)).toBeNull();
      expect(await admit(call({}, { 'x-end-user': value })), value.slice(0, 20)).not.toBeNull();
    }
    const ids = new Set(authority.asked.flat().map(({ bucket }) => bucket.id));
    expect(ids.size).toBe(values.length);
    for (const id of ids) expect(id).toMatch(/^user\|~[A-Za-z0-9_-]{22}$/);
    expect(await admit(call({}))).toBeNull(); // none
    expect(await admit(call({}))).toBeNull();
  });

  it('counts each value of a header apart, and calls without it not at all', async () => {
    const { call, admit } = setUp([rate('user', 60, 1, { per: ['header:x-end-user'] })]);
    expect(await admit(call({}, { 'x-end-user': 'bob' }))).toBeNull();
    expect(await admit(call({}, { 'x-end-user': 'bob' }))).not.toBeNull();
    expect(await admit(call({}, { 'x-end-user': 'eve' }))).toBeNull();
    for (let i = 0; i < 3; i++) expect(await admit(call())).toBeNull();
  });

  it('answers 503 when nobody can be asked, and goes on spending what it has leased', async () => {
    const { call, limiter, admit, authority, counted } = setUp([rate('a', 100_000, null)]);
    await admit(call());
    authority.healthy = false;
    expect(limiter.admit(call())).toBeNull();
    const refused = await admit(call({}, {}, 'nobody-leased-for-this'));
    expect(refused?.code).toBe('GW_LIMIT_UNKNOWN');
    expect(refused?.status).toBe(503);
    expect(counted).toContain('a unknown');
    authority.healthy = true;
    expect(await admit(call({}, {}, 'nobody-leased-for-this'))).toBeNull();
  });
});

describe('settling', () => {
  const tokens = (limit: number, burst: number): LimitRule =>
    rate('t', limit, burst, { dimension: 'tokens' });
  const left = async (authority: FakeAuthority, time: { now: number }): Promise<number> => {
    const bucket = { id: 't|team', version: 1, ...tokens(60_000, 10_000) };
    const [grant] = authority.ledger.ask(
      9,
      [{ bucket, need: 0, want: 0 }],
      `look-${Math.random()}`,
      time.now,
    );
    return grant!.remaining;
  };

  it('M02: books the true usage instead of the reservation, once', async () => {
    const { call, admit, end, authority, time, limiter } = setUp([tokens(60_000, 10_000)], { holders: 1e6 });
    const made = call({ max_tokens: 4_000 });
    await admit(made);
    expect(await left(authority, time)).toBeLessThan(10_000 - 4_000 + 1);
    end(made, { usage: usage(30, 70) });
    expect(await left(authority, time)).toBeCloseTo(9_900);
    limiter.settled(made);
    expect(await left(authority, time)).toBeCloseTo(9_900);
  });

  it('M02: books more than was reserved as debt', async () => {
    const { call, admit, end, authority, time } = setUp([tokens(60_000, 10_000)], { holders: 1e6 });
    const made = call({ max_tokens: 100 });
    await admit(made);
    end(made, { usage: usage(1_000, 5_000) });
    expect(await left(authority, time)).toBeCloseTo(4_000);
  });

  it('M02: an aborted stream keeps the prompt and what was sent of the answer', async () => {
    const { call, admit, end, authority, time } = setUp([tokens(60_000, 10_000)], { holders: 1e6 });
    const made = call({ max_tokens: 4_000, stream: true });
    await admit(made);
    end(made, { status: 499, error: new GatewayError('GW_CLIENT_GONE'), contentEvents: 25 });
    const prompt = Math.ceil(made.facts!.promptBytes / 3.5);
    expect(await left(authority, time)).toBeCloseTo(10_000 - prompt - 25);
  });

  it('gives everything back of a call that was never sent, and the tokens of one its provider refused', async () => {
    const { call, admit, end, authority, time, limiter } = setUp([tokens(60_000, 10_000), rate('r', 60, 2)], {
      holders: 1e6,
    });
    const never = call({ max_tokens: 4_000 });
    await admit(never);
    end(never, { error: new GatewayError('GW_LANE_FULL'), status: 503 }, false);
    expect(await left(authority, time)).toBe(10_000);
    const refused = call({ max_tokens: 4_000 });
    expect(await admit(refused)).toBeNull();
    refused.attempts.push(attempt(500));
    end(refused, { error: new GatewayError('GW_UPSTREAM_ERROR'), status: 502 }, false);
    expect(await left(authority, time)).toBe(10_000);
    // The request itself was made: of two, one is left.
    expect(await admit(call())).toBeNull();
    expect(await limiter.admit(call())).not.toBeNull();
  });

  it('counts what every attempt used: one that broke off, one at another target, one that answered', async () => {
    const { call, admit, end, authority, time } = setUp([tokens(60_000, 10_000), rate('r', 60, 2)], {
      holders: 1e6,
    });
    const made = call({ max_tokens: 4_000 });
    expect(await admit(made)).toBeNull();
    const prompt = Math.ceil(made.facts!.promptBytes / 3.5);
    made.attempts.push(
      { ...attempt(200), errorType: 'upstream_reset', usage: usage(20, 5) },
      { ...attempt(200), errorType: 'upstream_truncated', contentEvents: 7 },
      { ...attempt(0), errorType: 'upstream_connect', sentAt: 0 },
      { ...attempt(503), errorType: 'upstream_overloaded' },
      { ...attempt(200), usage: usage(30, 70) },
    );
    end(made, { usage: usage(30, 70) }, false);
    expect(await left(authority, time)).toBeCloseTo(10_000 - 25 - (prompt + 7) - 100);
    // It stays one request of the client's.
    expect(await admit(call())).toBeNull();
  });

  it('M07: usage that is negative, huge or no number never makes room', async () => {
    for (const odd of [Number.NEGATIVE_INFINITY, -5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 + 2]) {
      const { call, admit, end, authority, time } = setUp([tokens(60_000, 10_000)], { holders: 1e6 });
      const made = call({ max_tokens: 100 });
      await admit(made);
      end(made, { usage: usage(odd, odd) });
      expect(await left(authority, time)).toBeLessThanOrEqual(10_000);
      expect(await left(authority, time)).toBeGreaterThanOrEqual(0);
    }
  });

  it('M07: a client that bounds its answer by a million tokens takes no more than the limit', async () => {
    const { call, admit, end, authority, time } = setUp([tokens(60_000, 10_000)], { holders: 1e6 });
    const made = call({ max_tokens: 1_000_000_000 });
    expect(await admit(made)).toBeNull();
    end(made, { usage: usage(10, 10) });
    expect(await left(authority, time)).toBeCloseTo(9_980);
  });

  it('learns what answers cost when the client does not bound them', async () => {
    const { call, admit, end, authority } = setUp([tokens(600_000, 100_000)], { holders: 1e6 });
    for (let i = 0; i < 20; i++) {
      const made = call();
      await admit(made);
      end(made, { usage: usage(5, 40) });
    }
    await admit(call());
    expect(authority.asked.at(-1)![0]!.need).toBeLessThan(250);
  });

  it('M08: gives a slot back whichever way the call ends, also when it left while we asked', async () => {
    const { call, admit, end, authority, limiter } = setUp([slots('s', 5), rate('r', 6_000, 100)]);
    const phases: ((made: Call) => void | Promise<void>)[] = [
      async (made) => {
        await admit(made);
        end(made);
      },
      async (made) => {
        await admit(made);
        end(made, { status: 499 }, false);
      },
      async (made) => {
        const asking = admit(made);
        end(made, { status: 499 }, false); // before the answer
        expect(await asking).toBeNull();
      },
      async (made) => {
        await admit(made);
        await limiter.admitTarget(made, made.plan!.targets[0]!);
        end(made, { status: 499 }, false);
      },
    ];
    for (let i = 0; i < 100; i++) await phases[i % phases.length]!(call());
    expect(authority.ledger.taken('s|team')).toBe(0);
  });

  it('returns unspent leases when it closes', async () => {
    const { call, admit, end, authority, limiter } = setUp([slots('s', 1_000)]);
    const made = call();
    await admit(made);
    end(made);
    expect(authority.ledger.taken('s|team')).toBeGreaterThan(0);
    limiter.close();
    expect(authority.ledger.taken('s|team')).toBe(0);
  });
});

describe("a provider's limits", () => {
  it('count each attempt at it, and what a failed one held is given back', async () => {
    const { call, admit, authority, limiter, end } = setUp([
      slots('sp', 1, { per: ['provider'] }),
      rate('rp', 60, 2, { per: [], match: { ...ANY, provider: 'p' } }),
    ]);
    const made = call();
    expect(await admit(made)).toBeNull();
    const [p, q] = made.plan!.targets;
    const held = holdOf(await limiter.admitTarget(made, p!));
    expect(authority.ledger.taken('sp|p')).toBe(1);
    held.record = attempt(500);
    limiter.leaveTarget(held);
    limiter.leaveTarget(held);
    expect(authority.ledger.taken('sp|p')).toBe(0);
    holdOf(await limiter.admitTarget(made, p!));
    const other = call();
    await admit(other);
    const refused = await limiter.admitTarget(other, p!);
    expect(refused).toBeInstanceOf(GatewayError);
    expect(refused).toMatchObject({ code: 'GW_LIMIT_EXCEEDED', retry: 'next' });
    holdOf(await limiter.admitTarget(other, q!));
    end(made);
    end(other);
    expect(authority.ledger.taken('sp|p')).toBe(0);
    expect(authority.ledger.taken('sp|q')).toBe(0);
  });

  it('are not asked for when the call meets none', async () => {
    const { call, limiter, admit, authority } = setUp([slots('s', 5, { match: { ...ANY, provider: 'q' } })]);
    const made = call();
    await admit(made);
    expect(limiter.admitTarget(made, made.plan!.targets[0]!)).toBeNull();
    expect(authority.asked).toHaveLength(0);
  });
});

describe('what the client is told', () => {
  it('is the tightest rule of each dimension of its key, in the names of the route', async () => {
    const { call, admit, limiter } = setUp([
      rate('wide', 6_000, 100),
      rate('narrow', 60, 5),
      rate('t', 60_000, 600, { dimension: 'tokens' }),
      rate('of-all', 60, 1, { per: [] }),
    ]);
    const made = call({ max_tokens: 100 });
    await admit(made);
    const headers = Object.fromEntries(limiter.headers(made));
    expect(headers).toMatchObject({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '4',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '60000',
      ratelimit: expect.stringContaining('"narrow";r=4;t=1'),
      'ratelimit-policy': expect.stringContaining('"narrow";q=60;w=60'),
    });
  });

  it('is nothing where its key has no limits', async () => {
    const { call, admit, limiter } = setUp([rate('of-all', 60, 5, { per: [] })]);
    const made = call();
    await admit(made);
    expect(limiter.headers(made)).toEqual([]);
  });
});

describe('a heir', () => {
  const tokensRule = rate('tokens', 60_000, 60_000, { dimension: 'tokens' });

  function withHeir() {
    const all = setUp([]);
    const said: string[] = [];
    const authority = new FakeAuthority();
    authority.now = () => all.time.now;
    const heir = {
      listening: true,
      async tell(rows: readonly (readonly [Bucket, number])[]): Promise<void> {
        said.push(...rows.map(([{ rule }, units]) => `${rule.name}=${units}`));
      },
    };
    const known: LimitAuthority = {
      healthy: true,
      heir,
      ask: (asks, token) => authority.ask(asks, token),
      giveBack: (bucket, amount) => {
        said.push(`back ${amount}`);
        authority.giveBack(bucket, amount);
      },
    };
    const limits = all.limiter.compile([tokensRule, rate('calls', 600, 10)], ['p'], known, {
      holders: 1,
      strict: true,
      failOpen: true,
      ietf: false,
      version: 2,
    });
    const call = (maxTokens: number): Call => {
      const made = all.call({ max_tokens: maxTokens });
      (made as { snapshot: Snapshot }).snapshot = { ...made.snapshot, limits };
      return made;
    };
    /** Passes time for the clock and for timers. */
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 50) {
        all.time.now += 50;
        await vi.advanceTimersByTimeAsync(50);
      }
    };
    return { ...all, authority, said, call, pass };
  }

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hears of a long call, and that it is over before anything of it goes back', async () => {
    const { admit, call, end, pass, said } = withHeir();
    const made = call(500);
    expect(await admit(made)).toBeNull();
    await pass(1_500);
    expect(said).toEqual(['tokens=500']);
    const live = attempt(200);
    made.attempts.push(live);
    live.contentEvents = 40;
    await pass(1_000);
    expect(said.splice(0)).toEqual(['tokens=500', 'tokens=460']);
    const reserved = (made.limits as Hold).own.tokens;
    live.usage = usage(3, 50);
    end(made, { usage: live.usage }, false);
    expect(said).toEqual([]);
    await pass(50);
    expect(said).toEqual(['tokens=0', `back ${reserved - 53}`]);
  });

  it('is not promised what earlier attempts of the call used up, nor the prompt of the next', async () => {
    const { admit, call, pass, said } = withHeir();
    const made = call(500);
    expect(await admit(made)).toBeNull();
    const cut = { ...attempt(200), errorType: 'upstream_reset', usage: usage(30, 100), endAt: 2 };
    made.attempts.push(cut);
    await pass(1_500);
    expect(said.splice(0)).toEqual(['tokens=370']);
    made.attempts.push({ ...attempt(200), contentEvents: 40 });
    await pass(1_000);
    expect(said).toEqual(['tokens=330']);
  });

  it('hears nothing of a short call', async () => {
    const { admit, call, end, pass, said } = withHeir();
    const made = call(500);
    expect(await admit(made)).toBeNull();
    await pass(400);
    const reserved = (made.limits as Hold).own.tokens;
    end(made, { usage: usage(3, 50) });
    await pass(2_000);
    expect(said).toEqual([`back ${reserved - 53}`]);
  });

  it('hears nothing of what was granted without the owner of the counters', async () => {
    const { admit, authority, call, end, pass, said } = withHeir();
    const asked = authority.ask.bind(authority);
    authority.ask = async (asks, token) =>
      (await asked(asks, token)).map((grant) => ({ ...grant, degraded: true as const }));
    const made = call(500);
    expect(await admit(made)).toBeNull();
    await pass(3_000);
    expect(said).toEqual([]);
    end(made);
    await pass(50);
    expect(said.some((one) => one.startsWith('tokens='))).toBe(false);
  });

  it('hears at the end of the process that all is settled, then what is unspent goes back', async () => {
    const { admit, call, end, limiter, pass, said } = withHeir();
    const made = call(500);
    expect(await admit(made)).toBeNull();
    await pass(1_500);
    end(made, { usage: usage(3, 50) });
    said.length = 0;
    limiter.close();
    await Promise.resolve();
    await Promise.resolve();
    expect(said[0]).toBe('tokens=0');
    expect(said[1]).toMatch(/^back /);
  });
});
