// The greatest of each kind, each a way into the log with its filter set.
import { errorShare, errorsOf, OWNERS } from '../../api/stats.ts';
import { useStats } from '../../api/use-stats.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { exactMoney, money } from '../../format/money.ts';
import { percent, short, whole } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';

export function Tops() {
  return (
    <div class="grid2">
      <Top group="model" title="Models" by="requests" />
      <Top group="key" title="Keys" by="costNano" />
      <Top group="provider" title="Providers" by="requests" />
      <Top group="team" title="Teams" by="costNano" />
      <Errors />
    </div>
  );
}

function Top({ group, title, by }: { group: string; title: string; by: string }) {
  const { data, problem, again } = useStats({ group, by, top: '8', metrics: 'requests' });
  const rows = (data?.groups ?? []).filter(({ total }) => total.requests > 0);
  return (
    <section class="panel">
      <header>
        <h2>{title}</h2>
        <span class="muted small">by {by === 'costNano' ? 'cost' : 'calls'}</span>
      </header>
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      {data === null && problem === null && <Shape lines={3} />}
      {data !== null && rows.length === 0 && <p class="pad muted">No calls.</p>}
      {rows.length > 0 && (
        <div class="table-wrap">
          <table class="top-table">
            <thead>
              <tr>
                <th>Name</th>
                <th class="num">Calls</th>
                <th class="num">Failed</th>
                <th class="num">Cost</th>
                <th class="num">TTFT p95</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ value, total }) => (
                <tr key={value}>
                  <td>
                    {value === null ? (
                      <span class="muted">others</span>
                    ) : (
                      <Link to={placeOf('/logs', { [group]: value })} class="clip">
                        {value === '' ? `no ${group}` : value}
                      </Link>
                    )}
                  </td>
                  <td class="num" title={whole(total.requests)}>
                    {short(total.requests)}
                  </td>
                  <td class={`num ${(errorShare(total) ?? 0) >= 0.05 ? 'bad' : ''}`}>
                    {percent(errorShare(total))}
                  </td>
                  <td
                    class="num"
                    title={
                      total.unpriced > 0
                        ? `${exactMoney(total.costNano)}, and ${whole(total.unpriced)} charges without a price`
                        : exactMoney(total.costNano)
                    }
                  >
                    {total.costNano === 0 && total.unpriced > 0 ? 'no price' : money(total.costNano)}
                  </td>
                  <td class="num">{span(total.ttftMs.p95)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Errors() {
  const { data } = useStats({ group: 'errorType', top: '8', metrics: 'requests' });
  const rows = (data?.groups ?? []).filter(
    ({ value, total }) => value !== null && value !== '' && errorsOf(total) > 0,
  );
  return (
    <section class="panel">
      <header>
        <h2>Errors</h2>
        <span class="muted small">by kind</span>
      </header>
      {data !== null && rows.length === 0 && <p class="pad muted">None.</p>}
      {rows.length > 0 && (
        <table class="top-table">
          <thead>
            <tr>
              <th>Kind</th>
              <th>Whose</th>
              <th class="num">Calls</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ value, total }) => {
              // One kind is nearly always one owner's.
              const owner = OWNERS.filter((one) => total.errors[one] > 0).sort(
                (one, other) => total.errors[other] - total.errors[one],
              )[0];
              return (
                <tr key={value}>
                  <td>
                    <Link to={placeOf('/logs', { errorType: value ?? '' })} class="clip">
                      {value?.replaceAll('_', ' ')}
                    </Link>
                  </td>
                  <td>
                    <span class={`dot ${owner ?? ''}`}>{owner ?? '–'}</span>
                  </td>
                  <td class="num">{short(errorsOf(total))}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
