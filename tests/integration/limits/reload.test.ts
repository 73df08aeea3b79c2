// Limits that change while calls are under way: no slot is lost or counted twice, and the new number holds from the next
// call on, at every worker.
import { describe, expect, it } from 'vitest';
import { call, chatBody, chatPath, open, type Receiving } from '../../kit/client.ts';
import { gateKey } from '../../kit/gateway.ts';
import { useGateway } from '../../kit/harness.ts';
import { pick } from '../../kit/json.ts';
import { testConfig } from '../../kit/test-config.ts';
import { sleep, waitUntil } from '../../kit/wait.ts';

const harness = useGateway(
  { rest: { limits: [{ name: 'slots', per: 'key', concurrent: 4 }], lane: { concurrency: 1_500 } } },
  { workers: 2 },
);

let version = 1;
let gates = 0;

/** Writes the limits, asks for them to be loaded and waits until both workers apply them. */
async function reload(limits: readonly object[]): Promise<void> {
  harness.gateway.writeConfig(
    // A text that was never there before is seen as a change even where the limits are those of another test.
    testConfig(harness.mock, { rest: { limits, lane: { concurrency: 1_500, queue: 1_000 + ++version } } }),
  );
  const before = (await inForce()).version;
  harness.gateway.kill('SIGHUP');
  await waitUntil(
    async () => {
      const now = await inForce();
      return now.version > before && now.behind === 0;
    },
    'the new configuration on both workers',
    15_000,
  );
}

async function inForce(): Promise<{ version: number; behind: number }> {
  const { json } = await call(harness, '/health', { key: null });
  return {
    version: Number(pick(json, 'config.version')),
    behind: Number(pick(json, 'config.workersBehind')),
  };
}

interface Held {
  admitted: Receiving[];
  refused: number;
  letGo(): Promise<void>;
}

/** So many calls at once; those that are admitted stay open. */
async function hold(most: number, model = 'gate'): Promise<Held> {
  const gate = `reload-${++gates}`;
  const calls = Array.from({ length: most }, () =>
    open(harness, chatPath, { body: chatBody(`oa/${model}:${gate}`), key: gateKey }),
  );
  await waitUntil(
    () =>
      calls.filter(({ status }) => status === 429).length + harness.mock.requestsFor(`gate:${gate}`).length >=
      most,
    'all calls to be admitted or refused',
  );
  const admitted = calls.filter(({ status }) => status !== 429);
  return {
    admitted,
    refused: most - admitted.length,
    async letGo() {
      harness.mock.open(gate);
      for (const one of admitted) expect((await one.whole()).status).toBe(200);
    },
  };
}

/**
 * Holds all slots there are. Those of calls that just ended come back over IPC a moment after their answers, and up to 1 %
 * may idle in the lease of the other worker.
 */
async function holdAll(slots: number): Promise<Held> {
  let held: Held | null = null;
  await waitUntil(
    async () => {
      await held?.letGo();
      held = await hold(slots + 4);
      expect(held.admitted.length).toBeLessThanOrEqual(slots);
      return held.admitted.length >= Math.ceil(0.99 * slots);
    },
    `${slots} slots to be free`,
    10_000,
    50,
  );
  return held!;
}

async function expectFree(slots: number): Promise<void> {
  await (await holdAll(slots)).letGo();
}

const slots = (concurrent: number, change: object = {}): object => ({
  name: 'slots',
  per: 'key',
  concurrent,
  ...change,
});

