// Budgets over real workers: what is reserved at once never passes the amount, what is spent is what was told, and a
// gateway that starts again has not forgotten it.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath, open } from '../../kit/client.ts';
import { signatureOf } from '../../../cluster/limits/alert-sender.ts';
import { startGateway } from '../../kit/gateway.ts';
import { startHook } from '../../kit/hook.ts';
import { useGateway } from '../../kit/harness.ts';
import { pick } from '../../kit/json.ts';
import { childrenOf } from '../../kit/process.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

const keys = {
  dollar: 'hg-dollar-0123456789abcdef',
  left: 'hg-left-0123456789abcdefgh',
  long: 'hg-long-0123456789abcdefgh',
  killed: 'hg-killed-0123456789abcdef',
  cent: 'hg-cent-0123456789abcdef',
  told: 'hg-told-0123456789abcdef',
};
const long = process.env['HEADGATE_LONG_TESTS'] === '1';
/** Of the key whose streams are left. */
const LEFT_USD = long ? 12 : 3;
const hook = await startHook();
afterAll(() => hook.close());
const folder = mkdtempSync(path.join(tmpdir(), 'headgate-spend-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parts = {
  rest: {
    prices: { 'oa/*': { input_cost_per_token: 0, output_cost_per_token: 0.0001 } },
    auth: {
      keys: [
        { name: 'dollar', value: keys.dollar, budgets: [{ amountUsd: 1, window: '1Y' }] },
        { name: 'left', value: keys.left, budgets: [{ amountUsd: LEFT_USD, window: '1Y' }] },
        { name: 'long', value: keys.long, budgets: [{ amountUsd: 0.08, window: '1Y' }] },
        { name: 'killed', value: keys.killed, budgets: [{ amountUsd: 1, window: '1Y' }] },
        { name: 'told', value: keys.told, budgets: [{ amountUsd: 0.01, window: '1Y', softAt: 0.5 }] },
        { name: 'cent', value: keys.cent, budgets: [{ amountUsd: 0.01, window: 'never' }] },
      ],
    },
    alerts: { webhooks: [{ url: hook.url, secret: 'a secret of ours' }] },
    lane: { concurrency: 300, queue: 2_000 },
  },
};
const harness = useGateway(parts, { workers: 4 });
/** May cost a cent. */
const body = (model: string): object => ({ ...chatBody(model), max_tokens: 100 });

describe('M01: a budget of a dollar over four workers', () => {
  it('lets in a hundred of a thousand calls at once that may cost a cent each, and tells the rest why', async () => {
    const calls = Array.from({ length: 1_000 }, () =>
      open(harness, chatPath, { body: body('oa/gate:dollar'), key: keys.dollar }),
    );
    await waitUntil(
      () =>
        calls.filter(({ status }) => status === 429).length +
          harness.mock.requestsFor('gate:dollar').length >=
        calls.length,
      'all calls to be admitted or refused',
      20_000,
    );
    expect(harness.mock.requestsFor('gate:dollar').length).toBe(100);
    harness.mock.open('gate:dollar'.slice('gate:'.length));
    const answers = await Promise.all(calls.map((one) => one.whole()));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(900);
    for (const { json, headers } of refused) {
      expect(pick(json, 'error.code')).toBe('budget_exceeded');
      expect(pick(json, 'error.message')).toContain('budget `dollar-1Y` of key dollar');
      expect(headers['x-should-retry']).toBe('false');
    }
    const nano = answers
      .filter(({ status }) => status === 200)
      .reduce((sum, { headers }) => sum + Math.round(Number(headers['x-headgate-cost-usd']) * 1e9), 0);
    expect(nano).toBeGreaterThan(0);
    expect(nano).toBeLessThanOrEqual(1e9);
    await waitUntil(async () => {
      const text = await (await fetch(`${harness.url}/metrics`)).text();
      const told = /^headgate_cost_usd_total\{provider="oa"[^}]*\} (\S+)$/m.exec(text)?.[1];
      return Math.round(Number(told) * 1e9) === nano;
    }, 'the metric to say what the answers did');
  });

  it('says it in the words of the client', async () => {
    for (;;) {
      const answer = await call(harness, chatPath, { body: body('oa/ok'), key: keys.cent });
      if (answer.status === 429) break;
      expect(answer.headers['x-headgate-budget-remaining-usd']).toMatch(/^0(\.\d+)?$/);
    }
    const anthropic = await call(harness, messagesPath, {
      body: { ...messagesBody('oa/ok'), max_tokens: 100 },
      key: keys.cent,
    });
    expect([anthropic.status, pick(anthropic.json, 'type')]).toEqual([429, 'error']);
    expect(pick(anthropic.json, 'error.message')).toContain('It does not begin anew.');
  });
});

