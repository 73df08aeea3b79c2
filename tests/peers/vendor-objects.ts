// What Google, AWS and Cohere keep for their clients, as far as their SDKs for Python ask: objects are made, listed, read, changed and
// forgotten by their vendor's own paths and words. It keeps no tenants apart: that is the gateway's to do.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tryJson } from '../kit/json.ts';

type Json = Record<string, unknown>;

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  raw: string;
  body: Json;
}

interface Told {
  status?: number;
  json?: unknown;
  /** In place of JSON. */
  text?: string;
  headers?: Record<string, string>;
}

export interface VendorObjects {
  readonly url: string;
  close(): Promise<void>;
}

const AT = '2026-11-30T10:00:00Z';
/** Objects of Google's that are known by an `id`. */
const BY_ID = new Set(['agents', 'webhooks', 'environments', 'triggers', 'voices', 'credentials']);

class Kept {
  readonly #objects = new Map<string, Json>();
  readonly #bytes = new Map<string, string>();
  readonly #origin: () => string;
  #serial = 0;

  constructor(origin: () => string) {
    this.#origin = origin;
  }

  answer(asked: Asked): Told {
    return this.#google(asked) ?? this.#aws(asked) ?? this.#cohere(asked) ?? { status: 404, json: {} };
  }

  #made(name: string, object: Json): Json {
    this.#objects.set(name, object);
    return object;
  }

  /** All directly below a collection. */
  #below(collection: string): Json[] {
    const start = `${collection}/`;
    return [...this.#objects].flatMap(([name, object]) =>
      name.startsWith(start) && !name.slice(start.length).includes('/') ? [object] : [],
    );
  }

  #google(asked: Asked): Told | null {
    const [, way, rest] = /^\/(upload\/|download\/)?v1(?:alpha|beta1?)?\/(.+)$/.exec(asked.path) ?? [];
    if (rest === undefined || /^(datasets|embed-jobs|connectors|finetuning)/.test(rest)) return null;
    if (way === 'upload/') return this.#upload(asked, rest);
    const [, name, verb] = /^(.+):(\w+)$/.exec(rest) ?? [];
    if (name !== undefined) return this.#deed(asked, name, verb!);
    if (rest === 'auth_tokens') return { json: { name: `auth_tokens/t${++this.#serial}` } };
    if (rest === 'decisions') return { json: { answers: {} } };
    const segments = rest.split('/');
    const kind = segments[0]!;
    if (kind === 'interactions') return this.#interaction(asked, segments[1]);
    if (segments.length % 2 === 1) return this.#collection(asked, rest);
    const object = this.#objects.get(rest);
    if (object === undefined) return this.#gone();
    if (asked.method === 'DELETE') this.#objects.delete(rest);
    if (asked.method === 'PATCH') Object.assign(object, asked.body);
    return { json: asked.method === 'DELETE' ? {} : object };
  }

  #collection({ method, body }: Asked, collection: string): Told {
    if (method !== 'POST') {
      const member = collection === 'batches' ? 'operations' : collection.split('/').at(-1)!;
      return { json: { [member]: this.#below(collection) } };
    }
    const id = `x${++this.#serial}`;
    const name = `${collection}/${id}`;
    const known = BY_ID.has(collection) ? { id, created: AT, updated: AT } : { name, createTime: AT };
    return { json: this.#made(name, { ...body, ...known }) };
  }

  #deed({ body }: Asked, name: string, verb: string): Told {
    if (verb === 'download') return { text: this.#bytes.get(name) ?? '' };
    if (verb === 'batchGenerateContent' || verb === 'asyncBatchEmbedContent') {
      const made = `batches/b${++this.#serial}`;
      const metadata = { name: made, model: name, state: 'BATCH_STATE_PENDING', createTime: AT };
      return { json: this.#made(made, { name: made, metadata }) };
    }
    if (verb === 'importFile') {
      const made = `${name}/operations/o${++this.#serial}`;
      return { json: this.#made(made, { name: made, done: true, response: { parent: name, named: body } }) };
    }
    return this.#objects.has(name) ? { json: {} } : this.#gone();
  }

  /** Begun by what is told of it, ended by its bytes. */
  #upload({ headers, query, raw, body }: Asked, rest: string): Told {
    if (headers['x-goog-upload-command'] === 'start') {
      const id = `u${++this.#serial}`;
      this.#made(id, { told: body });
      return {
        json: {},
        headers: {
          'x-goog-upload-status': 'active',
          'x-goog-upload-url': `${this.#origin()}/upload/v1beta/${rest}?upload_id=${id}&upload_protocol=resumable`,
        },
      };
    }
    const begun = this.#objects.get(query.get('upload_id') ?? '');
    if (begun === undefined) return this.#gone();
    const done = { 'x-goog-upload-status': 'final' };
    const [, store] = /^(fileSearchStores\/[^:]+):/.exec(rest) ?? [];
    if (store !== undefined) {
      const made = `${store}/documents/d${++this.#serial}`;
      this.#made(made, { name: made, state: 'STATE_ACTIVE', createTime: AT });
      const operation = `${store}/upload/operations/o${this.#serial}`;
      return { json: { name: operation, done: true, response: { documentName: made } }, headers: done };
    }
    const name = `files/f${++this.#serial}`;
    this.#bytes.set(name, raw);
    const uri = `https://generativelanguage.googleapis.com/v1beta/${name}`;
    const file = this.#made(name, {
      name,
      uri,
      mimeType: 'text/plain',
      sizeBytes: String(raw.length),
      state: 'ACTIVE',
      source: 'UPLOADED',
      downloadUri: `${uri}:download?alt=media`,
    });
    return { json: { file }, headers: done };
  }

  #interaction({ method, body }: Asked, id: string | undefined): Told {
    if (id !== undefined) return this.#objects.has(id) ? { json: this.#objects.get(id) } : this.#gone();
    if (method !== 'POST') return this.#gone();
    const made = `int_${++this.#serial}`;
    const usage = { total_input_tokens: 3, total_output_tokens: 1, total_tokens: 4 };
    const kept = { id: made, model: body['model'], status: 'completed', created: AT, updated: AT, steps: [] };
    return { json: this.#made(made, { ...kept, usage }) };
  }

  #gone(): Told {
    return { status: 404, json: { error: { code: 404, message: 'it is not here', status: 'NOT_FOUND' } } };
  }

  #aws({ method, path, body }: Asked): Told | null {
    if (path === '/guardrail-checks/invoke') return { json: { results: [] } };
    if (/^\/knowledgebases\/[^/]+\/retrieve$/.test(path))
      return { json: { retrievalResults: [{ content: { text: 'found', type: 'TEXT' } }] } };
    if (path === '/model-invocation-jobs') return { json: { invocationJobSummaries: this.#below('jobs') } };
    if (path === '/model-invocation-job' && method === 'POST') {
      const id = `job${++this.#serial}`;
      const jobArn = `arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/${id}`;
      this.#made(`jobs/${id}`, { ...body, jobArn, status: 'Submitted', submitTime: AT });
      return { json: { jobArn } };
    }
    const [, id, stop] = /^\/model-invocation-job\/(?:arn:[^/]+\/)?([^/]+?)(\/stop)?$/.exec(path) ?? [];
    if (id === undefined) return null;
    const job = this.#objects.get(`jobs/${id}`);
    if (job === undefined)
      return {
        status: 404,
        json: { message: 'no job' },
        headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
      };
    return { json: stop === undefined ? job : {} };
  }

  #cohere({ method, path, query, body }: Asked): Told | null {
    if (path === '/v2/audio/transcriptions') return { json: { text: 'heard' } };
    if (path === '/v1/summarize') return { json: { id: 's', summary: 'short' } };
    const [, collection, id, below] =
      /^\/(v1\/datasets|v1\/embed-jobs|v1\/connectors|v1\/finetuning\/finetuned-models|v2\/batches)(?:\/([^/:]+))?(?:[/:](.+))?$/.exec(
        path,
      ) ?? [];
    if (collection === undefined) return null;
    const [list, one] = {
      'v1/datasets': ['datasets', 'dataset'] as const,
      'v1/embed-jobs': ['embed_jobs', ''] as const,
      'v1/connectors': ['connectors', 'connector'] as const,
      'v1/finetuning/finetuned-models': ['finetuned_models', 'finetuned_model'] as const,
      'v2/batches': ['batches', 'batch'] as const,
    }[collection]!;
    if (id === undefined && method === 'GET') return { json: { [list]: this.#below(collection) } };
    if (id === undefined) return { json: this.#begun(collection, one, query, body) };
    const kept = this.#objects.get(`${collection}/${id}`);
    if (kept === undefined) return { status: 404, json: { message: 'it is not here' } };
    if (method === 'DELETE') this.#objects.delete(`${collection}/${id}`);
    if (method === 'DELETE' || below !== undefined) return { json: {} };
    return { json: one === '' ? kept : { [one]: kept } };
  }

  /** As each of them says what it made: by its id, as a job, or whole. */
  #begun(collection: string, one: string, query: URLSearchParams, body: Json): Json {
    const id = `co${++this.#serial}`;
    const times = { created_at: AT, updated_at: AT };
    const name = `${collection}/${id}`;
    if (one === '') {
      const job = { job_id: id, status: 'processing', input_dataset_id: body['dataset_id'], model: 'm' };
      this.#made(name, { ...job, truncate: 'END', ...times });
      return { job_id: id };
    }
    if (one === 'dataset') {
      const kind = {
        name: query.get('name'),
        dataset_type: query.get('type'),
        validation_status: 'validated',
      };
      this.#made(name, { id, ...kind, ...times });
      return { id };
    }
    return { [one]: this.#made(name, { ...body, id, ...times }) };
  }
}

export async function startVendorObjects(): Promise<VendorObjects> {
  let url = '';
  const kept = new Kept(() => url);
  const server = createServer((request, response) => {
    void text(request).then((raw) => {
      const at = new URL(request.url ?? '/', 'http://localhost');
      const told = kept.answer({
        method: request.method ?? 'GET',
        path: decodeURIComponent(at.pathname),
        query: at.searchParams,
        headers: request.headers,
        raw,
        body: (tryJson(raw) ?? {}) as Json,
      });
      response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers });
      response.end(told.text ?? JSON.stringify(told.json));
    });
  });
  // A connection that was kept is never closed under a request.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
