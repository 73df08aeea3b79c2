// A provider of files, batches, sound and pictures, as strict as OpenAI and Anthropic are about what they get: forms are read
// whole, ids must exist, keys must be the provider's own.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MockMedia {
  readonly port: number;
  /** Method and path of every request, in order. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** Keys it takes: Bearer as OpenAI, `x-api-key` as Anthropic. */
export const mediaKey = 'sk-media-0123456789abcdef0123456789abcdef';

type Row = Record<string, unknown> & { id: string; kind: string; content?: Buffer };
type Answer = { status?: number; type?: string; body: object | string | Buffer };

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Starts it on a free port of loopback. */
export async function startMockMedia(): Promise<MockMedia> {
  const rows = new Map<string, Row>();
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(rows, request).then(
      (made) => write(response, made),
      (error: unknown) => {
        const status = error instanceof Refusal ? error.status : 500;
        const message = (error as Error).message;
        write(response, {
          status,
          body: { type: 'error', error: { type: 'invalid_request_error', message } },
        });
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(rows: Map<string, Row>, request: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces);
  const { headers, method = '' } = request;
  const anthropic = headers['anthropic-version'] !== undefined;
  const key = anthropic ? headers['x-api-key'] : headers.authorization?.replace('Bearer ', '');
  if (key !== mediaKey) throw new Refusal(401, 'not a key of this provider');
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const [, kind = '', id = '', verb = ''] =
    /^\/v1\/(files|batches|messages\/batches|videos)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(path) ?? [];
  if (kind !== '') return object(rows, { kind, id, verb, method, query, body, headers, anthropic });
  if (method !== 'POST') throw new Refusal(405, 'POST only');
  const type = headers['content-type'] ?? '';
  if (path === '/v1/audio/speech') return speech(type, body);
  const form = await formOf(type, body);
  if (path.startsWith('/v1/audio/')) return listen(form);
  if (path.startsWith('/v1/images/')) return picture(form);
  throw new Refusal(404, `nothing at ${path}`);
}

async function formOf(type: string, body: Buffer): Promise<FormData> {
  if (!type.startsWith('multipart/form-data')) throw new Refusal(415, `a form is wanted, not ${type}`);
  return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
}

async function fileIn(form: FormData, ...names: string[]): Promise<Buffer> {
  for (const name of names) {
    const file = form.get(name);
    if (file instanceof File) return Buffer.from(await file.arrayBuffer());
  }
  throw new Refusal(400, `no file in ${names.join(', ')}`);
}

function speech(type: string, body: Buffer): Answer {
  if (type !== 'application/json') throw new Refusal(415, `JSON is wanted, not ${type}`);
  const {
    model,
    input,
    voice,
    stream_format: format,
  } = JSON.parse(body.toString()) as Record<string, string>;
  if (model !== 'gpt-4o-mini-tts' || voice === undefined) throw new Refusal(400, `no ${model} with ${voice}`);
  const sound = Buffer.from(`sound of ${input}`);
  if (format !== 'sse') return { type: 'audio/mpeg', body: sound };
  const events = [
    { type: 'speech.audio.delta', audio: sound.toString('base64') },
    { type: 'speech.audio.done', usage: { input_tokens: 3, output_tokens: 5, total_tokens: 8 } },
  ];
  return {
    type: 'text/event-stream',
    body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
  };
}

async function listen(form: FormData): Promise<Answer> {
  if (form.get('model') !== 'whisper-1') throw new Refusal(400, `no model ${String(form.get('model'))}`);
  const text = `${(await fileIn(form, 'file')).length} bytes`;
  if (form.get('stream') === 'true') {
    const events = [
      { type: 'transcript.text.delta', delta: text },
      {
        type: 'transcript.text.done',
        text,
        usage: { type: 'tokens', input_tokens: 9, output_tokens: 2, total_tokens: 11 },
      },
    ];
    return {
      type: 'text/event-stream',
      body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
    };
  }
  const format = form.get('response_format');
  if (format === 'text' || format === 'srt') return { type: 'text/plain; charset=utf-8', body: `${text}\n` };
  return { body: { text, usage: { type: 'duration', seconds: 7 } } };
}

async function picture(form: FormData): Promise<Answer> {
  if (form.get('model') !== 'gpt-image-1') throw new Refusal(400, `no model ${String(form.get('model'))}`);
  const bytes = await fileIn(form, 'image', 'image[]');
  return { body: { created: 1, data: [{ b64_json: bytes.toString('base64') }] } };
}

interface Asked {
  kind: string;
  id: string;
  verb: string;
  method: string;
  query: string;
  body: Buffer;
  headers: IncomingMessage['headers'];
  anthropic: boolean;
}

async function object(rows: Map<string, Row>, asked: Asked): Promise<Answer> {
  const { kind, id, verb, method, anthropic } = asked;
  if ((kind === 'messages/batches') !== (anthropic && kind !== 'files'))
    throw new Refusal(400, 'the wrong vendor');
  if (id === '' && method === 'POST') return create(rows, asked);
  if (id === '') {
    const data = [...rows.values()].filter((row) => row.kind === kind).map(shown);
    return {
      body: {
        object: 'list',
        data,
        has_more: false,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      },
    };
  }
  const row = rows.get(id);
  if (row === undefined || row.kind !== kind) throw new Refusal(404, `no ${kind} ${id}`);
  if (verb === 'content')
    return { type: 'application/octet-stream', body: row.content ?? Buffer.from('a film') };
  if (verb === 'results')
    return { type: 'application/x-jsonl', body: '{"custom_id":"a","result":{"type":"canceled"}}\n' };
  if (verb === 'cancel') Object.assign(row, { status: 'cancelling', processing_status: 'canceling' });
  if (verb === 'remix') return create(rows, { ...asked, id: '' });
  if (method === 'DELETE') {
    rows.delete(id);
    return { body: { id, deleted: true, object: row['object'], type: `${kind}_deleted` } };
  }
  return { body: shown(row) };
}

async function create(rows: Map<string, Row>, { kind, body, headers, anthropic }: Asked): Promise<Answer> {
  const made: Row = {
    id: `${anthropic ? 'ant' : 'oa'}_${kind.replace('/', '_')}_${rows.size + 1}`,
    kind,
    object: kind,
  };
  if (kind === 'files') {
    const form = await formOf(headers['content-type'] ?? '', body);
    if (!anthropic && form.get('purpose') === null) throw new Refusal(400, 'no purpose');
    made.content = await fileIn(form, 'file');
    Object.assign(made, {
      bytes: made.content.length,
      filename: 'a.jsonl',
      purpose: form.get('purpose'),
      type: 'file',
    });
  } else if (kind === 'videos') {
    Object.assign(made, { status: 'completed', object: 'video', ...(await film(headers, body)) });
  } else {
    const json = JSON.parse(body.toString()) as { input_file_id?: string; requests?: unknown[] };
    if (kind === 'batches' && rows.get(json.input_file_id ?? '')?.kind !== 'files')
      throw new Refusal(400, 'no such file');
    if (anthropic && !Array.isArray(json.requests)) throw new Refusal(400, 'no requests');
    Object.assign(made, {
      status: 'validating',
      processing_status: 'ended',
      type: 'message_batch',
      results_url: `https://api.anthropic.com/v1/messages/batches/${made.id}/results`,
    });
  }
  rows.set(made.id, made);
  return { body: shown(made) };
}

/** What a film is made of, by JSON or a form: a model that it knows, and the picture that it may begin with. */
async function film(headers: Asked['headers'], body: Buffer): Promise<object> {
  const type = headers['content-type'] ?? '';
  const form = type.startsWith('multipart/') ? await formOf(type, body) : null;
  const { model } =
    form === null
      ? (JSON.parse(body.toString()) as { model?: unknown })
      : { model: form.get('model') ?? undefined };
  if (model !== undefined && !/^sora-2(-pro)?$/.test(String(model))) throw new Refusal(400, 'no such model');
  const picture = form?.has('input_reference') ? await fileIn(form, 'input_reference') : null;
  return { model: model ?? 'sora-2', ...(picture !== null && { content: picture }) };
}

function shown({ content: _, kind: __, ...row }: Row): Row {
  return row as Row; // only ever printed
}

function write(response: ServerResponse, { status = 200, type = 'application/json', body }: Answer): void {
  const bytes = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': type }).end(bytes);
}
