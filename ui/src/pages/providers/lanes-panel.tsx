// The gate: each provider a lane, its slots in flight and what waits before it, its trouble as marks. Each second anew.
import { clusterProblem, useCluster } from '../../api/cluster.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { short } from '../../format/number.ts';
import { LaneRow } from './lane-row.tsx';
import './lanes.css';

export function LanesPanel() {
  const view = useCluster();
  if (view === null) return clusterProblem.value === null ? <div class="lanes-room" /> : null;
  const { lanes } = view;
  if (lanes.length === 0) return null;
  const sum = (field: 'inFlight' | 'queued' | 'streams'): number =>
    lanes.reduce((all, lane) => all + lane[field], 0);
  return (
    <section class="panel" aria-label="Lanes">
      <header>
        <h2>
          <Link to={placeOf('/providers')}>Lanes</Link>
        </h2>
        <span class="muted small">
          {clusterProblem.value === null
            ? `${short(sum('inFlight'))} in flight · ${short(sum('queued'))} waiting · ${short(sum('streams'))} ${sum('streams') === 1 ? 'stream' : 'streams'}`
            : 'as they were: the gateway does not answer'}
        </span>
      </header>
      <div class="lanes">
        {[...lanes]
          .sort((a, b) => a.provider.localeCompare(b.provider))
          .map((lane) => (
            <LaneRow key={lane.provider} lane={lane} />
          ))}
      </div>
    </section>
  );
}
