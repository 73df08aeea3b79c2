// Tokens: reserved before a call, settled to what the provider says; and what answers tell a client of its limits.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath, open } from '../../kit/client.ts';
import { useGateway } from '../../kit/harness.ts';
import { waitUntil } from '../../kit/wait.ts';

/** A key for each test: its bucket is full and nobody else's. */
const names = Array.from({ length: 16 }, (_, index) => `key${index}`);
const value = (name: string): string => `hg-${name}-0123456789abcdef`;
let used = 0;
let key = '';
let begunAt = 0;

const harness = useGateway(
  {
    provider: { retries: { max: 1, backoffMs: 10, maxBackoffMs: 10 } },
    models: { both: { targets: ['oa/flaky:9:503', 'oa/ok'] } },
    rest: {
      auth: { keys: names.map((name) => ({ name, value: value(name) })) },
      limits: [
        { name: 'tokens', per: 'key', tokens: '36000/h', burst: 10_000 },
        { name: 'calls', per: 'key', requests: '3600/h', burst: 100 },
        { name: 'strict-provider', match: { provider: 'an' }, per: 'provider', requests: '1/d' },
      ],
      server: { ietfRateLimit: true },
    },
  },
  { workers: 1 },
);

beforeEach(() => {
  key = value(names[used++]!);
  begunAt = performance.now();
});

/** Tokens left of the key: a call its provider refuses costs none, and reserves too many to be covered by a lease. */
async function left(): Promise<number> {
  const reserved = 400;
  const answer = await call(harness, chatPath, {
    body: chatBody('oa/status:400', { max_tokens: reserved }),
    key,
  });
  return Number(answer.headers['x-ratelimit-remaining-tokens']) + reserved;
}

/** 10 tokens a second come back while a test runs. */
async function expectSpent(tokens: number): Promise<void> {
  let spent = Number.NaN;
  const back = (): number => ((performance.now() - begunAt) / 1_000) * 10;
  await waitUntil(
    async () => {
      spent = 10_000 - (await left());
      return spent <= tokens + 30 && spent >= tokens - 30 - back();
    },
    `${tokens} tokens to be booked`,
    3_000,
    100,
  ).catch(() => expect(spent).toBe(tokens));
}

describe('M02: tokens are settled to the true usage', () => {
  it('of a whole answer, whatever was reserved', async () => {
    const answer = await call(harness, chatPath, {
      body: chatBody('oa/text:500', { max_tokens: 6_000 }),
      key,
    });
    expect(answer.status).toBe(200);
    await expectSpent(512);
  });

  it('of a stream, also one that is translated', async () => {
    await call(harness, chatPath, {
      body: chatBody('oa/text:500', { max_tokens: 6_000, stream: true }),
      key,
    });
    await expectSpent(512);
    await call(harness, messagesPath, {
      body: messagesBody('oa/text:500', { max_tokens: 4_000, stream: true }),
      key,
    });
    await expectSpent(1_024);
  });

  it('of more than was reserved', async () => {
    await call(harness, chatPath, { body: chatBody('oa/cached', { max_tokens: 50 }), key });
    await expectSpent(2_048 + 8);
  });

  it('of a stream whose client leaves: the prompt and what had come', async () => {
    const one = open(harness, chatPath, {
      body: chatBody('oa/text:400+gate-after:300:leave', { max_tokens: 6_000, stream: true }),
      key,
    });
    await one.seen('t290');
    one.abort();
    await expectSpent(305);
  });

  it('of nothing, when the provider refused or the answer broke before it began', async () => {
    await call(harness, chatPath, { body: chatBody('oa/status:500', { max_tokens: 6_000 }), key });
    await call(harness, chatPath, { body: chatBody('oa/status:400', { max_tokens: 6_000 }), key });
    await expectSpent(0);
  });

  it('of the target that answered, after retries and a fallback', async () => {
    const answer = await call(harness, chatPath, { body: chatBody('both', { max_tokens: 6_000 }), key });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-headgate-fallback']).toBe('1');
    await expectSpent(12 + 8);
  });
});

