// `headgate logs -f` and `headgate top`: what goes on, over gateways that drain, restart or are away for a while. Of rows nobody misses
// those that came meanwhile.
import type { LoggedRow } from '../../src/contracts/log-store.ts';
import { AdminCallError, type AdminTarget, callAdmin } from './admin-client.ts';
import { streamAdmin, type StreamEvent } from './admin-stream.ts';

const AGAIN_MS = 1_000;
/** Rows looked at behind a break. */
const MISSED = 500;
const LATE_MS = 10_000;
/** Rows that are known as shown. */
const KNOWN = 2_000;

export interface FollowDeps {
  readonly target: AdminTarget;
  /** Waits; rejects when the command is to end. */
  pause(ms: number): Promise<void>;
  /** The gateway is away, once for each time. */
  away(reason: string): void;
}

/** Events of one stream after the other. @throws AdminCallError when the very first does not begin */
export async function* followStream(
  { target, pause, away }: FollowDeps,
  path: string,
  opened: () => void = () => undefined,
): AsyncGenerator<StreamEvent> {
  let begun = false;
  let told = false;
  for (;;) {
    try {
      yield* streamAdmin(target, path, () => {
        begun = true;
        told = false;
        opened();
      });
      if (!told) away('the gateway ended the stream');
    } catch (error) {
      if (!begun) throw error;
      if (!told) away(error instanceof Error ? error.message : String(error));
    }
    told = true;
    await pause(AGAIN_MS);
  }
}

/** The last `count` rows, oldest first, then those that come: each once, in the order in which they are told. */
export async function followRows(
  deps: FollowDeps,
  query: URLSearchParams,
  count: number,
  row: (row: LoggedRow) => void,
  leftOut: (rows: number) => void,
): Promise<never> {
  const known = new Set<number>();
  /** Where it began: what is older was never to be shown. */
  let first: LoggedRow | null = null;
  let newestAt = 0;
  const show = (one: LoggedRow): void => {
    first ??= one;
    if (known.has(one.id)) return;
    known.add(one.id);
    if (known.size > KNOWN) for (const id of [...known].slice(0, KNOWN / 2)) known.delete(id);
    newestAt = Math.max(newestAt, one.at);
    row(one);
  };
  /** What is in the log already: the last ones, or those since the stream broke off. */
  const catchUp = async (): Promise<void> => {
    const asked = new URLSearchParams(query);
    const from = first;
    asked.set('facets', 'false');
    asked.set('limit', String(from === null ? count : MISSED));
    // A row may be written some seconds behind its time.
    if (from !== null) asked.set('since', String(Math.max(from.at, newestAt - LATE_MS)));
    const { rows } = (await callAdmin(deps.target, 'GET', `/api/logs?${asked}`)) as { rows: LoggedRow[] }; // as the API has it
    for (const one of rows.toReversed()) if (from === null || one.id >= from.id) show(one);
  };
  let caught: Promise<void> = Promise.resolve();
  const path = `/api/logs/stream${query.size === 0 ? '' : `?${query}`}`;
  const opened = (): void => {
    caught = count > 0 || first !== null ? catchUp() : Promise.resolve();
    // Heard of below, with the next event; not before.
    caught.catch(() => undefined);
  };
  for await (const { name, data } of followStream(deps, path, opened)) {
    await caught.catch((error: unknown) => {
      if (!(error instanceof AdminCallError)) throw error;
    });
    if (name === 'row') show(data as LoggedRow); // as the API has it
    if (name === 'sampled') leftOut((data as { leftOut: number }).leftOut);
  }
  throw new AdminCallError('the stream ended');
}
