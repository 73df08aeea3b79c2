// A new credential for a key; the old one may hold for a while.
import { call } from '../../api/client.ts';
import { SelectField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';

export function Rotate({
  name,
  id,
  close,
  done,
}: {
  name: string;
  id: string;
  close: () => void;
  done: (key: string) => void;
}) {
  const form = useForm({ grace: '24h' });
  const run = async (): Promise<void> => {
    const { grace } = form.values;
    const { body } = await call<{ key: string }>('POST', `/api/keys/${id}/rotate`, {
      body: grace === '' ? {} : { grace },
    });
    done(body.key);
  };
  return (
    <FormDialog title={`Rotate ${name}`} close={close} form={form} run={run} act="Rotate">
      <p>It gets a new credential, with the same name, limits and permissions.</p>
      <SelectField
        label="The old one still holds for"
        {...form.field('grace')}
        options={[
          ['', 'no time: it was leaked'],
          ['1h', 'an hour'],
          ['24h', 'a day'],
          ['7d', 'a week'],
        ]}
      />
    </FormDialog>
  );
}
