// Broken upstreams (faults.md section 7, rows U01-U11, U17-U19, U21): what is tried again, what falls back, and what a
// client sees when nothing helps.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BlackHole, startBlackHole } from '../kit/black-hole.ts';
import {
  type Answer,
  call,
  chatBody,
  chatPath,
  errorOf,
  messagesBody,
  messagesPath,
  open,
  textOf,
} from '../kit/client.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { showOutput, useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { childrenOf, hasProc, residentBytes } from '../kit/process.ts';
import { testConfig, upstreamKeys } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

let hole: BlackHole;
let deadPort: number;
beforeAll(async () => {
  hole = await startBlackHole();
  deadPort = await freePort();
});
afterAll(() => hole?.close());

const clocks = {
  connectMs: 800,
  headersMs: 1_000,
  firstTokenMs: 1_000,
  betweenTokensMs: 700,
  totalMs: 30_000,
};
/** Of who is asked for something that never comes: everybody else must not be given up on a machine that stands still. */
const patient = { connectMs: 10_000, headersMs: 20_000, firstTokenMs: 20_000, betweenTokensMs: 20_000 };
/** Where a fault is that only a clock ends. */
const brief = (provider: string, fault: string): string =>
  /stall|never|slow-first/.test(fault) ? `${provider}-brief` : provider;
/** Long before the clock of all ran out, and far longer than the one that must have ended it: a machine may stand still for seconds. */
const IN_TIME_MS = 15_000;

const steady = { betweenTokensMs: 3_000 };

const often = {
  retries: { max: 2, backoffMs: 20, maxBackoffMs: 100, maxAttempts: 5 },
  // The same models fail in test after test: that they would be passed by is another file's matter.
  breaker: { failures: 1_000 },
};

const harness = useGateway((mock) => ({
  server: { maxEventBytes: 3_000_000 },
  provider: { timeouts: patient, ...often },
  providers: {
    dead: {
      dialect: 'openai-chat',
      baseUrl: `http://127.0.0.1:${deadPort}/v1`,
      retries: { max: 1, backoffMs: 10 },
    },
    hole: { dialect: 'openai-chat', baseUrl: `http://127.0.0.1:${hole.port}/v1`, timeouts: clocks },
    pair: {
      dialect: 'openai-chat',
      baseUrl: mock.openaiUrl,
      keys: [{ value: 'sk-pair-1' }, { value: 'sk-pair-2' }],
      retries: { max: 2, backoffMs: 20 },
    },
    'oa-brief': { dialect: 'openai-chat', baseUrl: mock.openaiUrl, timeouts: clocks, ...often },
    'an-brief': { dialect: 'anthropic', baseUrl: mock.anthropicUrl, timeouts: clocks, ...often },
    'oa-steady': { dialect: 'openai-chat', baseUrl: mock.openaiUrl, timeouts: steady, ...often },
    'an-steady': { dialect: 'anthropic', baseUrl: mock.anthropicUrl, timeouts: steady, ...often },
    weighted: {
      dialect: 'openai-chat',
      baseUrl: mock.openaiUrl,
      keys: [
        { value: 'sk-heavy', weight: 9 },
        { value: 'sk-light', weight: 1 },
        { value: 'sk-special', models: ['special*'] },
      ],
    },
  },
  models: {
    'falls-back': { targets: ['oa/status:503+first', 'an/ok'] },
    'hangs-then-ok': { targets: ['oa-brief/never-head', 'an/ok'] },
  },
}));

const chat = (model: string, extra: object = {}) => call(harness, chatPath, { body: chatBody(model, extra) });
const messages = (model: string, extra: object = {}) =>
  call(harness, messagesPath, { body: messagesBody(model, extra) });
const attempts = (model: string) => harness.mock.requestsFor(model).length;
const shouldRetry = (answer: Answer) => answer.headers['x-should-retry'];

