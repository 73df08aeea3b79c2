// What all forms have: their fields, what went wrong that is about none of these, and the button that does it.
import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.tsx';
import { ErrorNote } from './error-note.tsx';
import type { Form } from './form.ts';

export interface FormViewProps {
  form: Pick<Form<object>, 'submit' | 'problem' | 'busy'>;
  run: () => Promise<unknown>;
  /** On the button. */
  act: string;
  /** On it while it works. */
  busy?: string;
  danger?: boolean;
  /** It cannot be done yet. */
  unready?: boolean;
  /** Buttons beside it. */
  more?: ComponentChildren;
  /** Part of a page, not of a dialog: the button stands under the fields. */
  inline?: boolean;
  class?: string;
  children?: ComponentChildren;
}

export function FormView(props: FormViewProps) {
  const { form, run, act, busy = 'Working…', danger = false, unready = false, inline = false } = props;
  return (
    <form
      class={`fields ${props.class ?? ''}`}
      onSubmit={(event) => {
        if (unready) event.preventDefault();
        else form.submit(run)(event);
      }}
    >
      {props.children}
      {form.problem !== null && <ErrorNote problem={form.problem} />}
      <div class={inline ? 'row' : 'acts'}>
        {props.more}
        <button type="submit" class={danger ? 'danger' : 'main'} disabled={form.busy || unready}>
          {form.busy ? busy : act}
        </button>
      </div>
    </form>
  );
}

export function FormDialog({
  title,
  close,
  wide = false,
  ...view
}: FormViewProps & { title: string; close: () => void; wide?: boolean }) {
  return (
    <Dialog title={title} close={close} class={wide ? 'wide' : ''}>
      <FormView {...view} />
    </Dialog>
  );
}
