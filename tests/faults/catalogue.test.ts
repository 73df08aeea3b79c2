// The upstream faults of the catalogue, each under its id: a model whose first target has the fault, with two retries and one
// fallback. Passed is: the caller gets the whole answer or the provider's own refusal, and the provider is not hammered.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, errorOf, messagesBody, messagesPath, textOf } from '../kit/client.ts';
import { type FaultProxy, type NetworkFault, startFaultProxy } from '../kit/fault-proxy.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { showOutput } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { testConfig } from '../kit/test-config.ts';

const WHOLE = Array.from({ length: 60 }, (_, at) => `t${at}`).join(' ');
const clocks = { connectMs: 800, headersMs: 800, firstTokenMs: 800, betweenTokensMs: 700, totalMs: 20_000 };
/** Of who is asked for something that never comes: everybody else must not be given up on a machine that stands still. */
const patient = {
  ...{ connectMs: 10_000, headersMs: 20_000, firstTokenMs: 20_000, betweenTokensMs: 20_000 },
  totalMs: 40_000,
};
/** Where a fault is that only a clock ends. */
const brief = (provider: string, fault: string): string =>
  /stall|never|slow-first|hold|black-hole/.test(fault) ? `${provider}-brief` : provider;
const retries = { max: 2, backoffMs: 10, maxBackoffMs: 40, maxAttempts: 6 };

let mock: MockUpstream;
let proxy: FaultProxy;
let gateway: GatewayProcess;
beforeAll(async () => {
  mock = await startMock();
  proxy = await startFaultProxy(mock.port);
  const far = {
    dialect: 'openai-chat',
    baseUrl: `http://127.0.0.1:${proxy.port}/v1`,
    keys: [{ value: 'sk-far' }],
    models: ['*'],
    retries,
    // A connection that is used again would keep the fault of before.
    connections: { maxAgeMs: 1 },
  };
  const config = testConfig(mock, {
    provider: { timeouts: patient, retries },
    providers: {
      'oa-brief': { dialect: 'openai-chat', baseUrl: mock.openaiUrl, timeouts: clocks, retries },
      far: { ...far, timeouts: patient },
      'far-brief': { ...far, timeouts: clocks },
    },
  });
  gateway = await startGateway({ config });
});
afterAll(async () => {
  await gateway?.stop(3_000);
  await proxy?.close();
  await mock?.close();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
});

const attempts = (model: string): number => mock.requestsFor(model).length;

/** A stream of a model with a fallback, told to a client of Chat or Messages. */
async function stream(model: string, fallback: string, path = chatPath) {
  const body = path === chatPath ? chatBody(model) : messagesBody(model);
  return call(gateway, path, { body: { ...body, stream: true, fallbacks: [fallback] } });
}

const whole = (model: string, fallback: string) =>
  call(gateway, chatPath, { body: chatBody(model, { fallbacks: [fallback] }) });

/** All of the answer, once, and one end. */
function expectWhole(answer: Awaited<ReturnType<typeof stream>>): void {
  expect(textOf(answer.events)).toBe(WHOLE);
  expect(answer.events.filter((event) => errorOf(event.json) !== undefined)).toEqual([]);
  expect(answer.text.match(/data: \[DONE\]|event: message_stop/g)).toHaveLength(1);
  expect(answer.text.match(/"role":"assistant"/g)).toHaveLength(1);
}

const paths = [
  ['a client of Chat', chatPath],
  ['a client of Messages', messagesPath],
] as const;

describe.each(paths)('%s', (_, path) => {
  const tag = path === chatPath ? 'c' : 'm';
  const fallbacks = ['oa/text:60+continues', 'an/text:60+continues', 'an/text:60', 'oa/text:60+no-prefill'];

  test.each(fallbacks)('U06 FB08: a cut behind 40 of 60 tokens is told whole by %s', async (fallback) => {
    for (const fault of [
      'cut-fin-after:40',
      'cut-rst-after:40',
      'cut-cl-after:40',
      'cut-mid-event-after:40',
    ]) {
      const model = `text:60+${fault}+${tag}`;
      const before = attempts(model);
      expectWhole(await stream(`oa/${model}`, fallback, path));
      expect(attempts(model) - before).toBe(1);
    }
  });

  test('U07 FB09: a stall behind 20 tokens is told whole, and its socket is gone', async () => {
    for (const fault of ['stall-after:20', 'ping-stall-after:20']) {
      expectWhole(await stream(`oa-brief/text:60+${fault}+${tag}`, 'an/text:60', path));
    }
    await expect.poll(() => mock.running()).toBe(0);
  });

  test('U08 FB10: garbage behind 40 tokens is told whole', async () => {
    for (const fault of ['garbage-after:40', 'garbage-run:40', 'error-after:40']) {
      expectWhole(await stream(`oa/text:60+${fault}+${tag}`, 'an/text:60', path));
    }
  });

  test('U20 FB14: a fallback that refuses the beginning of its answer begins anew, and shows no 400', async () => {
    const fallback = `text:60+no-prefill+${tag}`;
    expectWhole(await stream(`oa/text:60+cut-fin-after:40+${tag}1`, `oa/${fallback}`, path));
    expectWhole(await stream(`oa/text:60+cut-fin-after:40+${tag}2`, `oa/${fallback}`, path));
    // It is remembered not to take it.
    expect(mock.requestsFor(fallback)).toHaveLength(3);
  });

  test('U11: an error before the first content leads to the fallback', async () => {
    for (const fault of ['error-first', 'error-open', 'cut-open'])
      expectWhole(await stream(`oa/text:60+${fault}+${tag}`, 'an/text:60', path));
  });

  test('U22: within a tool call nobody goes on', async () => {
    const answer = await stream(`oa/tools+cut-fin-after:2+${tag}`, 'an/tools', path);
    expect(errorOf(answer.events.at(-1)?.json)).toBeDefined();
    expect(answer.text).not.toMatch(/\[DONE\]|message_stop/);
  });
});

