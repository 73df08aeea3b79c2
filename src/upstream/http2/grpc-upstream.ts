// A model server by gRPC as a provider's connections: to the pipeline it is a server of Chat Completions. Requests become messages and
// messages become answers by the server's protocol (src/grpc/protocols); lanes, clocks, retries and circuits know nothing of it.
import type { GrpcChannel, GrpcMetadata } from '../../contracts/grpc.ts';
import type { GrpcAsk, GrpcProtocol } from '../../contracts/grpc-provider.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { isSource } from '../../contracts/body-source.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { Upstream, UpstreamCall, UpstreamHandler, UpstreamRequest } from '../../contracts/upstream.ts';
import { ModelsAnswer } from '../../grpc/model-names.ts';
import { errorBody } from '../../grpc/status.ts';
import type { ConnectFailure } from '../connect-failure.ts';
import { ChannelPool, type PooledChannel } from './channel-pool.ts';
import { GrpcExchange } from './grpc-exchange.ts';
import { Preparation } from './preparation.ts';

export interface GrpcUpstreamOptions {
  protocol: GrpcProtocol;
  connect(): GrpcChannel;
  /** `host:port`, for the log. */
  place: string;
  clock: Clock;
  random(): number;
  /** Of this worker's life, unlike any other's: what ids of calls begin with. */
  origin: string;
  maxConnections: number;
  /** 0 = any age. */
  maxConnectionAgeMs: number;
  /** How long close() lets running calls go on. */
  closeTimeoutMs: number;
  onUnreachable?: ((failure: ConnectFailure) => void) | undefined;
}

/** What the engine does about a request that nobody waits for any more. */
const ABORT_DEADLINE_MS = 1_000;
/** Of HTTP: gRPC says these its own way, or they say what only HTTP has. */
const NOT_METADATA = new Set([
  'content-type',
  'content-length',
  'accept',
  'accept-encoding',
  'user-agent',
  'host',
  'connection',
  'te',
]);

/** Connections to one model server. */
export function createGrpcUpstream(options: GrpcUpstreamOptions): Upstream {
  return new GrpcUpstream(options);
}

class GrpcUpstream implements Upstream {
  readonly tellsDeadline = true;
  readonly #options: GrpcUpstreamOptions;
  readonly #pool: ChannelPool;
  readonly #preparation: Preparation | null;
  readonly #metadata = new WeakMap<object, GrpcMetadata>();
  #calls = 0;
  #closed = false;

  constructor(options: GrpcUpstreamOptions) {
    const { clock, random, maxConnections, maxConnectionAgeMs, protocol } = options;
    this.#options = options;
    this.#pool = new ChannelPool(
      { connect: () => options.connect(), now: () => clock.now(), random: () => random() },
      { most: maxConnections, maxAgeMs: maxConnectionAgeMs },
    );
    this.#preparation = protocol.preparation === undefined ? null : new Preparation(protocol.preparation);
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    const pooled = this.#pool.take();
    let abort: GrpcAsk['abort'] = null;
    const { models } = this.#options.protocol;
    const lists = models !== undefined && request.method === 'GET' && request.path === '/models';
    const metadata = this.#metadataOf(request.headers);
    const exchange = new GrpcExchange(handler, {
      over: (left) => {
        this.#pool.leave(pooled);
        if (left && abort !== null) tell(pooled.channel, abort, metadata);
      },
      unreachable: (reason) => this.#unreachable(reason),
    });
    const begin = (): void => {
      if (exchange.over) return;
      try {
        if (lists) {
          const { path, message } = models;
          const ask = { path, message, answer: new ModelsAnswer(models), abort: null };
          this.#open(exchange, ask, false, pooled, metadata, request.deadlineMs);
          return;
        }
        const body = bodyOf(request);
        const id = `${this.#options.origin}-${(++this.#calls).toString(36)}`;
        const ask = this.#options.protocol.ask(body, id, Math.floor(this.#options.clock.wall() / 1000));
        abort = ask.abort;
        this.#open(exchange, ask, body['stream'] === true, pooled, metadata, request.deadlineMs);
      } catch (cause) {
        const error = unaskable(cause);
        queueMicrotask(() => exchange.fail(error));
      }
    };
    const refusal = lists && !this.#closed ? null : this.#refusal(request);
    if (refusal !== null) queueMicrotask(() => exchange.fail(refusal));
    else if (lists || this.#preparation === null || this.#preparation.done) begin();
    else
      this.#preparation
        .get(pooled.channel, metadata)
        .then(begin, (cause: unknown) => exchange.end(Preparation.endOf(cause)));
    return exchange;
  }

