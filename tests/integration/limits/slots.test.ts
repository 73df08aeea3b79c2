// Concurrency limits: clients that leave in every phase and workers that are killed leave no slot behind.
import { describe, expect, it } from 'vitest';
import {
  call,
  chatBody,
  chatPath,
  messagesBody,
  messagesPath,
  open,
  type Receiving,
} from '../../kit/client.ts';
import { useGateway } from '../../kit/harness.ts';
import { pick } from '../../kit/json.ts';
import { childrenOf } from '../../kit/process.ts';
import { sleep, waitUntil } from '../../kit/wait.ts';

const keys = {
  few: 'hg-few-0123456789abcdef',
  many: 'hg-many-0123456789abcdef',
  tokens: 'hg-tokens-0123456789abcdef',
};

const harness = useGateway(
  {
    rest: {
      auth: {
        keys: [
          { name: 'few', value: keys.few, limits: [{ concurrent: 4 }] },
          { name: 'many', value: keys.many, limits: [{ concurrent: 200 }] },
          { name: 'tokens', value: keys.tokens, limits: [{ tokens: '60000/h', burst: 10_000 }] },
        ],
      },
      limits: [{ name: 'all', per: 'gateway', concurrent: 5_000 }],
      lane: { concurrency: 300, queue: 2_000 },
    },
  },
  { workers: 4 },
);

/** Calls of a key that are open at the same time before one is refused. */
async function free(key: string, most: number): Promise<number> {
  const gate = `free-${Math.random()}`;
  const model = `oa/gate:${gate}`;
  const calls = Array.from({ length: most }, () => open(harness, chatPath, { body: chatBody(model), key }));
  await waitUntil(
    () =>
      calls.filter(({ status }) => status === 429).length + harness.mock.requestsFor(`gate:${gate}`).length >=
      most,
    'all calls to be admitted or refused',
  );
  harness.mock.open(gate);
  const answers = await Promise.all(calls.map((one) => one.whole()));
  return answers.filter(({ status }) => status === 200).length;
}

/** So many calls that stay open. What calls before held comes back over IPC: whoever is refused meanwhile asks again. */
async function hold(model: string, count: number, key: string, extra: object = {}): Promise<Receiving[]> {
  let calls: Receiving[] = [];
  await waitUntil(
    () => {
      calls = calls.filter(({ over }) => !over);
      for (let left = count - calls.length; left > 0; left--)
        calls.push(open(harness, chatPath, { body: chatBody(`oa/${model}`, extra), key }));
      return harness.mock.requestsFor(model).length >= count;
    },
    `${count} calls to be let in`,
    20_000,
    50,
  );
  return calls;
}

describe('concurrency limits over four workers', () => {
  it('admit exactly as many calls at once as they say, again and again', async () => {
    for (let round = 0; round < 3; round++) {
      // The slots of the round before come back over IPC, which takes as long as this machine needs.
      const all = async (): Promise<boolean> => {
        const admitted = await free(keys.few, 12);
        expect(admitted).toBeLessThanOrEqual(4);
        return admitted === 4;
      };
      await waitUntil(all, `four calls at once in round ${round}`);
    }
  });

  it('refuse in words a client understands', async () => {
    const held = await hold('gate:words', 4, keys.few);
    const refused = await call(harness, chatPath, { body: chatBody('oa/ok'), key: keys.few });
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(pick(refused.json, 'error')).toMatchObject({
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
    });
    expect(pick(refused.json, 'error.message')).toContain('`few.concurrent` (4 calls at once)');
    const other = await call(harness, messagesPath, { body: messagesBody('an/ok'), key: keys.few });
    expect(other.status).toBe(429);
    expect(pick(other.json, 'error')).toMatchObject({
      type: 'rate_limit_error',
      details: { error_code: 'GW_LIMIT_EXCEEDED' },
    });
    harness.mock.open('words');
    for (const one of held) expect((await one.whole()).status).toBe(200);
  });

  it('M08: 1,000 clients that leave in all phases leave no slot behind', async () => {
    const models = [
      ['ok', false],
      ['gate:never', false],
      ['slow-head:300', false],
      ['slow-first:200', true],
      ['text:200+pace:10', true],
      ['status:500', false],
      ['reset', false],
      ['stall-after:3', true],
    ] as const;
    let seed = 42;
    const random = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let batch = 0; batch < 10; batch++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          const [model, stream] = models[at % models.length]!;
          const one = open(harness, chatPath, { body: chatBody(`oa/${model}`, { stream }), key: keys.many });
          await sleep(random() * 250);
          one.abort();
        }),
      );
    }
    await waitUntil(async () => (await free(keys.many, 205)) === 200, 'all slots to be free', 20_000, 200);
  });

  it('M03: a worker killed with calls in flight gives back their slots and reserved tokens', async () => {
    const reserve = { max_tokens: 3_000 };
    const held = await hold('gate:killed+tokens', 3, keys.tokens, reserve);
    const slots = await hold('gate:killed+slots', 4, keys.few);
    const full = await call(harness, chatPath, { body: chatBody('oa/ok', reserve), key: keys.tokens });
    expect(full.status).toBe(429);
    const killed = childrenOf(harness.gateway.pid);
    expect(killed).toHaveLength(4);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await waitUntil(() => [...held, ...slots].every(({ over }) => over), 'the killed calls to break');
    harness.mock.open('killed');
    await waitUntil(
      async () => {
        const again = await call(harness, chatPath, {
          body: chatBody('oa/ok', reserve),
          key: keys.tokens,
        }).catch(() => null);
        return again?.status === 200;
      },
      'the tokens to be back',
      30_000,
      100,
    );
    await waitUntil(async () => {
      const admitted = await free(keys.few, 8);
      expect(admitted).toBeLessThanOrEqual(4);
      return admitted === 4;
    }, 'the slots to be back');
  });
});
