// The key that the playground calls with: one of its own that is over in an hour, or one that is pasted. It is held by this
// tab alone.
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { may } from '../../api/session.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';

const LASTS_MS = 3_600_000;
/** Not the last minutes of a key: the call would be refused midway through a talk. */
const SPARE_MS = 300_000;
const STORED = 'headgate.playground-key';

interface Held {
  readonly key: string;
  readonly until: number;
}

const held = signal<Held | null>(read());
/** One that was pasted; '' = none. */
export const playKey = signal('');
const making: { now: Promise<string> | null } = { now: null };

/** @throws Error in words for people */
export async function usableKey(): Promise<string> {
  if (playKey.peek() !== '') return playKey.peek();
  const own = held.peek();
  if (own !== null && own.until > Date.now() + SPARE_MS) return own.key;
  if (!may('key', 'create'))
    throw new Error(
      'Your role makes no keys, so the playground needs one of yours: choose “Key” and paste it.',
    );
  making.now ??= make().finally(() => {
    making.now = null;
  });
  return making.now;
}

async function make(): Promise<string> {
  const until = Date.now() + LASTS_MS;
  const name = `playground-${until.toString(36)}`;
  const { body } = await call<{ key: string }>('POST', '/api/keys', {
    body: {
      name,
      description: 'Made by the playground; over in an hour.',
      expiresAt: new Date(until).toISOString(),
    },
  });
  held.value = { key: body.key, until };
  try {
    sessionStorage.setItem(STORED, JSON.stringify(held.peek()));
  } catch {
    // It is made anew after a reload.
  }
  return body.key;
}

function read(): Held | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as Held | null; // written by us alone
    return found !== null && typeof found.key === 'string' && found.until > Date.now() ? found : null;
  } catch {
    return null;
  }
}

export function KeyChoice() {
  const [open, show] = useState(false);
  const [text, setText] = useState('');
  return (
    <>
      <button type="button" class="chip" onClick={() => show(true)}>
        Key: {playKey.value !== '' ? 'yours' : may('key', 'create') ? 'the playground’s' : 'none'}
      </button>
      {open && (
        <Dialog title="Key of the playground" close={() => show(false)}>
          <form
            class="fields"
            onSubmit={(event) => {
              event.preventDefault();
              playKey.value = text.trim();
              show(false);
            }}
          >
            <p>
              By itself the playground makes a key that is over in an hour, and holds it in this tab. Calls
              are limited, counted and logged like any others.
            </p>
            <TextField
              label="Call with this key instead"
              type="password"
              value={text}
              onValue={setText}
              autocomplete="off"
              hint="Empty: the playground’s own."
              mono
            />
            <div class="acts">
              <button type="submit" class="main">
                Use it
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
