// What devices at the edge did, in a log. Part of describeLogStore.
import { expect, it } from 'vitest';
import type { EdgeEvent } from '../../../src/contracts/edge.ts';
import { createEdgeEvents } from '../../../src/stores/log/edge-events.ts';
import { type LogUnderTest, START } from './log-under-test.ts';

/** Taken once, however often it is sent. */
export function edgeEventsOf(log: LogUnderTest): void {
  it('takes what a device at the edge did once, however often it sends it', async () => {
    const events = createEdgeEvents(log.store.driver);
    const event = (n: number): EdgeEvent => ({
      id: `e${n}`,
      at: START + Math.floor(n / 2),
      outcome: n % 3 === 0 ? 'fallback' : 'blocked',
      app: 'claude',
      reason: 'server:"tools"',
      method: 'POST',
      path: '/v1/messages',
      model: 'm',
      status: 403,
      durationMs: 1.5,
      bytesIn: n,
      bytesOut: 0,
    });
    const sent = Array.from({ length: 40 }, (_, n) => event(n));
    expect(await events.put('dev_a', 0, sent.slice(0, 30))).toBe(30);
    // Its answer was lost; and then the device forgot what it had sent.
    expect(await events.put('dev_a', 0, sent.slice(0, 30))).toBe(30);
    expect(await events.put('dev_a', 50, sent)).toBe(30);
    expect(await events.put('dev_a', 30, sent.slice(30))).toBe(40);
    expect(await events.put('dev_b', 0, [event(0)])).toBe(1);
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await events.page({
        device: 'dev_a',
        limit: 7,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(seen).toEqual(sent.map(({ id }) => id).reverse());
    expect((await events.page({ limit: 100 })).items).toHaveLength(41);
    const only = await events.page({ outcome: 'fallback', since: START + 10, limit: 100 });
    expect(only.items.every(({ outcome, at }) => outcome === 'fallback' && at >= START + 10)).toBe(true);
    expect(only.items[0]).toEqual({ device: 'dev_a', ...event(39) });
  });
}
