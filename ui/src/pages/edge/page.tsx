// Machines with an edge of ours: which there are, what is found on them, who may, and what they refused.
import { get } from '../../api/client.ts';
import type { EdgeCounts, EdgeOverview } from '../../api/edge.ts';
import { useLoad } from '../../api/load.ts';
import { query, setQuery } from '../../app/router.ts';
import { whole } from '../../format/number.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { DeviceDrawer } from './device-drawer.tsx';
import { Devices } from './devices.tsx';
import { Events } from './events.tsx';
import { Items } from './items.tsx';
import { Policy } from './policy.tsx';
import './edge.css';

const EVERY_MS = 15_000;
const VIEWS = [
  ['', 'Devices'],
  ['app', 'Apps'],
  ['server', 'MCP servers'],
  ['events', 'Events'],
  ['policy', 'Policy'],
] as const;

export default function Edge() {
  const { data, problem, again } = useLoad('edge', (signal) => get<EdgeOverview>('/api/edge', signal), {
    everyMs: EVERY_MS,
  });
  const params = query.value;
  const view = params.get('view') ?? '';
  const state = params.get('state') ?? '';
  const open = params.get('open');
  if (data === null)
    return problem === null ? <Shape lines={6} /> : <ErrorNote problem={problem} again={again} />;
  return (
    <div class="stack">
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      <div class="figures">
        <Figure name="Devices" view="" counts={data.devices} />
        <Figure name="Apps" view="app" counts={data.apps} />
        <Figure name="MCP servers" view="server" counts={data.servers} />
      </div>
      <div class="row">
        <Tabs
          label="View"
          tabs={VIEWS}
          value={view}
          onPick={(next) => setQuery({ view: next, state: null })}
        />
        {view !== 'policy' && view !== 'events' && (
          <select
            aria-label="State"
            class="edge-state"
            value={state}
            onChange={({ currentTarget }) => setQuery({ state: currentTarget.value })}
          >
            <option value="">Every state</option>
            <option value="pending">Pending</option>
            <option value="approved">Approved</option>
            <option value="denied">Denied</option>
          </select>
        )}
      </div>
      {view === '' && <Devices state={state} changed={again} />}
      {(view === 'app' || view === 'server') && (
        <Items key={view} type={view} state={state} changed={again} />
      )}
      {view === 'events' && <Events />}
      {view === 'policy' && <Policy changed={again} />}
      {open !== null && <DeviceDrawer id={open} close={() => setQuery({ open: null })} />}
    </div>
  );
}

function Figure({ name, view, counts }: { name: string; view: string; counts: EdgeCounts }) {
  const { pending, approved, denied } = counts;
  return (
    <div class="figure">
      <span class="muted small">{name}</span>
      <b>{whole(pending + approved + denied)}</b>
      <span class="muted small">
        {pending > 0 ? (
          <button type="button" class="link warn" onClick={() => setQuery({ view, state: 'pending' })}>
            {whole(pending)} to be decided
          </button>
        ) : (
          'nothing waits'
        )}
        {denied > 0 && ` · ${whole(denied)} denied`}
      </span>
    </div>
  );
}
