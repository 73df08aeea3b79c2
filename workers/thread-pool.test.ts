import { afterEach, describe, expect, it, vi } from 'vitest';
import { inspectBody } from '../src/body/inspect.ts';
import { normaliseBody } from '../src/body/normalise.ts';
import { DEFAULT_GUARDRAIL } from '../src/config/schema/defaults.ts';
import type { EncodeTarget } from '../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../src/contracts/capability.ts';
import { GatewayError } from '../src/contracts/errors.ts';
import type { GuardrailConfig } from '../src/contracts/guardrail.ts';
import { joinEmbeddings } from '../src/dialects/join-embeddings.ts';
import { translateBody } from '../src/dialects/translate.ts';
import { translateAnswer } from '../src/dialects/translate-answer.ts';
import { dialectByName } from '../src/registry/dialects.ts';
import { createThreadPool, type ThreadPool, type ThreadPoolOptions } from './thread-pool.ts';

let pool: ThreadPool;
afterEach(() => pool.close());

function open(options: Partial<ThreadPoolOptions> = {}): ThreadPool {
  pool = createThreadPool({ threads: 1, maxQueue: 4, ...options });
  return pool;
}

const never = new AbortController().signal;
const target: EncodeTarget = {
  model: 'claude-x',
  provider: 'anthropic',
  capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
  streamUsage: false,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};

/** A chat body in memory of its own, as the exchange collects large ones. */
function chat(text: string, more = ''): Buffer {
  const json = `{"model":"m","messages":[{"role":"user","content":${JSON.stringify(text)}}]${more}}`;
  return Buffer.from(new TextEncoder().encode(json).buffer);
}

