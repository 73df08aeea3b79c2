// Calls of the playground that are under way or have ended, and what the log says of them afterwards.
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ChatPiece, streamChat } from '../../api/chat.ts';
import { get } from '../../api/client.ts';
import type { WholeCall } from '../../api/logs.ts';
import { may } from '../../api/session.ts';

export interface Run {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly reasoning: string;
  readonly tools: string;
  readonly stop: string;
  readonly usage: { readonly input: number; readonly output: number } | null;
  /** ms, as this browser saw it. */
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  readonly error: string | null;
  readonly requestId: string;
  /** Whole nanodollars of the log; null = no price; undefined = not known yet. */
  readonly costNano?: number | null;
}

export interface Wanted {
  readonly model: string;
  readonly body: unknown;
}

/** The log is written behind the answer: asked for so often, so far apart. */
const COST_TRIES = 6;
const COST_MS = 700;

export function useRuns() {
  const [list, setList] = useState<readonly Run[]>([]);
  const [running, setRunning] = useState(0);
  const gone = useRef(new AbortController());
  useEffect(() => () => gone.current.abort(), []);
  const change = (id: string, how: (run: Run) => Run): void =>
    setList((before) => before.map((run) => (run.id === id ? how(run) : run)));

  async function run({ body }: Wanted, id: string, key: string, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const since = (): number => performance.now() - began;
    const end = await streamChat(body, key, signal, (piece) =>
      change(id, (now) => grown(now, piece, since())),
    );
    change(id, (now) => ({ ...now, totalMs: since(), error: end.error, requestId: end.requestId }));
    if (end.requestId === '' || !may('log', 'read')) return;
    for (let round = 0; round < COST_TRIES; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, COST_MS));
      if (signal.aborted) return;
      const found = await get<WholeCall>(`/api/logs/${encodeURIComponent(end.requestId)}`).catch(() => null);
      if (found === null) continue;
      change(id, (now) => ({ ...now, costNano: found.call.costNano }));
      return;
    }
  }

  return {
    list,
    busy: running > 0,
    start(wanted: readonly Wanted[], key: string): void {
      gone.current.abort();
      const mine = new AbortController();
      gone.current = mine;
      const runs = wanted.map((one, index) => ({ ...empty(one.model), id: `${Date.now()}-${index}` }));
      setList(runs);
      setRunning(wanted.length);
      for (const [index, one] of wanted.entries()) {
        const over = (): void => {
          if (gone.current === mine) setRunning((now) => now - 1);
        };
        run(one, runs[index]!.id, key, mine.signal).then(over, over);
      }
    },
    stop(): void {
      gone.current.abort();
      setRunning(0);
    },
  };
}

function empty(model: string): Run {
  return {
    id: '',
    model,
    text: '',
    reasoning: '',
    tools: '',
    stop: '',
    usage: null,
    ttftMs: null,
    totalMs: null,
    error: null,
    requestId: '',
  };
}

function grown(
  run: Run,
  { text = '', reasoning = '', tool = '', stop, usage }: ChatPiece,
  sinceMs: number,
): Run {
  const content = text !== '' || reasoning !== '' || tool !== '';
  return {
    ...run,
    text: run.text + text,
    reasoning: run.reasoning + reasoning,
    tools: run.tools + tool,
    stop: stop ?? run.stop,
    usage: usage ?? run.usage,
    ttftMs: run.ttftMs ?? (content ? sinceMs : null),
  };
}
