// Shadow traffic and A/B split of real calls: copies are logged as their own, nobody hears or waits for them, and a session stays
// at its arm.
import { describe, expect, it } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway(
  (mock) => ({
    dialects: true,
    models: {
      copied: { targets: ['oa/ok'], shadow: { to: 'an/text:3+copy', percent: 100 } },
      hanging: { targets: ['oa/ok'], shadow: { to: 'an/never-head+copy', percent: 100, concurrency: 2 } },
      spent: { targets: ['oa/ok'], shadow: { to: 'an/text:3+never', percent: 100, budgetUsd: 0 } },
      halves: { targets: ['oa/text:2+a'], split: [{ to: 'an/text:2+b', percent: 50 }] },
    },
    rest: { log: { access: true, level: 'info', format: 'json' } },
    provider: { models: ['*'], retries: { max: 0 }, keys: [{ value: `sk-${mock.port}` }] },
  }),
  { concurrent: true },
);

const rows = (route: string, model: string): Record<string, unknown>[] =>
  harness.gateway
    .logs()
    .filter(
      (line) => line['msg'] === 'request' && line['route'] === route && line['upstreamModel'] === model,
    );

describe('shadow', () => {
  it.each([
    ['Chat', chatPath, chatBody('copied')],
    ['a streaming Messages', messagesPath, messagesBody('copied', { stream: true })],
    [
      'Gemini',
      '/v1beta/models/copied:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] },
    ],
  ])('copies a call of %s, with a row of its own', async (_, path, body) => {
    const before = rows('_shadow', 'text:3+copy').length;
    const answer = await call(harness, path, { body });
    expect([answer.status, answer.headers['x-headgate-provider']]).toEqual([200, 'oa']);
    await expect.poll(() => rows('_shadow', 'text:3+copy').length).toBe(before + 1);
    const row = rows('_shadow', 'text:3+copy').at(-1)!;
    expect([row['status'], row['provider'], pick(row, 'usage.output')]).toEqual([200, 'an', 3]);
    expect(String(row['id']).startsWith(`${answer.headers['x-request-id']}.`)).toBe(true);
    expect(answer.text).not.toContain('t0 t1');
  });

  it('is waited for by nobody, and bounded', async () => {
    for (let at = 0; at < 5; at++) {
      const answer = await call(harness, chatPath, { body: chatBody('hanging') });
      expect(answer.status).toBe(200);
    }
    await harness.mock.waitForCount('never-head+copy', 2);
    expect(harness.mock.requestsFor('never-head+copy')).toHaveLength(2);
  });

  it('makes none without a budget', async () => {
    expect((await call(harness, chatPath, { body: chatBody('spent') })).status).toBe(200);
    expect(harness.mock.requestsFor('text:3+never')).toEqual([]);
  });
});

describe('split', () => {
  it('keeps each session at its arm, and has sessions at both', async () => {
    const arms = new Map<string, number>();
    for (let at = 0; at < 24; at++) {
      const headers = { 'x-headgate-session': `session-${at}` };
      const one = await call(harness, chatPath, { body: chatBody('halves'), headers });
      const two = await call(harness, chatPath, { body: chatBody('halves'), headers });
      const arm = one.headers['x-headgate-provider']!;
      expect(two.headers['x-headgate-provider']).toBe(arm);
      arms.set(arm, (arms.get(arm) ?? 0) + 1);
    }
    expect([...arms.keys()].toSorted()).toEqual(['an', 'oa']);
    expect(Math.min(...arms.values())).toBeGreaterThan(4);
  });
});
