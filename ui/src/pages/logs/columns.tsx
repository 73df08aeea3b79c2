// Columns of the log: which there are, and which this browser shows.
import { computed, type Signal, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { LogRow } from '../../api/logs.ts';
import { exactMoney, money } from '../../format/money.ts';
import { rate, short } from '../../format/number.ts';
import { brief, clock, span, utc } from '../../format/time.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Outcome } from './outcome.tsx';

export interface Column {
  readonly id: string;
  readonly title: string;
  /** Of a grid. */
  readonly width: string;
  readonly number?: boolean;
  show(row: LogRow): ComponentChildren;
}

const number = (id: string, title: string, width: string, show: Column['show']): Column => ({
  id,
  title,
  width,
  number: true,
  show,
});

export const COLUMNS: readonly Column[] = [
  {
    id: 'time',
    title: 'Time',
    width: '130px',
    show: ({ at }) => (
      <span class="mono" title={utc(at)}>
        {clock(at)}
      </span>
    ),
  },
  { id: 'outcome', title: 'Outcome', width: '112px', show: (row) => <Outcome row={row} /> },
  { id: 'model', title: 'Model', width: 'minmax(140px, 1.4fr)', show: modelCell },
  { id: 'provider', title: 'Provider', width: 'minmax(76px, 0.6fr)', show: ({ provider }) => text(provider) },
  { id: 'key', title: 'Key', width: 'minmax(80px, 0.7fr)', show: ({ key }) => text(key) },
  { id: 'team', title: 'Team', width: '110px', show: ({ team }) => text(team) },
  { id: 'user', title: 'User', width: '120px', show: ({ user }) => text(user) },
  { id: 'customer', title: 'Customer', width: '120px', show: ({ customer }) => text(customer) },
  { id: 'operation', title: 'Operation', width: '96px', show: ({ operation }) => text(operation) },
  number('attempts', 'Tries', '40px', ({ attempts }) =>
    attempts > 1 ? <b class="warn">{attempts}</b> : attempts,
  ),
  number('ttft', 'TTFT', '66px', ({ ttftMs }) => span(ttftMs)),
  number('total', 'Total', '66px', ({ totalMs }) => span(totalMs)),
  number('overhead', 'Ours', '64px', ({ overheadMs }) => span(overheadMs)),
  number('speed', 'tok/s', '50px', ({ tokensPerSecond }) => rate(tokensPerSecond).replace('/s', '')),
  number('input', 'In tok', '58px', ({ inputTokens }) => short(inputTokens)),
  number('cached', 'Cached tok', '84px', ({ cacheReadTokens }) => short(cacheReadTokens)),
  number('output', 'Out tok', '60px', ({ outputTokens }) => short(outputTokens)),
  number('reasoning', 'Reasoning tok', '104px', ({ reasoningTokens }) => short(reasoningTokens)),
  // Refused before anybody was asked: nothing was used that could have a price.
  number('cost', 'Cost', '72px', ({ costNano, attempts }) =>
    costNano === null && attempts === 0 ? '–' : <span title={exactMoney(costNano)}>{money(costNano)}</span>,
  ),
  {
    id: 'cache',
    title: 'Cache',
    width: '70px',
    show: ({ cache, similarity }) =>
      cache === 'hit' && similarity !== null ? `hit ${similarity.toFixed(2)}` : text(cache),
  },
  { id: 'stop', title: 'Stop', width: '90px', show: ({ stop }) => text(stop) },
  { id: 'tags', title: 'Tags', width: '120px', show: ({ tags }) => text(tags.join(', ')) },
  { id: 'call', title: 'Request', width: '200px', show: ({ call }) => <span class="mono clip">{call}</span> },
];

const DEFAULT = [
  'time',
  'outcome',
  'model',
  'provider',
  'key',
  'attempts',
  'ttft',
  'total',
  'speed',
  'input',
  'output',
  'cost',
];
/** Of a phone, where nothing is to be pushed aside to be seen: px. */
const PHONE = { time: '86px', outcome: '66px', model: 'minmax(72px, 1fr)', total: '52px' } as const;
const PHONE_COLUMNS: readonly Column[] = COLUMNS.flatMap((column) => {
  const width = PHONE[column.id as keyof typeof PHONE] as string | undefined; // of the others there is none
  if (width === undefined) return [];
  return [{ ...column, width, ...(column.id === 'time' ? { show: shortTime } : {}) }];
});
/** Beside the filters there is no room for all of them on most screens: what a call cost is never out of sight. */
const MIDDLE = DEFAULT.filter((id) => id !== 'speed' && id !== 'input');
const SMALL = ['time', 'outcome', 'model', 'provider', 'key', 'total', 'cost'];
const NARROW = ['time', 'outcome', 'model', 'total', 'cost'];
const STORED = 'headgate.log-columns';

const isPhone = fits('(max-width: 480px)');
const isNarrow = fits('(max-width: 820px)');
const isSmall = fits('(max-width: 1439px)');
const isMiddle = fits('(max-width: 1580px)');
const own = signal<readonly string[] | null>(stored());

export const chosenColumns = computed((): readonly Column[] => {
  if (isPhone.value && own.value === null) return PHONE_COLUMNS;
  const fitting = isNarrow.value ? NARROW : isSmall.value ? SMALL : isMiddle.value ? MIDDLE : DEFAULT;
  const wanted = own.value ?? fitting;
  return COLUMNS.filter(({ id }) => wanted.includes(id));
});

export function ColumnChoice() {
  const [open, show] = useState(false);
  const chosen = chosenColumns.value.map(({ id }) => id);
  const choose = (next: readonly string[] | null): void => {
    own.value = next;
    try {
      if (next === null) localStorage.removeItem(STORED);
      else localStorage.setItem(STORED, next.join(','));
    } catch {
      // It holds until the page is left.
    }
  };
  return (
    <>
      <button type="button" class="chip" onClick={() => show(true)}>
        Columns
      </button>
      {open && (
        <Dialog title="Columns" close={() => show(false)}>
          <div class="fields two">
            {COLUMNS.map(({ id, title }) => (
              <label key={id} class="check">
                <input
                  type="checkbox"
                  checked={chosen.includes(id)}
                  onChange={({ currentTarget }) =>
                    choose(currentTarget.checked ? [...chosen, id] : chosen.filter((one) => one !== id))
                  }
                />
                {title}
              </label>
            ))}
          </div>
          <div class="acts">
            <button type="button" onClick={() => choose(null)}>
              As they were
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function fits(query: string): Signal<boolean> {
  const media = matchMedia(query);
  const fit = signal(media.matches);
  media.addEventListener('change', () => {
    fit.value = media.matches;
  });
  return fit;
}

function stored(): readonly string[] | null {
  try {
    return localStorage.getItem(STORED)?.split(',') ?? null;
  } catch {
    return null;
  }
}

function shortTime({ at }: LogRow): ComponentChildren {
  return (
    <span class="small" title={utc(at)}>
      {brief(at)}
    </span>
  );
}

function text(value: string): ComponentChildren {
  return value === '' ? <span class="muted">–</span> : <span class="clip">{value}</span>;
}

function modelCell({ requestedModel, model, upstreamModel }: LogRow): ComponentChildren {
  const asked = requestedModel || model;
  // `openai/gpt-5` says itself where it went.
  const served = asked.endsWith(`/${upstreamModel}`) ? '' : upstreamModel;
  return (
    <span class="clip" title={served === '' || served === asked ? asked : `${asked} → ${served}`}>
      {asked || '–'}
      {served !== '' && served !== asked && <span class="muted"> → {served}</span>}
    </span>
  );
}
