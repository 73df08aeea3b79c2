// What holds the calls of one key, team, …: every budget and limit that counts them, and what was refused for it.
import { useState } from 'preact/hooks';
import { readStandings } from '../../api/budgets.ts';
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { short } from '../../format/number.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';
import { Credit } from './credit.tsx';
import { type Kind, PLURAL } from './objects.ts';
import { Budget, Limit } from './standing.tsx';

const EVERY_MS = 10_000;

interface Facets {
  readonly facets: { readonly errorType?: readonly { readonly value: string; readonly count: number }[] };
}

export function Spend({ kind, id, name, inFile }: { kind: Kind; id: string; name: string; inFile: string }) {
  const [adding, add] = useState(false);
  const of = `${PLURAL[kind]}/${id}`;
  const { data, problem, again } = useLoad(`standing ${of}`, (signal) => readStandings(of, signal), {
    everyMs: EVERY_MS,
    fresh: of,
  });
  const refused = useLoad(may('log', 'read') ? `refused ${of}` : null, (signal) =>
    get<Facets>(`/api/logs?since=1d&limit=1&owner=policy&${kind}=${encodeURIComponent(name)}`, signal),
  );
  const kinds = (refused.data?.facets.errorType ?? []).filter(({ value }) => value !== '');
  if (data === null && problem === null) return null;
  return (
    <section class="stack">
      <div class="row apart">
        <h3>Budgets and limits</h3>
        <Gated resource={kind} verb="update" class="small" reason={inFile} onClick={() => add(true)}>
          Add credit
        </Gated>
      </div>
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      {data !== null && data.budgets.length + data.limits.length === 0 && (
        <p class="muted">Nothing holds its calls: no budget and no limit counts them.</p>
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
      {kinds.length > 0 && (
        <p>
          Refused in the last day:{' '}
          {kinds.map(({ value, count }, index) => (
            <span key={value}>
              {index > 0 && ', '}
              <Link to={placeOf('/logs', { [kind]: name, errorType: value })}>
                {short(count)} × {value.replace(/^policy_/, '').replaceAll('_', ' ')}
              </Link>
            </span>
          ))}
        </p>
      )}
      {adding && (
        <Credit
          of={of}
          name={name}
          close={() => add(false)}
          done={() => {
            add(false);
            again();
          }}
        />
      )}
    </section>
  );
}
