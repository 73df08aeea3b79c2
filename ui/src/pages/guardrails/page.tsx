// Which guardrails there are, what they did with the last calls, how plugins are, and how to turn them on.
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { LogPage } from '../../api/logs.ts';
import { may } from '../../api/session.ts';
import { windowQuery } from '../../api/use-stats.ts';
import { Link } from '../../app/link.tsx';
import { percent, whole } from '../../format/number.ts';
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { type Deed, deedsOf } from './deeds.ts';
import { Plugins } from './plugins.tsx';
import { readGuardrails } from './rules.ts';
import { Rules } from './rules-table.tsx';

const LOOKED_AT = 500;
const ON = `guardrails:
  - name: pii
    action: redact
    checks: [{ type: pii }, { type: secrets }]
`;

export default function Guardrails() {
  const params = new URLSearchParams({ ...windowQuery(), limit: String(LOOKED_AT), facets: 'false' });
  const url = `/api/logs?${params.toString()}`;
  const { data, problem, again } = useLoad(url, (signal) => get<LogPage>(url, signal), { fresh: url });
  const configured = useLoad(may('config', 'read') ? 'guardrails' : null, readGuardrails);
  const rules = configured.data ?? [];
  const deeds = data === null ? [] : deedsOf(data.rows);
  return (
    <div class="stack">
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      {data === null && problem === null && <Shape lines={6} />}
      {rules.length > 0 && <Rules rules={rules} />}
      {data !== null && deeds.length === 0 && <Quiet on={rules.length > 0} />}
      {data !== null && deeds.length > 0 && <Deeds deeds={deeds} of={data.rows.length} />}
      {may('cluster', 'read') && <Plugins />}
    </div>
  );
}

/** Nothing was done: because there are none, or because nothing made them act. */
function Quiet({ on }: { on: boolean }) {
  if (on)
    return (
      <Empty title="No guardrail did anything in this window">
        <p>
          Nothing made them act, or nobody called. What they do stands here and with each call in the log.
        </p>
      </Empty>
    );
  return (
    <Empty title="There are no guardrails">
      <p>
        Guardrails look at what goes in and comes out: they can block it, mask parts of it, or only note it.
        Once the configuration has some, they are listed here with what each of them did.
      </p>
      <Code snippets={[{ language: 'headgate.yaml', text: ON }]} />
      <p>
        <Link to="/config">Go to the configuration.</Link> Keys and teams may have some of their own.
      </p>
    </Empty>
  );
}

function Deeds({ deeds, of }: { deeds: readonly Deed[]; of: number }) {
  return (
    <section class="panel">
      <header>
        <h2>What they did</h2>
        <span class="muted small">in the last {whole(of)} calls of this window</span>
      </header>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Guardrail</th>
              <th>Where</th>
              <th>Action</th>
              <th class="num">Calls</th>
              <th class="num">Share</th>
              <th>The last one</th>
            </tr>
          </thead>
          <tbody>
            {deeds.map(({ name, at, action, count, call }) => (
              <tr key={`${name} ${at} ${action}`}>
                <td>
                  <span class="clip">{name}</span>
                </td>
                <td>{at}</td>
                <td>
                  <span class={action === 'block' ? 'bad' : action === 'mask' ? 'warn' : ''}>{action}</span>
                </td>
                <td class="num">{whole(count)}</td>
                <td class="num">{percent(count / of)}</td>
                <td>
                  <Link to={`/logs?open=${encodeURIComponent(call)}`} class="clip mono">
                    {call}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
