// What one worker learns of a provider's keys, all know: a refused key rests everywhere.
import { describe, expect, it } from 'vitest';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { useGateway } from '../../kit/harness.ts';
import { sleep } from '../../kit/wait.ts';

const bad = 'sk-refused-0123456789';
const good = 'sk-taken-0123456789';
const model = `bad-key:${bad}:429:retry-after=60`;

const harness = useGateway(
  {
    oa: {
      keys: [
        { value: bad, alias: 'bad', weight: 1 },
        { value: good, alias: 'good', weight: 1 },
      ],
    },
    provider: { retries: { max: 2, backoffMs: 10, maxBackoffMs: 10 } },
  },
  { workers: 4 },
);

const refused = (): number =>
  harness.mock.requestsFor(model).filter(({ headers }) => headers['authorization'] === `Bearer ${bad}`)
    .length;

describe('a key its provider refused', () => {
  it('rests at every worker within a second', async () => {
    for (let tries = 0; refused() === 0 && tries < 100; tries++)
      expect((await call(harness, chatPath, { body: chatBody(`oa/${model}`) })).status).toBe(200);
    await sleep(500);
    const before = refused();
    expect(before).toBeGreaterThan(0);
    for (let count = 0; count < 60; count++)
      expect((await call(harness, chatPath, { body: chatBody(`oa/${model}`) })).status).toBe(200);
    expect(refused()).toBe(before);
  });
});
