// The gateway as it is at this moment, and how that goes on: what the page and `headgate top` show each second.
import type { ClusterView } from '../../src/contracts/cluster-view.ts';
import { ApiError } from '../errors/api-error.ts';
import { clusterSchema } from './cluster-fields.ts';
import type { ApiContext } from './context.ts';
import type { AnswerStream, ApiRoute } from './route.ts';

const EVERY_MS = 1_000;
const MAX_WATCHERS = 100;
const READ = { resource: 'cluster', verb: 'read' } as const;

export function clusterRoutes(context: ApiContext): ApiRoute[] {
  const look = createLook(context);
  let watchers = 0;

  /** Ends when the reader leaves. */
  async function follow(out: AnswerStream): Promise<void> {
    watchers += 1;
    try {
      await out.write('retry: 2000\n\n');
      while (!out.left.aborted) {
        // A slow reader gets the newest when it has taken the last: nothing is piled up for it.
        await out.write(await eventOf(look));
        await pause(out.left);
      }
    } finally {
      watchers -= 1;
    }
  }

  return [
    {
      method: 'GET',
      path: '/api/cluster',
      access: READ,
      operation: 'get-cluster',
      summary: 'Nodes, workers, lanes of providers, Redis and the store, as they are now.',
      answer: { status: 200, schema: clusterSchema },
      handle: async () => ({ status: 200, body: await look() }),
    },
    {
      method: 'GET',
      path: '/api/cluster/stream',
      access: READ,
      operation: 'stream-cluster',
      summary: 'The same each second (text/event-stream): `cluster` events, each one whole.',
      answer: { status: 200, schema: { type: 'string' } },
      async handle() {
        if (watchers >= MAX_WATCHERS)
          throw new ApiError(429, 'too_many_watchers', `More than ${MAX_WATCHERS} watch already.`, {
            headers: { 'retry-after': '10' },
          });
        return {
          status: 200,
          headers: { 'content-type': 'text/event-stream; charset=utf-8' },
          stream: follow,
        };
      },
    },
  ];
}

/** Who looks within the same half second shares one question to the primary. */
function createLook(context: ApiContext): () => Promise<object> {
  let asked: Promise<object> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  const view = async (): Promise<object> => {
    const seen = (await context.ask({ do: 'look' })) as ClusterView; // what the primary answers to this
    const { store, version, url } = context;
    const { admin, ...health } = context.health();
    const reached = isRecord(admin) && admin['store'] === 'down' ? 'down' : 'up';
    return {
      version,
      url,
      store: { kind: store.shared ? 'postgres' : 'sqlite', state: reached },
      ...health,
      ...seen,
    };
  };
  return () => {
    const now = performance.now();
    if (asked === null || now - askedAt >= EVERY_MS / 2) {
      askedAt = now;
      asked = view();
    }
    return asked;
  };
}

async function eventOf(look: () => Promise<object>): Promise<string> {
  try {
    return `event: cluster\ndata: ${JSON.stringify(await look())}\n\n`;
  } catch (error) {
    // The next second may know more; who watches need not come again.
    if (error instanceof ApiError) return `: ${error.code}\n\n`;
    throw error;
  }
}

function pause(left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      left.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, EVERY_MS);
    if (left.aborted) over();
    else left.addEventListener('abort', over);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
