// Who changed what, newest first; one entry opened with what was before and after.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';
import { asProblem, type Problem } from '../../api/problem.ts';
import { addKeys } from '../../app/keyboard.ts';
import { query, setQuery } from '../../app/router.ts';
import { clock, utc } from '../../format/time.ts';
import { Diff } from '../../parts/diff.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Shape } from '../../parts/shape.tsx';
import { toast } from '../../parts/toast.tsx';
import { VirtualList } from '../../parts/virtual-list.tsx';
import './audit.css';

interface Entry {
  readonly sequence: number;
  readonly at: number;
  readonly initiator: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: 'success' | 'failure' | 'denied';
  readonly reason: string;
  readonly ip: string;
  readonly hash: string;
  readonly before: unknown;
  readonly after: unknown;
}

const FILTERS = ['initiator', 'action', 'target', 'outcome'] as const;

export default function Audit() {
  const params = query.value;
  const filters = Object.fromEntries(FILTERS.map((name) => [name, params.get(name)]));
  const list = usePages<Entry>('/api/audit', filters);
  const [at, setAt] = useState(-1);
  const items = list.items ?? [];
  const open = items.find(({ sequence }) => String(sequence) === params.get('open'));
  useEffect(
    () =>
      addKeys([
        { key: 'j', words: 'Next entry', run: () => setAt((now) => Math.min(now + 1, items.length - 1)) },
        { key: 'k', words: 'Entry before', run: () => setAt((now) => Math.max(now - 1, 0)) },
        { key: 'Enter', words: 'Open the entry', run: () => items[at] !== undefined && show(items[at]) },
      ]),
    [items, at],
  );
  const show = (entry: Entry | null): void =>
    setQuery({ open: entry === null ? null : String(entry.sequence) });
  return (
    <div class="stack">
      <div class="audit-filters">
        {(['initiator', 'action', 'target'] as const).map((name) => (
          <TextField
            key={name}
            label={{ initiator: 'Who', action: 'Action', target: 'On what' }[name]}
            placeholder={{ initiator: 'admin:ada', action: 'key.create', target: 'key/key_…' }[name]}
            value={params.get(name) ?? ''}
            onValue={(value) => setQuery({ [name]: value.trim() }, { replace: true })}
            mono
          />
        ))}
        <SelectField
          label="Outcome"
          value={params.get('outcome') ?? ''}
          onValue={(value) => setQuery({ outcome: value })}
          options={[
            ['', 'All'],
            ['success', 'Success'],
            ['failure', 'Failure'],
            ['denied', 'Denied'],
          ]}
        />
        <Verify />
      </div>
      {list.problem !== null && <ErrorNote problem={list.problem} again={list.again} />}
      {list.items === null && list.problem === null && <Shape lines={8} />}
      {list.items !== null && items.length === 0 && (
        <Empty title="No entries">
          <p>
            {FILTERS.some((name) => params.has(name))
              ? 'Nothing fits these filters.'
              : 'Every change of the administration is written here.'}
          </p>
        </Empty>
      )}
      {items.length > 0 && (
        <section class="panel audit">
          <VirtualList
            label="Audit log"
            items={items}
            rowHeight={34}
            keyOf={({ sequence }) => String(sequence)}
            at={at}
            onEnd={list.more}
            head={
              <div class="list-head audit-row" role="row">
                {['Time', 'Who', 'Action', 'On what', 'Outcome', 'From'].map((words) => (
                  <span key={words} role="columnheader">
                    {words}
                  </span>
                ))}
              </div>
            }
            row={(entry, index) => (
              <div role="row" class={`list-row audit-row${index === at ? ' on' : ''}`}>
                <span role="cell" class="mono" title={utc(entry.at)}>
                  <button type="button" class="row-button" onClick={() => show(entry)}>
                    {clock(entry.at).replace(/\.\d+$/, '')}
                  </button>
                </span>
                <span role="cell" class="clip">
                  {entry.initiator}
                </span>
                <span role="cell" class="clip mono">
                  {entry.action}
                </span>
                <span role="cell" class="clip mono muted">
                  {entry.target || '–'}
                </span>
                <span role="cell" class={entry.outcome === 'success' ? 'ok' : 'bad'}>
                  {entry.outcome}
                </span>
                <span role="cell" class="clip mono muted">
                  {entry.ip || '–'}
                </span>
              </div>
            )}
          />
        </section>
      )}
      {open !== undefined && <EntryDrawer entry={open} close={() => show(null)} />}
    </div>
  );
}

function EntryDrawer({ entry, close }: { entry: Entry; close: () => void }) {
  return (
    <Dialog title={`${entry.action} ${entry.target}`} close={close} drawer>
      <dl class="facts">
        <dt>Time</dt>
        <dd>
          {clock(entry.at)} <span class="muted">({utc(entry.at)})</span>
        </dd>
        <dt>Who</dt>
        <dd>{entry.initiator}</dd>
        <dt>From</dt>
        <dd>{entry.ip || 'this machine'}</dd>
        <dt>Outcome</dt>
        <dd class={entry.outcome === 'success' ? 'ok' : 'bad'}>
          {entry.outcome}
          {entry.reason !== '' && `: ${entry.reason}`}
        </dd>
        <dt>Entry</dt>
        <dd class="mono">
          {entry.sequence} · {entry.hash}
        </dd>
      </dl>
      <h3>What changed</h3>
      <Diff before={entry.before ?? {}} after={entry.after ?? {}} />
    </Dialog>
  );
}

function Verify() {
  const [problem, fail] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const run = (): void => {
    setBusy(true);
    get<{ ok: boolean; entries: number; faults: readonly { fault: string; sequence: number }[] }>(
      '/api/audit/verify',
    ).then(
      ({ ok, entries, faults }) => {
        setBusy(false);
        if (ok) toast(`The chain of ${entries} entries is whole.`);
        else
          fail({
            status: -1,
            code: 'chain_broken',
            message: `The log was altered: ${faults.map(({ fault, sequence }) => `${fault} at ${sequence}`).join(', ')}.`,
            param: '',
            requestId: '',
          });
      },
      (error: unknown) => {
        setBusy(false);
        fail(asProblem(error));
      },
    );
  };
  return (
    <div class="row">
      <button type="button" onClick={run} disabled={busy}>
        {busy ? 'Checking…' : 'Check the chain'}
      </button>
      <a class="button" href="/api/audit/export" download="audit.ndjson">
        Export
      </a>
      {problem !== null && <ErrorNote problem={problem} />}
    </div>
  );
}
