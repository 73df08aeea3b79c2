// M05 and M06 over three gateways that share one Redis, each with its own connection, under three times the limit.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bucket } from '../../../src/contracts/limits.ts';
import type { RedisAuthority } from '../../../src/redis/options.ts';
import { sleep, waitUntil } from '../../kit/wait.ts';
import {
  ask,
  bucket,
  busiestWindow,
  clock,
  closeGates,
  type Gate,
  rate,
  readyGate,
  slots,
  takeOne,
  token,
} from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { startTcpProxy } from './tcp-proxy.ts';

let server: RedisServer;

beforeEach(async () => {
  server = await startRedis();
});

afterEach(async () => {
  await closeGates();
  await server.close();
});

/** What Redis decides is looked at here, not what happens when a busy machine keeps it waiting. */
const PATIENT_MS = 20_000;

const three = async (mode: 'strict' | 'lease'): Promise<Gate[]> => {
  const gates = await Promise.all(
    Array.from({ length: 3 }, () =>
      readyGate({ url: `redis://127.0.0.1:${server.port}`, mode, timeoutMs: PATIENT_MS }),
    ),
  );
  if (mode === 'lease') {
    await waitUntil(() => gates.every(({ authority }) => authority.askers === 3), 'all three to be counted');
  }
  return gates;
};

/** Spends leases as a worker does: asks for more than it needs, keeps the rest for the calls behind it. */
function spender(authority: RedisAuthority, of: Bucket): () => Promise<boolean> {
  let left = 0;
  let until = 0;
  let blockedUntil = 0;
  let refill: Promise<void> | null = null;
  return async () => {
    if (left > 0 && clock.now() >= until) {
      authority.giveBack(of, left, token());
      left = 0;
    }
    if (left === 0 && clock.now() >= blockedUntil) {
      refill ??= authority.ask([ask(of, 1, 1_000)], token()).then(([grant]) => {
        refill = null;
        left += grant!.granted;
        until = clock.now() + grant!.lifeMs;
        if (grant!.granted === 0) blockedUntil = clock.now() + Math.min(100, grant!.retryAfterMs);
      });
      await refill;
    }
    if (left === 0) return false;
    left--;
    return true;
  };
}

/**
 * Part of the limit that must be used. The arithmetic uses all of it (limits/meter.test.ts, by a clock of its own); here a machine that stands
 * still for longer than a burst bridges takes some, and a limiter that loses leases would take far more.
 */
const LEAST_USED = 0.4;

const LIMIT = 2_000;
const PERIOD_MS = 2_000;
const RUN_MS = 5_000;

/** When a call was made, and when it was known to be admitted: Redis decided in between. */
type Admitted = readonly [madeMs: number, knownMs: number];

/** A turn that took longer is the machine standing still, which offers nothing. */
const TURN_MS = 100;

/** Three times the limit over all gateways, for RUN_MS of this process running. `tookMs`: until the last was decided. */
async function overload(
  calls: readonly (() => Promise<boolean>)[],
): Promise<{ admitted: Admitted[]; tookMs: number }> {
  const admitted: Admitted[] = [];
  const open: Promise<void>[] = [];
  const begun = clock.now();
  let ranMs = 0;
  for (let offered = 0, last = begun; ranMs < RUN_MS; ) {
    const now = clock.now();
    ranMs += Math.min(now - last, TURN_MS);
    last = now;
    const due = (ranMs * 3 * LIMIT) / PERIOD_MS;
    for (; offered < due; offered++) {
      const madeMs = clock.now();
      open.push(
        calls[offered % calls.length]!().then((granted) => {
          if (granted) admitted.push([madeMs, clock.now()]);
        }),
      );
    }
    await sleep(2);
  }
  await Promise.all(open);
  return { admitted, tookMs: clock.now() - begun };
}

/** Most that were certainly admitted within one period, however late we heard of them. */
function certainlyWithin(admitted: readonly Admitted[], windowMs: number): number {
  const sorted = [...admitted].sort(([a], [b]) => a - b);
  let most = 0;
  for (let from = 0; from < sorted.length; from += 10) {
    const start = sorted[from]![0];
    let count = 0;
    for (let at = from; at < sorted.length && sorted[at]![0] < start + windowMs; at++) {
      if (sorted[at]![1] < start + windowMs) count++;
    }
    most = Math.max(most, count);
  }
  return most;
}

