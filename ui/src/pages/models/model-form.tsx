// A model's plan: its targets in order, and all else as JSON.
import { applyConfig, changeConfig, type Json, readConfig, withEntry } from '../../api/config.ts';
import { AreaField, TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { toast } from '../../parts/toast.tsx';

interface ModelFormProps {
  /** '' = a new one. */
  name: string;
  before: Json | null;
  close: () => void;
  done: () => void;
}

export function ModelForm({ name, before, close, done }: ModelFormProps) {
  const form = useForm(
    { name, text: JSON.stringify(before ?? { targets: ['openai/gpt-5-mini'] }, null, 2) },
    [],
  );
  const { values } = form;
  const run = async (): Promise<void> => {
    const entry = JSON.parse(values.text) as Json; // the API says what is wrong with it
    await changeConfig((managed) => withEntry(managed, 'models', values.name.trim(), entry));
    toast(`${values.name} is in force.`);
    done();
  };
  const remove = async (): Promise<void> => {
    const { managed, version } = await readConfig();
    await applyConfig(withEntry(managed, 'models', name, null), version);
    toast(`${name} is gone.`);
    done();
  };
  return (
    <FormDialog
      title={name === '' ? 'New model' : `Edit ${name}`}
      close={close}
      form={form}
      run={run}
      act="Save"
      more={
        before !== null && (
          <button type="button" class="danger" onClick={form.submit(remove)}>
            Remove it
          </button>
        )
      }
    >
      {name === '' && (
        <TextField label="Name callers ask for" {...form.field('name')} placeholder="fast" mono required />
      )}
      <AreaField
        label="Plan"
        {...form.field('text')}
        rows={10}
        mono
        hint="JSON, as an entry of `models` in the file: `targets` in the order they are asked."
      />
    </FormDialog>
  );
}
