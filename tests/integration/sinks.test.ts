// What stands around answers, together: kept answers, shared ones and guardrails. Whoever gets an answer gets it by its own rules.
import { describe, expect, it } from 'vitest';
import { call, chatBody, chatPath } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';

const keyOf = (name: string): string => `${name}-key-0123456789abcdef`;
const words = (name: string, action: 'block' | 'redact') => ({
  name,
  on: ['output'],
  action,
  checks: [{ type: 'keywords', words: ['t3'] }],
});

const harness = useGateway(
  {
    open: true,
    rest: {
      auth: {
        keys: [
          { name: 'plain', value: keyOf('plain') },
          { name: 'other', value: keyOf('other') },
          { name: 'strict', value: keyOf('strict'), guardrails: [words('strict', 'block')] },
        ],
      },
      cache: { exact: { ttlMs: 60_000, scope: 'all' } },
    },
  },
  { concurrent: true },
);

const ask = (key: string, model: string, headers: Record<string, string> = {}, more: object = {}) =>
  call(harness, chatPath, {
    body: chatBody(`oa/${model}`, { temperature: 0, ...more }),
    key: keyOf(key),
    headers,
  });
const asked = (model: string): number => harness.mock.requestsFor(model).length;
const cacheOf = (answer: { headers: Record<string, string> }): string =>
  (answer.headers['x-headgate-cache'] ?? 'none').split(';')[0]!;

describe.each([false, true])('streamed: %s', (stream) => {
  const tag = stream ? 's' : 'w';

  it('an answer that was blocked is not kept, nor given to who may have it', async () => {
    const model = `text:6+blocked+${tag}`;
    const blocked = await ask('strict', model, {}, { stream });
    expect(blocked.text).not.toContain('t3 t4');
    const plain = await ask('plain', model, {}, { stream });
    expect(plain.text).toContain('t3');
    expect(cacheOf(plain)).not.toBe('hit');
    expect(asked(model)).toBe(2);
  });

  it('a kept answer is checked by the rules of who gets it', async () => {
    const model = `text:6+kept+${tag}`;
    expect(cacheOf(await ask('plain', model, {}, { stream }))).toBe('miss');
    const again = await ask('other', model, {}, { stream });
    expect([again.status, again.text.includes('t3')]).toEqual([200, true]);
    const strict = await ask('strict', model, {}, { stream });
    expect(strict.text).not.toMatch(/t3/);
    // What it was refused is not what the next one gets.
    expect((await ask('plain', model, {}, { stream })).text).toContain('t3');
  });

  it('callers of other rules do not share what is under way', async () => {
    const model = `gate:${tag}-apart+text:6+${tag}`;
    const coalesce = { 'x-headgate-coalesce': '1' };
    const answers = ['plain', 'plain', 'strict'].map((key) => ask(key, model, coalesce, { stream }));
    await harness.mock.waitForCount(model, 2, 20_000);
    harness.mock.open(`${tag}-apart`);
    const [one, two, strict] = await Promise.all(answers);
    expect([one!.text.includes('t3'), two!.text.includes('t3'), strict!.text.includes('t3')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(asked(model)).toBe(2);
  });

  it('an Idempotency-Key, coalescing and the cache together: one call, and the same answer to all', async () => {
    const model = `gate:${tag}-all+text:6+${tag}`;
    const shared = { 'x-headgate-coalesce': '1' };
    const keyed = { ...shared, 'idempotency-key': `all-${tag}` };
    const answers = [keyed, keyed, shared, shared].map((headers) => ask('plain', model, headers, { stream }));
    await harness.mock.waitForCount(model, 1, 20_000);
    harness.mock.open(`${tag}-all`);
    const texts = (await Promise.all(answers)).map(({ text }) => text);
    for (const text of texts) expect(text).toContain('t5');
    const replayed = await ask('plain', model, keyed, { stream });
    expect(replayed.headers['idempotent-replayed']).toBe('true');
    expect(texts).toContain(replayed.text);
    expect(cacheOf(await ask('plain', model, {}, { stream }))).toBe('hit');
    expect(asked(model)).toBe(1);
  });

  it('a blocked answer is replayed to its own Idempotency-Key as blocked or made again, never bare', async () => {
    const model = `text:6+idem+${tag}`;
    const headers = { 'idempotency-key': `strict-${tag}` };
    const first = await ask('strict', model, headers, { stream });
    const second = await ask('strict', model, headers, { stream });
    for (const { text } of [first, second]) expect(text).not.toMatch(/t3/);
  });
});
