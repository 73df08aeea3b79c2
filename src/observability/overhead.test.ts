import { describe, expect, it } from 'vitest';
import { overheadMs, queuedMs, serverTiming, upstreamMs } from './overhead.ts';
import { attempt, settledCall } from './settled-call.fixture.ts';

describe('overhead', () => {
  it('is the time of the call less all waiting', () => {
    expect(overheadMs(settledCall(), 2000)).toBe(60);
  });

  it('is never negative when clocks of waits overlap', () => {
    expect(overheadMs(settledCall({ waitedMs: 5000 }), 2000)).toBe(0);
  });

  it('sums waits and upstream time over all attempts', () => {
    const call = settledCall({
      attempts: [
        attempt({ queuedAt: 0, sentAt: 10, endAt: 60 }),
        attempt({ queuedAt: 70, sentAt: 75, endAt: 175 }),
      ],
    });
    expect(queuedMs(call, 2000)).toBe(15);
    expect(upstreamMs(call, 2000)).toBe(150);
  });

  it('counts an attempt that was shed in the queue as waiting only', () => {
    const call = settledCall({ attempts: [attempt({ queuedAt: 5, sentAt: 0, headAt: 0, endAt: 45 })] });
    expect(queuedMs(call, 2000)).toBe(40);
    expect(upstreamMs(call, 2000)).toBe(0);
  });

  it('counts an attempt that still runs until now', () => {
    const call = settledCall({ attempts: [attempt({ sentAt: 5, endAt: 0 })] });
    expect(upstreamMs(call, 1105)).toBe(100);
  });

  it('renders a server-timing value that parsers accept', () => {
    const value = serverTiming(settledCall({ waitedMs: 999.123456 }), 2000);
    expect(value).toBe('gw;dur=0.88, queue;dur=3, up;dur=995');
    expect(value).toMatch(/^(\w+;dur=\d+(\.\d{1,2})?(, )?)+$/);
  });
});
