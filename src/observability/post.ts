// One POST to a receiver of telemetry, and what its answer means for what was sent.
import { abortBehindTurns } from '../ipc/behind-reads.ts';
import type { Outcome } from './outbox.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly timeoutMs: number;
  /** Statuses that say to try again. */
  readonly retryable: ReadonlySet<number>;
  /** Reads the answer of one that took it; else it is thrown away. */
  readonly read?: (answer: Response) => Promise<Outcome>;
}

/** Never rejects. */
export async function post({ url, headers, body, timeoutMs, retryable, read }: Post): Promise<Outcome> {
  try {
    // biome-ignore lint/style/noRestrictedGlobals: a receiver of telemetry is no upstream: no call waits for it, and who sends has no lanes
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      signal: abortBehindTurns(timeoutMs),
      // Where it points to was not configured.
      redirect: 'manual',
    });
    if (answer.ok && read !== undefined) return await read(answer);
    await answer.body?.cancel();
    if (answer.ok) return { kind: 'taken' };
    const reason = `status ${answer.status}`;
    if (!retryable.has(answer.status)) return { kind: 'refused', reason };
    const seconds = Number(answer.headers.get('retry-after') ?? 0);
    return { kind: 'later', reason, afterMs: Number.isFinite(seconds) ? seconds * 1000 : 0 };
  } catch (error) {
    return { kind: 'later', reason: reasonOf(error), afterMs: 0 };
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
