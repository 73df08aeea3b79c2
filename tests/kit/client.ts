// A plain HTTP client for tests: every request on a connection of its own, answer bytes kept as they came, times noted.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { gateKey } from './gateway.ts';
import { pick, tryJson } from './json.ts';
import { parseSse, type TestEvent } from './sse.ts';
import { waitUntil } from './wait.ts';

export interface CallOptions {
  method?: string;
  /** A string or bytes go as they are, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Sent as Bearer; null = none. */
  key?: string | null;
  /** Send the body without a content-length. */
  chunked?: boolean;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  text: string;
  json: unknown;
  events: TestEvent[];
  /** ms until the last byte. */
  tookMs: number;
}

/** An answer that is being received. */
export class Receiving {
  /** performance.now() when the request was sent. */
  readonly sentAt = performance.now();
  status = 0;
  headers: Record<string, string> = {};
  headAt = 0;
  /** When each piece came. */
  readonly times: number[] = [];
  readonly pieces: Buffer[] = [];
  /** The answer ended as HTTP says it should. */
  ended = false;
  /** The connection broke first. */
  failure: Error | null = null;
  endedAt = 0;
  #abort: () => void = () => undefined;

  constructor(url: string, options: CallOptions) {
    const { method = options.body === undefined ? 'GET' : 'POST', key = gateKey, body } = options;
    const bytes =
      body === undefined
        ? null
        : typeof body === 'string' || Buffer.isBuffer(body)
          ? body
          : JSON.stringify(body);
    const request = httpRequest(url, {
      method,
      agent: false,
      headers: {
        ...(bytes === null
          ? {}
          : {
              'content-type': 'application/json',
              ...(options.chunked ? {} : { 'content-length': Buffer.byteLength(bytes) }),
            }),
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...options.headers,
      },
    });
    this.#abort = () => request.destroy();
    request.on('response', (response) => this.#receive(response));
    request.on('error', (error) => this.#fail(error));
    request.end(bytes ?? undefined);
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  get events(): TestEvent[] {
    return parseSse(this.text);
  }

  get over(): boolean {
    return this.ended || this.failure !== null;
  }

  /** Closes the connection now. */
  abort(): void {
    this.#abort();
  }

  /** Waits for the head. @throws when the connection broke before it. */
  async head(timeoutMs = 10_000): Promise<this> {
    await waitUntil(() => this.status !== 0 || this.over, 'the head of an answer', timeoutMs, 2);
    if (this.status === 0) throw this.failure ?? new Error('no answer');
    return this;
  }

  /** Waits until the text so far holds `part`. */
  async seen(part: string, timeoutMs = 10_000): Promise<this> {
    await waitUntil(() => this.text.includes(part), `${JSON.stringify(part)} in the answer`, timeoutMs, 2);
    return this;
  }

  /** The whole answer. @throws when the connection broke. */
  async whole(timeoutMs = 30_000): Promise<Answer> {
    await waitUntil(() => this.over, 'the end of an answer', timeoutMs, 2);
    if (this.failure !== null) throw this.failure;
    const bytes = Buffer.concat(this.pieces);
    const text = bytes.toString();
    return {
      status: this.status,
      headers: this.headers,
      bytes,
      text,
      json: tryJson(text),
      events: parseSse(text),
      tookMs: this.endedAt - this.sentAt,
    };
  }

  #receive(response: IncomingMessage): void {
    this.headAt = performance.now();
    for (const [name, value] of Object.entries(response.headers))
      this.headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
    this.status = response.statusCode ?? 0;
    response.on('data', (piece: Buffer) => {
      this.times.push(performance.now());
      this.pieces.push(piece);
    });
    response.on('end', () => {
      this.ended = true;
      this.endedAt = performance.now();
    });
    response.on('error', (error) => this.#fail(error));
  }

  #fail(error: Error): void {
    if (this.over) return;
    this.failure = error;
    this.endedAt = performance.now();
  }
}

/** Sends a request and returns at once; see Receiving. */
export function open(gateway: { url: string }, path: string, options: CallOptions = {}): Receiving {
  return new Receiving(gateway.url + path, options);
}

/** Sends a request and waits for the whole answer. */
export function call(gateway: { url: string }, path: string, options: CallOptions = {}): Promise<Answer> {
  return open(gateway, path, options).whole();
}

/** The smallest chat request of each dialect. */
export function chatBody(model: string, extra: object = {}): Record<string, unknown> {
  return { model, messages: [{ role: 'user', content: 'hello' }], ...extra };
}

export function messagesBody(model: string, extra: object = {}): Record<string, unknown> {
  return { model, max_tokens: 256, messages: [{ role: 'user', content: 'hello' }], ...extra };
}

export const chatPath = '/v1/chat/completions';
export const messagesPath = '/v1/messages';

/** Text of a streamed answer in either dialect. */
export function textOf(events: readonly TestEvent[]): string {
  return events
    .map((event) => pick(event.json, 'choices.0.delta.content') ?? pick(event.json, 'delta.text') ?? '')
    .join('');
}

/** The error object of an event or body in either dialect, undefined when it is none. */
export function errorOf(json: unknown): unknown {
  return pick(json, 'error');
}
