// The live tail: server-sent events of rows as they are written. The filter is applied here, not by who watches; when more
// come than anybody reads, some are left out, and how many is said.
import type { LoggedRow } from '../../src/contracts/log-store.ts';
import { ApiError } from '../errors/api-error.ts';
import { filterOf, filterQuery } from '../logs/filter.ts';
import { fits } from '../logs/match.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import type { ApiContext } from './context.ts';
import { READ_LOG } from './logs.ts';
import type { AnswerStream, ApiRoute } from './route.ts';

const BEAT_MS = 10_000;
const SECOND_MS = 1_000;
/** Rows a second that one who watches is sent. */
export const MAX_ROWS_A_SECOND = 200;
const MAX_WATCHERS = 100;

export function tailRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/logs/stream',
      access: READ_LOG,
      operation: 'stream-logs',
      summary: `Rows as they are written (text/event-stream): \`row\` events, at most ${MAX_ROWS_A_SECOND} a second; \`sampled\` says how many were left out.`,
      query: {
        rows: { type: 'string', enum: ['calls', 'attempts'], description: '`calls` by default.' },
        ...filterQuery,
      },
      answer: { status: 200, schema: { type: 'string' } },
      async handle(request) {
        logOf(context);
        const filter = {
          ...filterOf(request.query, await teamsOf(context, request.actor), context.now()),
          ...(request.query['rows'] === 'attempts' ? { attempts: true } : {}),
        };
        if (context.tail.watchers >= MAX_WATCHERS)
          throw new ApiError(429, 'too_many_watchers', `More than ${MAX_WATCHERS} watch already.`, {
            headers: { 'retry-after': '10' },
          });
        return {
          status: 200,
          headers: { 'content-type': 'text/event-stream; charset=utf-8' },
          stream: (out) => follow(context, out, (row) => fits(row, filter)),
        };
      },
    },
  ];
}

/** Ends when the reader leaves. */
async function follow(
  { tail }: Pick<ApiContext, 'tail'>,
  out: AnswerStream,
  wanted: (row: LoggedRow) => boolean,
): Promise<void> {
  let waiting: LoggedRow[] = [];
  let room = MAX_ROWS_A_SECOND;
  let left = 0;
  let writing = false;
  const flush = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await out.write(
        batch.map((row) => `id: ${row.id}\nevent: row\ndata: ${JSON.stringify(row)}\n\n`).join(''),
      );
    }
    writing = false;
  };
  const stop = tail.watch((rows) => {
    for (const row of rows) {
      if (!wanted(row)) continue;
      // What a slow reader has not taken counts like what came in this second: nothing is piled up for it.
      if (room <= 0 || waiting.length >= MAX_ROWS_A_SECOND) left += 1;
      else {
        room -= 1;
        waiting.push(row);
      }
    }
    void flush();
  });
  const second = setInterval(() => {
    room = MAX_ROWS_A_SECOND;
    if (left === 0 || writing) return;
    void out.write(
      `event: sampled\ndata: ${JSON.stringify({ leftOut: left, shown: MAX_ROWS_A_SECOND })}\n\n`,
    );
    left = 0;
  }, SECOND_MS);
  const beat = setInterval(() => void out.write(': still here\n\n'), BEAT_MS);
  try {
    await out.write('retry: 2000\n\n');
    await new Promise<void>((resolve) => {
      if (out.left.aborted) resolve();
      else out.left.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    stop();
    clearInterval(second);
    clearInterval(beat);
  }
}
