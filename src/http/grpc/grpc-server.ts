// What is called over gRPC: operations of models, which go the way of every call; health and reflection, which any client may ask.
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Call, type Peer } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import type { Flows } from '../../pipeline/flows.ts';
import { asGatewayError, type Pipeline } from '../../pipeline/pipeline.ts';
import type { Refuser } from '../../pipeline/refuse.ts';
import { grpcTimeoutMs } from '../../wire/grpc.ts';
import type { ExchangeHost } from '../exchange/exchange.ts';
import { GrpcExchange } from './grpc-exchange.ts';
import { GrpcHealth } from './grpc-health.ts';
import { GRPC_METHODS, type GrpcMethod } from './grpc-routes.ts';
import { reflect, REFLECTION_METHODS } from './grpc-reflection.ts';
import { endWith, isGrpc, letGo } from './grpc-stream.ts';
import type { TurnHost } from '../sockets/socket-server.ts';

/** Takes every stream of a listener for gRPC. */
export interface GrpcTaker {
  take(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    peer: Peer,
  ): void;
  /** Who watches the health is told that it ends. */
  leave(): void;
}

export interface GrpcServerDeps {
  clock: Clock;
  current(): { snapshot: Snapshot; flows: Flows };
  pipeline: Pipeline;
  refuse: Refuser;
}

/** What setTimeout takes. */
const LONGEST_MS = 2 ** 31 - 1;

export class GrpcServer implements GrpcTaker {
  readonly #deps: GrpcServerDeps;
  readonly #host: Pick<ExchangeHost, 'now' | 'draining' | 'closed'>;
  readonly #turns: TurnHost;
  readonly #health: GrpcHealth;

  constructor(
    deps: GrpcServerDeps,
    host: Pick<ExchangeHost, 'now' | 'draining' | 'closed'>,
    turns: TurnHost,
  ) {
    this.#deps = deps;
    this.#host = host;
    this.#turns = turns;
    this.#health = new GrpcHealth(() => !host.draining);
  }

  leave(): void {
    this.#health.leave();
  }

  take(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    peer: Peer,
  ): void {
    // Whatever breaks a stream ends in `close`.
    stream.on('error', ignore);
    if (!isGrpc(headers)) {
      // As the protocol has it: who calls speaks something else.
      stream.respond({ ':status': 415, 'content-length': '0' }, { endStream: true });
      letGo(stream);
      return;
    }
    const path = headers[':path'] ?? '';
    const id = this.#turns.id(textOf(headers['x-request-id']));
    const method = GRPC_METHODS.get(path);
    if (method !== undefined) this.#call(stream, method, headOf(path, rawHeaders, peer), id, peer);
    else if (this.#health.takes(path)) this.#health.answer(path, stream);
    else if (REFLECTION_METHODS.has(path)) reflect(stream);
    else endWith(stream, 'UNIMPLEMENTED', `There is no method ${path}.`, { 'x-request-id': id });
  }

  #call(
    stream: ServerHttp2Stream,
    { route, read, write }: GrpcMethod,
    head: Call['head'],
    id: string,
    peer: Peer,
  ): void {
    const { clock, current, pipeline, refuse } = this.#deps;
    const { snapshot, flows } = current();
    const { server } = snapshot.config;
    const exchange = new GrpcExchange(stream, write, peer, this.#host);
    exchange.setBaseHeaders(id, []);
    const flow = flows[route.operation.name];
    const call = new Call(id, head, route, {}, null, exchange, snapshot, flow, clock.now());
    exchange.call = call;
    exchange.onGone = () => this.#turns.left(call);
    this.#turns.opened(exchange);
    const encoding = head.headers.get('grpc-encoding') ?? 'identity';
    const refusal =
      encoding === 'identity'
        ? pipeline.head(call)
        : new GatewayError('GW_CLIENT_MEDIA_TYPE', {
            message: `Messages in \`${encoding}\` are not taken: send them without \`grpc-encoding\`.`,
          });
    if (refusal !== null) {
      refuse(call, refusal);
      return;
    }
    this.#limitTime(call, stream, head.headers.get('grpc-timeout'));
    exchange.bodyBy = call.startedAt + server.bodyTimeoutMs;
    const take = (message: Buffer): void => {
      exchange.bodyBy = 0;
      if (call.settled) return;
      call.bodyAt = clock.now();
      // The time a client takes to send is not ours.
      call.waitedMs += call.bodyAt - call.startedAt;
      try {
        const { body, includeJson } = read(message);
        exchange.includeJson = includeJson;
        call.body = body;
      } catch (cause) {
        refuse(call, asGatewayError(cause));
        return;
      }
      pipeline.body(call);
    };
    exchange.readMessage(server.maxBodyBytes, take, (error) => {
      exchange.bodyBy = 0;
      refuse(call, error);
    });
  }

  /** Whoever waits no longer than so much gets no answer behind it, and nobody works for it. */
  #limitTime(call: Call, stream: ServerHttp2Stream, stated: string | undefined): void {
    const ms = stated === undefined ? null : grpcTimeoutMs(stated);
    if (ms === null || ms > LONGEST_MS) return;
    const timer = setTimeout(() => {
      if (call.settled) return;
      const error = new GatewayError('GW_CLIENT_DEADLINE');
      call.work?.cancel(error);
      // Nothing was written yet: whoever writes settles.
      this.#deps.refuse(call, error);
    }, ms);
    stream.on('close', () => clearTimeout(timer));
  }
}

const textOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** The head of a call: its metadata, and what the pipeline would look for over HTTP. */
function headOf(path: string, raw: readonly string[], peer: Peer): Call['head'] {
  const headers = new HeaderBag();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (name === ':authority') headers.add('host', raw[at + 1]!);
    // The message becomes JSON.
    else if (name === 'content-type') headers.add(name, 'application/json');
    else if (!name.startsWith(':') && name !== 'content-length') headers.add(name, raw[at + 1]!);
  }
  return { method: 'POST', path, query: '', headers, peer };
}

function ignore(): void {}
