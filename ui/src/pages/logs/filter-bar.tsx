// Filters that are set, each with a way to take it off; ranges and ids; views that are kept.
import { useState } from 'preact/hooks';
import { FACETS, filtersIn, OTHER_FILTERS } from '../../api/logs.ts';
import { query, setQuery } from '../../app/router.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Views } from './views.tsx';

const TITLES: Readonly<Record<string, string>> = {
  call: 'Request id',
  session: 'Session',
  parent: 'Made for request',
  requestedModel: 'Model asked for',
  upstreamModel: 'Model at the provider',
  keyAlias: 'Provider’s key',
  minCostUsd: 'Cost from, USD',
  maxCostUsd: 'Cost to, USD',
  minMs: 'Total from, ms',
  maxMs: 'Total to, ms',
  minTtftMs: 'TTFT from, ms',
  maxTtftMs: 'TTFT to, ms',
  minTokens: 'Tokens from',
  maxTokens: 'Tokens to',
};
const RANGES = OTHER_FILTERS.filter((name) => name !== 'unpriced');

export function FilterBar() {
  const [open, show] = useState(false);
  const params = query.value;
  const set = Object.entries(filtersIn(params));
  return (
    <div class="row">
      {set.map(([name, value]) => (
        <button
          key={name}
          type="button"
          class="chip on"
          title="Take this filter away"
          onClick={() => setQuery({ [name]: null })}
        >
          <span class="clip filter-chip">
            {TITLES[name] ?? FACETS.find(([field]) => field === name)?.[1] ?? name}:{' '}
            {value === ',' || value === '' ? 'none' : value}
          </span>{' '}
          ✕
        </button>
      ))}
      <button type="button" class="chip" onClick={() => show(true)}>
        More filters
      </button>
      <Views />
      {open && (
        <Dialog title="More filters" close={() => show(false)}>
          <form
            class="fields"
            onSubmit={(event) => {
              event.preventDefault();
              const data = new FormData(event.currentTarget);
              setQuery({
                ...Object.fromEntries(RANGES.map((name) => [name, String(data.get(name) ?? '').trim()])),
                unpriced: data.get('unpriced') === null ? null : 'true',
              });
              show(false);
            }}
          >
            <div class="fields two">
              {RANGES.map((name) => (
                <Range key={name} name={name} title={TITLES[name] ?? name} initial={params.get(name) ?? ''} />
              ))}
            </div>
            <label class="check">
              <input type="checkbox" name="unpriced" checked={params.get('unpriced') === 'true'} />
              Only calls without a price
            </label>
            <label class="check">
              <input
                type="checkbox"
                checked={params.get('rows') === 'attempts'}
                onChange={({ currentTarget }) =>
                  setQuery({ rows: currentTarget.checked ? 'attempts' : null })
                }
              />
              A row for each attempt
            </label>
            <div class="acts">
              <button type="submit" class="main">
                Filter
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </div>
  );
}

function Range({ name, title, initial }: { name: string; title: string; initial: string }) {
  const [value, setValue] = useState(initial);
  return (
    <TextField
      label={title}
      name={name}
      value={value}
      onValue={setValue}
      type={/^(min|max)/.test(name) ? 'number' : 'text'}
    />
  );
}
