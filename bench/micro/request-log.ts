// What the request log costs a worker for each call: its record, and its part of a segment, packed.
// Run: scripts/node node bench/micro/request-log.ts
import { Packer } from '../../src/observability/requests/packer.ts';
import { packCall, SegmentTable } from '../../src/observability/requests/record.ts';
import { packSegment } from '../../src/observability/requests/segment.ts';
import { attempt, settledCall } from '../../src/observability/settled-call.fixture.ts';
import { measure, report } from './measure.ts';

const CALLS = 256;
const usage = {
  input: 812,
  cacheRead: 512,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: 96,
  reasoning: null,
};
const call = settledCall({ usage, stop: 'end', attempts: [attempt({ usage })] });
for (const name of [
  'host',
  'user-agent',
  'content-type',
  'accept',
  'content-length',
  'connection',
  'x-stainless-lang',
  'x-stainless-os',
])
  call.head.headers.add(name, 'value');
const table = new SegmentTable();
const records = new Packer();
const where = { node: 'gate-a', worker: 0 };

report(
  'a record',
  measure(() => {
    records.clear();
    packCall(records, call, 1_764_000_000_000, table);
    return records.length;
  }),
);
const whole = measure(() => {
  records.clear();
  for (let at = 0; at < CALLS; at++) packCall(records, call, 1_764_000_000_000 + at, table);
  const bytes = packSegment(where, table, records.all(), CALLS, []);
  table.clear();
  return bytes.length;
});
report('a call, its part of a segment', {
  medianNs: whole.medianNs / CALLS,
  minNs: whole.minNs / CALLS,
  maxNs: whole.maxNs / CALLS,
});
