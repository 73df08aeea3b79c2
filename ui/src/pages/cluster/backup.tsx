// A copy of the store.
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { asProblem, type Problem } from '../../api/problem.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';

export function Backup({ kind, reason }: { kind: string; reason: string }) {
  const [file, setFile] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, fail] = useState<Problem | null>(null);
  const run = (): void => {
    if (busy) return;
    setBusy(true);
    fail(null);
    call<{ file: string }>('POST', '/api/backup').then(
      ({ body }) => {
        setBusy(false);
        setFile(body.file);
      },
      (error: unknown) => {
        setBusy(false);
        fail(asProblem(error));
      },
    );
  };
  return (
    <section class="panel">
      <header>
        <h2>Copy of the store</h2>
        <Gated
          resource="config"
          verb="update"
          reason={kind === 'postgres' ? 'The store lies in PostgreSQL: use its own tools.' : reason}
          onClick={run}
        >
          {busy ? 'Copying…' : 'Make a copy'}
        </Gated>
      </header>
      <div class="pad">
        {file === '' ? (
          <p class="muted">
            Keys, teams, administrators and the audit log as one file, whole and consistent, beside the store
            on the gateway’s machine.
          </p>
        ) : (
          <p>
            The copy is in <code class="break">{file}</code> on the gateway’s machine.
          </p>
        )}
        {problem !== null && <ErrorNote problem={problem} />}
      </div>
    </section>
  );
}
