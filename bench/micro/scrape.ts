// What a scrape costs the primary: all families printed, with so many series in them as Prometheus counts them, each bucket one.
// Run: scripts/node node bench/micro/scrape.ts [series, 16000]
import { METRIC_FAMILIES } from '../../src/observability/metric-families.ts';
import { createMetricTotals } from '../../src/observability/metric-totals.ts';
import { createRecorder } from '../../src/observability/recorder.ts';
import { summarise } from './measure.ts';

const [wanted = 16_000] = process.argv.slice(2).map(Number);
const LINES = METRIC_FAMILIES.headgate_upstream_duration_seconds.buckets.length + 3;
const totals = createMetricTotals();
let series = 0;
for (let worker = 0; series < wanted; worker++) {
  const recorder = createRecorder();
  for (let n = 0; n < 500 && series < wanted; n++) {
    const labels = [`provider-${worker}`, `model-${n}`] as const;
    recorder.counter('headgate_cost_usd_total', labels).add(1);
    recorder.counter('headgate_unpriced_requests_total', labels).add(1);
    recorder.histogram('headgate_time_to_first_token_seconds', labels).observe(0.2);
    recorder.histogram('headgate_upstream_duration_seconds', labels).observe(1);
    // Two counters, and two histograms with a line for each bucket, +Inf, sum and count.
    series += 2 + 2 * LINES;
  }
  totals.merge(`w${worker}`, recorder.takeDelta());
}
const times: number[] = [];
let bytes = 0;
for (let round = 0; round < 15; round++) {
  const before = process.cpuUsage();
  bytes = (await totals.text()).length;
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) * 1_000);
}
const { medianNs, minNs, maxNs } = summarise(times);
const ms = (ns: number): string => (ns / 1e6).toFixed(0);
console.log(
  `${series} series, ${(bytes / 1e6).toFixed(1)} MB: ${ms(medianNs)} ms of CPU a scrape (${ms(minNs)} - ${ms(maxNs)})`,
);
