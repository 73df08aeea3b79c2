// A new password for who is signed in.
import { call } from '../../api/client.ts';
import { session } from '../../api/session.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';

export function OwnPassword({ me }: { me: string }) {
  const form = useForm({ password: '' });
  const run = async (): Promise<void> => {
    await call('PUT', `/api/admins/${me}/password`, { body: { password: form.values.password } });
    // The gateway has ended all sessions of this administrator, this one among them.
    session.value = { kind: 'out', over: true };
  };
  return (
    <section class="panel">
      <header>
        <h2>Your password</h2>
      </header>
      <form class="fields pad settings-form" onSubmit={form.submit(run)}>
        <TextField
          label="New password"
          type="password"
          autocomplete="new-password"
          value={form.values.password}
          onValue={(value) => form.set('password', value)}
          fault={form.fault('password')}
          hint="At least 12 characters. It ends your sessions everywhere; you sign in again."
          required
        />
        {form.problem !== null && <ErrorNote problem={form.problem} />}
        <div class="row">
          <button type="submit" disabled={form.busy}>
            Set the password
          </button>
        </div>
      </form>
    </section>
  );
}
