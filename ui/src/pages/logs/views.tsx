// Views that are kept: a name for an address, in this browser. To share one, share the address.
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { go, query } from '../../app/router.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';

const STORED = 'headgate.log-views';
const views = signal<Readonly<Record<string, string>>>(stored());

export function Views() {
  const [open, show] = useState(false);
  const [name, setName] = useState('');
  const save = (event: Event): void => {
    event.preventDefault();
    if (name.trim() === '') return;
    const params = new URLSearchParams(query.peek());
    params.delete('open');
    keep({ ...views.peek(), [name.trim()]: params.toString() });
    setName('');
  };
  const names = Object.keys(views.value);
  return (
    <>
      <button type="button" class="chip" onClick={() => show(true)}>
        Views
      </button>
      {open && (
        <Dialog title="Views" close={() => show(false)}>
          {names.length === 0 && (
            <p class="muted">
              None yet. A view keeps filters and range under a name, in this browser. To share one, share the
              address.
            </p>
          )}
          {names.map((one) => (
            <div key={one} class="row apart">
              <button
                type="button"
                class="link"
                onClick={() => {
                  go(`/logs?${views.value[one]}`);
                  show(false);
                }}
              >
                {one}
              </button>
              <button
                type="button"
                class="small"
                onClick={() =>
                  keep(Object.fromEntries(Object.entries(views.value).filter(([other]) => other !== one)))
                }
              >
                Remove
              </button>
            </div>
          ))}
          <form class="fields" onSubmit={save}>
            <TextField
              label="Keep what is shown as"
              value={name}
              onValue={setName}
              placeholder="Slow calls of the agents"
            />
            <div class="acts">
              <button type="submit" class="main">
                Keep
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

function keep(next: Readonly<Record<string, string>>): void {
  views.value = next;
  try {
    localStorage.setItem(STORED, JSON.stringify(next));
  } catch {
    // They hold until the page is left.
  }
}

function stored(): Readonly<Record<string, string>> {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(STORED) ?? '{}');
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}
