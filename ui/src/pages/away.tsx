// The gateway does not answer: said once, asked again by itself.
import { useEffect } from 'preact/hooks';
import { askSession } from '../api/session.ts';

const AGAIN_MS = 3_000;

export function Away({ message }: { message: string }) {
  useEffect(() => {
    const timer = setInterval(() => void askSession().catch(() => undefined), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="door">
      <h1>Headgate</h1>
      <p role="alert">{message}</p>
      <p class="muted">This page asks again every 3 seconds.</p>
    </main>
  );
}
