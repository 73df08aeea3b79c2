// Money paid ahead, added to one key, team, ….
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { toast } from '../../parts/toast.tsx';

export function Credit({
  of,
  name,
  close,
  done,
}: {
  /** `keys/key_1`. */
  of: string;
  name: string;
  close: () => void;
  done: () => void;
}) {
  const form = useForm({ amountUsd: '', note: '' });
  // A click that is repeated, or an answer that got lost, adds it once.
  const [once] = useState(onceMore);
  const { values } = form;
  const run = async (): Promise<void> => {
    const note = values.note.trim();
    await call('POST', `/api/${of}/credit`, {
      body: { amountUsd: Number(values.amountUsd), ...(note === '' ? {} : { note }) },
      idempotencyKey: once,
    });
    toast(`${name} has $${values.amountUsd} more.`);
    done();
  };
  return (
    <FormDialog title={`Add credit to ${name}`} close={close} form={form} run={run} act="Add it">
      <p class="muted">
        Paid ahead, and never anew by itself: once it is spent, calls are refused until more is added. Below 0
        takes back.
      </p>
      <TextField
        label="USD"
        type="number"
        step="any"
        {...form.field('amountUsd')}
        placeholder="50"
        mono
        required
      />
      <TextField label="Note" {...form.field('note')} placeholder="invoice 7" />
    </FormDialog>
  );
}

/** `randomUUID` is there for pages by TLS alone. */
function onceMore(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
