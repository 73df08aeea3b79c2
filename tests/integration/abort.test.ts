// A client that leaves (faults.md C17, R10): in whatever phase, its upstream call is aborted at once, its place is free
// again, and nobody else notices.
import { describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath, open, type Receiving } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import type { MockRequest } from '../kit/mock-exchange.ts';
import { rawClient } from '../kit/raw.ts';
import { sleep, waitUntil } from '../kit/wait.ts';

const harness = useGateway({
  provider: {
    retries: { max: 2, backoffMs: 6_000, maxBackoffMs: 6_000 },
    lane: { concurrency: 4, queue: 50 },
  },
});

const dialects = [
  ['OpenAI', chatPath, (name: string, extra = {}) => chatBody(`oa/${name}`, extra)],
  ['Anthropic', messagesPath, (name: string, extra = {}) => messagesBody(`an/${name}`, extra)],
  ['OpenAI from Anthropic', chatPath, (name: string, extra = {}) => chatBody(`an/${name}`, extra)],
] as const;

/** None of these answers would ever come to its end; bench/ measures the 100 ms. */
async function leave(receiving: Receiving, request: MockRequest): Promise<void> {
  receiving.abort();
  await waitUntil(() => request.aborted, 'the upstream call to be aborted');
}

/** Until so many calls wait for a place. */
const queued = (calls: number) =>
  waitUntil(async () => {
    const { text } = await call(harness, '/metrics', { key: null });
    const depths = [...text.matchAll(/^headgate_queue_depth\{.*\} (\d+)$/gm)].map(([, depth]) =>
      Number(depth),
    );
    return depths.reduce((sum, depth) => sum + depth, 0) === calls;
  }, `${calls} calls in the queue`);
/** Until the gateway has done with a call. */
const logged = (id: string) =>
  waitUntil(
    () => harness.gateway.logs().find((entry) => entry['id'] === id && entry['msg'] === 'request'),
    'the access line',
  );

describe.each(dialects)('%s client leaves', (client, path, body) => {
  const begin = (name: string, extra = {}) => open(harness, path, { body: body(name, extra) });

  test.each([
    ['before the head, whole', 'never-head', {}],
    ['before the head, streamed', 'never-head', { stream: true }],
    ['between head and first token', 'slow-first:1000000', { stream: true }],
  ])('%s', async (_phase, name, extra) => {
    const receiving = begin(name, extra);
    const [request] = await harness.mock.waitForCount(name, 1);
    await sleep(30);
    await leave(receiving, request!);
  });

  test('in the middle of a running stream', async () => {
    const receiving = begin('text:100000+pace:10', { stream: true });
    await receiving.seen('t5');
    await leave(receiving, harness.mock.lastRequest());
  });

  test('in the middle of a stream that is silent', async () => {
    const receiving = begin('text:10+stall-after:3', { stream: true });
    await receiving.seen('t2');
    await leave(receiving, harness.mock.lastRequest());
  });

  test('while the upstream sends a whole answer', async () => {
    // So large that nobody has read it before we leave, however quick they are.
    const receiving = begin('flood:1000000000');
    const [request] = await harness.mock.waitForCount('flood:1000000000', 1);
    await leave(receiving, request!);
  });

  test('while it waits in the queue: its call never starts, others keep their turn', async () => {
    const gate = `queue-${client.replaceAll(' ', '-')}`;
    const held = Array.from({ length: 4 }, () => begin(`gate:${gate}`));
    await harness.mock.waitForCount(`gate:${gate}`, 4);
    const id = `leaver-${gate}`;
    const leaver = open(harness, path, { body: body('ok+leaver'), headers: { 'x-request-id': id } });
    const stayer = begin('ok+stayer');
    await queued(2);
    leaver.abort();
    await logged(id);
    harness.mock.open(gate);
    expect((await stayer.whole()).status).toBe(200);
    for (const each of held) expect((await each.whole()).status).toBe(200);
    expect(harness.mock.requestsFor('ok+leaver')).toHaveLength(0);
    // A scrape leaves out who stands still: what it last said is not to be what the next test waits for.
    await queued(0);
  });

  test('before its body is whole: nothing goes up', async () => {
    const client = await rawClient(harness.port);
    await client.send(
      `POST ${path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\nContent-Length: 5000\r\n\r\n{"model":"oa/ok",`,
    );
    await sleep(50);
    client.reset();
    await sleep(100);
    expect(harness.mock.requests).toHaveLength(0);
  });

  test('by reset instead of close', async () => {
    const text = JSON.stringify(body('text:100000+pace:10', { stream: true }));
    const client = await rawClient(harness.port);
    await client.send(
      `POST ${path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
    await waitUntil(() => client.received.includes('t5'), 'the stream to run');
    client.reset();
    const request = harness.mock.lastRequest();
    await waitUntil(() => request.aborted, 'the upstream call to be aborted');
  });
});

test('during a back-off: there is no second attempt', async () => {
  const models = await Promise.all(
    dialects.map(async ([client, path, body], at) => {
      // Where a machine stood still for longer than the pause the next attempt had begun: another call may be left within it.
      for (let round = 0; ; round++) {
        const id = `backoff-${at}-${round}`;
        const model = `status:503+${id}`;
        const receiving = open(harness, path, { body: body(model), headers: { 'x-request-id': id } });
        await harness.mock.waitForCount(model, 1);
        receiving.abort();
        const line = await logged(id);
        expect(line, client).toMatchObject({ status: 499 });
        if ((line['attempts'] as unknown[]).length === 1) return model;
      }
    }),
  );
  // Longer than the longest pause.
  await sleep(6_500);
  expect(models.map((model) => harness.mock.requestsFor(model).length)).toEqual([1, 1, 1]);
});

test('C17: after hundreds of departures every place is free and nothing runs', async () => {
  const phases = ['slow-head:3000', 'text:500+pace:5', 'slow-first:3000', 'ok'];
  for (let round = 0; round < 20; round++) {
    const some = Array.from({ length: 15 }, (_, at) =>
      open(harness, chatPath, {
        body: chatBody(`oa/${phases[at % phases.length]}`, { stream: at % 2 === 0 }),
      }),
    );
    await sleep(5 + (round % 5) * 12);
    for (const each of some) each.abort();
  }
  await waitUntil(() => harness.mock.running() === 0, 'every upstream call to end', 5_000);
  // A gateway that stood still reads of hundreds that came before it reads that they left, and refuses for them: who is refused asks again.
  let calls: Receiving[] = [];
  await waitUntil(
    () => {
      calls = calls.filter(({ over }) => !over);
      while (calls.length < 4) calls.push(open(harness, chatPath, { body: chatBody('oa/gate:free') }));
      return harness.mock.requestsFor('gate:free').length >= 4;
    },
    'all places to be free',
    20_000,
    50,
  );
  harness.mock.open('free');
  for (const each of calls) expect((await each.whole()).status).toBe(200);
  expect((await call(harness, '/readyz', { key: null })).status).toBe(200);
});

test('a client that left is logged as 499 and is no failure of the provider', async () => {
  const receiving = open(harness, chatPath, {
    body: chatBody('oa/never-head'),
    headers: { 'x-request-id': 'left-early-1' },
  });
  await harness.mock.waitForCount('never-head', 1);
  receiving.abort();
  const line = await logged('left-early-1');
  expect(JSON.stringify(line)).toContain('499');
  expect(JSON.stringify(line)).toContain('caller_cancelled');
});
