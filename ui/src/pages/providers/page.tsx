// Every provider as a lane, and one of them opened: its keys and their rests, its models' trouble, what it did.
import { useState } from 'preact/hooks';
import { clusterProblem, useCluster } from '../../api/cluster.ts';
import { readConfig } from '../../api/config.ts';
import { useLoad } from '../../api/load.ts';
import { go, path, placeOf } from '../../app/router.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';
import { Shape } from '../../parts/shape.tsx';
import { LaneRow } from './lane-row.tsx';
import { ProviderDrawer } from './provider-drawer.tsx';
import { ProviderForm } from './provider-form.tsx';
import './lanes.css';

const UNMANAGED = 'This gateway’s providers stand in its file: change them there.';

export default function Providers() {
  const view = useCluster();
  const config = useLoad('config', readConfig);
  const [adding, add] = useState(false);
  const problem = clusterProblem.value;
  const name = decodeURIComponent(path.value.split('/')[2] ?? '');
  if (view === null)
    return problem === null ? (
      <Shape lines={6} />
    ) : (
      <ErrorNote problem={problem} again={() => location.reload()} />
    );
  const lanes = [...view.lanes].sort((a, b) => a.provider.localeCompare(b.provider));
  const lane = lanes.find(({ provider }) => provider === name);
  const reason = config.problem?.status === 404 ? UNMANAGED : '';
  return (
    <div class="stack">
      <div class="row apart">
        <span class="muted">
          {lanes.length} {lanes.length === 1 ? 'provider' : 'providers'}. What waits stands before the gate,
          what is under way behind it.
        </span>
        <Gated resource="config" verb="update" class="main" reason={reason} onClick={() => add(true)}>
          Add a provider
        </Gated>
      </div>
      {lanes.length === 0 ? (
        <Empty title="No provider yet">
          <p>A provider and a key for it are all that calls need.</p>
        </Empty>
      ) : (
        <section class="panel" aria-label="Lanes">
          <div class="lanes">
            {lanes.map((one) => (
              <LaneRow key={one.provider} lane={one} />
            ))}
          </div>
        </section>
      )}
      {lane !== undefined && (
        <ProviderDrawer
          lane={lane}
          config={config.data}
          reason={reason}
          again={config.again}
          close={() => go(placeOf('/providers'))}
        />
      )}
      {adding && (
        <ProviderForm
          close={() => add(false)}
          done={(made) => {
            add(false);
            config.again();
            go(placeOf(`/providers/${encodeURIComponent(made)}`));
          }}
        />
      )}
    </div>
  );
}
