// A key more for a provider.
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';

interface KeyFormProps {
  provider: string;
  close: () => void;
  run: (key: { alias: string; value: string }) => Promise<void>;
}

export function KeyForm({ provider, close, run }: KeyFormProps) {
  const form = useForm({ alias: '', value: '' }, []);
  const { values } = form;
  return (
    <FormDialog
      title={`Key for ${provider}`}
      close={close}
      form={form}
      run={() => run({ alias: values.alias.trim(), value: values.value.trim() })}
      act="Add it"
    >
      <TextField
        label="Name of it"
        {...form.field('alias')}
        placeholder="team-a"
        hint="Shown in the log and in metrics."
        required
      />
      <TextField
        label="Key"
        type="password"
        autocomplete="off"
        {...form.field('value')}
        hint="Stored sealed, and never shown again."
        mono
        required
      />
    </FormDialog>
  );
}