describe('createThreadPool', () => {
  it('inspects in a thread and moves the body there and back', async () => {
    const body = chat('x'.repeat(200_000));
    const copy = Buffer.from(body);
    const result = await open().inspect(body, false, never);
    expect(body.byteLength).toBe(0);
    expect(result.body.equals(copy)).toBe(true);
    expect(result.facts).toEqual(inspectBody(copy));
  });

  it('looks for what guardrails look for, as they would here', async () => {
    const config: GuardrailConfig = {
      ...DEFAULT_GUARDRAIL,
      name: 'g',
      on: ['input'],
      when: {},
      checks: [{ type: 'pii' }, { type: 'regex', patterns: ['x[0-9]+'] }, { type: 'length', maxChars: 20 }],
    };
    const texts = ['to ada@example.com', 'x42 is a number of a far longer text'];
    expect(await open().guard({ what: 'places', config, texts }, never)).toEqual({
      what: 'places',
      places: [[{ start: 3, end: 18, label: 'EMAIL' }], [{ start: 0, end: 3, label: 'PATTERN' }]],
    });
    const whole = await pool.guard({ what: 'whole', config, texts }, never);
    expect(whole).toEqual({ what: 'whole', faults: [false, true] });
  });

  it('searches vectors in memory that it shares', async () => {
    const matrix = new Float32Array(new SharedArrayBuffer(4 * 6));
    matrix.set([1, 0, 0, 1, 0.8, 0.6]);
    const tails = new Float32Array(new SharedArrayBuffer(4 * 3)).fill(1);
    const wanted = { matrix, tails, rows: 3, vector: Float32Array.of(1, 0), least: 0.5, count: 5 };
    expect(await open().nearest(wanted)).toEqual([
      [0, 1],
      [2, expect.closeTo(0.8)],
    ]);
    expect(matrix[0]).toBe(1);
  });

  it('leaves the neighbours of a slice alone', async () => {
    const whole = Buffer.concat([Buffer.from('before'), chat('hi'), Buffer.from('after')]);
    const before = Buffer.from(whole);
    const body = whole.subarray(6, whole.length - 5);
    const result = await open().inspect(body, false, never);
    expect(result.body.equals(before.subarray(6, before.length - 5))).toBe(true);
    expect(whole.equals(before)).toBe(true);
  });

  it('normalises before it reads the facts', async () => {
    const text = 'cafe\u0301\r\n'.repeat(1000);
    const result = await open().inspect(chat(text), true, never);
    const expected = normaliseBody(chat(text));
    expect(result.body.equals(expected)).toBe(true);
    expect(result.facts).toEqual(inspectBody(expected));
  });

  it('translates as the inline path does and leaves the body with the caller', async () => {
    const body = chat('hello', ',"temperature":0.50,"max_completion_tokens":7');
    const { exoticNumbers } = inspectBody(body);
    expect(exoticNumbers).toBe(true);
    const inline = translateBody(
      body,
      true,
      dialectByName('openai-chat'),
      dialectByName('anthropic'),
      target,
    );
    const result = await open().translate(body, true, 'openai-chat', 'anthropic', target, never);
    expect(result.encoded).toEqual(inline);
    expect(result.encoded.body).toContain('0.50');
    expect(result.body).toBe(body);
    expect(inspectBody(result.body).maxTokens).toBe(7);
  });

  it('writes vectors anew as the inline path does', async () => {
    const data = Array.from({ length: 40 }, (_, index) => ({ index, embedding: [index / 8, -0.25] }));
    const body = Buffer.from(JSON.stringify({ data, model: 'm', usage: { prompt_tokens: 3 } }));
    const asked = { asked: 'embeddings', sent: 'embeddings' } as const;
    const context = {
      requestId: 'r',
      model: 'm',
      now: 0,
      includeUsage: true,
      remembered: { types: ['base64'] },
    };
    const names = ['openai-chat', 'cohere'] as const;
    const [from, to] = names.map(dialectByName);
    const inline = translateAnswer(Buffer.from(body), from!, to!, asked, context, null);
    const made = await open().translateAnswer(body, ...names, asked, context, null, never);
    expect(made.body.toString()).toBe(inline.text);
    expect(made.facts).toEqual(inline.facts);
    const broken = pool.translateAnswer(Buffer.from('{'), ...names, asked, context, null, never);
    await expect(broken).rejects.toMatchObject({ code: 'GW_UPSTREAM_BAD_OUTPUT' });
  });

  it('joins the parts of a batch as the inline path does', async () => {
    const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true, remembered: { base64: true } };
    const parts = [2, 1].map((count) =>
      Buffer.from(
        JSON.stringify({
          data: Array.from({ length: count }, (_, index) => ({ index, embedding: [index / 8, -0.25] })),
          usage: { prompt_tokens: count },
        }),
      ),
    );
    const made = await open().joinEmbeddings(parts, [2, 1], 'openai-chat', context, never);
    expect(made.toString()).toBe(joinEmbeddings(parts, [2, 1], dialectByName('openai-chat'), context));
    const short = pool.joinEmbeddings(parts, [2, 2], 'openai-chat', context, never);
    await expect(short).rejects.toMatchObject({ code: 'GW_UPSTREAM_BAD_OUTPUT' });
  });

  it('counts tokens, and more of them for a model whose tokenizer is less thrifty', async () => {
    const body = chat('The water finds its own way. '.repeat(100));
    const exact = await open().countTokens(body, 'openai-chat', 'gpt-4o', never);
    expect(exact).toBeGreaterThan(600);
    expect(exact).toBeLessThan(800);
    expect(await pool.countTokens(body, 'openai-chat', 'claude-x', never)).toBeGreaterThan(exact);
  });

  it('brings a refusal across with its code, status and field', async () => {
    const refusal = open().inspect(chat('hi', ',"stream":"yes"'), false, never);
    await expect(refusal).rejects.toBeInstanceOf(GatewayError);
    await expect(refusal).rejects.toMatchObject({
      code: 'GW_CLIENT_BAD_REQUEST',
      status: 400,
      param: 'stream',
      publicMessage: 'stream must be a boolean.',
      errorType: 'caller_invalid_request',
    });
  });

  it('refuses a translation and leaves a body to fall back with', async () => {
    const body = chat('hi', ',"n":2');
    const copy = Buffer.from(body);
    const refusal = open().translate(body, false, 'openai-chat', 'anthropic', target, never);
    await expect(refusal).rejects.toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED' });
    expect(body.equals(copy)).toBe(true);
  });

  it('refuses one task more than may wait, at once', async () => {
    open({ threads: 1, maxQueue: 2 });
    const bodies = Array.from({ length: 4 }, () => chat('x'.repeat(100_000)));
    const results = bodies.map((body) => pool.inspect(body, false, never));
    await expect(results[3]).rejects.toMatchObject({
      code: 'GW_GATEWAY_BUSY',
      status: 503,
      retryAfterMs: 1000,
    });
    expect(pool.stats()).toEqual({ running: 1, queued: 2 });
    expect(await Promise.all(results.slice(0, 3))).toHaveLength(3);
    expect(pool.stats()).toEqual({ running: 0, queued: 0 });
  });

  it('works for calls that were begun before it takes new bodies, and tells what one would wait', async () => {
    let now = 0;
    // A second passes between any two looks at the clock.
    open({ threads: 1, maxQueue: 100, now: () => (now += 1_000) });
    const ended: string[] = [];
    const inspect = async (name: string): Promise<void> => {
      await pool.inspect(chat(name), false, never);
      ended.push(name);
    };
    const work = [inspect('running'), inspect('new'), inspect('newer')];
    const counted = pool.countTokens(chat('begun'), 'openai-chat', 'm', never);
    work.push(counted.then(() => void ended.push('begun')));
    expect(pool.waitMs).toBe(0);
    await work[0];
    // Its second and a body and a half that wait: the step comes next, but takes its time as well.
    expect(pool.waitMs).toBeGreaterThan(1_500);
    await Promise.all(work);
    expect(ended).toEqual(['running', 'begun', 'new', 'newer']);
    expect(pool.waitMs).toBe(0);
  });

  it('refuses a task whose body would make those that wait too many bytes, and lets a large one wait alone', async () => {
    open({ threads: 1, maxQueue: 100, maxQueueBytes: 250_000 });
    const leaver = new AbortController();
    const running = pool.inspect(chat('x'), false, never);
    const large = pool.inspect(chat('x'.repeat(300_000)), false, leaver.signal);
    const behind = pool.inspect(chat('x'.repeat(1_000)), false, never);
    await expect(behind).rejects.toMatchObject({ code: 'GW_GATEWAY_BUSY' });
    leaver.abort();
    await expect(large).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
    const small = [1, 2, 3].map(() => pool.inspect(chat('x'.repeat(100_000)), false, never));
    await expect(small[2]).rejects.toMatchObject({ code: 'GW_GATEWAY_BUSY' });
    expect(await Promise.all([running, small[0], small[1]])).toHaveLength(3);
  });

  it('lets go of a task at once when its client leaves, waiting or running', async () => {
    open({ threads: 1, maxQueue: 2 });
    const running = new AbortController();
    const waiting = new AbortController();
    const first = pool.inspect(chat('x'.repeat(100_000)), false, running.signal);
    const queued = chat('second');
    const second = pool.inspect(queued, false, waiting.signal);
    const third = pool.inspect(chat('third'), false, never);
    waiting.abort();
    running.abort();
    await expect(second).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
    await expect(first).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
    expect(queued.byteLength).toBeGreaterThan(0);
    expect((await third).facts.model).toBe('m');
    await expect(pool.inspect(chat('late'), false, running.signal)).rejects.toMatchObject({
      code: 'GW_CLIENT_GONE',
    });
  });

  it('ends a task that takes too long, with its thread, and works on with a new one', async () => {
    open({ taskTimeoutMs: 250 });
    // Rare characters are the slowest to count: about 0.7 s.
    const rare = Array.from({ length: 300_000 }, (_, at) =>
      String.fromCharCode(0x4e00 + ((at * 7919) % 8000)),
    );
    const slow = pool.countTokens(chat(rare.join('')), 'openai-chat', 'gpt-4o', never);
    await expect(slow).rejects.toMatchObject({
      code: 'GW_GATEWAY_INTERNAL',
      publicMessage: 'The request took too long to process.',
    });
    // On a busy machine the new thread may itself be late at first.
    await vi.waitFor(async () => {
      expect((await pool.inspect(chat('warm'), false, never)).facts.model).toBe('m');
    }, 10_000);
  });

  it('takes nothing after it has been closed and drops what waits', async () => {
    open({ threads: 1, maxQueue: 2 });
    await pool.warm();
    const results = [1, 2, 3].map(() => pool.inspect(chat('x'.repeat(1_000_000)), false, never));
    const settled = Promise.allSettled(results);
    await pool.close();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'GW_GATEWAY_DRAINING' } });
    }
    await expect(pool.inspect(chat('x'), false, never)).rejects.toMatchObject({
      code: 'GW_GATEWAY_DRAINING',
    });
  });
});
