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
  });
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  meter.read();
  rss.mockRestore();
  meter.stop();
  expect(JSON.stringify(recorder.takeDelta())).toContain('headgate_log_records_dropped_total');
});