describe('M05: a limit over three gateways under three times its load', () => {
  it('strict: no window holds more than the limit, and the limit is used', async () => {
    const of = bucket(rate('m05', LIMIT, PERIOD_MS));
    const gates = await three('strict');
    const { admitted, tookMs } = await overload(
      gates.map(
        ({ authority }) =>
          () =>
            takeOne(authority, of).then(({ granted }) => granted > 0),
      ),
    );
    expect(certainlyWithin(admitted, PERIOD_MS)).toBeLessThanOrEqual(LIMIT);
    expect(admitted.length).toBeLessThanOrEqual(of.rule.burst + tookMs / of.rule.spacingMs + 20);
    expect(admitted.length).toBeGreaterThanOrEqual((LEAST_USED * LIMIT * RUN_MS) / PERIOD_MS);
    for (const { authority } of gates) expect(authority.stats().byPolicy).toBe(0);
  });

  it('lease: at most one per cent over in any window, most of it used, with a fraction of the calls', async () => {
    const of = bucket(rate('m05', LIMIT, PERIOD_MS));
    const gates = await three('lease');
    const { admitted } = await overload(gates.map(({ authority }) => spender(authority, of)));
    expect(certainlyWithin(admitted, PERIOD_MS)).toBeLessThanOrEqual(LIMIT * 1.01);
    expect(admitted.length).toBeGreaterThanOrEqual((LEAST_USED * LIMIT * RUN_MS) / PERIOD_MS);
    const asked = gates.reduce((sum, { authority }) => sum + authority.stats().asked, 0);
    expect(asked).toBeLessThan((3 * LIMIT * RUN_MS) / PERIOD_MS);
  });

  it('a lease is never more than one per cent of the limit over all that ask', async () => {
    const gates = await three('lease');
    const of = bucket(rate('large', 60_000, 60_000));
    const [grant] = await gates[0]!.authority.ask([ask(of, 1, 100_000)], token());
    expect(grant!.granted).toBe(200);
    const [small] = await gates[0]!.authority.ask([ask(bucket(rate('small', 60, 60_000)), 1, 50)], token());
    expect(small!.granted).toBe(1);
    const [strict] = await (
      await readyGate({ url: `redis://127.0.0.1:${server.port}`, timeoutMs: PATIENT_MS })
    ).authority.ask([ask(of, 1, 100)], token());
    expect(strict!.granted).toBe(1);
  });
});

/** So long each gateway keeps to its part (src/redis/limits/deciding.ts), with something for the look at it. */
const HICCUP_MS = 900;

/** Watches how long gateways were without Redis at a stretch. @returns the longest so far, ms */
function longestOutage(gates: readonly Gate[]): { ms(): number; end(): void } {
  let longest = 0;
  const before = gates.map(() => 0);
  const look = (): void => {
    for (const [at, { authority }] of gates.entries()) {
      const { healthy, degradedMs } = authority.stats();
      longest = Math.max(longest, degradedMs - before[at]!);
      if (healthy) before[at] = degradedMs;
    }
  };
  // What was before they were ready is none of it.
  for (const [at, { authority }] of gates.entries()) before[at] = authority.stats().degradedMs;
  const timer = setInterval(look, 5);
  return {
    ms(): number {
      look();
      return longest;
    },
    end: () => clearInterval(timer),
  };
}

