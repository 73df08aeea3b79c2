// An upstream of Responses that keeps what it makes, as OpenAI does: turns are built on by id, read, stopped and forgotten
// there, and what runs in the background is over when it is told to be. Each request is noted.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tryJson } from './json.ts';

interface KeptThere {
  id: string;
  status: string;
  background: boolean;
  [member: string]: unknown;
}

export interface KeepingUpstream {
  readonly url: string;
  /** `METHOD path`, and the body where there was one. */
  readonly asked: { line: string; body: unknown }[];
  readonly kept: ReadonlyMap<string, KeptThere>;
  /** Tells the first event of a stream and nothing more, while it is set. */
  silent: boolean;
  /** Streams that broke off before their end. */
  readonly left: number;
  /** What runs in the background is over. */
  finish(): void;
  close(): Promise<void>;
}

export async function startKeepingUpstream(): Promise<KeepingUpstream> {
  const kept = new Map<string, KeptThere>();
  const asked: { line: string; body: unknown }[] = [];
  const streamed = new Set<string>();
  let serial = 0;
  let left = 0;
  const over = (response: KeptThere, status = 'completed'): void => {
    response.status = status;
    response['output'] = [
      {
        id: `msg_there${response.id}`,
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: `answer ${response.id}`, annotations: [] }],
      },
    ];
    response['usage'] = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
  };

  function answer(
    method: string,
    url: string,
    body: Record<string, unknown>,
  ): [status: number, json: object] {
    const [, id, verb] = /^\/v1\/responses(?:\/([^/?]+))?(?:\/([^/?]+))?/.exec(url) ?? [];
    if (id === 'compact')
      return [200, { id: 'resp_c', object: 'response.compaction', output: [], usage: null }];
    if (id === undefined) {
      const previous = body['previous_response_id'];
      if (typeof previous === 'string' && !kept.has(previous)) return notFound(previous);
      const response: KeptThere = {
        id: `resp_there${++serial}`,
        object: 'response',
        created_at: 1_790_000_000,
        model: body['model'],
        status: 'queued',
        background: body['background'] === true,
        previous_response_id: previous ?? null,
        output: [],
        usage: null,
      };
      kept.set(response.id, response);
      if (!response.background) over(response);
      return [200, response];
    }
    const response = kept.get(id);
    if (response === undefined) return notFound(id);
    if (method === 'DELETE') {
      kept.delete(id);
      return [200, { id, object: 'response', deleted: true }];
    }
    if (verb === 'cancel') response.status = 'cancelled';
    return [200, response];
  }

  /** Of those that were made as a stream in the background, each number of its own; null: it is no stream that is asked for. */
  function eventsOf(url: string, body: Record<string, unknown>, response: KeptThere): string | null {
    const { pathname, searchParams } = new URL(url, 'http://keeper');
    if (pathname.endsWith('/responses') && body['stream'] === true && response.background) {
      over(response);
      streamed.add(response.id);
    } else if (searchParams.get('stream') !== 'true' || !streamed.has(response.id)) return null;
    const after = Number(searchParams.get('starting_after') ?? -1);
    const [item] = response['output'] as [Record<string, unknown>];
    const [part] = item['content'] as [{ text: string }];
    const place = { output_index: 0, content_index: 0, item_id: item['id'] };
    return [
      { type: 'response.created', response: { ...response, status: 'queued', output: [] } },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, status: 'in_progress', content: [] },
      },
      { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
      ...part.text.split(/(?= )/).map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
      { type: 'response.output_text.done', ...place, text: part.text },
      { type: 'response.content_part.done', ...place, part },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response },
    ]
      .map((event, number) => ({ ...event, sequence_number: number }))
      .slice(after + 1)
      .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join('');
  }

  const server = createServer((request: IncomingMessage, out: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = tryJson(Buffer.concat(chunks).toString()) ?? {};
      asked.push({ line: `${request.method} ${request.url}`, body });
      const [status, json] = answer(request.method ?? '', request.url ?? '', body as Record<string, unknown>);
      const events = eventsOf(request.url ?? '', body as Record<string, unknown>, json as KeptThere);
      if (status === 200 && events !== null) {
        out.on('close', () => {
          if (!out.writableEnded) left++;
        });
        out.writeHead(200, { 'content-type': 'text/event-stream' });
        if (made.silent) out.write(events.slice(0, events.indexOf('\n\n') + 2));
        else out.end(events);
        return;
      }
      out.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const made: KeepingUpstream = {
    silent: false,
    get left() {
      return left;
    },
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    kept,
    finish() {
      for (const response of kept.values()) if (response.status === 'queued') over(response);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return made;
}

function notFound(id: string): [number, object] {
  const message = `Previous response with id '${id}' not found.`;
  return [404, { error: { message, type: 'invalid_request_error', param: null, code: 'not_there' } }];
}