describe('answers', () => {
  it('tell an OpenAI client what is left of its own limits, in place of what the provider said', async () => {
    const client = new OpenAI({ apiKey: key, baseURL: `${harness.url}/v1`, maxRetries: 0 });
    const { response } = await client.chat.completions
      .create({ model: 'oa/ok+x-ratelimit', messages: [{ role: 'user', content: 'hi' }], max_tokens: 100 })
      .withResponse();
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('3600');
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('99');
    expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+(\.\d+)?m?s$/);
    expect(response.headers.get('x-ratelimit-limit-tokens')).toBe('36000');
    expect(response.headers.get('x-ratelimit-reset-tokens')).toMatch(/s$/);
    expect(response.headers.get('ratelimit')).toContain('"calls.requests";r=99;t=');
    expect(response.headers.get('ratelimit-policy')).toContain('"tokens.tokens";q=36000;w=3600');
  });

  it('tell an Anthropic client, also on a stream', async () => {
    const client = new Anthropic({ apiKey: key, baseURL: harness.url, maxRetries: 0 });
    const { response } = await client.messages
      .create({ model: 'oa/ok', max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'hi' }] })
      .withResponse();
    expect(response.headers.get('anthropic-ratelimit-requests-limit')).toBe('3600');
    expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('99');
    const reset = response.headers.get('anthropic-ratelimit-tokens-reset') ?? '';
    expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(reset)).toBeGreaterThanOrEqual(Date.now() - 1_000);
    expect(response.headers.get('x-ratelimit-limit-requests')).toBeNull();
  });

  it('refuse with what both SDKs take for a rate limit, and a time they wait for', async () => {
    const openai = new OpenAI({ apiKey: key, baseURL: `${harness.url}/v1`, maxRetries: 0 });
    const anthropic = new Anthropic({ apiKey: key, baseURL: harness.url, maxRetries: 0 });
    await call(harness, chatPath, { body: chatBody('oa/cached', { max_tokens: 10 }), key });
    const big = { max_tokens: 9_500 };
    const messages = [{ role: 'user' as const, content: 'hi' }];
    const first = await openai.chat.completions
      .create({ model: 'oa/ok', messages, ...big })
      .catch((e: unknown) => e);
    expect(first).toBeInstanceOf(OpenAI.RateLimitError);
    const refused = first as InstanceType<typeof OpenAI.RateLimitError>;
    expect(refused.code).toBe('rate_limit_exceeded');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(refused.headers.get('x-should-retry')).toBeNull();
    expect(refused.headers.get('x-ratelimit-limit-tokens')).toBe('36000');
    const second = await anthropic.messages
      .create({ model: 'oa/ok', messages, ...big })
      .catch((e: unknown) => e);
    expect(second).toBeInstanceOf(Anthropic.RateLimitError);
    const other = second as InstanceType<typeof Anthropic.RateLimitError>;
    expect(other.headers.get('anthropic-ratelimit-tokens-limit')).toBe('36000');
    expect(Number(other.headers.get('retry-after'))).toBeGreaterThan(60);
  });

  it("go to the next target when a provider's own limit is reached, and say so when there is none", async () => {
    const first = await call(harness, messagesPath, {
      body: messagesBody('an/ok', { fallbacks: ['oa/ok'] }),
      key,
    });
    expect(first.headers['x-headgate-provider']).toBe('an');
    const next = await call(harness, messagesPath, {
      body: messagesBody('an/ok', { fallbacks: ['oa/ok'] }),
      key,
    });
    expect(next.status).toBe(200);
    expect(next.headers['x-headgate-provider']).toBe('oa');
    const none = await call(harness, messagesPath, { body: messagesBody('an/ok'), key });
    expect(none.status).toBe(429);
    expect(none.text).toContain('`strict-provider.requests`');
    expect(Number(none.headers['retry-after'])).toBeGreaterThan(80_000);
  });

  it('count in the metrics by rule', async () => {
    await waitUntil(async () => {
      const { text } = await call(harness, '/metrics', { key: null });
      return ['limit="tokens.tokens",decision="refused"', 'limit="calls.requests",decision="admitted"'].every(
        (labels) => new RegExp(`headgate_limit_decisions_total\\{${labels}\\} [1-9]`).test(text),
      );
    }, 'both decisions to be counted');
  });
});
