// Plugins: whether each is on, why not, and what it did within the last minute.
import { type PluginView, useCluster } from '../../api/cluster.ts';
import { whole } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Time } from '../../parts/time.tsx';

const WHY = { start: 'could not be started', errors: 'failed too often', '': '' } as const;

/** Nothing where there are none. */
export function Plugins() {
  const plugins = useCluster()?.plugins ?? [];
  if (plugins.length === 0) return null;
  return (
    <section class="panel">
      <header>
        <h2>Plugins</h2>
        <span class="muted small">calls and times of the last {span(plugins[0]!.windowMs)}</span>
      </header>
      <div class="table-wrap">
        <table class="tight">
          <thead>
            <tr>
              <th>Plugin</th>
              <th>State</th>
              <th>Runs</th>
              <th>Hooks</th>
              <th class="num">Workers</th>
              <th class="num">Calls</th>
              <th class="num">Failed</th>
              <th class="num">Passed by</th>
              <th class="num">p50, p95</th>
            </tr>
          </thead>
          <tbody>
            {plugins.map((plugin) => (
              <Row key={plugin.name} plugin={plugin} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ plugin }: { plugin: PluginView }) {
  const { name, mode, state, hooks, reason, fault, since, workers, calls, errors, timeouts, passedBy } =
    plugin;
  const well = reason === '';
  return (
    <tr>
      <td>
        <span class="clip">{name}</span>
      </td>
      <td>
        <span class={`dot ${well ? 'ok' : 'bad'}`}>{state}</span>
        {!well && (
          <div class="small muted">
            {WHY[reason]} <Time at={since} relative />
            {fault !== '' && <div class="clip">{fault}</div>}
          </div>
        )}
      </td>
      <td>{mode}</td>
      <td>
        <span class="clip mono small">{hooks.join(', ')}</span>
      </td>
      <td class={`num ${workers.on < workers.of ? 'bad' : ''}`}>
        {workers.on} of {workers.of}
      </td>
      <td class="num">{whole(calls)}</td>
      <td
        class={`num ${errors + timeouts > 0 ? 'bad' : ''}`}
        title={`${whole(errors)} failed, ${whole(timeouts)} took too long`}
      >
        {whole(errors + timeouts)}
      </td>
      <td class={`num ${passedBy > 0 ? 'warn' : ''}`}>{whole(passedBy)}</td>
      <td class="num">
        {span(plugin.p50Ms)} · {span(plugin.p95Ms)}
      </td>
    </tr>
  );
}