/** What workers hold ahead of calls is back by then, if nobody calls. */
const LEASES_MS = 2_500;

/** What is left of a key's budget for the next call, as a call that costs nothing else hears it. */
async function left(key: string): Promise<number> {
  const answer = await call(harness, chatPath, {
    body: { ...chatBody('oa/status:400'), max_tokens: 1 },
    key,
  });
  return Math.round(Number(answer.headers['x-headgate-budget-remaining-usd']) * 1e4) + 1;
}

it('M02: streams that are left are charged as much as was said, and nothing stays set aside', async () => {
  const streams = long ? 1_000 : 60;
  const said = Array.from({ length: streams }, (_, at) => 2 + ((at * 37) % 150));
  const one = async (tokens: number, at: number): Promise<void> => {
    const model = `oa/text:400+gate-after:${tokens}:left-${at}`;
    const stream = open(harness, chatPath, {
      body: chatBody(model, { stream: true, max_tokens: 500 }),
      key: keys.left,
    });
    await stream.seen(`t${tokens - 1}"`);
    stream.abort();
  };
  for (let from = 0; from < streams; from += 20)
    await Promise.all(said.slice(from, from + 20).map((tokens, at) => one(tokens, from + at)));
  const truth = LEFT_USD * 1e4 - said.reduce((sum, tokens) => sum + tokens, 0);
  await waitUntil(
    async () => Math.abs((await left(keys.left)) - truth) <= streams,
    'all of it, and no more, to be spent',
    30_000,
    LEASES_MS,
  );
});

it('M10: a stream that nobody bounded ends with its budget, as far as that was paid for, and says why', async () => {
  const stream = open(harness, chatPath, {
    body: chatBody('oa/text:3000+pace:4', { stream: true }),
    key: keys.long,
  });
  const { text } = await stream.whole(60_000);
  expect(text).toContain('"code":"budget_exceeded"');
  expect(text).toContain('budget `long-1Y` of key long');
  const tokens = Number(/.*"content":" ?t(\d+)"/s.exec(text)?.[1]) + 1;
  // It had 512 set aside, and the budget has room for one quantum of 256 more, and not for two; what comes while it asks is said as well.
  expect(tokens).toBeGreaterThanOrEqual(512);
  expect(tokens).toBeLessThan(3_000);
  await waitUntil(
    async () => Math.abs(Math.max(0, 800 - tokens) - (await left(keys.long))) <= 2,
    'what was said',
    30_000,
    LEASES_MS,
  );
});

it('M03: workers killed between what is set aside and what is spent give all of it back, once', async () => {
  const done = await call(harness, chatPath, { body: body('oa/ok'), key: keys.killed });
  const spent = Math.round(Number(done.headers['x-headgate-cost-usd']) * 1e4);
  const held = Array.from({ length: 60 }, () =>
    open(harness, chatPath, { body: body('oa/gate:killed-money'), key: keys.killed }),
  );
  await harness.mock.waitForCount('gate:killed-money', held.length);
  const most = { ...chatBody('oa/ok'), max_tokens: 9_900 };
  expect((await call(harness, chatPath, { body: most, key: keys.killed })).status).toBe(429);
  for (const pid of childrenOf(harness.gateway.pid)) process.kill(pid, 'SIGKILL');
  await waitUntil(() => held.every(({ over }) => over), 'the killed calls to break');
  harness.mock.open('killed-money');
  await waitUntil(
    async () => (await left(keys.killed).catch(() => 0)) === 10_000 - spent,
    'all of it but what was spent',
    30_000,
    LEASES_MS,
  );
});

