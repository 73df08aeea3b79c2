// The configuration that is managed here: written, checked, compared, applied, and gone back in.
import { useState } from 'preact/hooks';
import {
  applyConfig,
  type ConfigChange,
  type ConfigProblem,
  type Document,
  readConfig,
} from '../../api/config.ts';
import { call, get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { asProblem, type Problem } from '../../api/problem.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { toast } from '../../parts/toast.tsx';
import { Editor } from './editor.tsx';
import type { SchemaNode } from './schema-help.ts';
import { History } from './history.tsx';
import { NotManaged } from './not-managed.tsx';
import './config.css';

const VIEWS = [
  ['edit', 'Managed here'],
  ['effective', 'In force'],
  ['history', 'History'],
] as const;

export default function Config() {
  const state = useLoad('config', readConfig);
  const [view, setView] = useState('edit');
  const { data, problem } = state;
  if (problem?.status === 404) return <NotManaged />;
  if (data === null)
    return problem === null ? <Shape lines={8} /> : <ErrorNote problem={problem} again={state.again} />;
  return (
    <div class="stack">
      <div class="row">
        <Tabs label="Shown" tabs={VIEWS} value={view} onPick={setView} />
        <span class="fill" />
        <span class="muted small">version {data.version}</span>
        <a class="button" href="/api/config/export" download="headgate-managed.yaml">
          Export
        </a>
      </div>
      {view === 'edit' && (
        <Edit
          key={data.version}
          managed={data.managed}
          version={data.version}
          again={state.again}
          file={data.file}
        />
      )}
      {view === 'effective' && (
        <>
          <p class="muted">
            What the file and what is managed here make together, defaults included, secrets left out.
          </p>
          <JsonView value={data.effective} />
        </>
      )}
      {view === 'history' && <History version={data.version} again={state.again} />}
    </div>
  );
}

interface EditProps {
  managed: Document;
  version: number;
  file: { readonly providers: readonly string[]; readonly models: readonly string[] };
  again: () => void;
}

function Edit({ managed, version, file, again }: EditProps) {
  const before = JSON.stringify(managed, null, 2);
  const [text, setText] = useState(before);
  // Without it one writes without help, as before.
  const schema = useLoad('schema', (signal) => get<SchemaNode>('/api/config/schema', signal));
  const [problems, setProblems] = useState<readonly ConfigProblem[]>([]);
  const [changes, setChanges] = useState<readonly ConfigChange[] | null>(null);
  const [problem, fail] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const doing = (work: () => Promise<void>) => (): void => {
    setBusy(true);
    fail(null);
    work()
      .catch((error: unknown) => fail(asProblem(error)))
      .finally(() => setBusy(false));
  };
  const look = async (): Promise<void> => {
    const { body } = await call<{ ok: boolean; problems: readonly ConfigProblem[] }>(
      'POST',
      '/api/config/validate',
      { body: { config: text } },
    );
    setProblems(body.problems);
    setChanges(null);
    if (!body.ok) return;
    const { body: compared } = await call<{ changes: readonly ConfigChange[] }>('POST', '/api/config/diff', {
      body: { config: text },
    });
    setChanges(compared.changes);
  };
  const apply = async (): Promise<void> => {
    const { version: next, workersBehind } = await applyConfig(text, version);
    toast(
      workersBehind === 0
        ? `Version ${next} is in force on all workers.`
        : `Version ${next} is stored; ${workersBehind} workers are behind.`,
    );
    again();
  };
  const stale = problem?.code === 'version_conflict';
  return (
    <section class="stack">
      <p class="muted">
        Providers, keys and models that are managed here lie over the file
        {file.providers.length + file.models.length > 0 &&
          `, which has ${[...file.providers, ...file.models].join(', ')}`}
        . JSON or YAML; a key’s value that stands as *** stays as it is.
      </p>
      <Editor
        text={text}
        problems={problems}
        schema={schema.data}
        onText={(next) => {
          setText(next);
          setChanges(null);
        }}
      />
      {problems.length > 0 && (
        <ul class="note bad-note problems">
          {problems.map((one) => (
            <li key={`${one.path} ${one.message}`} class="break">
              {one.line === null || one.line === undefined ? '' : `line ${one.line}: `}
              {one.path !== '' && <code>{one.path}</code>} {one.message}
            </li>
          ))}
        </ul>
      )}
      {changes !== null && (
        <div class="note ok-note">
          <p>
            {changes.length === 0 ? 'It is valid, and changes nothing.' : 'It is valid. Applying it will:'}
          </p>
          <ul class="plain-list">
            {changes.map(({ op, path }) => (
              <li key={path}>
                <span class={op === 'remove' ? 'bad' : op === 'add' ? 'ok' : 'warn'}>{op}</span>{' '}
                <code class="break">{path}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      {problem !== null && <ErrorNote problem={problem} />}
      <div class="acts">
        {stale && (
          <button type="button" onClick={again}>
            Begin from theirs
          </button>
        )}
        <button type="button" onClick={() => setText(before)} disabled={text === before}>
          As it was
        </button>
        <button type="button" onClick={doing(look)} disabled={busy}>
          {busy ? 'Checking…' : 'Check and compare'}
        </button>
        <Gated
          resource="config"
          verb="update"
          class="main"
          reason={
            changes === null
              ? 'Check and compare first: you see what will change.'
              : changes.length === 0
                ? 'It changes nothing.'
                : ''
          }
          onClick={doing(apply)}
        >
          Apply
        </Gated>
      </div>
    </section>
  );
}
