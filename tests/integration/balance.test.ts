// Strategies over real workers: shares by weight over all of them, no traffic to who refuses at once, one target for one
// conversation, and fallbacks behind the choice.
import { describe, expect, it } from 'vitest';
import { type Answer, call, chatBody, chatPath } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';

const harness = useGateway(
  (mock) => {
    const provider = { dialect: 'openai-chat', baseUrl: mock.openaiUrl, retries: { max: 0 } };
    const targets = (...names: string[]) => names.map((name) => `${name}/ok`);
    return {
      providers: { a: provider, b: provider, c: provider },
      models: {
        shared: {
          strategy: 'weighted',
          targets: [
            { model: 'a/ok', weight: 5 },
            { model: 'b/ok', weight: 3 },
            { model: 'c/ok', weight: 2 },
          ],
        },
        steady: { strategy: 'hash', targets: targets('a', 'b', 'c') },
        wise: { strategy: 'adaptive', targets: ['a/status:500', 'b/ok', 'c/ok'] },
        cheap: { strategy: 'cost', targets: targets('a', 'b') },
        turns: { strategy: 'round-robin', targets: ['a/status:503', 'b/ok'] },
      },
      rest: {
        prices: {
          'a/*': { input_cost_per_token: 0.000002, output_cost_per_token: 0.000002 },
          'b/*': { input_cost_per_token: 0.000001, output_cost_per_token: 0.000001 },
        },
      },
    };
  },
  { workers: 2 },
);

const chat = (model: string, headers: Record<string, string> = {}): Promise<Answer> =>
  call(harness, chatPath, { body: chatBody(model), headers });

async function shares(
  model: string,
  calls: number,
  headers: (at: number) => Record<string, string> = () => ({}),
) {
  const counts: Record<string, number> = {};
  for (let at = 0; at < calls; at++) {
    const answer = await chat(model, headers(at));
    expect(answer.status).toBe(200);
    const provider = answer.headers['x-headgate-provider']!;
    counts[provider] = (counts[provider] ?? 0) + 1;
  }
  return counts;
}

describe('an alias with a strategy', () => {
  it('weighted: is shared out by weight over both workers', async () => {
    const counts = await shares('shared', 200);
    // Each worker is exact by itself, and breaks off in the middle of a round of ten at most once.
    for (const [name, part] of [
      ['a', 100],
      ['b', 60],
      ['c', 40],
    ] as const)
      expect(Math.abs(counts[name]! - part), JSON.stringify(counts)).toBeLessThanOrEqual(4);
  });

  it('hash: a session stays with its target, sessions are spread', async () => {
    const one = await shares('steady', 12, () => ({ 'x-headgate-session': 'the-same' }));
    expect(Object.keys(one)).toHaveLength(1);
    const many = await shares('steady', 60, (at) => ({ 'x-headgate-session': `s${at}` }));
    expect(Object.keys(many).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('adaptive: who fails at once is asked now and then at most, and no caller hears of it', async () => {
    const counts = await shares('wise', 60);
    expect(counts['a']).toBeUndefined();
    expect(harness.mock.requestsFor('status:500').length).toBeLessThan(30);
  });

  it('cost: goes to the cheapest by the prices of the configuration', async () => {
    expect(await shares('cheap', 6)).toEqual({ b: 6 });
  });

  it('round-robin: who was not chosen is the fallback of who was', async () => {
    expect(await shares('turns', 10)).toEqual({ b: 10 });
  });
});
