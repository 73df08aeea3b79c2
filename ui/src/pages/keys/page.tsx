// Who may call, what they spend, and what holds them: a tree down to the keys, or each kind as a table.
import { useState } from 'preact/hooks';
import { query, setQuery } from '../../app/router.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { BudgetsView } from './budgets-view.tsx';
import { KindTable } from './kind-table.tsx';
import { KINDS, type Kind, listOf, TITLES, useBook } from './objects.ts';
import { ObjectDrawer } from './object-drawer.tsx';
import { ObjectForm } from './object-form.tsx';
import { TreeTable } from './tree-table.tsx';
import './keys.css';

const VIEWS = [
  ['', 'Tree'] as const,
  ...KINDS.map((kind) => [kind, TITLES[kind]] as const),
  ['budgets', 'Budgets'] as const,
];

export default function Keys() {
  const book = useBook();
  const [text, setText] = useState('');
  const [making, make] = useState<Kind | null>(null);
  const [secret, show] = useState('');
  const params = query.value;
  const view = KINDS.find((kind) => kind === params.get('view')) ?? null;
  const [openKind = '', ...rest] = (params.get('open') ?? '').split(':');
  const openId = rest.join(':');
  const kind = KINDS.find((one) => one === openKind);
  if (book.data === null)
    return book.problem === null ? (
      <Shape lines={8} />
    ) : (
      <ErrorNote problem={book.problem} again={book.again} />
    );
  const { data } = book;
  const chosen =
    kind === undefined
      ? undefined
      : listOf(data, kind).find(({ id, name }) => id === openId || name === openId);
  const anything = KINDS.some((one) => listOf(data, one).length > 0);
  return (
    <div class="stack keys">
      <div class="row">
        <Tabs
          label="Shown as"
          tabs={VIEWS}
          value={params.get('view') === 'budgets' ? 'budgets' : (view ?? '')}
          onPick={(value) => setQuery({ view: value })}
        />
        <span class="fill" />
        <input
          class="keys-search"
          type="search"
          placeholder="Find by name"
          aria-label="Find by name"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        {view !== null && view !== 'key' && (
          <Gated resource={view} verb="create" onClick={() => make(view)}>
            New {view}
          </Gated>
        )}
        <Gated resource="key" verb="create" class="main" onClick={() => make('key')}>
          New key
        </Gated>
      </div>
      {book.problem !== null && <ErrorNote problem={book.problem} again={book.again} />}
      {data.cut && (
        <p class="note warn-note">
          There are more than 2,000 of a kind: only the first are here. Press / to find one by its name.
        </p>
      )}
      {params.get('view') === 'budgets' && <BudgetsView />}
      {!anything && params.get('view') !== 'budgets' && (
        <Empty title="No keys yet">
          <p>
            A key lets a program call through this gateway. It can belong to a user, a team or an
            organization, which share limits and are shown together.
          </p>
          <Gated resource="key" verb="create" class="main" onClick={() => make('key')}>
            Make the first key
          </Gated>
        </Empty>
      )}
      {anything &&
        params.get('view') !== 'budgets' &&
        (view === null ? (
          <TreeTable book={data} text={text} />
        ) : (
          <KindTable book={data} kind={view} text={text} />
        ))}
      {making !== null && (
        <ObjectForm
          kind={making}
          before={null}
          book={data}
          close={() => make(null)}
          done={(made) => {
            make(null);
            book.again();
            if (typeof made['key'] === 'string' && making === 'key') show(made['key']);
          }}
          again={book.again}
        />
      )}
      {secret !== '' && (
        <SecretOnce
          title="Your new key"
          words="Programs send it as Authorization: Bearer. It works from now on."
          secret={secret}
          close={() => show('')}
        />
      )}
      {kind !== undefined && chosen !== undefined && (
        <ObjectDrawer
          key={chosen.id}
          kind={kind}
          object={chosen}
          book={data}
          close={() => setQuery({ open: null })}
          again={book.again}
          secret={show}
        />
      )}
    </div>
  );
}
