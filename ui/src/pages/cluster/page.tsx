// The machines and processes, as they are now.
import { cluster, clusterProblem, type NodeView, useCluster } from '../../api/cluster.ts';
import { whyNot } from '../../api/session.ts';
import { bytes, whole } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { Backup } from './backup.tsx';
import { History } from './history.tsx';

const LOOKS: Readonly<Record<string, string>> = {
  ok: 'ok',
  up: 'ok',
  serving: 'ok',
  off: 'off',
  degraded: 'warn',
  partly: 'warn',
  draining: 'warn',
  configuring: 'warn',
  loading: 'warn',
  unknown: 'off',
  down: 'bad',
  gone: 'bad',
};

export default function Cluster() {
  const view = useCluster();
  const problem = clusterProblem.value;
  if (view === null)
    return problem === null ? (
      <Shape lines={6} />
    ) : (
      <ErrorNote problem={problem} again={() => location.reload()} />
    );
  const { nodes, redis, store, config, version, status = nodes[0]?.status ?? 'ok' } = view;
  return (
    <div class="stack">
      {problem !== null && <p class="note warn-note">The gateway does not answer. This is how it was.</p>}
      <div class="figures">
        <Figure name="Gateway" value={status} more={`version ${version}`} />
        <Figure
          name="Configuration"
          value={`version ${config?.version ?? nodes[0]?.configVersion ?? '–'}`}
          more={behind(config?.workersBehind)}
          plain
        />
        <Figure
          name="Redis"
          value={redis.state}
          more={
            redis.state === 'off' ? 'limits are counted by this gateway alone' : 'shared limits and cache'
          }
        />
        <Figure name="Store" value={store.state} more={store.kind === 'postgres' ? 'PostgreSQL' : 'SQLite'} />
      </div>
      {config?.lastReload !== undefined && config.lastReload !== null && !config.lastReload.ok && (
        <p class="note bad-note">
          The last configuration was refused <Time at={config.lastReload.at} relative />:{' '}
          {config.lastReload.problems} problems, in the gateway’s log. The one before goes on.
        </p>
      )}
      {nodes.map((node) => (
        <Node key={`${node.name}/${node.pid}`} node={node} />
      ))}
      <History />
      <Backup reason={whyNot('config', 'update')} kind={store.kind} />
      <p class="muted small">
        As of <Time at={cluster.value?.at} />, each second anew.
      </p>
    </div>
  );
}

function Figure({
  name,
  value,
  more,
  plain = false,
}: {
  name: string;
  value: string;
  more: string;
  plain?: boolean;
}) {
  return (
    <div class="figure">
      <span class="muted small">{name}</span>
      <b class={plain ? '' : `dot ${LOOKS[value] ?? ''}`}>{value}</b>
      <span class="muted small">{more}</span>
    </div>
  );
}

function Node({ node }: { node: NodeView }) {
  return (
    <section class="panel">
      <header>
        <h2>{node.name}</h2>
        <span class="muted small">
          up {span(node.uptimeMs)} · primary {bytes(node.memoryBytes)} · {whole(node.restarts)}{' '}
          {node.restarts === 1 ? 'restart' : 'restarts'} · version {node.version}
        </span>
      </header>
      <div class="table-wrap">
        <table class="tight">
          <thead>
            <tr>
              <th>Worker</th>
              <th>State</th>
              <th class="num">Up</th>
              <th class="num">Connections</th>
              <th class="num">Memory</th>
              <th class="num">Loop delay p50, p95</th>
              <th class="num">Restarts</th>
              <th class="num">Config</th>
              <th class="num">Process</th>
            </tr>
          </thead>
          <tbody>
            {node.workers.map((worker) => (
              <tr key={worker.pid}>
                <td>{worker.index}</td>
                <td>
                  <span class={`dot ${LOOKS[worker.state] ?? ''}`}>{worker.state}</span>
                </td>
                <td class="num">{span(worker.uptimeMs)}</td>
                <td class="num">{whole(worker.connections)}</td>
                <td class="num">{bytes(worker.memoryBytes)}</td>
                <td class="num">
                  {worker.loopDelayMs === null
                    ? '–'
                    : `${span(worker.loopDelayMs.p50)} · ${span(worker.loopDelayMs.p95)}`}
                </td>
                <td class={`num ${worker.restarts > 0 ? 'warn' : ''}`}>{whole(worker.restarts)}</td>
                <td class={`num ${worker.configVersion === node.configVersion ? '' : 'warn'}`}>
                  {worker.configVersion}
                </td>
                <td class="num muted">{worker.pid}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function behind(workers: number | undefined): string {
  if (workers === undefined || workers === 0) return 'in force on all workers';
  return `${workers} ${workers === 1 ? 'worker is' : 'workers are'} behind`;
}
