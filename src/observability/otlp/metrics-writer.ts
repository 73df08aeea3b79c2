// A metric family as OpenTelemetry has it, under its name for Prometheus, so that a board works with either
// (opentelemetry/proto/metrics/v1). Counts are cumulative since the primary began.
import type { ProtobufWriter } from '../../wire/protobuf.ts';
import type { MetricReading, MetricSeries } from '../metric-totals.ts';
import { textAttribute } from './common.ts';

/** `metrics` of ScopeMetrics. */
const METRIC = 2;
const CUMULATIVE = 2;
const NUMBER_ATTRIBUTE = 7;
const HISTOGRAM_ATTRIBUTE = 9;

/** @param start @param now in ns since 1970. @returns number of its series. */
export function writeMetric(
  to: ProtobufWriter,
  { name, row, series, unit = unitOf(name) }: MetricReading & { readonly unit?: string },
  start: bigint,
  now: bigint,
): number {
  const metric = to.begin(METRIC);
  to.text(1, name);
  to.text(2, row.help);
  if (unit !== '') to.text(3, unit);
  const data = to.begin(row.type === 'gauge' ? 5 : row.type === 'counter' ? 7 : 9);
  let points = 0;
  for (const one of series) {
    points++;
    const point = to.begin(1);
    if (row.type !== 'gauge') to.fixed64(2, start);
    to.fixed64(3, now);
    if (row.type === 'histogram') histogram(to, one, row.buckets ?? []);
    else {
      to.double(4, one.value);
      labels(to, NUMBER_ATTRIBUTE, one);
    }
    to.end(point);
  }
  if (row.type !== 'gauge') to.uint(2, CUMULATIVE);
  if (row.type === 'counter') to.bool(3, true);
  to.end(data);
  to.end(metric);
  return points;
}

function histogram(to: ProtobufWriter, one: MetricSeries, bounds: readonly number[]): void {
  to.fixed64(4, BigInt(one.count));
  to.double(5, one.sum);
  to.packedFixed64(6, one.counts);
  to.packedDouble(7, bounds);
  labels(to, HISTOGRAM_ATTRIBUTE, one);
}

function labels(to: ProtobufWriter, field: number, one: MetricSeries): void {
  for (const [key, value] of Object.entries(one.labels)) textAttribute(to, field, key, value);
}

/** In the words of UCUM. */
function unitOf(name: string): string {
  const base = name.replace(/_total$/, '');
  if (base.endsWith('_seconds')) return 's';
  if (base.endsWith('_bytes')) return 'By';
  if (base.endsWith('_usd')) return 'USD';
  return '';
}
