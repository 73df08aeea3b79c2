// One key, team, user, … : what it is, what it used, and what can be done with it.
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Gated } from '../../parts/gated.tsx';
import { Time } from '../../parts/time.tsx';
import { toast } from '../../parts/toast.tsx';
import { budgetText } from './budget-text.ts';
import { Burn } from './burn.tsx';
import { limitWords } from './limit-words.ts';
import { ObjectForm } from './object-form.tsx';
import { type Book, type Key, type Kind, type Managed, nameOf, PLURAL } from './objects.ts';
import { Rotate } from './rotate.tsx';
import { Spend } from './spend.tsx';

export interface ObjectDrawerProps {
  kind: Kind;
  object: Managed;
  book: Book;
  close: () => void;
  again: () => void;
  /** Shown once. */
  secret: (key: string) => void;
}

const REFERENCES = ['organization', 'team', 'user', 'customer', 'project'] as const;
const LISTS = ['models', 'providers', 'endpoints', 'ips', 'tags', 'fallbacks', 'teams'] as const;

export function ObjectDrawer({ kind, object, book, close, again, secret }: ObjectDrawerProps) {
  const [doing, setDoing] = useState<'edit' | 'rotate' | 'remove' | 'block' | null>(null);
  const inFile = object.managed === 'file' ? 'It stands in the configuration file: change it there.' : '';
  const stop = (): void => setDoing(null);
  const key = object as Key; // only read where the kind is a key
  return (
    <Dialog title={`${kind} ${object.name}`} close={close} drawer>
      <div class="row">
        <Gated resource={kind} verb="update" reason={inFile} onClick={() => setDoing('edit')}>
          Edit
        </Gated>
        {kind === 'key' && (
          <>
            <Gated resource="key" verb="update" reason={inFile} onClick={() => setDoing('rotate')}>
              Rotate
            </Gated>
            <Gated resource="key" verb="update" reason={inFile} onClick={() => setDoing('block')}>
              {object.blocked === true ? 'Unblock' : 'Block'}
            </Gated>
          </>
        )}
        <Gated
          resource={kind}
          verb="delete"
          reason={inFile}
          class="danger"
          onClick={() => setDoing('remove')}
        >
          {kind === 'key' ? 'Revoke' : 'Remove'}
        </Gated>
        <span class="fill" />
        {kind !== 'limit' && <Link to={placeOf('/logs', { [kind]: object.name })}>Its calls</Link>}
      </div>
      {object.blocked === true && <p class="note bad-note">Blocked: its calls are refused.</p>}
      <dl class="facts">
        {object.description !== undefined && (
          <>
            <dt>description</dt>
            <dd>{object.description}</dd>
          </>
        )}
        {kind === 'key' && (
          <>
            <dt>key</dt>
            <dd class="mono">
              {key.prefix}…{key.lastFour}
            </dd>
            <dt>last used</dt>
            <dd>
              <Time at={key.lastUsedAt} relative />
            </dd>
            <dt>over</dt>
            <dd>{key.expiresAt === undefined ? 'never' : <Time at={key.expiresAt} />}</dd>
          </>
        )}
        {REFERENCES.filter((name) => typeof object[name] === 'string').map((name) => (
          <Fact key={name} name={name} value={nameOf(book, name, object[name])} />
        ))}
        {LISTS.filter((name) => Array.isArray(object[name])).map((name) => (
          <Fact key={name} name={name} value={(object[name] as readonly unknown[]).join(', ') || 'none'} />
        ))}
        <Fact name="limits" value={limitWords(kind === 'limit' ? [object] : object['limits'])} />
        {Array.isArray(object['budgets']) && <Fact name="budgets" value={budgetText(object['budgets'])} />}
        <Fact name="id" value={object.id} />
        {object.createdAt !== undefined && (
          <>
            <dt>made</dt>
            <dd>
              <Time at={object.createdAt} />
            </dd>
          </>
        )}
        <Fact
          name="from"
          value={object.managed === 'file' ? 'the configuration file' : 'this administration'}
        />
      </dl>
      {kind !== 'limit' && <Spend kind={kind} id={object.id} name={object.name} inFile={inFile} />}
      {kind !== 'limit' && <Burn kind={kind} name={object.name} />}
      {doing === 'edit' && (
        <ObjectForm
          kind={kind}
          before={object}
          book={book}
          close={stop}
          done={() => {
            stop();
            again();
          }}
          again={again}
        />
      )}
      {doing === 'rotate' && (
        <Rotate
          name={object.name}
          id={object.id}
          close={stop}
          done={(fresh) => {
            stop();
            again();
            secret(fresh);
          }}
        />
      )}
      {doing === 'block' && (
        <Confirm
          title={object.blocked === true ? `Unblock ${object.name}` : `Block ${object.name}`}
          words={
            object.blocked === true
              ? 'Its calls are taken again from now on.'
              : 'Its calls are refused from now on, within a second on all workers. Calls under way end as they would.'
          }
          act={object.blocked === true ? 'Unblock' : 'Block'}
          danger={object.blocked !== true}
          close={stop}
          run={async () => {
            await call('POST', `/api/keys/${object.id}/${object.blocked === true ? 'unblock' : 'block'}`);
            toast(object.blocked === true ? `${object.name} may call again.` : `${object.name} is blocked.`);
            again();
          }}
        />
      )}
      {doing === 'remove' && (
        <Confirm
          title={`${kind === 'key' ? 'Revoke' : 'Remove'} ${object.name}`}
          words={
            kind === 'key'
              ? 'Programs that use it are refused at once. It cannot be had back.'
              : `The ${kind} is gone for good. What it used stays in the log.`
          }
          act={kind === 'key' ? 'Revoke' : 'Remove'}
          name={object.name}
          danger
          close={stop}
          run={async () => {
            await call(
              'DELETE',
              `/api/${PLURAL[kind]}/${object.id}`,
              object.version === undefined ? {} : { ifMatch: `"${object.version}"` },
            );
            toast(`${object.name} is gone.`);
            close();
            again();
          }}
        />
      )}
    </Dialog>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
