// All budgets and limits that have one counter, and whose calls were refused by some of them in the last day.
import { readStandings } from '../../api/budgets.ts';
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { Stats } from '../../api/stats.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { money } from '../../format/money.ts';
import { percent, short } from '../../format/number.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Budget, Limit } from './standing.tsx';

const EVERY_MS = 10_000;
const TOP = 50;

export function BudgetsView() {
  const { data, problem, again } = useLoad('standings', (signal) => readStandings('', signal), {
    everyMs: EVERY_MS,
  });
  return (
    <div class="grid2">
      <section class="panel">
        <header>
          <h2>How they stand</h2>
        </header>
        <div class="pad">
          {problem !== null && <ErrorNote problem={problem} again={again} />}
          {data === null && problem === null && <Shape lines={4} />}
          {data !== null && data.budgets.length + data.limits.length === 0 && (
            <p class="muted">
              No budget and no limit is shared by several. What is counted for each key, team or user apart is
              shown where one of them is opened.
            </p>
          )}
          {data !== null && (
            <ul class="plain-list standings">
              {data.budgets.map((budget) => (
                <Budget key={`${budget.name} ${budget.owner}`} budget={budget} />
              ))}
              {data.limits.map((limit) => (
                <Limit key={`${limit.name} ${limit.dimension} ${limit.owner}`} limit={limit} />
              ))}
            </ul>
          )}
        </div>
      </section>
      {may('log', 'read') && <Refused />}
    </div>
  );
}

/** Limits, budgets, permissions: what policy said no to. */
function Refused() {
  const url = `/api/stats?since=1d&step=hour&group=key&top=${TOP}&by=policy&metrics=requests`;
  const { data, problem, again } = useLoad(url, (signal) => get<Stats>(url, signal), { everyMs: EVERY_MS });
  const keys = (data?.groups ?? [])
    .filter(({ value, total }) => value !== null && total.errors.policy > 0)
    .sort((one, other) => other.total.errors.policy - one.total.errors.policy);
  return (
    <section class="panel">
      <header>
        <h2>Refused in the last day</h2>
      </header>
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      {data === null && problem === null && <Shape lines={3} />}
      {data !== null && keys.length === 0 && (
        <p class="pad muted">Nobody hit a limit, a budget or a permission.</p>
      )}
      {keys.length > 0 && (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th>Key</th>
                <th class="num">Refused</th>
                <th class="num">of its calls</th>
                <th class="num">Cost</th>
              </tr>
            </thead>
            <tbody>
              {keys.map(({ value, total }) => (
                <tr key={value}>
                  <td>
                    <Link to={placeOf('/logs', { key: value ?? '', owner: 'policy' })}>
                      <span class="clip">{value === '' ? 'no key' : value}</span>
                    </Link>
                  </td>
                  <td class="num">{short(total.errors.policy)}</td>
                  <td class="num">
                    {percent(total.requests === 0 ? null : total.errors.policy / total.requests)}
                  </td>
                  <td class="num">{money(total.costNano)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
