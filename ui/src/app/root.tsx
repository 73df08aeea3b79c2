// What is shown before a page: that it comes, while the session is asked for, as index.html says it until there is a script; the
// sign-in where there is none, else the shell.
import { useEffect } from 'preact/hooks';
import { askSession, session } from '../api/session.ts';
import { Away } from '../pages/away.tsx';
import { SignIn } from '../pages/sign-in.tsx';
import { Toasts } from '../parts/toast.tsx';
import { Shell } from './shell.tsx';

export function Root() {
  useEffect(() => {
    askSession().catch(() => undefined);
  }, []);
  return (
    <>
      <Inside />
      <Toasts />
    </>
  );
}

function Inside() {
  const now = session.value;
  switch (now.kind) {
    case 'asking':
      return (
        <p class="coming" role="status">
          Headgate <span>is loading…</span>
        </p>
      );
    case 'away':
      return <Away message={now.message} />;
    case 'out':
      return <SignIn over={now.over} />;
    case 'in':
      return <Shell />;
  }
}
