import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { hereMs, machineMs } from './machine-clock.ts';

it('is one clock for processes that were started at different times', async () => {
  const script = `const { machineMs } = await import(${JSON.stringify(new URL('./machine-clock.ts', import.meta.url).href)});
    process.stdout.write(String(machineMs(performance.now())));`;
  const before = machineMs(performance.now());
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  const after = machineMs(performance.now());
  expect(Number(stdout)).toBeGreaterThan(before);
  expect(Number(stdout)).toBeLessThan(after);
  expect(hereMs(machineMs(5))).toBeCloseTo(5);
});
