// Six charts: all together, or three of them by model, provider, key or team.
import { type Cell, errorsOf, type Group, type Stats } from '../../api/stats.ts';
import { useStats } from '../../api/use-stats.ts';
import { money } from '../../format/money.ts';
import { short } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Chart, type Series } from '../../parts/chart.tsx';

const COLORS = ['--s1', '--s2', '--s3', '--s4', '--s5', '--s6'] as const;
const OTHERS = '--s8';

export function Charts({ stats, by }: { stats: Stats; by: string }) {
  const { starts, total } = stats;
  const all = stats.groups[0];
  const line = (metric: string, label: string, color: string): Series => ({
    label,
    color,
    values: all?.series[metric] ?? [],
  });
  const step = `per ${stats.step}`;
  return (
    <div class="grid3 charts">
      {by === '' ? (
        <Chart
          title="Requests"
          unit={step}
          headline={short(total.requests)}
          starts={starts}
          stacked
          format={short}
          series={[
            line('ok', 'ok', '--ok'),
            line('cancelled', 'left by the caller', '--off'),
            { label: 'failed', color: '--bad', values: failures(all) },
          ]}
        />
      ) : (
        <Split
          by={by}
          metric="requests"
          title="Requests"
          unit={step}
          format={short}
          headline={short(total.requests)}
        />
      )}
      <Chart
        title="Errors by owner"
        unit={step}
        headline={short(errorsOf(total))}
        starts={starts}
        stacked
        format={short}
        series={[
          line('errors.caller', 'caller', '--caller'),
          line('errors.policy', 'policy', '--policy'),
          line('errors.provider', 'provider', '--provider'),
          line('errors.gateway', 'gateway', '--gateway'),
        ]}
      />
      {by === '' ? (
        <Chart
          title="Tokens"
          unit={step}
          headline={short(total.inputTokens + total.outputTokens)}
          starts={starts}
          stacked
          format={short}
          series={[line('inputTokens', 'input', '--s2'), line('outputTokens', 'output', '--s1')]}
        />
      ) : (
        <Split
          by={by}
          metric="outputTokens"
          title="Output tokens"
          unit={step}
          format={short}
          headline={short(total.outputTokens)}
        />
      )}
      {by === '' ? (
        <Chart
          title="Cost"
          unit={`USD ${step}`}
          headline={money(total.costNano)}
          starts={starts}
          stacked
          format={money}
          series={[line('costNano', 'cost', '--s1')]}
        />
      ) : (
        <Split
          by={by}
          metric="costNano"
          title="Cost"
          unit={`USD ${step}`}
          format={money}
          headline={money(total.costNano)}
        />
      )}
      <Chart
        title="Time to first token"
        unit="ms"
        headline={span(total.ttftMs.p95)}
        starts={starts}
        format={span}
        series={[line('ttftMs.p50', 'p50', '--s2'), line('ttftMs.p95', 'p95', '--s1')]}
      />
      <Chart
        title="Our overhead"
        unit="ms, p99"
        headline={span(total.overheadMs.p99)}
        starts={starts}
        format={span}
        series={[line('overheadMs.p99', 'p99', '--gateway')]}
      />
    </div>
  );
}

interface SplitProps {
  by: string;
  metric: keyof Cell & string;
  title: string;
  unit: string;
  headline: string;
  format: (value: number | null) => string;
}

function Split({ by, metric, title, unit, headline, format }: SplitProps) {
  const { data } = useStats({ group: by, top: '6', by: metric, metrics: metric });
  const groups = (data?.groups ?? []).filter(({ total }) => Number(total[metric]) > 0);
  return (
    <Chart
      title={`${title} by ${by}`}
      unit={unit}
      headline={headline}
      starts={data?.starts ?? []}
      stacked
      format={format}
      series={groups.map(
        ({ value, series }, index): Series => ({
          label: value === null ? 'others' : value === '' ? `no ${by}` : value,
          color: value === null ? OTHERS : (COLORS[index] ?? OTHERS),
          values: series[metric] ?? [],
        }),
      )}
    />
  );
}

function failures(group: Group | undefined): (number | null)[] {
  const series = ['caller', 'policy', 'provider', 'gateway'].map(
    (owner) => group?.series[`errors.${owner}`] ?? [],
  );
  return (series[0] ?? []).map((_, index) => series.reduce((sum, values) => sum + (values[index] ?? 0), 0));
}
