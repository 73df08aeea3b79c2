import { describe, expect, it } from 'vitest';
import { WindowMeter } from './window-meter.ts';

describe('window meter', () => {
  it('counts the windows of loads, and leaves warm-up and tail out', async () => {
    let cpu = 0;
    const meter = new WindowMeter(() => cpu);
    const { cpuMicros, result } = await meter.measure(1, async () => {
      cpu += 100; // warm-up
      meter.begin();
      cpu += 7;
      meter.end();
      cpu += 100; // tail
      meter.begin();
      cpu += 5;
      meter.end();
      return 'done';
    });
    expect([cpuMicros, result]).toEqual([12, 'done']);
  });

  it('counts all where there is no load', async () => {
    let cpu = 50;
    const meter = new WindowMeter(() => cpu);
    const { cpuMicros } = await meter.measure(1, async () => {
      cpu += 30;
    });
    expect(cpuMicros).toBe(30);
  });

  it('takes loads at the same time as one window', async () => {
    let cpu = 0;
    const meter = new WindowMeter(() => cpu);
    const { cpuMicros } = await meter.measure(1, async () => {
      meter.begin();
      cpu += 1;
      meter.begin();
      cpu += 1;
      meter.end();
      cpu += 1;
      meter.end();
    });
    expect(cpuMicros).toBe(3);
  });
});
