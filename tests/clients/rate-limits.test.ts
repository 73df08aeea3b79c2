// What the vendors' SDKs make of our limits: their own error, a wait that is true, and headers they can read.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { useGateway } from '../kit/harness.ts';
import { sleep } from '../kit/wait.ts';

const limits = {
  quiet: { requests: '600/min' },
  burst: { requests: '120/min', burst: 3 },
  tokens: { tokens: '60000/min', burst: 1_000 },
  leased: { requests: '100000/h', burst: 400, tokens: '6000000/min', concurrent: 1_000 },
  both: { requests: '300/min', burst: 4, tokens: '60000/min' },
  slots: { concurrent: 1 },
  hours: { requests: '10/h', burst: 10 },
  none: {},
} as const;
type Name = keyof typeof limits;
const value = (name: string): string => `hg-${name}-0123456789abcdef`;

const harness = useGateway(
  {
    rest: {
      auth: {
        keys: Object.entries(limits).map(([name, limit]) => ({
          name,
          value: value(name),
          ...(Object.keys(limit).length === 0 ? {} : { limits: [limit] }),
        })),
      },
    },
  },
  { workers: 2 },
);

const openai = (name: Name, maxRetries = 0): OpenAI =>
  new OpenAI({ apiKey: value(name), baseURL: `${harness.url}/v1`, maxRetries });
const anthropic = (name: Name, maxRetries = 0): Anthropic =>
  new Anthropic({ apiKey: value(name), baseURL: harness.url, maxRetries });

const messages = [{ role: 'user' as const, content: 'hi' }];
const ask = (client: OpenAI, model = 'oa/ok') =>
  client.chat.completions.create({ model, messages, max_tokens: 300 }).withResponse();

/**
 * Calls until one that is alone is refused. What is told to one of three is true for it alone: another of them may be
 * admitted behind it and take what fell due meanwhile.
 */
async function refusal(client: OpenAI): Promise<InstanceType<typeof OpenAI.RateLimitError>> {
  const refused = async (): Promise<InstanceType<typeof OpenAI.RateLimitError> | null> => {
    const outcome = await ask(client).catch((e: unknown) => e);
    return outcome instanceof OpenAI.RateLimitError ? outcome : null;
  };
  for (let call = 0; call < 2_000; call++) {
    const three = await Promise.all([refused(), refused(), refused()]);
    const alone = three.some((one) => one !== null) ? await refused() : null;
    if (alone !== null) return alone;
  }
  throw new Error('nothing was refused');
}

/** ms of a duration as OpenAI writes it; NaN when it is none. */
function ofDuration(text: string | null): number {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$|^(\d+)ms$/.exec(text ?? '');
  if (parts === null || text === '') return Number.NaN;
  const [, hours = 0, minutes = 0, seconds = 0, ms = 0] = parts;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000 + Number(ms);
}

