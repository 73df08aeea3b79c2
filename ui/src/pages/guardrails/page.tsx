// What guardrails did with the last calls, and how to turn them on.
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { LogPage } from '../../api/logs.ts';
import { windowQuery } from '../../api/use-stats.ts';
import { Link } from '../../app/link.tsx';
import { percent, whole } from '../../format/number.ts';
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { deedsOf } from './deeds.ts';

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
  if (problem !== null && data === null) return <ErrorNote problem={problem} again={again} />;
  if (data === null) return <Shape lines={6} />;
  const deeds = deedsOf(data.rows);
  if (deeds.length === 0)
    return (
      <Empty title="No guardrail did anything in this window">
        <p>
          Guardrails look at what goes in and comes out: they can block it, mask parts of it, or only note it.
          They are off until the configuration has some; then what each of them did is counted here and stands
          with every call in the log.
        </p>
        <Code snippets={[{ language: 'headgate.yaml', text: ON }]} />
        <p>
          <Link to="/config">Go to the configuration.</Link> If there are some already, nothing made them act.
        </p>
      </Empty>
    );
  return (
    <section class="panel">
      <header>
        <h2>What they did</h2>
        <span class="muted small">in the last {whole(data.rows.length)} calls of this window</span>
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
                <td class="num">{percent(count / data.rows.length)}</td>
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
