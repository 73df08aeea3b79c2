// A scriptable model provider for tests: OpenAI Chat and Responses, Anthropic Messages and Gemini on one port, written by hand over TCP so
// that every fault can be produced. The model name says what happens: directives joined by `+` (`tools+pace:20`).
// Every request is recorded; in process the tests read `mock.requests`. Alone: node tests/kit/mock-upstream.ts --port 9001
//
// Content   ok | echo | text:N (N words) | big:BYTES | json | empty | tools[:NAME] | parallel-tools | big-int | tool-no-args
//           call:TOOL[:ARGUMENT=VALUE...] (that tool, with these strings) | with-text (text before the tools)
//           thinking | redacted | cached (usage) | usage-none | finish:WORD
//           exotic (odd but valid bytes, for byte-exact tests) | lax (do not check the request)
//           logprobs (of each piece) | continues (a beginning that it is given) | no-prefill (400 for one)
// Before    gate:NAME (until mock.open(NAME)) | slow-head:MS | never-head | reset | fin | half-head | not-http
// Refusals  status:CODE[:retry-after=S][:type=T][:code=C][:any-header=V] | flaky:N:CODE|reset|fin|hang[:retry-after=S]
//           bad-key:KEY:CODE[:retry-after=S] (only for that key) | html:CODE | leak-key | empty-body (with status) | too-long (the prompt)
// Kind      streams, whole (whatever was asked) | labelled:TYPE (content type)
// Unary     200-error | truncated-json | not-json | empty-200 | chunked | gzip | flood:BYTES | cut-cl | cut-fin | cut-rst
//           drip:MS (a byte at a time) | with streams: interim (a 100 before the head) | gzip-garbage | gzip-cut
//           smuggle:two-cl|cl-te|trailing|bare-lf|1xx|headers
// Streams   slow-first:MS | pace:MS | error-first[:CODE] | error-open[:CODE] | cut-open (behind the opening event) | 200-error | split:BYTES | crlf | cr | comments | bom | one-write
//           huge-event:BYTES | no-done[:hold] | no-finish | bytes-after-done | fast-flood:BYTES
//           behind content event N: error-after:N[:CODE] garbage-after:N garbage-run:N cut-fin-after:N cut-rst-after:N
//           cut-cl-after:N cut-mid-event-after:N end-after:N stall-after:N ping-stall-after:N pause-after:N:MS
//           gate-after:N:NAME
// Under `/at/NAME` only what the vendor NAME would take (vendor-gates.ts).
// Any other directive (such as a tag that makes a name unique) does nothing.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { pick } from './json.ts';
import { answerChat } from './mock-answer.ts';
import { mockAnthropic } from './mock-anthropic.ts';
import { mockBedrock, mockBedrockInvoke, signatureComplaint } from './mock-bedrock.ts';
import { mockCohere } from './mock-cohere.ts';
import { MockExchange, MockRequest } from './mock-exchange.ts';
import { geminiPath, mockGemini } from './mock-gemini.ts';
import { RequestReader, type WireRequest } from './mock-http.ts';
import type { MockMemory } from './mock-memory.ts';
import { mockOpenai } from './mock-openai.ts';
import { bedrockEmbed, mockGeminiEmbeds, PAIR_MOCKS, type PairMock } from './mock-pairs.ts';
import { EVENT_MOCKS, type EventMock } from './mock-pictures.ts';
import { mockResponses } from './mock-responses.ts';
import { Script } from './mock-script.ts';
import { STRICT_VENDORS } from './strict-vendor.ts';
import { throughGate } from './vendor-gates.ts';
import { waitUntil } from './wait.ts';

export interface MockUpstream {
  readonly port: number;
  /** Base URLs as provider configuration takes them. */
  readonly openaiUrl: string;
  readonly anthropicUrl: string;
  readonly geminiUrl: string;
  /** Base URL under which the mock is as strict as `vendor` (strict-vendor.ts): 400 in its words. */
  strictUrl(vendor: string): string;
  readonly requests: readonly MockRequest[];
  /** TCP connections: open now, and accepted so far. */
  readonly connections: { open: number; accepted: number };
  /** Requests for a model, oldest first. */
  requestsFor(model: string): MockRequest[];
  lastRequest(): MockRequest;
  /** The first request that matches, now or within `timeoutMs`. */
  waitFor(match: (request: MockRequest) => boolean, timeoutMs?: number): Promise<MockRequest>;
  waitForCount(model: string, count: number, timeoutMs?: number): Promise<MockRequest[]>;
  /** Lets requests held by `gate:NAME` go on, these and later ones. */
  open(gate: string): void;
  /** Requests being answered right now. */
  running(): number;
  clear(): void;
  close(): Promise<void>;
}

