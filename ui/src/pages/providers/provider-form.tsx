// A provider more: one that is known needs its key alone, any other also how it speaks and where it is.
import { useState } from 'preact/hooks';
import { changeConfig, type Json, withEntry } from '../../api/config.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormView } from '../../parts/form-view.tsx';
import { toast } from '../../parts/toast.tsx';

/** Those most people begin with; every other name that is known works, too. */
export const KNOWN = [
  'openai',
  'anthropic',
  'gemini',
  'mistral',
  'groq',
  'deepseek',
  'xai',
  'cohere',
  'openrouter',
  'together',
] as const;
const DIALECTS = ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'cohere'] as const;

export function ProviderForm({ close, done }: { close: () => void; done: (name: string) => void }) {
  return (
    <Dialog title="Add a provider" close={close}>
      <ProviderFields done={done} act="Add it" />
    </Dialog>
  );
}

export function ProviderFields({
  done,
  act,
  inline = false,
}: {
  done: (name: string) => void;
  act: string;
  inline?: boolean;
}) {
  const form = useForm({ name: 'openai', key: '', dialect: 'openai-chat', baseUrl: '' }, []);
  const [own, setOwn] = useState(false);
  const { values } = form;
  const run = async (): Promise<void> => {
    const name = values.name.trim();
    const entry: Json = {
      ...(own ? { dialect: values.dialect, baseUrl: values.baseUrl.trim(), models: ['*'] } : {}),
      ...(values.key.trim() === '' ? {} : { keys: [{ alias: `${name}-1`, value: values.key.trim() }] }),
    };
    await changeConfig((managed) =>
      withEntry(managed, 'providers', name, { ...managed.providers?.[name], ...entry }),
    );
    toast(`${name} is in force.`);
    done(name);
  };
  return (
    <FormView form={form} run={run} act={act} inline={inline}>
      <TextField
        label="Provider"
        {...form.field('name')}
        options={KNOWN}
        hint={own ? 'Any name.' : 'A known one needs its key alone.'}
        required
      />
      <TextField
        label="Its key"
        type="password"
        autocomplete="off"
        {...form.field('key')}
        hint="Stored sealed, and never shown again."
        mono
        required={!own}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={own}
          onChange={({ currentTarget }) => setOwn(currentTarget.checked)}
        />
        It is a server of your own, or not among the known
      </label>
      {own && (
        <div class="fields two">
          <SelectField
            label="It speaks"
            {...form.field('dialect')}
            options={DIALECTS.map((one) => [one, one] as const)}
          />
          <TextField
            label="Address"
            type="url"
            {...form.field('baseUrl')}
            placeholder="http://127.0.0.1:8000/v1"
            mono
            required
          />
        </div>
      )}
    </FormView>
  );
}