describe('trying again', () => {
  test.each([408, 409, 429, 500, 502, 503, 504, 529])(
    'a single %i is tried again at the same model',
    async (status) => {
      const model = `flaky:1:${status}`;
      const answer = await chat(`oa/${model}`);
      expect(answer.status).toBe(200);
      expect(attempts(model)).toBe(2);
      expect(answer.headers['x-headgate-attempts']).toBe('2');
    },
  );

  test.each(['reset', 'fin'])(
    'a connection that ends (%s) before any answer is tried again',
    async (kind) => {
      expect((await chat(`oa/flaky:1:${kind}+c`)).status).toBe(200);
      expect((await messages(`an/flaky:1:${kind}+m`)).status).toBe(200);
      expect(attempts(`flaky:1:${kind}+c`)).toBe(2);
      expect(attempts(`flaky:1:${kind}+m`)).toBe(2);
    },
  );

  test('streams are tried again too, as long as nothing was sent', async () => {
    for (const model of ['flaky:1:503+s', 'flaky:1:reset+s']) {
      const answer = await chat(`oa/${model}`, { stream: true });
      expect(textOf(answer.events)).toContain('Hello from the mock');
      expect(answer.events.at(-1)?.data).toBe('[DONE]');
      expect(attempts(model)).toBe(2);
    }
  });

  test.each([400, 404, 413, 422])('a %i is final: one attempt, passed on', async (status) => {
    const model = `status:${status}+final`;
    const answer = await chat(`oa/${model}`, { fallbacks: ['an/ok'] });
    expect(answer.status).toBe(status);
    expect(attempts(model)).toBe(1);
    expect(harness.mock.requests).toHaveLength(1);
  });

  test.each([401, 403])(
    "a %i is about the gateway's key: never twice with that key, but the next target serves",
    async (status) => {
      const model = `status:${status}+key`;
      const answer = await chat(`oa/${model}`, { fallbacks: ['an/ok'] });
      expect(answer.status).toBe(200);
      expect(attempts(model)).toBe(1);
    },
  );

  test('a filtered prompt is final, with the reason', async () => {
    const model = 'status:400:code=content_filter';
    const answer = await chat(`oa/${model}`, { fallbacks: ['oa/ok'] });
    expect(pick(answer.json, 'error.code')).toBe('content_filter');
    expect([attempts(model), harness.mock.requests.length]).toEqual([1, 1]);
  });

  test('a prompt that is too long for one model goes to the next, once; alone it is final', async () => {
    const model = 'status:400:code=context_length_exceeded';
    const answer = await chat(`oa/${model}`, { fallbacks: ['an/ok'] });
    expect([answer.status, answer.headers['x-headgate-fallback']]).toEqual([200, '1']);
    expect(attempts(model)).toBe(1);
    expect(pick((await chat(`oa/${model}`)).json, 'error.code')).toBe('context_length_exceeded');
    expect(attempts(model)).toBe(2);
  });

  test('Retry-After is waited for when it is short', async () => {
    const model = 'flaky:1:429:retry-after=1';
    const answer = await chat(`oa/${model}`);
    expect(answer.status).toBe(200);
    const [first, second] = harness.mock.requestsFor(model);
    expect(second!.at - first!.at).toBeGreaterThan(980);
  });

  test('a Retry-After that is too long belongs to the caller, at once', async () => {
    const answer = await chat('oa/status:429:retry-after=120');
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('120');
    expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
    expect(attempts('status:429:retry-after=120')).toBe(1);
  });

  test('a lasting 429 is tried a few times and then given to the caller', async () => {
    const answer = await chat('oa/status:429+lasting');
    expect(answer.status).toBe(429);
    expect(pick(answer.json, 'error.type')).toBe('rate_limit_error');
    expect(attempts('status:429+lasting')).toBeLessThanOrEqual(4);
  });

  test('a lasting failure shows the first status and says that retrying is done', async () => {
    const answer = await chat('oa/status:503+lasting');
    expect(answer.status).toBe(503);
    expect(attempts('status:503+lasting')).toBe(3);
    expect(shouldRetry(answer)).toBe('false');
    expect(pick(answer.json, 'error.message')).toContain('mock says 503');
  });

  test('one request never makes more attempts than its budget', async () => {
    const fallbacks = ['oa/status:503+b', 'oa/status:503+c', 'oa/status:503+d', 'an/status:529+e'];
    const answer = await chat('oa/status:503+a', { fallbacks });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(harness.mock.requests.length).toBeLessThanOrEqual(5);
  });

  test('U19: the keep-alive race is repeated in silence', async () => {
    const racy = await startMock({ requestsPerConnection: 1 });
    const gateway = await startGateway({
      config: testConfig(racy, { provider: { retries: { max: 2, backoffMs: 20 } } }),
    });
    try {
      for (let at = 0; at < 40; at++) {
        const answer = await call(gateway, chatPath, { body: chatBody('oa/ok') });
        expect(answer.status).toBe(200);
      }
    } finally {
      showOutput(undefined);
      await gateway.stop();
      await racy.close();
    }
  });
});

