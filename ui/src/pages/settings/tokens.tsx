// Personal tokens: for programs that administer. Shown once.
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';

interface Token {
  readonly id: string;
  readonly name: string;
  readonly label?: string;
  readonly prefix?: string;
  readonly lastFour?: string;
  readonly scopes?: readonly string[];
  readonly until?: number;
  readonly createdAt: string;
}

export function Tokens() {
  const list = usePages<Token>('/api/tokens', {});
  const [making, make] = useState(false);
  const [shown, show] = useState('');
  const [ending, end] = useState<Token | null>(null);
  return (
    <section class="panel">
      <header>
        <h2>Your tokens</h2>
        <button type="button" onClick={() => make(true)}>
          New token
        </button>
      </header>
      {list.problem !== null && <ErrorNote problem={list.problem} again={list.again} />}
      {list.items === null && list.problem === null && <Shape lines={2} />}
      {list.items?.length === 0 && (
        <p class="pad muted">
          None. A token lets a program or the command line administer this gateway in your name.
        </p>
      )}
      {(list.items?.length ?? 0) > 0 && (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th>Name</th>
                <th>Token</th>
                <th>May</th>
                <th>Made</th>
                <th>Over</th>
                <th>
                  <span class="hidden-text">Acts</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.items?.map((token) => (
                <tr key={token.id}>
                  <td>
                    <span class="clip">{token.label ?? token.name}</span>
                  </td>
                  <td class="mono nowrap">
                    {token.prefix}…{token.lastFour}
                  </td>
                  <td>{token.scopes === undefined ? 'all you may' : token.scopes.join(', ')}</td>
                  <td>
                    <Time at={token.createdAt} />
                  </td>
                  <td>
                    {token.until === undefined ? <span class="muted">never</span> : <Time at={token.until} />}
                  </td>
                  <td class="num">
                    <button type="button" class="small" onClick={() => end(token)}>
                      End
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making && (
        <NewToken
          close={() => make(false)}
          made={(token) => {
            make(false);
            show(token);
            list.again();
          }}
        />
      )}
      {shown !== '' && (
        <SecretOnce
          title="Your token"
          words="Send it as Authorization: Bearer with calls of the admin API."
          secret={shown}
          close={() => show('')}
        />
      )}
      {ending !== null && (
        <Confirm
          title="End this token"
          words={`Programs that use “${ending.label ?? ending.name}” are refused from now on.`}
          act="End it"
          danger
          close={() => end(null)}
          run={async () => {
            await call('DELETE', `/api/tokens/${ending.id}`);
            list.again();
          }}
        />
      )}
    </section>
  );
}

function NewToken({ close, made }: { close: () => void; made: (token: string) => void }) {
  const form = useForm({ name: '', scopes: '', days: '90' });
  const { values } = form;
  const run = async (): Promise<void> => {
    const scopes = values.scopes.split(/[\s,]+/).filter((one) => one !== '');
    const { body } = await call<{ token: string }>('POST', '/api/tokens', {
      body: {
        name: values.name,
        ...(scopes.length === 0 ? {} : { scopes }),
        ...(values.days === '' ? {} : { days: Number(values.days) }),
      },
    });
    made(body.token);
  };
  return (
    <FormDialog title="New token" close={close} form={form} run={run} act="Make it">
      <TextField label="Name" {...form.field('name')} placeholder="ci" required />
      <TextField label="Over after, days" type="number" {...form.field('days')} hint="Empty: never." />
      <TextField
        label="May"
        {...form.field('scopes')}
        placeholder="key:read, *:read"
        hint="Narrower than your own role; empty: all you may."
        mono
      />
    </FormDialog>
  );
}
