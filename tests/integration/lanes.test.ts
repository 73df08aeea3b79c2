// Lanes: one provider's trouble stays its own, and the configured numbers hold for the whole gateway, whichever worker a
// connection lands on.
import { describe, expect, test } from 'vitest';
import {
  type Answer,
  call,
  chatBody,
  chatPath,
  messagesBody,
  messagesPath,
  open,
  type Receiving,
} from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { sleep, waitUntil } from '../kit/wait.ts';

const harness = useGateway(
  (mock) => {
    const provider = (lane: object, extra: object = {}) => ({
      dialect: 'openai-chat',
      baseUrl: mock.openaiUrl,
      retries: { max: 0 },
      // Longer than a test has: nobody who waits for a provider that hangs is let go by a clock.
      timeouts: { headersMs: 300_000 },
      lane,
      ...extra,
    });
    return {
      providers: {
        tight: provider({ concurrency: 2, queue: 1, queueTimeoutMs: 60_000 }),
        single: provider({ concurrency: 1, queue: 20, queueTimeoutMs: 60_000 }),
        hasty: provider({ concurrency: 1, queue: 20, queueTimeoutMs: 400 }),
        blocking: provider({ concurrency: 1, queue: 0, queueTimeoutMs: 60_000, onFull: 'block' }),
        hanging: provider({ concurrency: 40, queue: 20, queueTimeoutMs: 300_000 }),
        healthy: provider({ concurrency: 50, queue: 50 }),
        wide: provider({ concurrency: 8, queue: 0 }),
      },
      models: { spill: { targets: ['tight/gate:spill', 'healthy/ok'] } },
    };
  },
  { workers: 2 },
);

