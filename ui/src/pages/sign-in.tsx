// The door: name and password, or the set-up token of a gateway that nobody administers yet.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/client.ts';
import { addressOf, go, path, query, withQuery } from '../app/router.ts';
import { setUp, signIn } from '../api/session.ts';
import { TextField } from '../parts/field.tsx';
import { useForm } from '../parts/form.ts';
import { FormView } from '../parts/form-view.tsx';

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
      {first ? <SetUp /> : <Ways />}
      <p class="muted">
        {first ? 'There is an administrator already?' : 'Nobody administers this gateway yet?'}{' '}
        <button type="button" class="link" onClick={() => setFirst(!first)}>
          {first ? 'Sign in' : 'Use the set-up token'}
        </button>
      </p>
    </main>
  );
}

/** What the way back from the provider says went wrong. */
const REFUSALS: Readonly<Record<string, string>> = {
  sso_unavailable: 'The sign-in service does not answer. Try again, or sign in by password.',
  sso_refused: 'The sign-in service refused, or it was cancelled there.',
  sso_invalid: 'What the sign-in service answered cannot be trusted. The audit log has the reason.',
  sso_expired: 'That sign-in took too long, or began in another browser. Begin again.',
  sso_no_role: 'You are known there, and no role is given to you here. Ask an administrator.',
  sso_unknown_user: 'You are known there, and nobody has made you an administrator here.',
  sso_blocked: 'You are blocked here.',
  sso_name_taken: 'Somebody else has your name here. Ask an administrator to link your account.',
  sso_try_again: 'Your account was changed at the same moment. Try again.',
  too_many_attempts: 'Too many failed attempts. Wait a while.',
};

interface Methods {
  readonly password: boolean;
  readonly oidc?: { readonly label: string; readonly url: string };
}

/** By password, at an OpenID provider, or both: as this gateway says. */
function Ways() {
  const [methods, tell] = useState<Methods>({ password: true });
  const why = query.value.get('login');
  useEffect(() => {
    get<Methods>('/api/login/methods').then(tell, () => undefined);
  }, []);
  const { oidc, password } = methods;
  const again = withQuery(query.value, { login: null });
  return (
    <>
      {why !== null && (
        <p class="note bad-note" role="alert">
          {REFUSALS[why] ?? 'The sign-in did not work.'}
        </p>
      )}
      {oidc !== undefined && (
        <a
          class={password ? 'button' : 'button main'}
          href={`${oidc.url}?return=${encodeURIComponent(addressOf(path.value) + again)}`}
        >
          {oidc.label}
        </a>
      )}
      {password && <PasswordForm />}
    </>
  );
}

function PasswordForm() {
  const form = useForm({ name: '', password: '', code: '' });
  const { values } = form;
  // Asked for only where the administrator has an authenticator app.
  const coded = form.fault('code') !== '' || values.code !== '';
  return (
    <FormView
      form={form}
      run={() => signIn(values.name, values.password, values.code.trim())}
      act="Sign in"
      busy="Signing in…"
      inline
    >
      <TextField label="Name" {...form.field('name')} autocomplete="username" required />
      <TextField
        label="Password"
        type="password"
        {...form.field('password')}
        autocomplete="current-password"
        required
      />
      {coded && (
        <TextField
          label="Code of your authenticator app"
          {...form.field('code')}
          autocomplete="one-time-code"
          mono
        />
      )}
    </FormView>
  );
}

function SetUp() {
  const form = useForm({ token: '', name: 'admin', password: '' });
  const { values } = form;
  const run = async (): Promise<void> => {
    await setUp(values.token.trim(), values.name.trim(), values.password);
    if (path.peek() === '/') go('/start');
  };
  return (
    <FormView form={form} run={run} act="Make me the administrator" busy="Setting up…" inline>
      <p>
        The gateway printed a set-up token when it started. It makes the first administrator, and works once.
      </p>
      <TextField
        label="Set-up token"
        {...form.field('token')}
        placeholder="hgs-…"
        autocomplete="off"
        required
        mono
      />
      <TextField label="Your name" {...form.field('name')} autocomplete="username" required />
      <TextField
        label="A password"
        type="password"
        {...form.field('password')}
        hint="At least 12 characters."
        autocomplete="new-password"
        required
      />
    </FormView>
  );
}
