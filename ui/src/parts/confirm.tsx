// Asks before something that cannot be undone; the dangerous ones want the name written out.
import { useForm } from './form.ts';
import { FormDialog } from './form-view.tsx';

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
  const form = useForm({ typed: '' });
  return (
    <FormDialog
      title={title}
      close={close}
      form={form}
      run={() => run().then(close)}
      act={act}
      danger={danger}
      unready={name !== undefined && form.values.typed !== name}
      more={
        <button type="button" onClick={close}>
          Leave it
        </button>
      }
    >
      <p>{words}</p>
      {name !== undefined && (
        <label class="field">
          <span>
            Write <code>{name}</code> to go on
          </span>
          <input
            value={form.values.typed}
            onInput={({ currentTarget }) => form.set('typed', currentTarget.value)}
            autocomplete="off"
          />
        </label>
      )}
    </FormDialog>
  );
}
