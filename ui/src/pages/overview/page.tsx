// Is it well, whose fault is it, what does it cost: a sentence, the lanes, six charts, and the greatest of each kind.
import { may } from '../../api/session.ts';
import { errorShare, type Stats } from '../../api/stats.ts';
import { useStats } from '../../api/use-stats.ts';
import { query, setQuery } from '../../app/router.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { LanesPanel } from '../providers/lanes-panel.tsx';
import { Charts } from './charts.tsx';
import { FirstCall } from './first-call.tsx';
import { Headline } from './headline.tsx';
import { Tops } from './tops.tsx';
import './overview.css';

const METRICS = [
  'requests',
  'ok',
  'cancelled',
  'errors.caller',
  'errors.policy',
  'errors.provider',
  'errors.gateway',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'costNano',
  'ttftMs.p50',
  'ttftMs.p95',
  'overheadMs.p99',
].join(',');

const BY = [
  ['', 'All'],
  ['model', 'Model'],
  ['provider', 'Provider'],
  ['key', 'Key'],
  ['team', 'Team'],
] as const;

export default function Overview() {
  const stats = useStats({ metrics: METRICS });
  const by = query.value.get('by') ?? '';
  if (stats.problem?.code === 'log_off') return <LogOff />;
  return (
    <div class="stack overview">
      {stats.data !== null && <Headline stats={stats.data} />}
      {may('cluster', 'read') && <LanesPanel />}
      {stats.problem !== null && <ErrorNote problem={stats.problem} again={stats.again} />}
      {stats.data === null && stats.problem === null && <Shape lines={8} />}
      {stats.data !== null && <Body stats={stats.data} by={by} />}
    </div>
  );
}

function Body({ stats, by }: { stats: Stats; by: string }) {
  if (stats.total.requests === 0 && errorShare(stats.total) === null) return <FirstCall />;
  return (
    <>
      <Tabs label="Charts by" tabs={BY} value={by} onPick={(value) => setQuery({ by: value })} />
      <Charts stats={stats} by={by} />
      <Tops />
    </>
  );
}

function LogOff() {
  return (
    <div class="stack">
      {may('cluster', 'read') && <LanesPanel />}
      <Empty title="There is no log to count">
        <p>
          This gateway keeps no request log, so there are no numbers over time. It is kept where the gatehouse
          has a folder to write to, unless the configuration switches it off. Prometheus still reads{' '}
          <a href="/metrics">/metrics</a>.
        </p>
      </Empty>
    </div>
  );
}