  stats(): { connected: number; running: number; pending: number } {
    return { connected: this.#pool.connected, running: this.#pool.running, pending: 0 };
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#pool.close(this.#options.closeTimeoutMs);
  }

  #open(
    exchange: GrpcExchange,
    ask: GrpcAsk,
    streamed: boolean,
    { channel }: PooledChannel,
    metadata: GrpcMetadata,
    deadlineMs: number | undefined,
  ): void {
    exchange.begin(ask, streamed, (listener) =>
      channel.open(ask.path, listener, { metadata, ...(deadlineMs !== undefined && { deadlineMs }) }),
    );
  }

  /** There is chat here, and nothing else. */
  #refusal({ method, path, body }: UpstreamRequest): GatewayError | null {
    if (this.#closed) return new GatewayError('GW_UPSTREAM_CONNECT', { retry: 'next' });
    if (method === 'POST' && /^\/chat\/completions(\?|$)/.test(path) && body !== null && !isSource(body))
      return null;
    const message = 'A model server that is asked by gRPC serves chat alone.';
    if (isSource(body)) body.abort();
    return new GatewayError('GW_UPSTREAM_REJECTED', {
      retry: 'next',
      message,
      fault: {
        dialect: 'openai-chat',
        status: 404,
        body: Buffer.from(errorBody(404, message, null, false)),
        type: 'not_found_error',
        code: null,
        param: null,
        message,
        headers: {},
      },
    });
  }

  /** Headers are shared objects that nobody writes into. */
  #metadataOf(headers: Record<string, string>): GrpcMetadata {
    const known = this.#metadata.get(headers);
    if (known !== undefined) return known;
    const metadata: Record<string, string> = {};
    for (const name in headers) if (!NOT_METADATA.has(name)) metadata[name] = headers[name]!;
    this.#metadata.set(headers, metadata);
    return metadata;
  }

  #unreachable(reason: string): void {
    this.#options.onUnreachable?.({ reason, upstream: this.#options.place, stage: 'tcp', detail: reason });
  }
}

/** Read before: it is JSON that we or `inspectBody` made sure of. */
function bodyOf({ body }: UpstreamRequest): JsonObject {
  const bytes = body as Exclude<UpstreamRequest['body'], null>;
  if (isSource(bytes)) throw new TypeError('a body on its way');
  const text = Buffer.isBuffer(bytes)
    ? bytes.toString('utf8')
    : Buffer.concat(bytes.pieces()).toString('utf8');
  return JSON.parse(text) as JsonObject;
}

/** HTTP/2 says it too; not every engine listens. */
function tell(
  channel: GrpcChannel,
  { path, message }: NonNullable<GrpcAsk['abort']>,
  metadata: GrpcMetadata,
): void {
  channel.unary(path, message, { metadata, deadlineMs: ABORT_DEADLINE_MS }).catch(() => {});
}

/** What this server cannot be asked another target may be. */
function unaskable(cause: unknown): GatewayError {
  if (!(cause instanceof GatewayError)) return new GatewayError('GW_GATEWAY_INTERNAL', { cause });
  const { code, publicMessage: message, param } = cause;
  if (code !== 'GW_CLIENT_UNSUPPORTED' && code !== 'GW_CLIENT_MODEL_NOT_FOUND') return cause;
  return new GatewayError(code, { message, param: param ?? undefined, retry: 'next' });
}
