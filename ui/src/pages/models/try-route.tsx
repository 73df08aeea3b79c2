// A call, made now: which target answered, and why that one.
import { useState } from 'preact/hooks';
import { streamChat } from '../../api/chat.ts';
import { get } from '../../api/client.ts';
import type { WholeCall } from '../../api/logs.ts';
import { TextField } from '../../parts/field.tsx';
import { whyOf } from '../logs/reasons.ts';
import { usableKey } from '../playground/key-choice.tsx';

const TRIES = 8;
const APART_MS = 600;
const PATIENCE_MS = 60_000;

export function TryRoute({ names }: { names: readonly string[] }) {
  const [stated, setModel] = useState('');
  const [lines, setLines] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const model = stated || names[0] || '';
  const run = async (): Promise<void> => {
    const body = { model, messages: [{ role: 'user', content: 'Say ok.' }], max_tokens: 16, stream: true };
    const end = await streamChat(body, await usableKey(), AbortSignal.timeout(PATIENCE_MS), () => undefined);
    for (let round = 0; round < TRIES && end.requestId !== ''; round += 1) {
      const found = await get<WholeCall>(`/api/logs/${encodeURIComponent(end.requestId)}`).catch(() => null);
      if (found !== null) {
        setLines(whyOf(found.call, found.attempts));
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, APART_MS));
    }
    setLines([end.error ?? 'It was answered; the log does not have it yet.']);
  };
  return (
    <section class="panel">
      <header>
        <h2>Try a route</h2>
      </header>
      <form
        class="pad fields"
        onSubmit={(event) => {
          event.preventDefault();
          setBusy(true);
          run()
            .catch((error: unknown) => setLines([error instanceof Error ? error.message : String(error)]))
            .finally(() => setBusy(false));
        }}
      >
        <TextField
          label="Model"
          value={model}
          onValue={setModel}
          options={names}
          mono
          required
          hint="A small call is made, limited and counted like any other."
        />
        <div class="row">
          <button type="submit" disabled={busy || model === ''}>
            {busy ? 'Asking…' : 'Try it'}
          </button>
        </div>
        <ol class="plain-list" aria-live="polite">
          {lines.map((line) => (
            <li key={line} class="break">
              {line}
            </li>
          ))}
        </ol>
      </form>
    </section>
  );
}