describe('falling back', () => {
  test('an alias with several targets uses the next one, across dialects', async () => {
    const answer = await chat('falls-back');
    expect(answer.status).toBe(200);
    expect(pick(answer.json, 'choices.0.message.content')).toContain('Hello');
    expect(answer.headers['x-headgate-provider']).toBe('an');
    expect(answer.headers['x-headgate-fallback']).toBe('1');
    const streamed = await messages('falls-back', { stream: true });
    expect(textOf(streamed.events)).toContain('Hello');
    expect(streamed.events.at(-1)?.event).toBe('message_stop');
  });

  test('fallbacks in the body work, and the model named is the one that answered', async () => {
    const answer = await chat('oa/status:500+x', { fallbacks: ['dead/y', 'oa/text:3'] });
    expect(answer.status).toBe(200);
    expect(pick(answer.json, 'model')).toBe('text:3');
    expect(answer.headers['x-headgate-model']).toBe('text:3');
  });

  test('every target of the plan is asked, however often the first ones failed', async () => {
    const fallbacks = ['oa/status:502+y', 'an/status:529+z', 'oa/reset', 'an/text:3'];
    const answer = await chat('oa/status:500+x', { fallbacks });
    expect(answer.status).toBe(200);
    expect(pick(answer.json, 'choices.0.message.content')).toBe('t0 t1 t2');
  });

  test('a refused connection falls back', async () => {
    expect((await chat('dead/any', { fallbacks: ['oa/ok'] })).status).toBe(200);
  });

  test('an upstream that accepts and never answers is tried once, then the fallback answers', async () => {
    const streamed = await chat('oa-brief/never-head+s', { fallbacks: ['an/ok'], stream: true });
    expect(textOf(streamed.events)).toContain('Hello');
    expect(streamed.tookMs).toBeLessThan(IN_TIME_MS);
    expect(attempts('never-head+s')).toBe(1);
    await waitUntil(
      () => harness.mock.requestsFor('never-head+s')[0]!.aborted,
      'the hanging call to be aborted',
    );
    const whole = await chat('hangs-then-ok');
    expect(whole.status).toBe(200);
    expect(whole.tookMs).toBeLessThan(IN_TIME_MS);
  });

  test('a slow first token falls back although the head came', async () => {
    const answer = await chat('oa-brief/slow-first:20000', { fallbacks: ['oa/ok'], stream: true });
    expect(textOf(answer.events)).toContain('Hello');
    expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
    expect(attempts('slow-first:20000')).toBe(1);
  });

  test.each(['error-first', 'error-open', 'cut-open', 'error-first:529'])(
    'a stream that fails before its first content (%s) falls back',
    async (fault) => {
      for (const [send, provider] of [
        [chat, 'oa'],
        [messages, 'an'],
        [chat, 'an'],
        [messages, 'oa'],
      ] as const) {
        const answer = await send(`${provider}/${fault}`, {
          fallbacks: [`${provider}/text:3`],
          stream: true,
        });
        expect(answer.status).toBe(200);
        expect(textOf(answer.events)).toBe('t0 t1 t2');
        expect(answer.events.filter((event) => errorOf(event.json))).toEqual([]);
        const starts = answer.events.filter((event) => event.event === 'message_start');
        if (send === messages) expect(starts).toHaveLength(1);
      }
    },
  );

  test('without a fallback such a failure has its true status, not a 200', async () => {
    const answer = await chat('oa/error-first:429', { stream: true });
    expect(answer.status).toBe(429);
    expect(errorOf(answer.json)).toBeTruthy();
  });

  test.each(['truncated-json', '200-error', 'not-json', 'cut-cl', 'cut-rst', 'empty-200'])(
    'a broken whole answer (%s) falls back',
    async (fault) => {
      const answer = await chat(`oa/${fault}`, { fallbacks: ['an/text:3'] });
      expect(answer.status).toBe(200);
      expect(pick(answer.json, 'choices.0.message.content')).toBe('t0 t1 t2');
    },
  );
});

