// The second factor of who is signed in: a secret for an authenticator app, proven by a first code, or taken away by one.
import { useState } from 'preact/hooks';
import { call, get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { Copy } from '../../parts/copy.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { Qr } from '../../parts/qr.tsx';
import { Shape } from '../../parts/shape.tsx';
import { toast } from '../../parts/toast.tsx';

interface Begun {
  readonly secret: string;
  readonly uri: string;
}

export function TwoFactor() {
  const { data, problem, again } = useLoad('two-factor', (signal) =>
    get<{ admin: { twoFactor?: boolean } }>('/api/session', signal),
  );
  const [begun, begin] = useState<Begun | null>(null);
  const [removing, remove] = useState(false);
  const starting = useForm({});
  const on = data?.admin.twoFactor === true;
  const start = async (): Promise<void> => {
    begin((await call<Begun>('POST', '/api/session/totp')).body);
  };
  return (
    <section class="panel">
      <header>
        <h2>Your second factor</h2>
        {data !== null && <span class={`badge ${on ? 'ok' : ''}`}>{on ? 'on' : 'off'}</span>}
      </header>
      <form class="pad fields settings-form" onSubmit={starting.submit(start)}>
        <p class="muted">
          {on
            ? 'Signing in asks for a code of your authenticator app, besides the password.'
            : 'With it, signing in asks for a code of an authenticator app too: a password that got out is not enough.'}
        </p>
        {problem !== null && <ErrorNote problem={problem} again={again} />}
        {starting.problem !== null && <ErrorNote problem={starting.problem} />}
        {data === null && problem === null && <Shape lines={1} />}
        {data !== null && (
          <div class="row">
            {on ? (
              <button type="button" onClick={() => remove(true)}>
                Turn it off
              </button>
            ) : (
              <button type="submit" disabled={starting.busy}>
                Set it up
              </button>
            )}
          </div>
        )}
      </form>
      {begun !== null && (
        <CodeDialog
          title="Set up a second factor"
          path="/api/session/totp/confirm"
          act="Turn it on"
          close={() => begin(null)}
          done={() => {
            begin(null);
            toast('Signing in asks for a code from now on.');
            again();
          }}
        >
          <p>Scan this with an authenticator app, then type the code it shows.</p>
          <Qr text={begun.uri} label="QR code for an authenticator app" />
          <p class="muted small">No camera? Type this in by hand:</p>
          <div class="secret">
            <code class="break">{begun.secret}</code>
            <Copy text={begun.secret} />
          </div>
        </CodeDialog>
      )}
      {removing && (
        <CodeDialog
          title="Turn the second factor off"
          path="/api/session/totp/remove"
          act="Turn it off"
          close={() => remove(false)}
          done={() => {
            remove(false);
            toast('A password is enough to sign in again.');
            again();
          }}
        >
          <p>A code of your authenticator app, to show that it is you.</p>
        </CodeDialog>
      )}
    </section>
  );
}

interface CodeDialogProps {
  title: string;
  path: string;
  act: string;
  close: () => void;
  done: () => void;
  children: preact.ComponentChildren;
}

function CodeDialog({ title, path, act, close, done, children }: CodeDialogProps) {
  const form = useForm({ code: '' });
  const run = async (): Promise<void> => {
    await call('POST', path, { body: { code: form.values.code.replace(/\s/g, '') } });
    done();
  };
  return (
    <FormDialog title={title} close={close} form={form} run={run} act={act}>
      {children}

      <TextField
        label="Code"
        {...form.field('code')}
        autocomplete="one-time-code"
        placeholder="123456"
        mono
        required
      />
    </FormDialog>
  );
}
