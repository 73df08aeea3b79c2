// Asks before something that cannot be undone; the dangerous ones want the name written out.
import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api/problem.ts';
import { Dialog } from './dialog.tsx';
import { ErrorNote } from './error-note.tsx';

export interface ConfirmProps {
  title: string;
  /** What will happen, in a sentence. */
  words: string;
  /** On the button. */
  act: string;
  /** To be written out; none = a click is enough. */
  name?: string;
  danger?: boolean;
  close: () => void;
  run: () => Promise<unknown>;
}

export function Confirm({ title, words, act, name, danger = false, close, run }: ConfirmProps) {
  const [typed, type] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, fail] = useState<Problem | null>(null);
  const ready = name === undefined || typed === name;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    run().then(close, (error: unknown) => {
      setBusy(false);
      fail(asProblem(error));
    });
  };
  return (
    <Dialog title={title} close={close}>
      <form class="fields" onSubmit={submit}>
        <p>{words}</p>
        {name !== undefined && (
          <label class="field">
            <span>
              Write <code>{name}</code> to go on
            </span>
            <input
              value={typed}
              onInput={({ currentTarget }) => type(currentTarget.value)}
              autocomplete="off"
            />
          </label>
        )}
        {problem !== null && <ErrorNote problem={problem} />}
        <div class="acts">
          <button type="button" onClick={close}>
            Leave it
          </button>
          <button type="submit" class={danger ? 'danger' : 'main'} disabled={!ready || busy}>
            {busy ? 'Working…' : act}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