const chat = (model: string, extra: object = {}) => call(harness, chatPath, { body: chatBody(model, extra) });
const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const countOf = (answers: Answer[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

/**
 * So many calls wait in a lane, over all workers. A scrape leaves out who stands still: each test waits for 0 at its end, or the next would take
 * what was so for what is.
 */
const waiting = (provider: string, count: number) =>
  waitUntil(
    async () => {
      const { text } = await call(harness, '/metrics');
      return text.includes(`headgate_queue_depth{provider="${provider}"} ${count}\n`);
    },
    `${count} calls to wait for ${provider}`,
    10_000,
    50,
  );

/**
 * Calls of which so many are asked for at the provider and the others wait. A worker that was refused a share refuses by itself for 100 ms
 * (lanes/share.ts): whoever is refused while a share moves asks again.
 */
async function fill(model: string, count: number, running: number): Promise<Receiving[]> {
  const name = model.slice(model.indexOf('/') + 1);
  let calls: Receiving[] = [];
  while (calls.length < count || harness.mock.requestsFor(name).length < running) {
    calls.push(...times(count - calls.length, () => open(harness, chatPath, { body: chatBody(model) })));
    await sleep(50);
    calls = calls.filter((each) => !each.over);
  }
  if (count > running) await waiting(model.slice(0, model.indexOf('/')), count - running);
  return calls;
}

describe('numbers hold over all workers', () => {
  test.each([1, 2, 3, 4, 5])(
    'of 6 at once 2 run, 1 waits, the others are refused (round %i)',
    async (round) => {
      const gate = `tight${round}`;
      const model = `gate:${gate}`;
      const begin = (count: number) =>
        times(count, () => open(harness, chatPath, { body: chatBody(`tight/${model}`) }));
      const calls = begin(6);
      const refused = () => calls.filter((each) => each.status === 503 && each.over);
      await waitUntil(() => refused().length >= 3, 'three refusals', 3_000);
      // A worker that was refused a share refuses by itself for 100 ms (lanes/share.ts): whoever asks again gets what is free.
      while (calls.length - refused().length < 3 || harness.mock.requestsFor(model).length < 2) {
        calls.push(...begin(3 - (calls.length - refused().length)));
        await sleep(50);
      }
      await waiting('tight', 1);
      calls.push(...begin(3));
      await waitUntil(() => calls.length - refused().length === 3, 'all but three to be refused', 3_000);
      expect(harness.mock.requestsFor(model)).toHaveLength(2);
      for (const each of refused()) {
        expect(Number(each.headers['retry-after'])).toBeGreaterThan(0);
        expect(pick(JSON.parse(each.text), 'error.type')).toBeTruthy();
      }
      harness.mock.open(gate);
      const answers = await Promise.all(calls.map((each) => each.whole()));
      expect(countOf(answers, 200)).toBe(3);
      expect(countOf(answers, 503)).toBe(answers.length - 3);
      expect(harness.mock.requestsFor(model)).toHaveLength(3);
      await waiting('tight', 0);
    },
  );

  test('the whole concurrency is usable even if all calls meet one worker', async () => {
    // Connections spread at random over two workers: several rounds make sure that shares must move.
    for (let round = 0; round < 4; round++) {
      const gate = `wide${round}`;
      let calls: ReturnType<typeof open>[] = [];
      // As above: whoever was refused while a share moved asks again.
      while (harness.mock.requestsFor(`gate:${gate}`).length < 8) {
        calls = calls.filter((each) => !each.over);
        calls.push(
          ...times(8 - calls.length, () => open(harness, chatPath, { body: chatBody(`wide/gate:${gate}`) })),
        );
        await sleep(50);
        expect(harness.mock.running()).toBeLessThanOrEqual(8);
      }
      expect(harness.mock.running()).toBe(8);
      harness.mock.open(gate);
      const answers = await Promise.all(calls.map((each) => each.whole()));
      expect(countOf(answers, 200)).toBe(8);
    }
  });

  test('a refusal on the Anthropic route is a 529 overloaded_error', async () => {
    const calls = await fill('tight/gate:anthropic', 3, 2);
    const answer = await call(harness, messagesPath, { body: messagesBody('tight/gate:anthropic') });
    expect(answer.status).toBe(529);
    expect(pick(answer.json, 'error.type')).toBe('overloaded_error');
    expect(answer.headers['retry-after']).toBeTruthy();
    harness.mock.open('anthropic');
    for (const each of calls) await each.whole();
    await waiting('tight', 0);
  });

  test('O05: who waits too long gets a 503 after the queue timeout', async () => {
    const [first] = await fill('hasty/gate:late', 1, 1);
    const late = await chat('hasty/gate:late');
    expect(late.status).toBe(503);
    expect(late.headers['retry-after']).toBeTruthy();
    expect(late.tookMs).toBeGreaterThan(350);
    harness.mock.open('late');
    expect((await first!.whole()).status).toBe(200);
  });

  test('a queue is served in order and one at a time', async () => {
    const calls = times(5, () => open(harness, chatPath, { body: chatBody('single/slow-head:40') }));
    const answers = await Promise.all(calls.map((each) => each.whole()));
    expect(countOf(answers, 200)).toBe(5);
    const served = harness.mock.requestsFor('slow-head:40').sort((one, other) => one.at - other.at);
    for (let at = 1; at < served.length; at++)
      expect(served[at]!.at).toBeGreaterThanOrEqual(served[at - 1]!.answeredAt - 5);
  });

  test('block waits instead of refusing', async () => {
    const calls = times(4, () => open(harness, chatPath, { body: chatBody('blocking/gate:block') }));
    await harness.mock.waitForCount('gate:block', 1);
    await waiting('blocking', 3);
    expect(calls.filter((each) => each.over)).toHaveLength(0);
    expect(harness.mock.requestsFor('gate:block')).toHaveLength(1);
    harness.mock.open('block');
    const answers = await Promise.all(calls.map((each) => each.whole()));
    expect(countOf(answers, 200)).toBe(4);
  });

  test('a full lane spills over to the next target', async () => {
    const held = await fill('tight/gate:spill', 3, 2);
    const answer = await chat('spill');
    expect(answer.status).toBe(200);
    expect(answer.headers['x-headgate-provider']).toBe('healthy');
    harness.mock.open('spill');
    for (const each of held) await each.whole();
    await waiting('tight', 0);
  });
});

describe('trouble stays in its lane', () => {
  test.each([
    ['hanging', 'hanging/never-head', 100],
    ['resetting', 'hanging/reset', 40],
    ['failing', 'hanging/status:500', 40],
    ['full', 'tight/gate:never', 40],
  ])('a provider that is %s does not hold its neighbour up', async (_, model, load) => {
    let going = true;
    const bad = times(load, async () => {
      while (going) {
        const receiving = open(harness, chatPath, { body: chatBody(model) });
        while (!receiving.over && going) await sleep(20);
        receiving.abort();
        await sleep(50);
      }
    });
    await harness.mock.waitForCount(model.slice(model.indexOf('/') + 1), 1);
    // Whoever waited for the neighbour would wait for ever. How much slower they are is the bench's to say: the load itself uses the same cores.
    for (let at = 0; at < 60; at++) expect((await chat('healthy/ok')).status).toBe(200);
    going = false;
    harness.mock.open('never');
    await Promise.all(bad);
    await waitUntil(() => harness.mock.running() === 0, 'the bad calls to end', 5_000);
  });

  test('after all this every place is free again', async () => {
    for (const [model, running] of [
      ['wide/gate:free', 8],
      ['tight/gate:two', 2],
    ] as const) {
      const calls = await fill(model, running, running);
      harness.mock.open(model.slice(model.indexOf(':') + 1));
      for (const each of calls) expect((await each.whole()).status).toBe(200);
    }
  });
});