describe('after the first token', () => {
  const dialects = [
    ['OpenAI', chatPath, 'oa'],
    ['OpenAI from Anthropic', chatPath, 'an'],
    ['Anthropic', messagesPath, 'an'],
    ['Anthropic from OpenAI', messagesPath, 'oa'],
  ] as const;
  const faults = [
    'cut-fin-after:5',
    'cut-rst-after:5',
    'cut-cl-after:5',
    'cut-mid-event-after:5',
    'end-after:5',
    'error-after:5',
    'stall-after:5',
    'garbage-run:5',
    'garbage-after:5',
  ];

  describe.each(dialects)('%s client', (_, path, provider) => {
    const stream = (model: string, extra: object = {}) => {
      const body = path === chatPath ? chatBody(model, extra) : messagesBody(model, extra);
      return call(harness, path, { body: { ...body, stream: true } });
    };

    test.each(faults)('%s ends in exactly one error event and no false end', async (fault) => {
      const model = `text:40+${fault}`;
      const answer = await stream(`${brief(provider, fault)}/${model}`);
      expect(answer.status).toBe(200);
      expect(textOf(answer.events)).toBe('t0 t1 t2 t3 t4');
      const errors = answer.events.filter((event) => errorOf(event.json) !== undefined);
      expect(errors).toHaveLength(1);
      expect(answer.events.at(-1)).toBe(errors[0]);
      if (path === messagesPath) expect(errors[0]?.event).toBe('error');
      expect(answer.text).not.toContain('[DONE]');
      expect(answer.text).not.toContain('message_stop');
      expect(answer.text).not.toMatch(/"finish_reason":\s*"/);
      expect(harness.mock.requests).toHaveLength(1);
      expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
      if (fault.startsWith('error')) expect(JSON.stringify(errors[0]?.json)).toContain('broke in the middle');
      // Its socket is gone and the next call is fine.
      await waitUntil(() => harness.mock.running() === 0, 'the upstream call to end');
      expect((await stream(`${provider}/ok`)).text).toContain('Hello');
    });

    test.each(faults)('%s is told whole by a fallback', async (fault) => {
      const model = `text:40+${fault}`;
      const other = provider === 'oa' ? 'an' : 'oa';
      for (const [at, name] of [provider, other].entries()) {
        const answer = await stream(`${brief(provider, fault)}/${model}`, {
          fallbacks: [`${name}/text:40+further`],
        });
        expect(textOf(answer.events)).toBe(Array.from({ length: 40 }, (_, word) => `t${word}`).join(' '));
        expect(answer.events.filter((event) => errorOf(event.json) !== undefined)).toEqual([]);
        expect(answer.text.match(/\[DONE\]|event: message_stop/g)).toHaveLength(1);
        expect(answer.text.match(/"role":"assistant"/g)).toHaveLength(1);
        expect(attempts(model)).toBe(at + 1);
      }
    });

    test('a fallback that says something else leaves an error event', async () => {
      const answer = await stream(`${provider}/text:40+cut-fin-after:5`, { fallbacks: [`${provider}/ok`] });
      expect(textOf(answer.events)).toBe('t0 t1 t2 t3 t4');
      expect(errorOf(answer.events.at(-1)?.json)).toBeDefined();
    });

    test('pings alone keep a stream alive for a while only', async () => {
      const answer = await stream(`${provider}-brief/text:40+ping-stall-after:5`);
      expect(textOf(answer.events)).toBe('t0 t1 t2 t3 t4');
      expect(answer.events.filter((event) => errorOf(event.json) !== undefined)).toHaveLength(1);
      expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
    });

    test('an event that cannot be read before any content is a failure like any other', async () => {
      const answer = await stream(`${provider}/text:10+garbage-after:0`, { fallbacks: [`${provider}/ok`] });
      expect(textOf(answer.events)).toContain('Hello');
      expect(answer.text).not.toContain('oops');
      expect(answer.events.filter((event) => errorOf(event.json) !== undefined)).toEqual([]);
    });

    test('an event of 2 MB arrives, one over the cap is a clean error', async () => {
      const large = await stream(`${provider}/text:10+huge-event:2000000`);
      expect(textOf(large.events)).toContain('x'.repeat(2_000_000));
      expect(textOf(large.events)).toMatch(/t9$/);
      const larger = await stream(`${provider}/text:10+huge-event:3500000`);
      expect(larger.events.filter((event) => errorOf(event.json) !== undefined)).toHaveLength(1);
      // It is the last word: what came before it is there, and nothing says that the answer is complete.
      expect(errorOf(larger.events.at(-1)?.json)).toBeDefined();
      expect(textOf(larger.events)).toMatch(/^t0/);
      expect(textOf(larger.events)).not.toContain('xxx');
      expect(larger.text).not.toMatch(/\[DONE\]|message_stop|"finish_reason":"|"stop_reason":"/);
    });
  });

  test('tokens that come slowly but steadily are no stall, in any dialect', async () => {
    // Far longer than the clock between tokens in all, and each gap so much shorter that a machine may stand still meanwhile.
    const answers = dialects.map(([, path, provider]) => {
      const body = (path === chatPath ? chatBody : messagesBody)(`${provider}-steady/text:10+pace:400`);
      return call(harness, path, { body: { ...body, stream: true } });
    });
    for (const answer of await Promise.all(answers))
      expect(textOf(answer.events)).toBe('t0 t1 t2 t3 t4 t5 t6 t7 t8 t9');
  });

  test('a missing [DONE] is added, whether the upstream closes or not', async () => {
    for (const variant of ['no-done', 'no-done:hold']) {
      const answer = await chat(`oa-brief/${variant}`, {
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(answer.events.at(-1)?.data).toBe('[DONE]');
      expect(answer.events.filter((event) => event.data === '[DONE]')).toHaveLength(1);
      expect(answer.events.some((event) => pick(event.json, 'usage.total_tokens') === 20)).toBe(true);
      expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
    }
  });

  test('bytes behind [DONE] do not reach the client', async () => {
    const answer = await chat('oa/bytes-after-done', { stream: true });
    expect(answer.events.at(-1)?.data).toBe('[DONE]');
    expect(answer.text).not.toContain('late');
  });

  test('no finish reason is invented for a stream that has none', async () => {
    const answer = await chat('oa/no-finish+text:4', { stream: true });
    expect(answer.events.filter((event) => errorOf(event.json) !== undefined)).toHaveLength(1);
    expect(answer.text).not.toContain('[DONE]');
    expect(answer.text).not.toMatch(/"finish_reason":\s*"/);
  });
});

describe('clocks', () => {
  test('a connection that never stands is a 504 in time', async () => {
    const answer = await chat('hole/any');
    expect(answer.status).toBe(504);
    expect(answer.tookMs).toBeGreaterThan(clocks.connectMs - 50);
    expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
  });

  test('a refused connection is a 502 at once', async () => {
    const answer = await chat('dead/any');
    expect(answer.status).toBe(502);
    expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
    expect(answer.text).not.toContain(String(deadPort));
    expect(answer.text).not.toContain('127.0.0.1');
  });

  test('an upstream that never answers is a 504 in time, streamed and whole, in both dialects', async () => {
    for (const [send, stream] of [
      [chat, true],
      [chat, false],
      [messages, true],
      [messages, false],
    ] as const) {
      const answer = await send('oa-brief/never-head', { stream });
      expect(answer.status).toBe(504);
      expect(errorOf(answer.json)).toBeTruthy();
      expect(answer.tookMs).toBeLessThan(IN_TIME_MS);
    }
  });

  test('a request may shorten its clocks by header', async () => {
    const whole = await call(harness, chatPath, {
      body: chatBody('oa/slow-head:20000'),
      headers: { 'x-headgate-timeout-ms': '400' },
    });
    expect(whole.status).toBe(504);
    expect(whole.tookMs).toBeLessThan(IN_TIME_MS);
    const stream = await call(harness, chatPath, {
      body: chatBody('oa/text:1000+pace:50', { stream: true }),
      headers: { 'x-headgate-timeout-ms': '2500' },
    });
    expect(stream.status).toBe(200);
    expect(stream.events.filter((event) => errorOf(event.json) !== undefined)).toHaveLength(1);
    expect(stream.tookMs).toBeLessThan(IN_TIME_MS);
  });
});

describe('keys', () => {
  const keyOf = (request: { headers: Record<string, string> }) => request.headers['authorization']?.slice(7);

  test.each([429, 401])('a key that gets a %i rests and the other key answers', async (status) => {
    const model = `bad-key:sk-pair-1:${status}:retry-after=${status === 429 ? 30 : 0}`;
    for (let at = 0; at < 12; at++) expect((await chat(`pair/${model}`)).status).toBe(200);
    const bad = harness.mock.requestsFor(model).filter((request) => keyOf(request) === 'sk-pair-1');
    expect(bad.length).toBeLessThanOrEqual(1);
  });

  test('the only key is not rested by its own 429', async () => {
    const answer = await chat('oa/status:429:retry-after=60+only');
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('60');
    const next = await chat('oa/ok');
    expect(next.status).toBe(200);
  });

  test('weights share the calls, model lists bind keys', async () => {
    for (let at = 0; at < 60; at++) await chat('weighted/ok');
    const used = harness.mock.requestsFor('ok').map(keyOf);
    const heavy = used.filter((key) => key === 'sk-heavy').length;
    expect(heavy).toBeGreaterThan(36);
    expect(used).not.toContain('sk-special');
    expect(used.filter((key) => key === 'sk-light').length + heavy).toBe(60);
  });

  test('our key in upstream text is masked, for the client and in the log', async () => {
    for (const status of [400, 401, 500]) {
      for (const [send, provider] of [
        [chat, 'oa'],
        [messages, 'an'],
        [chat, 'an'],
        [messages, 'oa'],
      ] as const) {
        const answer = await send(`${provider}/leak-key+status:${status}`);
        expect(answer.status).toBe(status);
        expect(answer.text).toContain('Incorrect API key provided');
        for (const key of Object.values(upstreamKeys)) expect(answer.text).not.toContain(key);
      }
    }
    for (const key of Object.values(upstreamKeys)) expect(harness.gateway.output()).not.toContain(key);
  });
});

describe('hostile answers', () => {
  let mock: MockUpstream;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    mock = await startMock();
    gateway = await startGateway({ config: testConfig(mock, { provider: { timeouts: clocks } }) });
  });
  afterAll(async () => {
    await gateway?.stop();
    await mock?.close();
  });

  test.each(['two-cl', 'cl-te', 'trailing', 'bare-lf', '1xx', 'headers'])(
    'U18: an answer with untrustworthy framing (%s) never becomes somebody else’s answer',
    async (kind) => {
      mock.clear();
      const answer = await call(gateway, chatPath, { body: chatBody(`oa/smuggle:${kind}`) });
      expect([200, 502]).toContain(answer.status);
      if (kind !== 'trailing' && kind !== '1xx') expect(answer.status).toBe(502);
      for (let at = 0; at < 3; at++) {
        const next = await call(gateway, chatPath, { body: chatBody('oa/ok') });
        expect(next.status).toBe(200);
        expect(next.text).not.toContain('smuggled');
        expect(pick(next.json, 'model')).toBe('ok');
      }
      const [bad, ...good] = mock.requests;
      for (const request of good) expect(request.connection).not.toBe(bad?.connection);
    },
  );

  test('an answer that is no HTTP at all is a 502', async () => {
    for (const model of ['not-http', 'half-head', 'fin', 'reset'])
      expect((await call(gateway, chatPath, { body: chatBody(`oa/${model}`) })).status).toBe(502);
  });

  test.runIf(hasProc)('U17: an endless whole answer is cut at the cap', async () => {
    const [worker] = childrenOf(gateway.pid);
    const before = residentBytes(worker!);
    const answer = await call(gateway, chatPath, { body: chatBody('oa/flood:2000000000') });
    expect(answer.status).toBe(502);
    expect(errorOf(answer.json)).toBeTruthy();
    expect(residentBytes(worker!) - before).toBeLessThan(300_000_000);
    await waitUntil(() => mock.running() === 0, 'the flood to be cut');
  });

  test('a compressed answer nobody asked for is read as if it were not', async () => {
    const answer = await call(gateway, chatPath, { body: chatBody('oa/gzip') });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(pick(answer.json, 'object')).toBe('chat.completion');
    const translated = await call(gateway, messagesPath, { body: messagesBody('oa/gzip') });
    expect(translated.status).toBe(200);
    expect(pick(translated.json, 'type')).toBe('message');
  });

  test('the gateway is as well as before', async () => {
    const receiving = open(gateway, '/readyz', { key: null });
    expect((await receiving.whole()).status).toBe(200);
  });
});
