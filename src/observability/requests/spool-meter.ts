// What the request log lost, and what waits to be read.
import type { RequestSpool } from '../../contracts/gateway.ts';
import type { CounterHandle, GaugeHandle, Recorder } from '../recorder.ts';

/** Reads it now and then; series are made once there is a spool. */
export function createSpoolMeter(recorder: Recorder): (spool: RequestSpool | null) => void {
  let dropped: CounterHandle | null = null;
  let bytes: GaugeHandle | null = null;
  let last: RequestSpool | null = null;
  let before = 0;
  return (spool) => {
    if (spool === null) {
      bytes?.set(0);
      return;
    }
    if (spool !== last) before = 0;
    last = spool;
    const { counts } = spool;
    dropped ??= recorder.counter('headgate_log_records_dropped_total', ['requests']);
    bytes ??= recorder.gauge('headgate_log_queue_bytes', ['requests']);
    if (counts.dropped > before) dropped.add(counts.dropped - before);
    before = counts.dropped;
    bytes.set(counts.bytes);
  };
}
