// A key more for a provider.
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';

interface KeyFormProps {
  provider: string;
  close: () => void;
  run: (key: { alias: string; value: string }) => Promise<void>;
}

export function KeyForm({ provider, close, run }: KeyFormProps) {
  const form = useForm({ alias: '', value: '' }, []);
  const { values, set } = form;
  return (
    <Dialog title={`Key for ${provider}`} close={close}>
      <form
        class="fields"
        onSubmit={form.submit(() => run({ alias: values.alias.trim(), value: values.value.trim() }))}
      >
        <TextField
          label="Name of it"
          value={values.alias}
          onValue={(value) => set('alias', value)}
          placeholder="team-a"
          hint="Shown in the log and in metrics."
          required
        />
        <TextField
          label="Key"
          type="password"
          autocomplete="off"
          value={values.value}
          onValue={(value) => set('value', value)}
          hint="Stored sealed, and never shown again."
          mono
          required
        />
        {form.problem !== null && <ErrorNote problem={form.problem} />}
        <div class="acts">
          <button type="submit" class="main" disabled={form.busy}>
            Add it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
