// A new credential for a key; the old one may hold for a while.
import { call } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { SelectField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';

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
    <Dialog title={`Rotate ${name}`} close={close}>
      <form class="fields" onSubmit={form.submit(run)}>
        <p>It gets a new credential, with the same name, limits and permissions.</p>
        <SelectField
          label="The old one still holds for"
          value={form.values.grace}
          onValue={(value) => form.set('grace', value)}
          options={[
            ['', 'no time: it was leaked'],
            ['1h', 'an hour'],
            ['24h', 'a day'],
            ['7d', 'a week'],
          ]}
        />
        {form.problem !== null && <ErrorNote problem={form.problem} />}
        <div class="acts">
          <button type="submit" class="main" disabled={form.busy}>
            Rotate
          </button>
        </div>
      </form>
    </Dialog>
  );
}
