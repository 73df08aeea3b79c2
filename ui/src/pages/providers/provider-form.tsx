// A provider more: one that is known needs its key alone, any other also how it speaks and where it is.
import { useState } from 'preact/hooks';
import { changeConfig, type Json, withEntry } from '../../api/config.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
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

export function ProviderFields({ done, act }: { done: (name: string) => void; act: string }) {
  const form = useForm({ name: 'openai', key: '', dialect: 'openai-chat', baseUrl: '' }, []);
  const [own, setOwn] = useState(false);
  const { values, set } = form;
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
    <form class="fields" onSubmit={form.submit(run)}>
      <TextField
        label="Provider"
        value={values.name}
        onValue={(value) => set('name', value)}
        options={KNOWN}
        hint={own ? 'Any name.' : 'A known one needs its key alone.'}
        required
      />
      <TextField
        label="Its key"
        type="password"
        autocomplete="off"
        value={values.key}
        onValue={(value) => set('key', value)}
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
            value={values.dialect}
            onValue={(value) => set('dialect', value)}
            options={DIALECTS.map((one) => [one, one] as const)}
          />
          <TextField
            label="Address"
            type="url"
            value={values.baseUrl}
            onValue={(value) => set('baseUrl', value)}
            placeholder="http://127.0.0.1:8000/v1"
            mono
            required
          />
        </div>
      )}
      {form.problem !== null && <ErrorNote problem={form.problem} />}
      <div class="acts">
        <button type="submit" class="main" disabled={form.busy}>
          {form.busy ? 'Working…' : act}
        </button>
      </div>
    </form>
  );
}