describe('a hiccup of Redis', () => {
  it('lets nobody over the limit: each gateway keeps to its part', async () => {
    const url = `redis://127.0.0.1:${server.port}`;
    const gates = await Promise.all([1, 2, 3].map(() => readyGate({ url })));
    await waitUntil(() => gates.every(({ authority }) => authority.askers === 3), 'all three to be counted');
    let round = 0;
    const healthy = (): Promise<unknown> =>
      waitUntil(() => gates.every(({ authority }) => authority.healthy), 'limits to be shared again');
    // A Redis that stood still for longer by itself was no hiccup: anew.
    await waitUntil(
      async () => {
        const of = bucket(rate(`hiccup-${round++}`, LIMIT, PERIOD_MS));
        await healthy();
        const outage = longestOutage(gates);
        const loaded = overload(
          gates.map(
            ({ authority }) =>
              () =>
                takeOne(authority, of).then(({ granted }) => granted > 0),
          ),
        );
        for (let hiccup = 0; hiccup < 3; hiccup++) {
          await sleep(800);
          const before = gates.map(({ authority }) => authority.stats().byPolicy);
          server.signal('SIGSTOP');
          await sleep(200);
          await waitUntil(
            () => gates.every(({ authority }, at) => authority.stats().byPolicy > before[at]!),
            'every gateway to decide by itself',
          );
          server.signal('SIGCONT');
        }
        const { admitted } = await loaded;
        outage.end();
        if (outage.ms() > HICCUP_MS) return false;
        expect(certainlyWithin(admitted, PERIOD_MS)).toBeLessThanOrEqual(LIMIT * 1.05);
        return true;
      },
      'three hiccups',
      20_000,
    );
    await healthy();
  });
});

describe('what one ask means', () => {
  it('M06: a window that begins full holds no more than limit and burst', async () => {
    const [first, second] = await three('strict');
    const of = bucket(rate('edge', 100, 1_000, 20));
    const at: number[] = [];
    const end = clock.now() + 1_500;
    while (clock.now() < end) {
      const grants = await Promise.all([takeOne(first!.authority, of), takeOne(second!.authority, of)]);
      for (const { granted } of grants) if (granted > 0) at.push(clock.now());
    }
    expect(busiestWindow(at, 1_000)).toBeLessThanOrEqual(122);
  });

  it('takes from all buckets or from none, and says which one refused', async () => {
    const [{ authority }] = (await three('strict')) as [Gate];
    // Of which nothing comes back while the test runs.
    const wide = bucket(rate('wide', 1_000, 86_400_000));
    const narrow = bucket(rate('narrow', 1, 60_000));
    const seat = bucket(slots('seat', 5));
    expect(
      (await authority.ask([ask(wide), ask(narrow), ask(seat)], token())).every(
        ({ granted }) => granted === 1,
      ),
    ).toBe(true);
    const refused = await authority.ask([ask(wide), ask(narrow), ask(seat)], token());
    expect(refused.map(({ granted }) => granted)).toEqual([0, 0, 0]);
    expect(refused.map(({ retryAfterMs }) => retryAfterMs > 0)).toEqual([false, true, false]);
    expect(refused[0]!.remaining).toBe(19);
    expect(refused[2]!.remaining).toBe(4);
  });

  it('takes once for one token, whichever gateway asks again', async () => {
    const [one, other] = (await three('strict')) as [Gate, Gate];
    const of = bucket(rate('once', 1_000, 86_400_000));
    const seat = bucket(slots('seat', 5));
    const by = token();
    for (const { authority } of [one, other, one]) {
      const [rated, seated] = await authority.ask([ask(of), ask(seat)], by);
      expect([rated!.granted, seated!.granted]).toEqual([1, 1]);
      expect([rated!.remaining, seated!.remaining]).toEqual([19, 4]);
    }
  });

  it('says when to come back, and who waits that long is admitted', async () => {
    const [{ authority }] = (await three('strict')) as [Gate];
    const of = bucket(rate('wait', 1, 1_000, 1));
    for (let round = 0; round < 3; round++) {
      // At once, unless a token came back while the machine stood still.
      const refused = await waitUntil(async () => {
        const grant = await takeOne(authority, of);
        return grant.granted === 0 ? grant : null;
      }, 'the refusal');
      await sleep(refused.retryAfterMs + 1);
      expect((await takeOne(authority, of)).granted).toBe(1);
    }
  });

  it('books what was used beyond the grant and gives back what was not', async () => {
    const [{ authority }] = (await three('strict')) as [Gate];
    const of = bucket(rate('settled', 102, 3_600_000, 100));
    await authority.ask([ask(of, 60)], 'a');
    authority.giveBack(of, 50, 'a');
    await waitUntil(
      async () => (await authority.ask([ask(of, 0)], token()))[0]!.remaining === 90,
      'units given back',
    );
    authority.giveBack(of, -500, 'a');
    await waitUntil(async () => (await takeOne(authority, of)).granted === 0, 'units booked');
    for (const amount of [Number.NaN, Number.POSITIVE_INFINITY]) authority.giveBack(of, -amount, 'a');
    const { retryAfterMs, granted } = await takeOne(authority, of);
    expect(granted).toBe(0);
    expect(retryAfterMs).toBeLessThanOrEqual(86_400_000 + 3_600_000);
  });

  it('costs that are no numbers take all there is and never add any', async () => {
    const [{ authority }] = (await three('strict')) as [Gate];
    for (const need of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, 1e6, -1, Number.NEGATIVE_INFINITY]) {
      const of = bucket(rate('odd', 10, 60_000, 10), `odd|${String(need)}`);
      const [grant] = await authority.ask([ask(of, need)], token());
      const after = await takeOne(authority, of);
      if (need > 0 || Number.isNaN(need)) expect(after.granted, String(need)).toBe(0);
      else expect([grant!.granted, after.remaining], String(need)).toEqual([0, 9]);
    }
  });
});

