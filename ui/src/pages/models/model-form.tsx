// A model's plan in fields, or all of its entry as JSON.
import { useState } from 'preact/hooks';
import { applyConfig, changeConfig, type Json, readConfig, withEntry } from '../../api/config.ts';
import { AreaField, TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { toast } from '../../parts/toast.tsx';
import { type Draft, draftOf, entryOf } from './draft.ts';
import { PlanFields } from './plan-fields.tsx';

interface ModelFormProps {
  /** '' = a new one. */
  name: string;
  before: Json | null;
  /** What a target may be called. */
  names: readonly string[];
  close: () => void;
  done: () => void;
}

export function ModelForm({ name, before, names, close, done }: ModelFormProps) {
  const form = useForm<{ name: string; text: string; draft: Draft }>(
    { name, text: '', draft: draftOf(before ?? { targets: [''] }) },
    ['name'],
  );
  const [asText, showText] = useState(false);
  const [fault, setFault] = useState('');
  const { values } = form;
  const run = async (): Promise<void> => {
    const entry = asText ? (JSON.parse(values.text) as Json) : entryOf(values.draft); // the API says what is wrong with it
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
  const turn = (): void => {
    if (!asText) form.set('text', JSON.stringify(entryOf(values.draft), null, 2));
    else {
      try {
        form.set('draft', draftOf(JSON.parse(values.text) as Json)); // what is no field is kept
      } catch {
        setFault('It is not valid JSON.');
        return;
      }
    }
    setFault('');
    showText(!asText);
  };
  return (
    <FormDialog
      title={name === '' ? 'New model' : `Edit ${name}`}
      close={close}
      form={form}
      run={run}
      act="Save"
      more={
        <>
          {before !== null && (
            <button type="button" class="danger" onClick={form.submit(remove)}>
              Remove it
            </button>
          )}
          <button type="button" onClick={turn}>
            {asText ? 'As fields' : 'As JSON'}
          </button>
        </>
      }
    >
      {name === '' && (
        <TextField label="Name callers ask for" {...form.field('name')} placeholder="fast" mono required />
      )}
      {asText ? (
        <AreaField
          label="Plan"
          {...form.field('text')}
          fault={fault}
          rows={12}
          mono
          hint="JSON, as an entry of `models` in the file: also caches, guardrails, splits and copies of its own."
        />
      ) : (
        <PlanFields draft={values.draft} set={(draft) => form.set('draft', draft)} names={names} />
      )}
    </FormDialog>
  );
}
