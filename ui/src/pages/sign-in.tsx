// The door: name and password, or the set-up token of a gateway that nobody administers yet.
import { useState } from 'preact/hooks';
import { go, path, query } from '../app/router.ts';
import { setUp, signIn } from '../api/session.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { TextField } from '../parts/field.tsx';
import { useForm } from '../parts/form.ts';

export function SignIn({ over }: { over: boolean }) {
  const [first, setFirst] = useState(query.peek().has('setup'));
  return (
    <main class="door">
      <div class="door-head">
        <img src="/ui/mark.svg" alt="" width="28" height="28" />
        <h1>Headgate</h1>
      </div>
      {over && (
        <p class="note" role="status">
          Your session is over. Sign in again, and you are back where you were.
        </p>
      )}
      {first ? <SetUp /> : <PasswordForm />}
      <p class="muted">
        {first ? 'There is an administrator already?' : 'Nobody administers this gateway yet?'}{' '}
        <button type="button" class="link" onClick={() => setFirst(!first)}>
          {first ? 'Sign in' : 'Use the set-up token'}
        </button>
      </p>
    </main>
  );
}

function PasswordForm() {
  const form = useForm({ name: '', password: '', code: '' });
  const { values, set } = form;
  // Asked for only where the administrator has an authenticator app.
  const coded = form.fault('code') !== '' || values.code !== '';
  return (
    <form
      class="fields"
      onSubmit={form.submit(() => signIn(values.name, values.password, values.code.trim()))}
    >
      <TextField
        label="Name"
        value={values.name}
        onValue={(value) => set('name', value)}
        fault={form.fault('name')}
        autocomplete="username"
        required
      />
      <TextField
        label="Password"
        type="password"
        value={values.password}
        onValue={(value) => set('password', value)}
        fault={form.fault('password')}
        autocomplete="current-password"
        required
      />
      {coded && (
        <TextField
          label="Code of your authenticator app"
          value={values.code}
          onValue={(value) => set('code', value)}
          fault={form.fault('code')}
          autocomplete="one-time-code"
          mono
        />
      )}
      {form.problem !== null && <ErrorNote problem={form.problem} />}
      <button type="submit" class="main" disabled={form.busy}>
        {form.busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}

function SetUp() {
  const form = useForm({ token: '', name: 'admin', password: '' });
  const { values, set } = form;
  const run = async (): Promise<void> => {
    await setUp(values.token.trim(), values.name.trim(), values.password);
    if (path.peek() === '/') go('/start');
  };
  return (
    <form class="fields" onSubmit={form.submit(run)}>
      <p>
        The gateway printed a set-up token when it started. It makes the first administrator, and works once.
      </p>
      <TextField
        label="Set-up token"
        value={values.token}
        onValue={(value) => set('token', value)}
        placeholder="hgs-…"
        autocomplete="off"
        required
        mono
      />
      <TextField
        label="Your name"
        value={values.name}
        onValue={(value) => set('name', value)}
        fault={form.fault('name')}
        autocomplete="username"
        required
      />
      <TextField
        label="A password"
        type="password"
        value={values.password}
        onValue={(value) => set('password', value)}
        fault={form.fault('password')}
        hint="At least 12 characters."
        autocomplete="new-password"
        required
      />
      {form.problem !== null && <ErrorNote problem={form.problem} />}
      <button type="submit" class="main" disabled={form.busy}>
        {form.busy ? 'Setting up…' : 'Make me the administrator'}
      </button>
    </form>
  );
}