describe('slots', () => {
  it('over three gateways never more than the limit, and all free when all are given back', async () => {
    const gates = await three('strict');
    const of = bucket(slots('seats', 20));
    let inUse = 0;
    let most = 0;
    let served = 0;
    await Promise.all(
      Array.from({ length: 300 }, async (_, at) => {
        const { authority } = gates[at % 3]!;
        const by = token();
        while ((await takeOne(authority, of, by)).granted === 0) await sleep(5);
        most = Math.max(most, ++inUse);
        await sleep(at % 7);
        inUse--;
        served++;
        authority.giveBack(of, 1, by);
        authority.giveBack(of, 1, by);
      }),
    );
    expect(most).toBeLessThanOrEqual(20);
    expect(served).toBe(300);
    await waitUntil(() => server.cli('zcard', '{headgate}:s:seats') === '0', 'all slots to be free');
    expect(gates.map(({ authority }) => authority.stats().slotsHeld)).toEqual([0, 0, 0]);
  });

  it('M08: those of a gateway that dies are free after their life, those of one that lives are kept', async () => {
    const url = `redis://127.0.0.1:${server.port}`;
    const proxy = await startTcpProxy(server.port);
    // Far longer than a process stands still: who lives must have said so meanwhile.
    const shared = { slotLifeMs: 8_000, timeoutMs: PATIENT_MS };
    const dying = await readyGate({ url: `redis://127.0.0.1:${proxy.port}`, ...shared });
    const living = await readyGate({ url, ...shared });
    const of = bucket(slots('seats', 3));
    await takeOne(dying.authority, of, 'd1');
    await takeOne(dying.authority, of, 'd2');
    await takeOne(living.authority, of, 'l1');
    expect((await takeOne(living.authority, of)).granted).toBe(0);
    // A process that is gone says nothing any more.
    proxy.refuse = true;
    proxy.cut();
    for (const by of ['l2', 'l3']) {
      await waitUntil(
        async () => (await takeOne(living.authority, of, by)).granted === 1,
        'a slot of the dead',
        12_000,
        100,
      );
    }
    expect((await takeOne(living.authority, of, 'l4')).granted).toBe(0);
    await proxy.close();
  });

  it('a gateway that leaves gives everything back at once', async () => {
    const url = `redis://127.0.0.1:${server.port}`;
    const one = await readyGate({ url, timeoutMs: PATIENT_MS });
    const of = bucket(slots('seats', 3));
    for (const by of ['a', 'b', 'c']) await takeOne(one.authority, of, by);
    await one.authority.close();
    expect(server.cli('zcard', '{headgate}:s:seats')).toBe('0');
    expect(server.cli('zcard', '{headgate}:m')).toBe('0');
  });
});
