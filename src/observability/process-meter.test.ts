import { expect, test, vi } from 'vitest';
import { createProcessMeter } from './process-meter.ts';
import { createRecorder } from './recorder.ts';

test('memory that cannot be read ends nothing, and dropped lines are still counted', () => {
  const recorder = createRecorder();
  const meter = createProcessMeter({
    recorder,
    clock: { now: () => 0, wall: () => 0 },
    worker: '0',
    droppedLogLines: () => 3,
    connections: () => 0,
    descriptors: { limit: null, count: () => null, held: () => 0, near: () => undefined },
  });
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  meter.read();
  rss.mockRestore();
  meter.stop();
  expect(JSON.stringify(recorder.takeDelta())).toContain('headgate_log_records_dropped_total');
});

test('descriptors are said to run short once, and again after they did not', () => {
  const said: number[] = [];
  let open = 50;
  const meter = createProcessMeter({
    recorder: createRecorder(),
    clock: { now: () => 0, wall: () => 0 },
    worker: '0',
    droppedLogLines: () => 0,
    connections: () => 0,
    descriptors: { limit: 100, count: () => open, held: () => 10, near: (used) => void said.push(used) },
  });
  for (open of [50, 79, 80, 95, 75, 85, 69, 81]) meter.read();
  meter.stop();
  expect(said).toEqual([70, 71]);
});
