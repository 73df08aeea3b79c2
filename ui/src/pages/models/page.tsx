// Models and where their calls go: drawn as a plan, changed, tried.
import { useState } from 'preact/hooks';
import { type ClusterView, useCluster } from '../../api/cluster.ts';
import { type ConfigState, readConfig } from '../../api/config.ts';
import { readPrices } from '../../api/prices.ts';
import { useLoad } from '../../api/load.ts';
import { useStats } from '../../api/use-stats.ts';
import { Link } from '../../app/link.tsx';
import { placeOf, query } from '../../app/router.ts';
import { money } from '../../format/money.ts';
import { short } from '../../format/number.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';
import { Shape } from '../../parts/shape.tsx';
import { NotManaged } from '../config/not-managed.tsx';
import { ModelForm } from './model-form.tsx';
import { Plan } from './plan.tsx';
import { modelsIn, planOf } from './plan-of.ts';
import { TryRoute } from './try-route.tsx';
import './models.css';

export default function Models() {
  const config = useLoad('config', readConfig);
  const used = useStats({ group: 'model', top: '100', metrics: 'requests' });
  const named = targetNames(config.data);
  const prices = useLoad(named.length === 0 ? null : named.join(','), (signal) => readPrices(named, signal));
  const [editing, edit] = useState<string | null>(null);
  const cluster = useCluster();
  const { data, problem } = config;
  if (problem !== null && problem.status !== 404) return <ErrorNote problem={problem} again={config.again} />;
  if (data === null && problem === null) return <Shape lines={6} />;
  const models = modelsOf(data);
  const names = Object.keys(models).sort();
  const sought = query.value.get('model');
  return (
    <div class="stack">
      <div class="row apart">
        <span class="muted">
          {names.length} {names.length === 1 ? 'model has a plan' : 'models have plans'}. Every model of a
          provider can also be called as <code>provider/model</code>.
        </span>
        {data !== null && (
          <Gated resource="config" verb="update" class="main" onClick={() => edit('')}>
            New model
          </Gated>
        )}
      </div>
      {data === null && <NotManaged />}
      <div class="grid2">
        {names.map((name) => {
          const group = used.data?.groups.find(({ value }) => value === name);
          const inFile = data?.file.models.includes(name) === true;
          return (
            <section
              key={name}
              class={name === sought ? 'panel sought' : 'panel'}
              ref={name === sought ? show : null}
            >
              <header>
                <h2 class="mono clip">{name}</h2>
                <span class="muted small">
                  {group === undefined
                    ? 'no calls'
                    : `${short(group.total.requests)} calls, ${money(group.total.costNano)}`}
                </span>
                <Link to={placeOf('/logs', { model: name })}>Calls</Link>
                <Gated
                  resource="config"
                  verb="update"
                  class="small"
                  reason={inFile ? 'It stands in the configuration file: change it there.' : ''}
                  onClick={() => edit(name)}
                >
                  Edit
                </Gated>
              </header>
              <Plan name={name} plan={planOf(models[name] ?? {})} prices={prices.data} />
            </section>
          );
        })}
      </div>
      <TryRoute names={names} />
      {editing !== null && data !== null && (
        <ModelForm
          name={editing}
          before={editing === '' ? null : (data.managed.models?.[editing] ?? null)}
          names={[...named, ...lanesOf(cluster)]}
          close={() => edit(null)}
          done={() => {
            edit(null);
            config.again();
          }}
        />
      )}
    </div>
  );
}

/** The one that was sought is brought into sight, once. */
function show(place: HTMLElement | null): void {
  place?.scrollIntoView({ block: 'nearest' });
}

function modelsOf(data: ConfigState | null): ReturnType<typeof modelsIn> {
  return { ...modelsIn(data?.effective.models), ...modelsIn(data?.managed.models) };
}

/** The beginning of a name is known where there is a provider. */
const lanesOf = (view: ClusterView | null): string[] =>
  (view?.lanes ?? []).map(({ provider }) => `${provider}/`);

/** Each target once, in a steady order. */
function targetNames(data: ConfigState | null): string[] {
  const targets = Object.values(modelsOf(data)).flatMap((entry) => planOf(entry).arms);
  return [...new Set(targets.map(({ to }) => to).filter((name) => name.includes('/')))].sort();
}
