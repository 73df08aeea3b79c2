// The gate: each provider a lane, its slots in flight and what waits before it, its trouble as marks. Each second anew.
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { short } from '../../format/number.ts';
import { useLanes } from './lanes.ts';
import { LaneRow } from './lane-row.tsx';
import './lanes.css';

export function LanesPanel() {
  const { lanes, problem } = useLanes();
  if (lanes === null) return problem === null ? <div class="lanes-room" /> : null;
  if (lanes.length === 0) return null;
  const inFlight = lanes.reduce((sum, lane) => sum + lane.inFlight, 0);
  const waiting = lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  return (
    <section class="panel" aria-label="Lanes">
      <header>
        <h2>
          <Link to={placeOf('/providers')}>Lanes</Link>
        </h2>
        <span class="muted small">
          {short(inFlight)} in flight · {short(waiting)} waiting
        </span>
      </header>
      <div class="lanes">
        {lanes.map((lane) => (
          <LaneRow key={lane.name} lane={lane} />
        ))}
      </div>
    </section>
  );
}
