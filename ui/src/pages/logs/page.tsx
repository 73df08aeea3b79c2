// The request log: filters with counts, rows, one call opened over them, and a live tail.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { FACETS, filtersIn, type LogRow } from '../../api/logs.ts';
import { addKeys } from '../../app/keyboard.ts';
import { query, setQuery } from '../../app/router.ts';
import { whole } from '../../format/number.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { FirstCall } from '../overview/first-call.tsx';
import { CallDrawer } from './call-drawer.tsx';
import { ColumnChoice, chosenColumns } from './columns.tsx';
import { Facets } from './facets.tsx';
import { FilterBar } from './filter-bar.tsx';
import { Rows } from './rows.tsx';
import { useLogPages } from './use-log-pages.ts';
import { useTail } from './use-tail.ts';
import './logs.css';

export default function Logs() {
  const params = query.value;
  const filters = useMemo(() => filtersIn(params), [params]);
  const live = params.get('live') === '1';
  const attempts = params.get('rows') === 'attempts';
  const pages = useLogPages(filters, attempts);
  const tail = useTail(live, filters, attempts);
  const [at, setAt] = useState(-1);
  const [filtersShown, showFilters] = useState(false);
  const rows = live ? merged(tail.rows, pages.rows) : pages.rows;
  const open = (row: LogRow | undefined): void => {
    if (row !== undefined) setQuery({ open: row.call });
  };
  useEffect(
    () =>
      addKeys([
        { key: 'j', words: 'Next row', run: () => setAt((now) => Math.min(now + 1, rows.length - 1)) },
        { key: 'k', words: 'Row before', run: () => setAt((now) => Math.max(now - 1, 0)) },
        { key: 'Enter', words: 'Open the row', run: () => open(rows[at]) },
        { key: 'r', words: 'Look again', run: pages.again },
        { key: 'l', words: 'Live tail on and off', run: () => setQuery({ live: live ? null : '1' }) },
      ]),
    [rows, at, live],
  );
  // What was written until the tail begins is of the list.
  useEffect(() => {
    if (live) pages.again();
  }, [live]);
  if (pages.problem?.code === 'log_off')
    return (
      <Empty title="There is no request log">
        <p>
          It is kept where the gatehouse has a folder to write to, unless the configuration switches it off.
        </p>
      </Empty>
    );
  const chosen = params.get('open');
  return (
    <div class="logs">
      <aside class={filtersShown ? 'facets shown' : 'facets'} aria-label="Filters">
        <Facets facets={pages.facets} />
      </aside>
      <div class="logs-main">
        <div class="logs-bar">
          <button
            type="button"
            class="filters-button"
            aria-expanded={filtersShown}
            onClick={() => showFilters(!filtersShown)}
          >
            Filters
          </button>
          <FilterBar />
          <span class="fill" />
          <span class="muted small" title="Calls in this window that fit">
            {pages.total === null ? '' : `${whole(pages.total)} calls`}
          </span>
          <button type="button" class="chip" onClick={pages.again}>
            Refresh
          </button>
          <ColumnChoice />
          <button
            type="button"
            aria-pressed={live}
            class={live ? 'chip on' : 'chip'}
            onClick={() => setQuery({ live: live ? null : '1' })}
          >
            {live ? '● Live' : 'Live'}
          </button>
        </div>
        {live && <TailNote tail={tail} />}
        {pages.problem !== null && <ErrorNote problem={pages.problem} again={pages.again} />}
        {pages.rows.length === 0 && pages.loading && rows.length === 0 && <Shape lines={10} />}
        {rows.length === 0 && !pages.loading && pages.problem === null && (
          <Nothing filtered={Object.keys(filters).length > 0} live={live} />
        )}
        {rows.length > 0 && (
          <Rows
            rows={rows}
            columns={chosenColumns.value}
            at={at}
            open={open}
            onEnd={pages.more}
            onTop={tail.setAtTop}
          />
        )}
      </div>
      {chosen !== null && <CallDrawer id={chosen} close={() => setQuery({ open: null })} />}
    </div>
  );
}

function TailNote({ tail }: { tail: ReturnType<typeof useTail> }) {
  return (
    <div class="row small muted" role="status">
      {tail.state === 'connecting' && 'Connecting…'}
      {tail.state === 'away' && `The live tail broke off; it comes back by itself. ${tail.why}`}
      {tail.state === 'on' && tail.waiting === 0 && 'New calls come in at the top.'}
      {tail.waiting > 0 && (
        <button type="button" class="chip on" onClick={tail.release}>
          Show {whole(tail.waiting)} new {tail.waiting === 1 ? 'call' : 'calls'}
        </button>
      )}
      {tail.leftOut > 0 &&
        `${whole(tail.leftOut)} left out: more came than a page can show. Filters make it fewer.`}
    </div>
  );
}

function Nothing({ filtered, live }: { filtered: boolean; live: boolean }) {
  if (live) return <Empty title="Waiting for calls" />;
  if (!filtered) return <FirstCall />;
  return (
    <Empty title="No call fits these filters">
      <p>Take one away, or look at a longer window.</p>
      <button
        type="button"
        onClick={() =>
          setQuery(
            Object.fromEntries(
              [...query.peek().keys()]
                .filter((name) => !['from', 'to', 'compare'].includes(name))
                .map((name) => [name, null]),
            ),
          )
        }
      >
        Take all filters away
      </button>
    </Empty>
  );
}

/** New ones first, each once. */
function merged(fresh: readonly LogRow[], known: readonly LogRow[]): readonly LogRow[] {
  const newest = known[0]?.id ?? 0;
  return [...fresh.filter(({ id }) => id > newest), ...known];
}

export const FACET_NAMES: readonly string[] = FACETS.map(([name]) => name);
