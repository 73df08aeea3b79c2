// One receiver of rows: gathers calls into batches, and hands them to its outbox. Rows come from the spool, never from the path
// of a call; what does not fit, or is refused, is counted and forgotten. What waits stands beside the rows until it is told, and is taken
// up by the next gatehouse.
import { createHash } from 'node:crypto';
import type { KeptBody, LoggedRow } from '../../src/contracts/log-store.ts';
import type { CallbackConfig } from '../../src/contracts/log-receivers.ts';
import { createOutbox, type Outcome } from '../../src/observability/outbox.ts';
import { callsOf, type ToldCall } from './told-call.ts';

export interface Callback {
  /** Which of these rows it is to be told of. */
  wanted(rows: readonly LoggedRow[]): readonly LoggedRow[];
  take(rows: readonly LoggedRow[]): void;
  /** Sends what waits, at most for `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export interface CallbackDeps {
  /** Sends one batch; told the same `id` whenever it tries the same again. Never rejects. */
  send(calls: readonly ToldCall[], id: string): Promise<Outcome>;
  bodies(call: string): Promise<readonly KeptBody[]>;
  /** They need not be kept any more. */
  told(ids: readonly number[]): void;
  dropped(rows: number): void;
  sent(rows: number): void;
  failing(reason: string): void;
}

type Config = Pick<
  CallbackConfig,
  'outcomes' | 'content' | 'batchCalls' | 'waitMs' | 'maxRows' | 'patienceMs'
>;

interface Batch {
  readonly id: string;
  readonly calls: readonly Pick<ToldCall, 'rows' | 'end'>[];
  readonly weight: number;
  readonly records: number;
}

export function createCallback(config: Config, deps: CallbackDeps): Callback {
  const { outcomes, content, batchCalls, waitMs, maxRows, patienceMs } = config;
  let gathered: Pick<ToldCall, 'rows' | 'end'>[] = [];
  let timer: NodeJS.Timeout | null = null;
  const outbox = createOutbox<Batch>({
    send: async ({ calls, id }) => deps.send(await withBodies(calls), id),
    maxWeight: maxRows,
    patienceMs,
    dropped: deps.dropped,
    sent: deps.sent,
    over: ({ calls }) => deps.told(idsOf(calls)),
    failing: deps.failing,
  });

  async function withBodies(calls: Batch['calls']): Promise<ToldCall[]> {
    const told: ToldCall[] = [];
    for (const call of calls) {
      // Without them it is still worth telling.
      const bodies = content ? await deps.bodies(call.end.call).catch(() => []) : [];
      told.push({ ...call, bodies });
    }
    return told;
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (let at = 0; at < gathered.length; at += batchCalls) {
      const calls = gathered.slice(at, at + batchCalls);
      const records = calls.reduce((sum, { rows }) => sum + rows.length, 0);
      outbox.offer({ id: nameOf(calls), calls, weight: records, records });
    }
    gathered = [];
  }

  const wanted = (rows: readonly LoggedRow[]): Batch['calls'] =>
    callsOf(rows).filter(({ end }) => outcomes.includes(end.outcome));

  return {
    wanted: (rows) => wanted(rows).flatMap((call) => call.rows),
    take(rows) {
      for (const call of wanted(rows)) gathered.push(call);
      if (gathered.length >= batchCalls) flush();
      else if (gathered.length > 0) timer ??= setTimeout(flush, waitMs);
    },
    async close(timeoutMs) {
      flush();
      await outbox.close(timeoutMs);
    },
  };
}

const idsOf = (calls: Batch['calls']): number[] => calls.flatMap(({ rows }) => rows.map(({ id }) => id));

/** The same for the same rows, also after a restart. */
function nameOf(calls: Batch['calls']): string {
  return createHash('sha256').update(idsOf(calls).join()).digest('base64url').slice(0, 24);
}
