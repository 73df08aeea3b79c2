// The last day of the primary and its workers as charts.
import type { ClusterHistory } from '../../api/cluster-history.ts';
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { bytes, whole } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Chart } from '../../parts/chart.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { increments, linesOf, peakOf } from './lines.ts';

const EVERY_MS = 60_000;

export function History() {
  const url = '/api/cluster/history';
  const { data, problem, again } = useLoad(url, (signal) => get<ClusterHistory>(url, signal), {
    everyMs: EVERY_MS,
  });
  if (data === null)
    return problem === null ? <Shape lines={4} /> : <ErrorNote problem={problem} again={again} />;
  const { since, starts, stepMs, processes } = data;
  // One point is no line.
  if (since === null || starts.length < 2)
    return <p class="muted">Charts of the last 24 hours begin here with the second minute.</p>;
  const workers = processes.filter(({ worker }) => worker !== null);
  const delays = linesOf(workers, 'loopDelayMs');
  const memory = linesOf(processes, 'memoryBytes');
  const connections = linesOf(workers, 'connections');
  const restarts = linesOf(workers, 'restarts').map((line) => ({ ...line, values: increments(line.values) }));
  const highest = (lines: typeof delays): number => Math.max(0, ...lines.map(({ values }) => peakOf(values)));
  const restarted = restarts.reduce(
    (all, { values }) => all + values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
    0,
  );
  const chart = { starts, zoom: false } as const;
  return (
    <section class="stack" aria-label="The last 24 hours">
      <h2>
        The last 24 hours{' '}
        <span class="muted small plain-words">
          highest of each {span(stepMs)}; kept in memory, since <Time at={since} />
        </span>
      </h2>
      <div class="grid-pairs">
        <Chart
          {...chart}
          title="Event loop delay"
          unit="p95"
          headline={span(highest(delays))}
          format={span}
          series={delays}
        />
        <Chart
          {...chart}
          title="Memory"
          unit="resident"
          headline={bytes(highest(memory))}
          format={bytes}
          series={memory}
        />
        <Chart
          {...chart}
          title="Connections"
          unit="of clients"
          headline={whole(highest(connections))}
          format={whole}
          series={connections}
        />
        <Chart
          {...chart}
          title="Restarts"
          unit={`per ${span(stepMs)}`}
          headline={whole(restarted)}
          format={whole}
          stacked
          series={restarts}
        />
      </div>
    </section>
  );
}
