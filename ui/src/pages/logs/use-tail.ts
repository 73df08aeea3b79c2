// Rows as they are written. While somebody reads further down, what comes waits and is counted, and nothing moves.
import { useEffect, useRef, useState } from 'preact/hooks';
import { openStream } from '../../api/client.ts';
import { readEvents } from '../../api/events.ts';
import type { LogRow } from '../../api/logs.ts';
import { asProblem } from '../../api/problem.ts';
import { createTailBuffer } from './tail-buffer.ts';

const AGAIN_MS = 2_000;
/** How often the page is drawn anew while rows come. */
const DRAW_MS = 250;

export interface Tail {
  readonly state: 'off' | 'connecting' | 'on' | 'away';
  /** Why it is away, if anybody said. */
  readonly why: string;
  readonly rows: readonly LogRow[];
  /** Rows that came while the list was scrolled. */
  readonly waiting: number;
  /** Rows that nobody will be shown: too many came. */
  readonly leftOut: number;
  release(): void;
  setAtTop(atTop: boolean): void;
}

export function useTail(on: boolean, filters: Readonly<Record<string, string>>, attempts: boolean): Tail {
  const params = new URLSearchParams({ ...filters, ...(attempts ? { rows: 'attempts' } : {}) });
  const url = `/api/logs/stream?${params.toString()}`;
  const buffer = useRef(createTailBuffer());
  const [state, setState] = useState<Tail['state']>('off');
  const [why, setWhy] = useState('');
  const [, draw] = useState(0);
  useEffect(() => {
    buffer.current = createTailBuffer();
    if (!on) {
      setState('off');
      return;
    }
    const gone = new AbortController();
    const kept = buffer.current;
    let drawn = kept.version;
    const timer = setInterval(() => {
      if (kept.version === drawn) return;
      drawn = kept.version;
      draw((round) => round + 1);
    }, DRAW_MS);
    const connect = async (): Promise<void> => {
      while (!gone.signal.aborted) {
        try {
          const response = await openStream(url, gone.signal);
          setState('on');
          setWhy('');
          await readEvents(response, ({ event, data }) => {
            if (event === 'row') kept.take(JSON.parse(data) as LogRow);
            else if (event === 'sampled')
              kept.skipped(Number((JSON.parse(data) as { leftOut: number }).leftOut));
          });
        } catch (error) {
          // It broke off, or was refused; or ended by us.
          if (!gone.signal.aborted) setWhy(asProblem(error).message);
        }
        if (gone.signal.aborted) return;
        setState('away');
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    };
    setState('connecting');
    void connect();
    return () => {
      gone.abort();
      clearInterval(timer);
    };
  }, [on, url]);
  const { rows, waiting, leftOut } = buffer.current;
  return {
    state,
    why,
    rows,
    waiting,
    leftOut,
    release() {
      buffer.current.release();
      document.querySelector('.logs .list')?.scrollTo({ top: 0 });
      draw((round) => round + 1);
    },
    setAtTop(atTop) {
      buffer.current.hold(!atTop);
      if (atTop) draw((round) => round + 1);
    },
  };
}
