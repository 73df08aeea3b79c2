// Open-loop load for the tests of limits: calls leave on time whether or not earlier ones are back, over many
// connections, so that every worker gets its part.
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

export interface LoadOptions {
  url: string;
  path: string;
  body: object;
  headers: Record<string, string>;
  /** Calls a second. */
  rate: number;
  durationMs: number;
  connections?: number;
}

export interface LoadResult {
  /** When each admitted call was sent and answered, ms since the load began. */
  admitted: { sentAt: number; doneAt: number }[];
  refused: number;
  /** Answers other than 200 and 429, and broken connections. */
  other: string[];
}

/** Sends calls at a constant pace and waits for all answers. */
export async function offer(options: LoadOptions): Promise<LoadResult> {
  const { url, path, rate, durationMs, connections = 32 } = options;
  const agents = Array.from({ length: connections }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const body = JSON.stringify(options.body);
  const result: LoadResult = { admitted: [], refused: 0, other: [] };
  const start = performance.now();
  const open: Promise<void>[] = [];
  const total = Math.floor((rate * durationMs) / 1000);
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - start) * rate) / 1000) + 1);
    for (; sent < due; sent++) open.push(one(agents[sent % connections]!));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(open);
  for (const agent of agents) agent.destroy();
  return result;

  function one(agent: Agent): Promise<void> {
    const sentAt = performance.now() - start;
    return new Promise((resolve) => {
      const sending = request(
        url + path,
        {
          agent,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            ...options.headers,
          },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => {
            if (answer.statusCode === 200)
              result.admitted.push({ sentAt, doneAt: performance.now() - start });
            else if (answer.statusCode === 429) result.refused++;
            else result.other.push(String(answer.statusCode));
            resolve();
          });
        },
      );
      sending.on('error', (error) => {
        result.other.push(error.message);
        resolve();
      });
      sending.end(body);
    });
  }
}

/** Most calls that were admitted in any window of so many ms, by the time they reached the provider. */
export function worstWindow(times: readonly number[], windowMs: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  let worst = 0;
  let from = 0;
  for (let to = 0; to < sorted.length; to++) {
    while (sorted[to]! - sorted[from]! >= windowMs) from++;
    worst = Math.max(worst, to - from + 1);
  }
  return worst;
}