export interface MockOptions {
  port?: number;
  host?: string;
  /** Destroys a connection, without a byte, when its request number N + 1 comes: the keep-alive race. */
  requestsPerConnection?: number;
  /** Forget requests once answered: for standalone use under load. */
  forget?: boolean;
}

class Mock implements MockUpstream {
  readonly requests: MockRequest[] = [];
  readonly connections = { open: 0, accepted: 0 };
  readonly #options: MockOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();
  readonly #memory: MockMemory;
  #serial = 0;
  #running = 0;

  constructor(options: MockOptions) {
    this.#options = options;
    this.#memory = { calls: new Map(), gate: (name) => this.#gate(name).promise };
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port ?? 0, this.#options.host ?? '127.0.0.1', 1024, resolve);
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get openaiUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  get anthropicUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get geminiUrl(): string {
    return `http://127.0.0.1:${this.port}/v1beta`;
  }

  strictUrl(vendor: string): string {
    const root = `${this.anthropicUrl}/${vendor}`;
    return vendor === 'anthropic' ? root : `${root}/v1`;
  }

  requestsFor(model: string): MockRequest[] {
    return this.requests.filter((request) => request.model === model);
  }

  lastRequest(): MockRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('the mock got no request');
    return last;
  }

  waitFor(match: (request: MockRequest) => boolean, timeoutMs = 5_000): Promise<MockRequest> {
    return waitUntil(() => this.requests.find(match), 'a request at the mock', timeoutMs, 2);
  }

  async waitForCount(model: string, count: number, timeoutMs = 5_000): Promise<MockRequest[]> {
    await waitUntil(
      () => this.requestsFor(model).length >= count,
      `${count} x ${model} at the mock`,
      timeoutMs,
      2,
    );
    return this.requestsFor(model);
  }

  open(gate: string): void {
    this.#gate(gate).resolve();
  }

  running(): number {
    return this.#running;
  }

  clear(): void {
    this.requests.length = 0;
    this.#memory.calls.clear();
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #gate(name: string): PromiseWithResolvers<void> {
    let gate = this.#gates.get(name);
    if (gate === undefined) this.#gates.set(name, (gate = Promise.withResolvers<void>()));
    return gate;
  }

