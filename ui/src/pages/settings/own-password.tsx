// A new password for who is signed in.
import { call } from '../../api/client.ts';
import { session } from '../../api/session.ts';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormView } from '../../parts/form-view.tsx';

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
      <FormView form={form} run={run} act="Set the password" inline class="pad settings-form">
        <TextField
          label="New password"
          type="password"
          autocomplete="new-password"
          {...form.field('password')}
          hint="At least 12 characters. It ends your sessions everywhere; you sign in again."
          required
        />
      </FormView>
    </section>
  );
}
