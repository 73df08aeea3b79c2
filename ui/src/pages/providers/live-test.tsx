// A small call to a provider, now: does it answer, how fast, and if not, in its own words why.
import { useState } from 'preact/hooks';
import { streamChat } from '../../api/chat.ts';
import { span } from '../../format/time.ts';
import { TextField } from '../../parts/field.tsx';
import { usableKey } from '../playground/key-choice.tsx';
import { useModels } from '../playground/use-models.ts';

type State =
  | { kind: 'idle' }
  | { kind: 'busy' }
  | { kind: 'well'; text: string; ms: number }
  | { kind: 'bad'; words: string };

const PATIENCE_MS = 60_000;

export function LiveTest({ provider }: { provider: string }) {
  const { names } = useModels();
  const own = names.filter((name) => name.startsWith(`${provider}/`));
  const [stated, setModel] = useState('');
  const [state, setState] = useState<State>({ kind: 'idle' });
  const model = stated || own[0] || `${provider}/`;
  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    setState({ kind: 'busy' });
    const began = performance.now();
    let text = '';
    const body = { model, messages: [{ role: 'user', content: 'Say ok.' }], max_tokens: 16, stream: true };
    try {
      const end = await streamChat(body, await usableKey(), AbortSignal.timeout(PATIENCE_MS), (piece) => {
        text += piece.text ?? '';
      });
      setState(
        end.error === null
          ? { kind: 'well', text, ms: performance.now() - began }
          : { kind: 'bad', words: end.error },
      );
    } catch (error) {
      setState({ kind: 'bad', words: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <section>
      <h3>Live test</h3>
      <form class="live-test" onSubmit={(event) => void run(event)}>
        <TextField label="Model" value={model} onValue={setModel} options={own} mono required />
        <button type="submit" disabled={state.kind === 'busy'}>
          {state.kind === 'busy' ? 'Asking…' : 'Ask it'}
        </button>
      </form>
      <div role="status">
        {state.kind === 'well' && (
          <p class="ok">
            It answers, in {span(state.ms)}: <span class="muted break">{state.text.slice(0, 200)}</span>
          </p>
        )}
        {state.kind === 'bad' && <p class="bad break">{state.words}</p>}
      </div>
    </section>
  );
}
