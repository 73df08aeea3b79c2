// The WebSockets of a worker: opened by a call that was let in, each frame of theirs a call of its own.
import { randomBytes } from 'node:crypto';
import { formFacts } from '../../body/form-facts.ts';
import { Call, type Peer } from '../../contracts/call.ts';
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import { EMPTY_FLOW } from '../../contracts/empty-flow.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { Machines } from '../../contracts/machines.ts';
import type { Siblings } from '../../contracts/response-ports.ts';
import type { Route } from '../../contracts/route.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { ownResponseId } from '../../dialects/openai-responses/response-object.ts';
import type { Flows } from '../../pipeline/flows.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { type Refuser, renderError } from '../../pipeline/refuse.ts';
import type { Settle } from '../../pipeline/settle.ts';
import { offeredProtocols } from '../../pipeline/who/socket-key.ts';
import { kindOf } from '../../pipeline/tunnel/kinds.ts';
import { modelAsked } from '../../pipeline/tunnel/socket-request.ts';
import { callerDialect } from '../exchange/caller-dialect.ts';
import { ChatBook } from './chat-book.ts';
import { tellFar } from './chat-far.ts';
import type { ChatRequest } from './chat-frames.ts';
import { CHAT_SOCKET, turnRoute } from '../routes/chat-routes.ts';
import { ChatSocket, turnHead } from './chat-socket.ts';
import { ChatTurn } from './chat-turn.ts';
import type { Exchange, Upgrade } from '../exchange/exchange.ts';
import { ResponseSocket } from './response-socket.ts';
import { TURNS_LIFETIME_MS } from '../exchange/socket-bounds.ts';
import type { SocketTurn } from './socket-turn.ts';
import { TunnelEnd } from './tunnel-end.ts';

/** The route that is served over WebSocket too. */
const RESPONSES = '/v1/responses';

/** Whether a request for a WebSocket on this route is one. */
export function takesSockets(route: Route): boolean {
  if (route.template === RESPONSES) return true;
  return route.kind === 'model' && (route.socket === true || route.operation.intake === 'socket');
}

/** How one is closed whose server goes (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
/** When a key that has all the connections it may have is to try again. */
const RETRY_MS = 5_000;

export interface SocketServerDeps {
  clock: Clock;
  current(): { snapshot: Snapshot; flows: Flows };
  pipeline: Pipeline;
  settle: Settle;
  refuse: Refuser;
  siblings: Siblings;
  /** Other machines, as the configuration of now has it; null = there are none. */
  machines(): Machines | null;
  dialect(name: DialectName): Dialect;
}

/** What the server of all exchanges does for turns. */
export interface TurnHost {
  /** A request id: the client's own where it is harmless. */
  id(inbound?: string): string;
  /** The turn, or session, is one of the open exchanges, until it is `closed`. */
  opened(turn: Exchange): void;
  closed(turn: Exchange): void;
  /** Its client is gone. */
  left(call: Call): void;
}

type Opened = Pick<Call, 'head' | 'route' | 'params' | 'prefix'>;

export class SocketServer {
  readonly #deps: SocketServerDeps;
  readonly #host: TurnHost;
  readonly #sockets = new Set<ResponseSocket | ChatSocket>();
  readonly #book: ChatBook;
  readonly #tunnels = new Set<TunnelEnd>();
  /** How many each key has, by its id. */
  readonly #held = new Map<string, number>();
  #leaving = false;

