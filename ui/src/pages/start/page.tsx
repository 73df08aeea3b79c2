// Three steps to a first answer: a provider and its key, a line to copy, and the answer as it comes.
import { useState } from 'preact/hooks';
import { useCluster } from '../../api/cluster.ts';
import { call } from '../../api/client.ts';
import { readConfig } from '../../api/config.ts';
import { useLoad } from '../../api/load.ts';
import { Link } from '../../app/link.tsx';
import { callSnippets } from '../../format/snippets.ts';
import { Code } from '../../parts/code.tsx';
import { Copy } from '../../parts/copy.tsx';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormView } from '../../parts/form-view.tsx';
import { Answer } from '../playground/answer.tsx';
import '../playground/playground.css';
import { useModels } from '../playground/use-models.ts';
import { useRuns } from '../playground/use-runs.ts';
import { LiveTest } from '../providers/live-test.tsx';
import '../providers/lanes.css';
import { ProviderFields } from '../providers/provider-form.tsx';
import './start.css';

export default function Start() {
  const view = useCluster();
  const config = useLoad('config', readConfig);
  const models = useModels();
  const [key, setKey] = useState('');
  const [stated, setModel] = useState('');
  const [added, setAdded] = useState('');
  const providers = (view?.lanes ?? []).map(({ provider }) => provider);
  const model =
    stated ||
    models.names.find((name) => added !== '' && name.startsWith(`${added}/`)) ||
    models.names[0] ||
    '';
  return (
    <div class="stack start">
      <section class="panel">
        <header>
          <h2>1. A provider and its key</h2>
        </header>
        <div class="pad stack">
          {providers.length > 0 && (
            <p class="ok">
              {added === ''
                ? `There ${providers.length === 1 ? 'is one already' : 'are some already'}: ${providers.join(', ')}.`
                : `${added} is in force on all workers.`}
            </p>
          )}
          {config.problem?.status === 404 ? (
            <p>
              This gateway takes its providers from its file or the environment: start it with{' '}
              <code>OPENAI_API_KEY</code> set, or write them into <code>headgate.yaml</code>. Without any, the
              model <code>demo/demo</code> answers.
            </p>
          ) : (
            <ProviderFields
              act="Use it"
              inline
              done={(name) => {
                setAdded(name);
                models.again();
              }}
            />
          )}
          {added !== '' && <LiveTest provider={added} />}
        </div>
      </section>
      <section class="panel">
        <header>
          <h2>2. A key of this gateway, and a line to copy</h2>
        </header>
        <div class="pad stack">
          {key === '' ? <OwnKey made={setKey} /> : <Made secret={key} />}
          <TextField label="Model" value={model} onValue={setModel} options={models.names} mono />
          <Code
            snippets={callSnippets({
              origin: location.origin,
              key: key === '' ? 'YOUR_KEY' : key,
              model,
              prompt: 'Say hello.',
              stream: true,
            })}
          />
        </div>
      </section>
      <FirstAnswer model={model} secret={key} />
    </div>
  );
}

function OwnKey({ made }: { made: (key: string) => void }) {
  const form = useForm({ name: 'first-app' });
  const run = async (): Promise<void> => {
    const { body } = await call<{ key: string }>('POST', '/api/keys', { body: { name: form.values.name } });
    made(body.key);
  };
  return (
    <FormView form={form} run={run} act="Make the key" inline>
      <TextField label="What is it for?" {...form.field('name')} required />
    </FormView>
  );
}

function Made({ secret }: { secret: string }) {
  return (
    <div>
      <div class="secret">
        <code class="break">{secret}</code>
        <Copy text={secret} />
      </div>
      <p class="muted small">It is shown this once: the gateway keeps only its hash.</p>
    </div>
  );
}

function FirstAnswer({ model, secret }: { model: string; secret: string }) {
  const runs = useRuns();
  const ask = (): void =>
    runs.start(
      [
        {
          model,
          body: {
            model,
            messages: [{ role: 'user', content: 'Say hello.' }],
            stream: true,
            stream_options: { include_usage: true },
          },
        },
      ],
      secret,
    );
  const [run] = runs.list;
  return (
    <section class="panel">
      <header>
        <h2>3. The first answer</h2>
        <button
          type="button"
          class="main"
          disabled={secret === '' || model === '' || runs.busy}
          onClick={ask}
        >
          Send it from here
        </button>
      </header>
      <div class="pad stack">
        {secret === '' && <p class="muted">Make the key first.</p>}
        {run !== undefined && <Answer run={run} />}
        {run?.error === null && run.totalMs !== null && (
          <p>
            That is all. <Link to="/">See it in the overview</Link>,{' '}
            <Link to="/keys">make keys for others</Link>, or <Link to="/playground">compare models</Link>.
          </p>
        )}
      </div>
    </section>
  );
}
