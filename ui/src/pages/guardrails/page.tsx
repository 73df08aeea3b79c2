// Which guardrails there are, what they did with the calls of a time, how plugins are, and how to turn them on.
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { useStats } from '../../api/use-stats.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { percent, whole } from '../../format/number.ts';
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { type Deed, deedsOf } from './deeds.ts';
import { Plugins } from './plugins.tsx';
import { readGuardrails } from './rules.ts';
import { Rules } from './rules-table.tsx';

const TOP = '100';
const ON = `guardrails:
  - name: pii
    action: redact
    checks: [{ type: pii }, { type: secrets }]
`;

export default function Guardrails() {
  const { data, problem, again } = useStats({ group: 'guardrail', top: TOP, metrics: 'requests' });
  const all = useStats({ metrics: 'requests' });
  const configured = useLoad(may('config', 'read') ? 'guardrails' : null, readGuardrails);
  const rules = configured.data ?? [];
  const deeds = data === null ? [] : deedsOf(data.groups);
  return (
    <div class="stack">
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      {data === null && problem === null && <Shape lines={6} />}
      {rules.length > 0 && <Rules rules={rules} />}
      {data !== null && deeds.length === 0 && <Quiet on={rules.length > 0} />}
      {data !== null && deeds.length > 0 && <Deeds deeds={deeds} of={all.data?.total.requests ?? null} />}
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

const LOOKS: Readonly<Record<string, string>> = {
  block: 'bad',
  error: 'bad',
  mask: 'warn',
  unchecked: 'warn',
};

function Deeds({ deeds, of }: { deeds: readonly Deed[]; of: number | null }) {
  return (
    <section class="panel">
      <header>
        <h2>What they did</h2>
        <span class="muted small">
          with the {whole(of)} calls of this window; a call may count in several lines
        </span>
      </header>
      <div class="table-wrap">
        <table class="tight">
          <thead>
            <tr>
              <th>Guardrail</th>
              <th>Where</th>
              <th>Action</th>
              <th class="num">Calls</th>
              <th class="num">Share</th>
            </tr>
          </thead>
          <tbody>
            {deeds.map(({ name, at, action, count, value }) => (
              <tr key={value}>
                <td>
                  <span class="clip">{name}</span>
                </td>
                <td>{at}</td>
                <td>
                  <span class={LOOKS[action] ?? ''}>{action}</span>
                </td>
                <td class="num">
                  <Link to={placeOf('/logs', { guardrail: value })} title="These calls in the log">
                    {whole(count)}
                  </Link>
                </td>
                <td class="num">{of === null ? '–' : percent(count / of)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