it('says once that its soft mark is passed, and once that it is used up', async () => {
  for (;;) {
    const calls = Array.from({ length: 8 }, () =>
      call(harness, chatPath, { body: { ...chatBody('oa/ok'), max_tokens: 1 }, key: keys.told }),
    );
    if ((await Promise.all(calls)).every(({ status }) => status === 429)) break;
  }
  // A slow machine lets the stream of M10 pass the marks of its own budget as well.
  const told = () =>
    hook.seen.filter(
      ({ body }) => (JSON.parse(body) as { data: { budget: string } }).data.budget === 'told-1Y',
    );
  await waitUntil(() => told().length >= 2, 'both alerts');
  // Each is sent by itself: they may come in any order.
  const typeOf = ({ body }: { body: string }) => (JSON.parse(body) as { type: string }).type;
  const alerts = told().toSorted((one, other) => typeOf(other).localeCompare(typeOf(one)));
  const bodies = alerts.map(({ body }) => JSON.parse(body) as { type: string; id: string; data: object });
  expect(bodies.map(({ type }) => type)).toEqual(['budget.soft', 'budget.hard']);
  for (const [at, { headers, body }] of alerts.entries()) {
    const [id, time] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
    expect(headers['webhook-signature']).toBe(signatureOf('a secret of ours', id, time, body));
    expect(bodies[at]).toMatchObject({
      id,
      data: { budget: 'told-1Y', owner: 'key told', amountUsd: '0.01', window: '1Y' },
    });
  }
  const text = await (await fetch(`${harness.url}/metrics`)).text();
  for (const mark of ['soft', 'hard'])
    expect(text).toContain(`headgate_budget_alerts_total{budget="told-1Y",mark="${mark}"} 1`);
  // By what of it was spent when the first call was refused: what others still held may have come back behind that.
  const line = (): boolean =>
    ['budget: used up', 'budget: calls are refused'].some((words) =>
      harness.gateway.output().includes(words),
    );
  await waitUntil(line, 'the line in the log');
});

it('what was spent is known to the gateway that starts next, also where the last one was killed', async () => {
  const env = { HEADGATE_DATA_DIR: folder };
  const config = testConfig(harness.mock, parts);
  const file = path.join(folder, 'spend.json');
  const first = await startGateway({ config, env, workers: 2 });
  const answer = await call(first, chatPath, { body: body('oa/ok'), key: keys.cent });
  const nano = Math.round(Number(answer.headers['x-headgate-cost-usd']) * 1e9);
  const kept = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  await waitUntil(() => kept().includes(`,${nano},`), 'the file to say what the call cost');
  process.kill(first.pid, 'SIGKILL');
  await first.exit;
  const second = await startGateway({ config, env, workers: 2 });
  try {
    const next = await call(second, chatPath, { body: { ...body('oa/ok'), max_tokens: 1 }, key: keys.cent });
    // Before the call, less what it may cost.
    expect(Number(next.headers['x-headgate-budget-remaining-usd']) * 1e9).toBeLessThanOrEqual(1e7 - nano);
    expect((await call(second, chatPath, { body: body('oa/ok'), key: keys.cent })).status).toBe(429);
  } finally {
    await second.stop(3_000);
  }
});

it('what the last calls of a gateway cost is in its books, however soon behind them it ends', async () => {
  const data = mkdtempSync(path.join(folder, 'last-'));
  const config = testConfig(harness.mock, parts);
  const gateway = await startGateway({ config, env: { HEADGATE_DATA_DIR: data }, workers: 2 });
  const one = await call(harness, chatPath, { body: body('oa/ok'), key: keys.dollar });
  // As much as they cost: what is given back takes what was spent along.
  const most = Math.round(Number(one.headers['x-headgate-cost-usd']) / 0.0001);
  // All at about one time, when nothing else keeps the workers any more.
  const calls = Array.from({ length: 24 }, () =>
    call(gateway, chatPath, {
      body: { ...chatBody('oa/slow-head:1500'), max_tokens: most },
      key: keys.dollar,
    }),
  );
  await harness.mock.waitForCount('slow-head:1500', calls.length);
  gateway.kill('SIGTERM');
  let nano = 0;
  for (const { status, headers } of await Promise.all(calls)) {
    expect(status).toBe(200);
    nano += Math.round(Number(headers['x-headgate-cost-usd']) * 1e9);
  }
  expect(await gateway.exit).toMatchObject({ code: 0 });
  expect(readFileSync(path.join(data, 'spend.json'), 'utf8')).toContain(`,${nano},`);
});