describe('before any token', () => {
  test('U01 FB01: a 429 that states its time is waited for, once', async () => {
    const model = 'text:60+flaky:1:429:retry-after=1';
    expect((await whole(`oa/${model}`, 'an/text:60')).status).toBe(200);
    const [first, second, ...more] = mock.requestsFor(model);
    expect([second!.at - first!.at >= 990, more.length]).toEqual([true, 0]);
  });

  test.each(['429', '503', '500'])(
    'U02 U03 FB02 FB04: a lasting %s leads to the fallback',
    async (status) => {
      const model = `status:${status}+lasting`;
      const answer = await whole(`oa/${model}`, 'an/text:60');
      expect([answer.status, answer.headers['x-headgate-fallback']]).toEqual([200, '1']);
      expect(attempts(model)).toBeLessThanOrEqual(3);
    },
  );

  test.each(['500', 'reset', 'fin'])('U03 FB03 FB05: a single %s is repeated', async (fault) => {
    const model = `text:60+flaky:1:${fault}+single`;
    expectWhole(await stream(`oa/${model}`, 'an/ok'));
    expect(attempts(model)).toBe(2);
  });

  test.each(['never-head', 'slow-first:30000'])('U04 U05 FB06 FB07: %s is given up once', async (fault) => {
    const model = `text:60+${fault}`;
    expectWhole(await stream(`oa-brief/${model}`, 'an/text:60'));
    expect(attempts(model)).toBe(1);
  });

  test('U10 FB12: a prompt that is too long is answered by the fallback, after one attempt', async () => {
    for (const provider of ['oa', 'an']) {
      const model = `too-long+${provider}`;
      const answer = await whole(`${provider}/${model}`, 'an/text:60');
      expect([answer.status, pick(answer.json, 'choices.0.message.content')]).toEqual([200, WHOLE]);
      expect(attempts(model)).toBe(1);
    }
    const refused = await whole('oa/too-long+both', 'an/too-long+both');
    expect(refused.status).toBe(400);
    expect(pick(refused.json, 'error.code')).toBe('context_length_exceeded');
  });

  test('U10 FB13: what a provider refuses for its content is the answer', async () => {
    const model = 'status:400:code=content_filter+policy';
    const answer = await whole(`oa/${model}`, 'an/ok');
    expect([answer.status, pick(answer.json, 'error.code')]).toEqual([400, 'content_filter']);
    expect(attempts(model)).toBe(1);
  });

  test('U14 FB16: model and usage are those of who answered', async () => {
    const answer = await whole('oa/status:503+accounted', 'an/text:60+accounted');
    expect(pick(answer.json, 'model')).toBe('text:60+accounted');
    expect(pick(answer.json, 'usage.completion_tokens')).toBe(60);
  });

  test('U12 FB15: while a provider is down its fallback serves every call, and it is not hammered', async () => {
    const model = 'status:503+down';
    for (let at = 0; at < 8; at++) expect((await whole(`oa/${model}`, 'an/text:60')).status).toBe(200);
    expect(attempts(model)).toBeLessThanOrEqual(8);
  });
});

test('U09 FB11: a stream without [DONE] ends well', async () => {
  expectWhole(await stream('oa/text:60+no-done', 'an/ok'));
  expectWhole(await stream('oa-brief/text:60+no-done:hold', 'an/ok'));
});

describe('a network that', () => {
  const faults: [NetworkFault, number][] = [
    [{ kind: 'cut', afterBytes: 4_000 }, 1],
    [{ kind: 'reset', afterBytes: 4_000 }, 1],
    [{ kind: 'stall', afterBytes: 4_000 }, 1],
    [{ kind: 'black-hole' }, 0],
    [{ kind: 'byte-split' }, 1],
    [{ kind: 'delay', ms: 50 }, 1],
    [{ kind: 'rate', bytesPerSecond: 60_000 }, 1],
  ];
  test.each(faults)('U06 U07: does $kind costs no word', async (fault, asked) => {
    proxy.fault = fault;
    const model = `text:60+far+${fault.kind}`;
    expectWhole(await stream(`${brief('far', fault.kind)}/${model}`, 'an/text:60'));
    expect(attempts(model)).toBe(asked);
  });

  test('U06: cuts at every place of a stream costs no word', async () => {
    for (let afterBytes = 300; afterBytes < 3_000; afterBytes += 271) {
      proxy.fault = { kind: 'cut', afterBytes };
      expectWhole(await stream(`far/text:60+cut-at-${afterBytes}`, 'an/text:60'));
    }
  });
});