describe('a reload while calls hold slots', () => {
  it('raises, lowers and raises again: what is held counts against the new number, and all come back', async () => {
    const first = await hold(6);
    expect([first.admitted.length, first.refused]).toEqual([4, 2]);
    await reload([slots(7)]);
    const second = await hold(6);
    expect([second.admitted.length, second.refused]).toEqual([3, 3]);
    await reload([slots(2)]);
    expect((await hold(4)).refused).toBe(4);
    await first.letGo();
    await sleep(100);
    expect((await hold(4)).refused).toBe(4); // three are still held: more than two
    await second.letGo();
    await expectFree(2);
    await reload([slots(600)]); // now with leases of three for each worker
    await expectFree(600);
    await reload([slots(4)]);
    await expectFree(4);
  });

  it('removes, renames and adds: nothing is kept of a limit that went, and a new one begins at none', async () => {
    const before = await holdAll(4);
    await reload([]);
    const without = await hold(8);
    expect(without.refused).toBe(0);
    await reload([slots(4, { name: 'others' })]);
    const renamed = await hold(6);
    expect(renamed.admitted.length).toBe(4); // calls from before are under the old name, or none
    await reload([slots(4, { name: 'others' }), slots(6)]);
    const both = await hold(3);
    expect(both.refused).toBe(3); // the old name is back and so is nothing: `others` is full
    await Promise.all([before, without, renamed].map((held) => held.letGo()));
    await expectFree(4);
    await reload([slots(6)]);
    await expectFree(6);
  });

  it('moves a limit to another scope and match', async () => {
    const held = await holdAll(6);
    await reload([slots(5, { per: 'gateway' })]);
    const other = await hold(7);
    expect(other.admitted.length).toBe(5); // another count
    await reload([slots(5, { per: ['key', 'model'], match: { model: 'oa/*' } })]);
    await Promise.all([held.letGo(), other.letGo()]);
    await reload([slots(5, { match: { model: 'gpt-9*' } })]);
    const unmatched = await hold(8);
    expect(unmatched.refused).toBe(0);
    await unmatched.letGo();
    await reload([slots(3, { per: 'provider', match: { provider: 'oa' } })]);
    await expectFree(3);
    await reload([slots(6)]);
    await expectFree(6);
  });
});

describe('a reload of rates', () => {
  const rate = (requests: string, burst: number): object => ({ name: 'calls', per: 'key', requests, burst });
  const ask = (): Promise<{ status: number; headers: Record<string, string> }> =>
    call(harness, chatPath, { body: chatBody('oa/ok') });
  /** Calls admitted of so many, one behind the other, over any of the workers. */
  async function admitted(count: number): Promise<number> {
    let sum = 0;
    for (let at = 0; at < count; at++) if ((await ask()).status === 200) sum++;
    return sum;
  }

  it('what was used stays used, the difference is there at once, and a lowered limit does not lock out', async () => {
    await reload([rate('10/d', 10)]);
    expect(await admitted(14)).toBe(10);
    await reload([rate('15/d', 15)]);
    expect(await admitted(8)).toBe(5);
    await reload([rate('3600/h', 3)]);
    // 15 used a day are 15 s at one a second: no more than the burst of three is waited for.
    const refused = await waitUntil(async () => {
      const answer = await ask();
      return answer.status === 429 ? answer : null;
    }, 'a refusal');
    expect(refused.headers['x-ratelimit-limit-requests']).toBe('3600');
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(4);
    await sleep(Number(refused.headers['retry-after-ms']));
    expect((await ask()).status).toBe(200);
    await reload([rate('100000/h', 5_000)]);
    expect(await admitted(20)).toBe(20);
    await reload([]);
    const free = await ask();
    expect(free.status).toBe(200);
    expect(free.headers['x-ratelimit-limit-requests']).not.toBe('100000');
  });

  it('calls that began under the old numbers settle once under the new ones', async () => {
    const tokens = (limit: number): object => ({
      name: 'tokens',
      per: 'key',
      tokens: `${limit}/d`,
      burst: limit,
    });
    await reload([tokens(10_000)]);
    const left = async (): Promise<number> => {
      const answer = await call(harness, chatPath, { body: chatBody('oa/status:400', { max_tokens: 400 }) });
      return Number(answer.headers['x-ratelimit-remaining-tokens']);
    };
    const fresh = await left();
    const held = ['a', 'b'].map((name) =>
      open(harness, chatPath, {
        body: chatBody(`oa/text:100+gate-after:1:${name}`, { max_tokens: 3_000, stream: true }),
      }),
    );
    await Promise.all(held.map((one) => one.seen('t0')));
    await reload([tokens(20_000)]);
    harness.mock.open('a');
    harness.mock.open('b');
    for (const one of held) await one.whole();
    // 112 each, of 20,000 now; some tokens are leased.
    await waitUntil(
      async () => Math.abs((await left()) - (fresh + 10_000 - 224)) <= 260,
      'the true usage',
      5_000,
      50,
    );
    await reload([]);
  });
});
