// One range of time for all pages.
import { useState } from 'preact/hooks';
import { fromLocal, localInput, when } from '../format/time.ts';
import { Dialog } from '../parts/dialog.tsx';
import { now, PRESETS, range } from './range.ts';
import { setQuery } from './router.ts';

export function TimePicker() {
  const [open, show] = useState(false);
  const { relative, from, to, compare } = range.value;
  const preset = PRESETS.find(([value]) => value === relative);
  const title =
    preset?.[1] ?? (relative === null ? `${when(from)} to ${when(to)}` : `Last ${relative.slice(1)}`);
  return (
    <>
      <button type="button" class="time-button" onClick={() => show(true)} title="Range of time">
        <span class="clip">{title}</span>
        {compare && <span class="muted"> · compared</span>}
      </button>
      {open && <Choices close={() => show(false)} />}
    </>
  );
}

function Choices({ close }: { close: () => void }) {
  const { from, to, relative, compare } = range.peek();
  const [first, setFirst] = useState(localInput(from));
  const [last, setLast] = useState(localInput(to));
  const [fault, setFault] = useState('');
  const apply = (event: Event): void => {
    event.preventDefault();
    const begin = fromLocal(first);
    const end = fromLocal(last);
    if (begin === null || end === null || begin >= end) {
      setFault('The end must be after the begin.');
      return;
    }
    setQuery({ from: String(begin), to: String(end) });
    close();
  };
  return (
    <Dialog title="Range of time" close={close}>
      <div class="choices">
        {PRESETS.map(([value, words]) => (
          <button
            key={value}
            type="button"
            class={value === relative ? 'chip on' : 'chip'}
            aria-pressed={value === relative}
            onClick={() => {
              now.value = Date.now();
              setQuery({ from: value, to: null });
              close();
            }}
          >
            {words}
          </button>
        ))}
      </div>
      <form class="fields" onSubmit={apply}>
        <label class="field">
          <span>From</span>
          <input
            type="datetime-local"
            step="1"
            value={first}
            onInput={({ currentTarget }) => setFirst(currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>To</span>
          <input
            type="datetime-local"
            step="1"
            value={last}
            onInput={({ currentTarget }) => setLast(currentTarget.value)}
          />
        </label>
        {fault !== '' && (
          <p class="bad" role="alert">
            {fault}
          </p>
        )}
        <p class="muted small">
          Times are those of your zone, {Intl.DateTimeFormat().resolvedOptions().timeZone}.
        </p>
        <label class="check">
          <input
            type="checkbox"
            checked={compare}
            onChange={({ currentTarget }) => setQuery({ compare: currentTarget.checked ? '1' : null })}
          />
          Compare with the period before
        </label>
        <div class="acts">
          <button type="submit" class="main">
            Show this range
          </button>
        </div>
      </form>
    </Dialog>
  );
}
