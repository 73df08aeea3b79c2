// Any model, up to four side by side, the same prompt: what each says, how fast, for how much.
import { useEffect, useRef, useState } from 'preact/hooks';
import { addKeys } from '../../app/keyboard.ts';
import { query, setQuery } from '../../app/router.ts';
import { callSnippets } from '../../format/snippets.ts';
import { Code } from '../../parts/code.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { AreaField, TextField } from '../../parts/field.tsx';
import { Answer } from './answer.tsx';
import { bodyOf, type Prompt } from './body.ts';
import { KeyChoice, playKey, usableKey } from './key-choice.tsx';
import { Pictures } from './pictures.tsx';
import { useModels } from './use-models.ts';
import { useRuns } from './use-runs.ts';
import './playground.css';

const MOST = 4;

export default function Playground() {
  const models = useModels();
  const stated = (query.value.get('models') ?? '').split(',').filter((one) => one !== '');
  const chosen = stated.length > 0 ? stated.slice(0, MOST) : models.names.slice(0, 1);
  const [prompt, setPrompt] = useState<Prompt>({
    system: '',
    text: '',
    maxTokens: '',
    temperature: '',
    tools: '',
    images: [],
  });
  const [code, showCode] = useState(false);
  const [fault, setFault] = useState('');
  const runs = useRuns();
  const text = useRef<HTMLDivElement>(null);
  const choose = (next: readonly string[]): void => setQuery({ models: next.join(',') }, { replace: true });
  const set = (change: Partial<Prompt>): void => setPrompt((before) => ({ ...before, ...change }));
  const send = async (): Promise<void> => {
    setFault('');
    try {
      for (const model of chosen) bodyOf(model, prompt);
    } catch {
      setFault('Tools: it is not valid JSON.');
      return;
    }
    const key = await usableKey();
    runs.start(
      chosen.map((model) => ({ model, body: bodyOf(model, prompt) })),
      key,
    );
  };
  const go = (): void => {
    if (prompt.text.trim() === '' || chosen.length === 0) return;
    send().catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
  };
  useEffect(
    () =>
      addKeys([
        { key: 'p', words: 'Write a prompt', run: () => text.current?.querySelector('textarea')?.focus() },
      ]),
    [],
  );
  return (
    <div class="stack playground">
      <section class="panel pad fields">
        <div class="row">
          {chosen.map((model, index) => (
            <ModelChoice
              key={index}
              value={model}
              names={models.names}
              onValue={(value) => choose(chosen.map((one, place) => (place === index ? value : one)))}
              remove={chosen.length > 1 ? () => choose(chosen.filter((_, place) => place !== index)) : null}
            />
          ))}
          {chosen.length < MOST && (
            <button
              type="button"
              class="chip"
              onClick={() =>
                choose([
                  ...chosen,
                  models.names.find((one) => !chosen.includes(one)) ?? models.names[0] ?? 'model',
                ])
              }
            >
              + one beside it
            </button>
          )}
          <span class="fill" />
          <KeyChoice />
        </div>
        {models.problem !== null && <ErrorNote problem={models.problem} again={models.again} />}
        <div ref={text}>
          <AreaField
            label="Prompt"
            value={prompt.text}
            onValue={(value) => set({ text: value })}
            rows={4}
            placeholder="Ask something. Ctrl-Enter sends it."
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                go();
              }
            }}
          />
        </div>
        <details>
          <summary>System prompt, length, tools, pictures</summary>
          <div class="fields">
            <AreaField
              label="System prompt"
              value={prompt.system}
              onValue={(value) => set({ system: value })}
              rows={2}
            />
            <div class="fields two">
              <TextField
                label="Longest answer, tokens"
                type="number"
                value={prompt.maxTokens}
                onValue={(value) => set({ maxTokens: value })}
              />
              <TextField
                label="Temperature"
                type="text"
                value={prompt.temperature}
                onValue={(value) => set({ temperature: value })}
              />
            </div>
            <AreaField
              label="Tools"
              mono
              rows={3}
              value={prompt.tools}
              onValue={(value) => set({ tools: value })}
              hint="JSON, as `tools` of a chat request."
              placeholder='[{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}]'
            />
            <Pictures images={prompt.images} set={(images) => set({ images })} />
          </div>
        </details>
        {fault !== '' && (
          <p class="bad" role="alert">
            {fault}
          </p>
        )}
        <div class="acts">
          <button type="button" onClick={() => showCode(true)}>
            As code
          </button>
          {runs.busy ? (
            <button type="button" onClick={runs.stop}>
              Stop
            </button>
          ) : (
            <button
              type="button"
              class="main"
              onClick={go}
              disabled={prompt.text.trim() === '' || chosen.length === 0}
            >
              Send
            </button>
          )}
        </div>
      </section>
      <div class="answers">
        {runs.list.map((run) => (
          <Answer key={run.id} run={run} />
        ))}
      </div>
      {code && (
        <Dialog title="As code" close={() => showCode(false)} class="wide">
          <Snippets model={chosen[0] ?? 'model'} prompt={prompt} />
        </Dialog>
      )}
    </div>
  );
}

function Snippets({ model, prompt }: { model: string; prompt: Prompt }) {
  let body: unknown;
  try {
    body = bodyOf(model, prompt);
  } catch {
    return <p class="bad">Tools: it is not valid JSON.</p>;
  }
  return (
    <Code
      snippets={callSnippets({
        origin: location.origin,
        key: playKey.value === '' ? 'YOUR_KEY' : playKey.value,
        model,
        prompt: prompt.text,
        stream: true,
        body,
      })}
    />
  );
}

interface ModelChoiceProps {
  value: string;
  names: readonly string[];
  onValue: (value: string) => void;
  remove: (() => void) | null;
}

function ModelChoice({ value, names, onValue, remove }: ModelChoiceProps) {
  return (
    <span class="row model-choice">
      <input
        list="playground-models"
        aria-label="Model"
        value={value}
        class="mono"
        spellcheck={false}
        onChange={({ currentTarget }) => onValue(currentTarget.value.trim())}
      />
      <datalist id="playground-models">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {remove !== null && (
        <button type="button" class="plain small" aria-label={`Without ${value}`} onClick={remove}>
          ✕
        </button>
      )}
    </span>
  );
}
