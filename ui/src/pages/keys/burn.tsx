// What one of them used, day by day.
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { errorShare, type Stats } from '../../api/stats.ts';
import { money } from '../../format/money.ts';
import { percent, short } from '../../format/number.ts';
import { Chart } from '../../parts/chart.tsx';
import type { Kind } from './objects.ts';

export function Burn({ kind, name }: { kind: Kind; name: string }) {
  const url = `/api/stats?since=30d&step=day&metrics=costNano,requests&${kind}=${encodeURIComponent(name)}`;
  const { data } = useLoad(may('log', 'read') ? url : null, (signal) => get<Stats>(url, signal));
  if (data === null) return null;
  const { total, starts, groups } = data;
  return (
    <section>
      <h3>Last 30 days</h3>
      <p class="small muted">
        {short(total.requests)} calls, {percent(errorShare(total))} failed, {short(total.inputTokens)} tokens
        in, {short(total.outputTokens)} out
      </p>
      <Chart
        title="Cost"
        unit="USD per day"
        headline={money(total.costNano)}
        starts={starts}
        stacked
        format={money}
        series={[{ label: 'cost', color: '--s1', values: groups[0]?.series['costNano'] ?? [] }]}
      />
    </section>
  );
}