describe('a refused client', () => {
  it.each(['quiet', 'burst', 'tokens', 'both'] as const)(
    'of the limit `%s` that waits as long as it is told is admitted',
    async (name) => {
      const client = openai(name);
      for (let round = 0; round < 4; round++) {
        const refused = await refusal(client);
        expect(refused.code).toBe('rate_limit_exceeded');
        expect(refused.type).toBe('rate_limit_error');
        expect(refused.requestID).toBeTruthy();
        const ms = Number(refused.headers.get('retry-after-ms'));
        expect(ms).toBeGreaterThan(0);
        expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil(ms / 1000));
        await sleep(ms);
        expect((await ask(client)).response.status).toBe(200);
      }
    },
  );

  it('is admitted by the first retry of its SDK, which waits as long as it is told', async () => {
    for (const name of ['burst', 'tokens'] as const) {
      await refusal(openai(name));
      expect((await ask(openai(name, 1))).response.status).toBe(200);
      await refusal(openai(name));
      const answer = await anthropic(name, 1).messages.create({ model: 'an/ok', max_tokens: 300, messages });
      expect(answer.type).toBe('message');
    }
  });

  it('of a concurrency limit too, once a slot is free', async () => {
    const held = ask(openai('slots'), 'oa/gate:slot');
    await harness.mock.waitForCount('gate:slot', 1);
    const refused = await ask(openai('slots')).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    // As often as it is told to: a machine may stand still for longer than a second.
    const retried = ask(openai('slots', 5));
    await sleep(200);
    harness.mock.open('slot');
    expect((await held).response.status).toBe(200);
    expect((await retried).response.status).toBe(200);
  });

  it('is told hours as hours, in the form of its vendor', async () => {
    const refused = await refusal(openai('hours'));
    const { headers } = refused;
    expect(headers.get('x-ratelimit-limit-requests')).toBe('10');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^(59m\d+s|1h0m0s)$/);
    expect(headers.get('ratelimit')).toBeNull(); // the IETF's are behind a switch
    const wait = Number(headers.get('retry-after'));
    expect(wait).toBeGreaterThan(300);
    expect(wait).toBeLessThanOrEqual(360);
    const other = await anthropic('hours')
      .messages.create({ model: 'an/ok', max_tokens: 10, messages })
      .catch((e: unknown) => e);
    expect(other).toBeInstanceOf(Anthropic.RateLimitError);
    const error = other as InstanceType<typeof Anthropic.RateLimitError>;
    expect(error.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0');
    const reset = error.headers.get('anthropic-ratelimit-requests-reset') ?? '';
    expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(reset) - Date.now()).toBeGreaterThan(3_300_000);
    expect(Date.parse(reset) - Date.now()).toBeLessThanOrEqual(3_601_000);
  });
});

describe('an admitted client', () => {
  it('is told what is left, by leases too: numbers that fall with its calls, and times that can be read', async () => {
    const client = openai('leased');
    let least = Number.POSITIVE_INFINITY;
    for (let call = 0; call < 60; call++) {
      const { headers } = (await ask(client)).response;
      expect(headers.get('x-ratelimit-limit-requests')).toBe('100000');
      expect(headers.get('x-ratelimit-limit-tokens')).toBe('6000000');
      for (const dimension of ['requests', 'tokens'] as const) {
        const left = Number(headers.get(`x-ratelimit-remaining-${dimension}`));
        expect(Number.isInteger(left)).toBe(true);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left).toBeLessThanOrEqual(dimension === 'requests' ? 400 : 120_000);
        const reset = ofDuration(headers.get(`x-ratelimit-reset-${dimension}`));
        expect(reset).toBeGreaterThanOrEqual(0);
        expect(reset).toBeLessThanOrEqual(60_000);
      }
      least = Math.min(least, Number(headers.get('x-ratelimit-remaining-requests')));
    }
    expect(least).toBeLessThan(400);
  });

  it('hears the same on a stream, and a key without limits hears of none of ours', async () => {
    const { response } = await openai('leased')
      .chat.completions.create({ model: 'oa/ok', messages, stream: true })
      .withResponse();
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('100000');
    const free = await anthropic('none')
      .messages.create({ model: 'oa/ok', max_tokens: 10, messages })
      .withResponse();
    expect(free.response.headers.get('anthropic-ratelimit-requests-limit')).not.toBe('100000');
  });
});

describe('what is no call of a model', () => {
  it('is not limited: models are listed and tokens are counted by us when nothing else is admitted', async () => {
    await refusal(openai('hours'));
    expect((await openai('hours').models.list()).data.length).toBeGreaterThanOrEqual(0);
    expect((await anthropic('hours').models.list()).data.length).toBeGreaterThanOrEqual(0);
  });

  it('counting tokens is a request that reserves no tokens; counted by us it costs none, and says what is left', async () => {
    const client = anthropic('leased');
    const count = (model: string) => client.messages.countTokens({ model, messages }).withResponse();
    const ours = await count('oa/ok');
    expect(ours.data.input_tokens).toBeGreaterThan(0);
    expect(ours.response.headers.get('x-headgate-estimated')).toBe('1');
    expect(ours.response.headers.get('anthropic-ratelimit-requests-limit')).toBe('100000');
    expect(ours.response.headers.get('anthropic-ratelimit-tokens-limit')).toBe('6000000');
    const theirs = await count('an/ok');
    expect(theirs.response.headers.get('x-headgate-estimated')).toBeNull();
    expect(theirs.response.headers.get('anthropic-ratelimit-requests-limit')).toBe('100000');
  });
});