  #accept(socket: Socket): void {
    const connection = ++this.connections.accepted;
    this.connections.open++;
    this.#sockets.add(socket);
    let current: MockExchange | null = null;
    let served = 0;
    const waiting: WireRequest[] = [];
    const next = (): void => {
      const wire = waiting.shift();
      if (wire === undefined || socket.destroyed) return;
      if (served++ === this.#options.requestsPerConnection) {
        socket.resetAndDestroy();
        return;
      }
      const exchange = (current = this.#begin(wire, socket, connection));
      void this.#serve(exchange).then(() => {
        current = null;
        next();
      });
    };
    const reader = new RequestReader((wire) => {
      waiting.push(wire);
      if (current === null) next();
    });
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => current?.leave());
    socket.on('close', () => {
      current?.leave();
      this.connections.open--;
      this.#sockets.delete(socket);
    });
  }

  #begin(wire: WireRequest, socket: Socket, connection: number): MockExchange {
    const request = new MockRequest(++this.#serial, throughGate(wire), connection);
    if (this.#options.forget !== true) this.requests.push(request);
    return new MockExchange(request, socket);
  }

  async #serve(exchange: MockExchange): Promise<void> {
    this.#running++;
    try {
      await this.#route(exchange);
    } catch (error) {
      console.error('mock upstream failed', error);
      exchange.socket.destroy();
    } finally {
      exchange.done();
      this.#running--;
    }
  }

  /** `skew:SECONDS`: its clock is off by so much. */
  async #bedrock(exchange: MockExchange, path: string): Promise<void> {
    const { request } = exchange;
    if (path.endsWith('/count-tokens')) return json(exchange, 200, { inputTokens: 42 });
    const dialect = /\/converse(-stream)?$/.test(path) ? mockBedrock : mockBedrockInvoke;
    const skewMs = (new Script(request.model).number('skew', 600) ?? 0) * 1000;
    const fault = await signatureComplaint(request, skewMs);
    // In its own format a model answers as the script has it.
    const plain = !request.model.includes('own-format') && /\/invoke$/.test(path);
    const embed = bedrockEmbed(request.model, plain && pick(request.json, 'inputText') !== undefined);
    if (fault === null && embed !== undefined) return pair(exchange, embed);
    if (fault === null) return answerChat(exchange, dialect, this.#memory);
    const date = new Date(Date.now() + skewMs).toUTCString();
    return json(
      exchange,
      fault.status,
      { message: fault.message },
      { ...dialect.errorHeaders?.(fault), date },
    );
  }

  async #route(exchange: MockExchange): Promise<void> {
    const { method } = exchange.request;
    const { vendor, path } = splitVendor(exchange.request.path);
    if (method === 'POST' && path === '/v1/chat/completions')
      return answerChat(exchange, mockOpenai, this.#memory, vendor);
    if (method === 'POST' && path === '/v1/responses')
      return answerChat(exchange, mockResponses, this.#memory, vendor);
    if (method === 'POST' && path === '/v1/responses/input_tokens')
      return json(exchange, 200, { object: 'response.input_tokens', input_tokens: 42 });
    if (method === 'POST' && path.startsWith('/model/')) return this.#bedrock(exchange, path);
    const paired = method === 'POST' ? (PAIR_MOCKS[path] ?? EVENT_MOCKS[path]) : undefined;
    // Pictures are edited by a form too, which is only handed on.
    const isForm = String(exchange.request.headers['content-type']).startsWith('multipart/');
    if (paired !== undefined && !isForm) return pair(exchange, paired);
    if (method === 'POST' && path === '/v1/messages')
      return answerChat(exchange, mockAnthropic, this.#memory, vendor);
    if (method === 'POST' && path === '/v2/chat')
      return answerChat(exchange, mockCohere, this.#memory, vendor);
    if (method === 'POST' && path === '/v1/messages/count_tokens')
      return json(exchange, 200, { input_tokens: 42 });
    const gemini = method === 'POST' ? geminiPath(path) : null;
    if (gemini?.verb === 'countTokens') return json(exchange, 200, { totalTokens: 42 });
    const embed = mockGeminiEmbeds[gemini?.verb ?? ''];
    if (embed !== undefined) return pair(exchange, embed);
    if (gemini?.verb.endsWith('enerateContent') === true)
      return answerChat(exchange, mockGemini, this.#memory, vendor);
    if (method === 'GET' && path === '/v1beta/models')
      return json(exchange, 200, { models: [{ name: 'models/ok', displayName: 'ok' }] });
    if (method === 'GET' && path === '/v1/models')
      return json(exchange, 200, {
        object: 'list',
        data: [
          { id: 'ok', object: 'model', created: 1, owned_by: 'mock', type: 'model', display_name: 'ok' },
        ],
        has_more: false,
      });
    if (RAW.test(path)) return json(exchange, 200, { id: `obj-${exchange.request.serial}`, object: 'mock' });
    return json(exchange, 404, {
      error: { message: `mock has no ${method} ${path}`, type: 'not_found_error' },
    });
  }
}

/** What the gateway only hands on: any answer does. */
const RAW =
  /^\/v1\/(anything$|(de)?tokenize$|classif|ocr$|chat\/(moderations|classifications)$|fine_tuning\/|evals|skills|(messages\/)?batches|files|videos|vector_stores|containers|uploads|chat\/completions|models\/|realtime\/|live\/|content_provenance|audio\/|images\/(edits|variations))|^\/v1beta\/interactions/;

/** `/groq/v1/…` is answered as strictly as Groq would. */
function splitVendor(path: string): { vendor: string | null; path: string } {
  const vendor = STRICT_VENDORS.find((name) => path.startsWith(`/${name}/`));
  return vendor === undefined ? { vendor: null, path } : { vendor, path: path.slice(vendor.length + 1) };
}

function refusal(path: string, code: number): object {
  const message = 'scripted refusal';
  if (path.startsWith('/v2/')) return { id: 'co-mock', message };
  if (path.startsWith('/model/')) return { message };
  if (path.includes(':')) return { error: { code, message, status: 'UNAVAILABLE' } };
  return { error: { message, type: 'server_error', param: null, code: null } };
}

/** `status:CODE` refuses, whatever was asked. */
async function pair(exchange: MockExchange, answer: PairMock | EventMock): Promise<void> {
  const { model, json: body } = exchange.request;
  const refused = new Script(model).number('status', 0) ?? 0;
  if (refused > 0) return json(exchange, refused, refusal(exchange.request.path, refused));
  const made = answer(body as Record<string, unknown>, model);
  if (!('stream' in made)) return json(exchange, made.status, made.body);
  await exchange.head(200, {
    'content-type': 'text/event-stream',
    'content-length': String(Buffer.byteLength(made.stream)),
  });
  await exchange.body(made.stream);
}

async function json(
  exchange: MockExchange,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): Promise<void> {
  const text = JSON.stringify(value);
  await exchange.head(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  });
  await exchange.body(text);
}

/** Starts a mock provider on a free port. */
export function startMock(options: MockOptions = {}): Promise<MockUpstream> {
  return new Mock(options).listen();
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '9001' }, host: { type: 'string', default: '127.0.0.1' } },
  });
  const mock = await startMock({ port: Number(values.port), host: values.host, forget: true });
  console.log(
    `mock provider: OpenAI ${mock.openaiUrl}, Anthropic ${mock.anthropicUrl}, Gemini ${mock.geminiUrl}`,
  );
}
