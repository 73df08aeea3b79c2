// Faults that only show in minutes, under the clocks that hold when nothing is configured.
import { describe, expect, test } from 'vitest';
import { chatBody, chatPath, errorOf, open, textOf } from '../../kit/client.ts';
import { useGateway } from '../../kit/harness.ts';

const harness = useGateway();
const WHOLE = Array.from({ length: 60 }, (_, at) => `t${at}`).join(' ');

const stream = async (model: string, fallbacks?: string[]) => {
  const body = chatBody(model, { stream: true, ...(fallbacks && { fallbacks }) });
  return (await open(harness, chatPath, { body })).whole(120_000);
};

describe('with no clock configured', () => {
  test.each(['stall-after:20', 'ping-stall-after:20'])(
    'U07 FB09: %s is told whole by the fallback within a minute and a half',
    async (fault) => {
      const answer = await stream(`oa/text:60+${fault}`, ['an/text:60']);
      expect(textOf(answer.events)).toBe(WHOLE);
      expect(answer.tookMs).toBeLessThan(90_000);
    },
  );

  test('U07: a pause of 30 s in the only stream there is costs nothing', async () => {
    const answer = await stream('oa/text:60+pause-after:20:30000');
    expect(textOf(answer.events)).toBe(WHOLE);
    expect(answer.events.filter((event) => errorOf(event.json) !== undefined)).toEqual([]);
  });

  test('U07: a slow drip of one token a second is no stall', async () => {
    const answer = await stream('oa/text:40+pace:1000', ['an/text:40']);
    expect(textOf(answer.events)).toMatch(/^t0 .* t39$/);
    expect(harness.mock.requests).toHaveLength(1);
  });
});