  constructor(deps: SocketServerDeps, host: TurnHost) {
    this.#deps = deps;
    this.#host = host;
    this.#book = new ChatBook(
      () => deps.clock.now(),
      (some) => deps.machines()?.listen(some),
    );
  }

  /** The configuration is another one, and other machines may be. */
  renew(): void {
    if (this.#book.size > 0) this.#deps.machines()?.listen(true);
  }

  /** Connections open now. */
  get size(): number {
    return this.#sockets.size + this.#tunnels.size;
  }

  /** Who calls is known: from here on each frame is a call of its own. */
  open(call: Call, exchange: Exchange, upgrade: Upgrade): void {
    const owner = call.principal!.id;
    const { maxSocketsPerKey } = call.snapshot.config.server;
    if ((this.#held.get(owner) ?? 0) >= maxSocketsPerKey) {
      const message = `This key has ${maxSocketsPerKey} WebSockets open here, which is all that it may have.`;
      this.#deps.refuse(call, new GatewayError('GW_LIMIT_EXCEEDED', { message, retryAfterMs: RETRY_MS }));
      return;
    }
    const [at, through] = [exchange.socketAddress(), exchange.proxiedAddress()];
    const peer: Peer = { socketAddress: () => at, proxiedAddress: () => through };
    if (call.operation?.intake === 'socket') {
      this.#openTunnel(call, exchange, upgrade, peer);
      return;
    }
    this.#deps.settle(call, { status: 101, error: null, facts: null });
    if (call.route === CHAT_SOCKET) {
      this.#openChat(call, upgrade, peer);
      return;
    }
    const { route, params, prefix } = call;
    // A turn is a POST, whatever opened the socket: what only reads is neither budgeted nor charged.
    const opened = { head: turnHead(call.head, peer, 'openai-responses'), route, params, prefix };
    upgrade((wire) => {
      this.#count(owner, 1);
      const age = setTimeout(() => socket.expire(), TURNS_LIFETIME_MS).unref();
      const socket = new ResponseSocket(
        {
          begin: (turn, body) => this.#begin(opened, turn, body),
          peer,
          responseId: () => ownResponseId(randomBytes(20)),
          now: () => Math.floor(this.#deps.clock.wall() / 1000),
          steerId: () => `steer_${randomBytes(16).toString('hex')}`,
          over: () => {
            clearTimeout(age);
            if (this.#sockets.delete(socket)) this.#count(owner, -1);
          },
        },
        wire,
      );
      this.#sockets.add(socket);
      if (this.#leaving) this.#leave(socket);
      return socket;
    });
  }

  #openChat({ head, principal }: Call, upgrade: Upgrade, peer: Peer): void {
    const { current, dialect, siblings, machines } = this.#deps;
    const id = (): string => this.#host.id();
    const begin = (turn: ChatTurn, { dialect: spoken, model, stream, body }: ChatRequest): void => {
      const asked = { head: turnHead(head, peer, spoken), route: turnRoute(spoken, stream), prefix: null };
      this.#begin({ ...asked, params: model === null ? {} : { model } }, turn, body);
    };
    const deps = {
      options: () => current().snapshot.config.server.chatSocket,
      begin,
      framing: (name: DialectName) => dialect(name).chat.framing,
      render(name: DialectName, error: GatewayError) {
        const given = id();
        return { ...renderError(dialect(name), error, given), id: given };
      },
      book: this.#book,
      places: () => ({ siblings, machines: machines() }),
      owner: principal!.id,
      usual: callerDialect(head.headers),
      peer,
    };
    upgrade((wire) => {
      this.#count(deps.owner, 1);
      const age = setTimeout(() => socket.leave(GOING_AWAY, 'too old'), TURNS_LIFETIME_MS).unref();
      const over = (): void => {
        clearTimeout(age);
        if (this.#sockets.delete(socket)) this.#count(deps.owner, -1);
      };
      const socket: ChatSocket = new ChatSocket({ ...deps, over }, wire);
      this.#sockets.add(socket);
      if (this.#leaving) this.#leave(socket);
      return socket;
    });
  }

  /** What another worker asks of a conversation; null = it is not here. */
  conversation(owner: string, wish: string): string | null {
    return tellFar(this.#book, owner, wish, this.#deps.current().snapshot.config.server.chatSocket.resumeMs);
  }

  close(): void {
    this.#book.close();
  }

  /** The connection is one session, and the call that it began with is the session's. */
  #openTunnel(call: Call, exchange: Exchange, upgrade: Upgrade, peer: Peer): void {
    const { pipeline, refuse, clock } = this.#deps;
    const kind = kindOf(call.route.template);
    const { modelInFirst, inherits } = kind;
    exchange.call = null;
    exchange.onGone = null;
    const owner = call.principal!.id;
    upgrade((wire) => {
      this.#count(owner, 1);
      const begin = (model: string | null): void => {
        call.facts = formFacts(model, null);
        call.facts.stream = true;
        // A session says nothing itself: its turns do.
        call.facts.maxTokens = 0;
        call.bodyAt = clock.now();
        pipeline.body(call);
      };
      const end = new TunnelEnd(
        wire,
        peer,
        {
          begin(first) {
            const model = kind.modelOf(first);
            if (model !== null) begin(model);
            else refuse(call, new GatewayError('GW_CLIENT_BAD_REQUEST', kind.firstMust));
          },
          over: () => {
            if (this.#tunnels.delete(end)) this.#count(owner, -1);
            this.#host.closed(end);
          },
        },
        offeredProtocols(call.head.headers.get('sec-websocket-protocol')),
        kind,
      );
      call.sink = end;
      end.call = call;
      end.onGone = () => this.#host.left(call);
      this.#tunnels.add(end);
      this.#host.opened(end);
      if (this.#leaving) end.leave();
      else if (inherits) begin(null);
      else if (!modelInFirst) begin(modelAsked(call.head.query));
      return end;
    });
  }

  #count(owner: string, more: number): void {
    const now = (this.#held.get(owner) ?? 0) + more;
    if (now > 0) this.#held.set(owner, now);
    else this.#held.delete(owner);
  }

  /** Each ends behind the turn that runs on it. */
  leave(): void {
    this.#leaving = true;
    for (const end of this.#tunnels) end.leave();
    for (const socket of this.#sockets) this.#leave(socket);
    this.#book.leave();
  }

  #leave(socket: ResponseSocket | ChatSocket): void {
    socket.leave(GOING_AWAY, 'the gateway is shutting down');
  }

  /** @param opened of the connection: its head is that of each turn. */
  #begin({ head, route, params, prefix }: Opened, turn: SocketTurn | ChatTurn, body: Buffer): void {
    const { clock, current, pipeline, refuse } = this.#deps;
    const { snapshot, flows } = current();
    const flow = route.kind === 'model' ? flows[route.operation.name] : EMPTY_FLOW;
    const call = new Call(this.#host.id(), head, route, params, prefix, turn, snapshot, flow, clock.now());
    turn.call = call;
    turn.onGone = () => this.#host.left(call);
    turn.onOver = () => this.#host.closed(turn);
    this.#host.opened(turn);
    if (turn instanceof ChatTurn) turn.began();
    const { maxBodyBytes } = snapshot.config.server;
    if (body.length > maxBodyBytes) {
      refuse(
        call,
        new GatewayError('GW_CLIENT_TOO_LARGE', { message: `A turn takes ${maxBodyBytes} bytes at most.` }),
      );
      return;
    }
    // A key may have gone since.
    const refusal = pipeline.head(call);
    if (refusal !== null) {
      refuse(call, refusal);
      return;
    }
    call.bodyAt = call.startedAt;
    call.body = body;
    pipeline.body(call);
  }
}
