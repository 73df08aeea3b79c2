// What the cache answers and saves.
import { useStats } from '../../api/use-stats.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { money } from '../../format/money.ts';
import { percent, short } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Chart } from '../../parts/chart.tsx';
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { KeptAnswers } from './kept.tsx';

const ON = `cache:
  exact: { ttlMs: 300000 }
`;

export default function Cache() {
  const { data, problem, again } = useStats({ metrics: 'cacheHits,cacheMisses,savedNano' });
  // Where it answered nothing yet, what it was asked for: all are equal by answers then, and any ten would be shown.
  const by = (data?.total.cacheHits ?? 0) > 0 ? 'cacheHits' : 'cacheMisses';
  const models = useStats({ group: 'model', top: '10', by, metrics: by });
  if (problem !== null && data === null) return <ErrorNote problem={problem} again={again} />;
  if (data === null) return <Shape lines={6} />;
  const { total, starts, groups } = data;
  const lookups = total.cacheHits + total.cacheMisses;
  if (lookups === 0)
    return (
      <div class="stack">
        <Off />
        <KeptAnswers />
      </div>
    );
  const series = groups[0]?.series ?? {};
  const rows = (models.data?.groups ?? []).filter(({ total: one }) => one.cacheHits + one.cacheMisses > 0);
  return (
    <div class="stack">
      <div class="figures">
        <Figure
          name="Answered by the cache"
          value={percent(total.cacheHits / lookups)}
          more={`${short(total.cacheHits)} of ${short(lookups)} looked up`}
        />
        <Figure name="Saved" value={money(total.savedNano)} more="what these answers would have cost" />
        <Figure name="Time saved" value={span(total.savedMs)} more="how much sooner they came" />
      </div>
      <div class="grid2">
        <Chart
          title="Look-ups"
          unit={`per ${data.step}`}
          headline={short(lookups)}
          starts={starts}
          stacked
          format={short}
          series={[
            { label: 'hit', color: '--ok', values: series['cacheHits'] ?? [] },
            { label: 'miss', color: '--s8', values: series['cacheMisses'] ?? [] },
          ]}
        />
        <Chart
          title="Saved"
          unit={`USD per ${data.step}`}
          headline={money(total.savedNano)}
          starts={starts}
          stacked
          format={money}
          series={[{ label: 'saved', color: '--s1', values: series['savedNano'] ?? [] }]}
        />
      </div>
      <section class="panel">
        <header>
          <h2>By model</h2>
          <Link to={placeOf('/logs', { cache: 'hit' })}>Calls it answered</Link>
        </header>
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th>Model</th>
                <th class="num">Hits</th>
                <th class="num">Misses</th>
                <th class="num">Hit rate</th>
                <th class="num">Saved</th>
                <th class="num">Time saved</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ value, total: one }) => (
                <tr key={value}>
                  <td>
                    {value === null ? (
                      <span class="muted">others</span>
                    ) : (
                      <Link
                        to={placeOf('/logs', { model: value, cache: one.cacheHits > 0 ? 'hit' : 'miss' })}
                        class="clip"
                      >
                        {value}
                      </Link>
                    )}
                  </td>
                  <td class="num">{short(one.cacheHits)}</td>
                  <td class="num">{short(one.cacheMisses)}</td>
                  <td class="num">{percent(one.cacheHits / (one.cacheHits + one.cacheMisses))}</td>
                  <td class="num">{money(one.savedNano)}</td>
                  <td class="num">{span(one.savedMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <KeptAnswers />
    </div>
  );
}

function Figure({ name, value, more }: { name: string; value: string; more: string }) {
  return (
    <div class="figure">
      <span class="muted small">{name}</span>
      <b>{value}</b>
      <span class="muted small">{more}</span>
    </div>
  );
}

function Off() {
  return (
    <Empty title="The cache answered nothing in this window">
      <p>
        Equal requests can be answered without asking a provider again. It is off until the configuration says
        for how long an answer may be given again; each request can still ask for a fresh one.
      </p>
      <Code snippets={[{ language: 'headgate.yaml', text: ON }]} />
      <p>
        <Link to="/config">Go to the configuration.</Link> If it is on already, look at a longer window.
      </p>
    </Empty>
  );
}
