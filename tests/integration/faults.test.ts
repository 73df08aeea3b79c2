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
  type Receiving,
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
  slow.mock = await startMock();
  deadPort = await freePort();
});
afterAll(() => hole?.close());

/** Longer than a test has: what a clock is to end is ended by no other one. Nobody is given up on a machine that stands still. */
const patient = {
  connectMs: 300_000,
  headersMs: 300_000,
  firstTokenMs: 300_000,
  betweenTokensMs: 300_000,
  totalMs: 300_000,
};
/** The one clock of each that runs out. */
const BRIEF = {
  'no-connection': { connectMs: 800 },
  'no-head': { headersMs: 1_000 },
  'no-token': { firstTokenMs: 1_000 },
  'no-more': { betweenTokensMs: 700 },
} as const;
/**
 * Where a fault is that only a clock ends. What comes before the silence is one write (mock-stream.ts): no clock runs out between its parts,
 * whoever stands still.
 */
const brief = (provider: string, fault: string): string =>
  fault.includes('stall') ? `${provider}-no-more` : provider;

/** Tokens that come so slowly, as many as are far longer than the clock between two, and a clock that outlasts a machine that stands still. */
const SLOWLY = { paceMs: 1_500, tokens: 12, clockMs: 15_000 };

const slowly = { ...patient, betweenTokensMs: SLOWLY.clockMs };
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
    hole: {
      dialect: 'openai-chat',
      baseUrl: `http://127.0.0.1:${hole.port}/v1`,
      timeouts: { ...patient, ...BRIEF['no-connection'] },
    },
    pair: {
      dialect: 'openai-chat',
      baseUrl: mock.openaiUrl,
      keys: [{ value: 'sk-pair-1' }, { value: 'sk-pair-2' }],
      retries: { max: 2, backoffMs: 20 },
    },
    ...Object.fromEntries(
      Object.entries(BRIEF).flatMap(([name, clock]) => {
        const shared = { timeouts: { ...patient, ...clock }, ...often };
        return [
          [`oa-${name}`, { dialect: 'openai-chat', baseUrl: mock.openaiUrl, ...shared }],
          [`an-${name}`, { dialect: 'anthropic', baseUrl: mock.anthropicUrl, ...shared }],
        ];
      }),
    ),
    'oa-slowly': { dialect: 'openai-chat', baseUrl: slow.mock!.openaiUrl, timeouts: slowly },
    'an-slowly': { dialect: 'anthropic', baseUrl: slow.mock!.anthropicUrl, timeouts: slowly },
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
    'hangs-then-ok': { targets: ['oa-no-head/never-head', 'an/ok'] },
  },
}));

/** Streams that run beside all the tests, from a provider of their own: each test forgets what the other one was asked. */
const slow = { mock: null as MockUpstream | null, streams: [] as Receiving[] };
const dialects = [
  ['OpenAI', chatPath, 'oa'],
  ['OpenAI from Anthropic', chatPath, 'an'],
  ['Anthropic', messagesPath, 'an'],
  ['Anthropic from OpenAI', messagesPath, 'oa'],
] as const;
beforeAll(() => {
  const { paceMs, tokens } = SLOWLY;
  slow.streams = dialects.map(([, path, provider]) => {
    const body = (path === chatPath ? chatBody : messagesBody)(
      `${provider}-slowly/text:${tokens}+pace:${paceMs}`,
    );
    return open(harness, path, { body: { ...body, stream: true } });
  });
});
afterAll(() => slow.mock?.close());

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
    // Waited for, it would be longer than a test has.
    expect(answer.headers['retry-after']).toBe('120');
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
    const streamed = await chat('oa-no-head/never-head+s', { fallbacks: ['an/ok'], stream: true });
    expect(textOf(streamed.events)).toContain('Hello');
    // What gave up on it may be answered before it has read the question.
    const [hanging] = await harness.mock.waitForCount('never-head+s', 1);
    await waitUntil(() => hanging!.aborted, 'the hanging call to be aborted');
    const whole = await chat('hangs-then-ok');
    expect(whole.status).toBe(200);
    expect(attempts('never-head+s')).toBe(1);
  });

  test('a slow first token falls back although the head came', async () => {
    const model = 'slow-first:1000000';
    const answer = await chat(`oa-no-token/${model}`, { fallbacks: ['oa/ok'], stream: true });
    expect(textOf(answer.events)).toContain('Hello');
    expect(attempts(model)).toBe(1);
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
      const answer = await stream(`${provider}-no-more/text:40+ping-stall-after:5`);
      expect(textOf(answer.events)).toBe('t0 t1 t2 t3 t4');
      expect(answer.events.filter((event) => errorOf(event.json) !== undefined)).toHaveLength(1);
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
    const { tokens } = SLOWLY;
    const words = Array.from({ length: tokens }, (_, word) => `t${word}`).join(' ');
    for (const receiving of slow.streams) expect(textOf((await receiving.whole()).events)).toBe(words);
  });

  test('a missing [DONE] is added, whether the upstream closes or not', async () => {
    for (const variant of ['no-done', 'no-done:hold']) {
      const answer = await chat(`oa-no-more/one-write+${variant}`, {
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(answer.events.at(-1)?.data).toBe('[DONE]');
      expect(answer.events.filter((event) => event.data === '[DONE]')).toHaveLength(1);
      expect(answer.events.some((event) => pick(event.json, 'usage.total_tokens') === 20)).toBe(true);
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
    expect(answer.tookMs).toBeGreaterThan(BRIEF['no-connection'].connectMs - 50);
  });

  test('a refused connection is a 502 at once', async () => {
    const answer = await chat('dead/any');
    expect(answer.status).toBe(502);
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
      const answer = await send('oa-no-head/never-head', { stream });
      expect(answer.status).toBe(504);
      expect(errorOf(answer.json)).toBeTruthy();
    }
  });

  test('a request may shorten its clocks by header', async () => {
    const whole = await call(harness, chatPath, {
      body: chatBody('oa/never-head+shortened'),
      headers: { 'x-headgate-timeout-ms': '400' },
    });
    expect(whole.status).toBe(504);
    // Where a machine stood still for so long that nothing had come by then there is no stream yet: more time has one.
    const answers: Answer[] = [];
    for (let ms = 1_000; answers.at(-1)?.status !== 200 && ms <= 16_000; ms *= 2)
      answers.push(
        await call(harness, chatPath, {
          body: chatBody('oa/text:5+stall-after:3', { stream: true }),
          headers: { 'x-headgate-timeout-ms': String(ms) },
        }),
      );
    const stream = answers.pop()!;
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 504));
    expect(stream.status).toBe(200);
    expect(textOf(stream.events)).toBe('t0 t1 t2');
    expect(stream.events.filter((event) => errorOf(event.json) !== undefined)).toHaveLength(1);
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
    gateway = await startGateway({ config: testConfig(mock, { provider: { timeouts: patient } }) });
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
