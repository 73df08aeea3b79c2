// Limits that come with their key, over the books of a primary: what an edit says holds, whoever still calls with the key as it was.
import { expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Bucket, LimitAuthority } from '../contracts/limits.ts';
import type { OwnLimits } from '../contracts/own-limits.ts';
import type { Principal } from '../contracts/principal.ts';
import { principalOf } from '../governance/principal.ts';
import { LimitLedger } from '../limits/ledger.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createLimiter } from './limiter.ts';

const refOf = ({ id, rule, version = 0 }: Bucket) => ({ id, version, ...rule });
const meter = { admitted() {}, refused() {}, unknown() {}, refilled() {} };

function setUp() {
  const ledger = new LimitLedger();
  const time = { now: 1_000 };
  const authority: LimitAuthority = {
    healthy: true,
    ask: async (asks, token) =>
      ledger.ask(
        1,
        asks.map(({ bucket, need, want }) => ({ bucket: refOf(bucket), need, want })),
        token,
        time.now,
      ),
    giveBack: (bucket, amount) => ledger.giveBack(1, refOf(bucket), amount, time.now),
    commit: (bucket, amount) => ledger.commit(1, bucket.id, amount),
  };
  const limiter = createLimiter({
    clock: { now: () => time.now, wall: () => 1_800_000_000_000 + time.now },
    origin: 'test',
    meter: { rule: () => meter },
  });
  const compile = (keyRules: boolean) =>
    limiter.compile([], ['p'], authority, {
      ...{ holders: 1, strict: true, failOpen: false, ietf: false, version: 9, keyRules },
    });
  const limits = compile(true);
  const admit = async (principal: Principal): Promise<{ call: Call; refused: boolean }> => {
    const provider = fakeProvider('p', dialectByName('openai-chat'));
    const { call } = fakeCall('openai-chat', { model: 'm', messages: [] }, [provider]);
    call.principal = principal;
    (call as { snapshot: Call['snapshot'] }).snapshot = { ...call.snapshot, limits };
    return { call, refused: (await limiter.admit(call)) instanceof GatewayError };
  };
  const end = (call: Call): void => {
    call.status = 200;
    call.settledAt = time.now;
    limiter.settled(call);
  };
  return { compile, admit, end };
}

const keyOf = (own: OwnLimits | undefined): Principal =>
  principalOf({ name: 'app', id: 'key_1', ...(own === undefined ? {} : { own }) });

it('are looked for where keys may have some, and only there', async () => {
  const { compile, admit } = setUp();
  expect(compile(false)).toBeNull();
  expect(compile(true)).not.toBeNull();
  const { call, refused } = await admit(keyOf(undefined));
  expect([call.limits, refused]).toEqual([null, false]);
});

it('hold as they were edited last, also while calls of the key as it was go on, begin and end', async () => {
  const { admit, end } = setUp();
  const before = keyOf({ version: 1, limits: [{ concurrent: 1 }] });
  const long = await admit(before);
  expect(long.refused).toBe(false);
  expect((await admit(before)).refused).toBe(true);

  const after = keyOf({ version: 2, limits: [{ concurrent: 3 }] });
  const more = [await admit(after), await admit(after)];
  expect(more.map(({ refused }) => refused)).toEqual([false, false]);
  expect((await admit(after)).refused).toBe(true);
  // A socket that was opened before has its key as it was.
  expect((await admit(before)).refused).toBe(true);
  end(long.call);
  expect((await admit(before)).refused).toBe(false);
  expect((await admit(after)).refused).toBe(true);

  const last = keyOf({ version: 3, limits: [{ concurrent: 1 }] });
  for (const { call } of more) end(call);
  expect((await admit(last)).refused).toBe(true);
});
