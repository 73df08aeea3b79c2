// The listener of one worker: from a socket's request to a Call in the pipeline, or to a refusal. In order: framing, path, method, key, size, body.
import { Call } from '../contracts/call.ts';
import type { ModelCatalog } from '../contracts/catalog.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import { EMPTY_FLOW } from '../contracts/empty-flow.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Clock, LogPort } from '../contracts/ports.ts';
import type { Machines } from '../contracts/machines.ts';
import type { Siblings } from '../contracts/response-ports.ts';
import type { Route } from '../contracts/route.ts';
import type { HeaderList } from '../contracts/sink.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { clientAddress } from '../pipeline/who/client-address.ts';
import type { Flows } from '../pipeline/flows.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { type Refuser, renderError } from '../pipeline/refuse.ts';
import type { Settle } from '../pipeline/settle.ts';
import { SlotList } from '../pipeline/slot-list.ts';
import { type AdminForward, type AdminPlace, createAdminForward } from './routes/admin-forward.ts';
import { type CompiledRoutes, compileRoutes } from './routes/compiled-routes.ts';
import { originOf } from './routes/cors.ts';
import type { DescriptorGate } from './exchange/descriptor-gate.ts';
import { createDoors, type Doors } from './doors.ts';
import type { ArrivedHead, Exchange, ExchangeHost, RequestHandler, Upgrade } from './exchange/exchange.ts';
import { keepAlive } from './heartbeat.ts';
import { createIds } from './exchange/ids.ts';
import { isHandedOn } from './exchange/intake.ts';
import type { Uws } from './exchange/loader.ts';
import { createLocalAnswers, type LocalAnswers } from './routes/local-answers.ts';
import { createGrpcDoor } from './grpc/grpc-door.ts';
import { faultOf, tooLarge } from './routes/route-fault.ts';
import { routed } from './routes/routed.ts';
import { SocketServer, takesSockets, type TurnHost } from './sockets/socket-server.ts';
import type { UploadSeal } from '../pipeline/upload-seal.ts';
import { admitSocket, createTickets, type Tickets } from './routes/chat-tickets.ts';
import type { StoredAnswers } from './routes/stored-answers.ts';
import { createUwsListener, type MainListener } from './uws/uws-listener.ts';

/** A refused upload up to this size is left to finish; a larger one is cut short. */
const SMALL_UPLOAD_BYTES = 1024 * 1024;
/** How often slow readers and slow uploads are looked after. */
const SWEEP_MS = 250;

const NO_HEADERS: HeaderList = [];

export interface HttpServerDeps {
  uws: Uws;
  log: LogPort;
  clock: Clock;
  descriptors: DescriptorGate;
  /** One beyond what its address may have. */
  connectionRefused(how: 'told' | 'closed'): void;
  dialect(name: DialectName): Dialect;
  /** What new calls begin with. */
  current(): { snapshot: Snapshot; flows: Flows };
  pipeline: Pipeline;
  settle: Settle;
  refuse: Refuser;
  scrape(): Promise<string>;
  health(): Record<string, unknown>;
  version: string;
  models: ModelCatalog;
  stored: StoredAnswers;
  siblings: Siblings;
  /** Other machines, as the configuration of now has it; null = there are none. */
  machines(): Machines | null;
  /** What tickets are sealed with where the configuration says nothing else. */
  ticketSecret: string;
  /** Of addresses of uploads. */
  uploads: Pick<UploadSeal, 'redeem'>;
  /** A listener that a new configuration wants cannot be opened. */
  failed(error: Error): void;
  /** Where `/api/` is answered. */
  admin(): AdminPlace;
}

export interface HttpServer {
  /** Opens every listener of the configuration. Resolves with the port of the first. @throws Error when one cannot be opened. */
  listen(): Promise<number>;
  /** The configuration is another one: listeners may have come, gone, or have another certificate. */
  renew(): void;
  /** Closes the listeners once nobody waits in its accept queue; open connections stay. */
  stopListening(): Promise<void>;
  beginDrain(): void;
  /** Calls open now. */
  readonly open: number;
  /** Visits every call that is open, settled or not. */
  forEachCall(visit: (call: Call) => void): void;
  /** Ends what is open with `error`: an error answer, or an error event in a stream that began. Returns how many. */
  endAll(error: GatewayError): number;
  /** Resolves when nothing is open. */
  idle(): Promise<void>;
  close(): void;
  /** What another worker, of whatever machine, asks of a conversation of the chat socket; null = it is not here. */
  conversation(owner: string, wish: string): string | null;
}

export function createHttpServer(deps: HttpServerDeps): HttpServer {
  return new Server(deps);
}

class Server implements HttpServer, ExchangeHost {
  readonly #deps: HttpServerDeps;
  readonly #id = createIds();
  readonly #open = new SlotList<Exchange>();
  readonly #sockets: SocketServer;
  readonly #tickets: Tickets;
  readonly #answerHere: LocalAnswers;
  readonly #forward: AdminForward;
  readonly #listener: MainListener;
  readonly #doors: Doors;
  #routes: CompiledRoutes | null = null;
  #sweep: NodeJS.Timeout | null = null;
  #idleWaiters: (() => void)[] = [];
  draining = false;

  constructor(deps: HttpServerDeps) {
    this.#deps = deps;
    const { settle, refuse, clock } = deps;
    this.#tickets = createTickets(
      () => deps.current().snapshot.config.server.chatSocket.ticketSecret ?? deps.ticketSecret,
      () => clock.wall(),
    );
    this.#answerHere = createLocalAnswers({ ...deps, tickets: this.#tickets }, clock.wall());
    this.#forward = createAdminForward({ place: () => deps.admin(), settle, refuse });
    const turns: TurnHost = {
      id: (inbound) => this.#id(inbound),
      opened: (turn) => this.#open.add(turn),
      closed: (turn) => this.closed(turn),
      left: (call) => this.#left(call),
    };
    this.#sockets = new SocketServer(deps, turns);
    const handle: RequestHandler = (exchange, head, startedAt, upgrade) =>
      this.#handle(exchange, head, startedAt, upgrade);
    const addresses = { clock, current: () => deps.current(), refused: deps.connectionRefused };
    this.#listener = createUwsListener({ ...deps, addresses }, this, handle);
    this.#doors = createDoors({ ...deps, addresses }, this, handle, createGrpcDoor(deps, this, turns));
  }

  now(): number {
    return this.#deps.clock.now();
  }

  get open(): number {
    return this.#open.size;
  }

  forEachCall(visit: (call: Call) => void): void {
    this.#open.forEach(({ call }) => {
      if (call !== null) visit(call);
    });
  }

  async listen(): Promise<number> {
    this.#sweep = setInterval(() => this.#sweepOpen(), SWEEP_MS).unref();
    const { server } = this.#deps.current().snapshot.config;
    const opened = await this.#listener.listen(server);
    await this.#doors.open(server.listeners ?? []);
    return opened;
  }

  renew(): void {
    this.#sockets.renew();
    this.#doors.renew(this.#deps.current().snapshot.config.server.listeners ?? []);
  }

  beginDrain(): void {
    this.draining = true;
    this.#sockets.leave();
    this.#forward.beginDrain();
    this.#doors.leave();
  }

  async stopListening(): Promise<void> {
    await Promise.all([this.#listener.stop(), this.#doors.stop()]);
  }

  endAll(error: GatewayError): number {
    const open = this.#open.toArray();
    for (const exchange of open) {
      const { call } = exchange;
      // What is answered and only waits to be taken must not get another word.
      if (call !== null && !call.settled && !exchange.ending) {
        call.work?.cancel(error);
        // Nothing was written yet: whoever writes settles.
        this.#deps.refuse(call, error);
      } else exchange.cut();
    }
    return open.length;
  }

  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  conversation(owner: string, wish: string): string | null {
    return this.#sockets.conversation(owner, wish);
  }

  close(): void {
    this.#sockets.close();
    if (this.#sweep !== null) clearInterval(this.#sweep);
    this.#listener.close();
    this.#doors.close();
  }

  closed(exchange: Exchange): void {
    this.#open.delete(exchange);
    if (this.#open.size === 0 && this.#idleWaiters.length > 0) {
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const wake of waiters) wake();
    }
  }

  #handle(exchange: Exchange, head: ArrivedHead, startedAt: number, upgrade?: Upgrade): void {
    this.#open.add(exchange);
    const { snapshot, flows } = this.#deps.current();
    const { table, cors, jobs } = this.#compiled(snapshot);
    const id = this.#id(head.headers.get('x-request-id'));
    const { match, route } = routed(table, jobs?.find(head.path) ?? null, head);
    const origin = originOf(match.route, head);
    const base = this.#baseHeaders(match.route, id, origin === undefined ? NO_HEADERS : cors.answer(origin));
    exchange.setBaseHeaders(id, base);
    exchange.headless = head.method === 'HEAD';
    exchange.clientCloses = head.asksClose;
    if (head.fault !== '') {
      const message = `Bad request: ${head.fault}.`;
      this.#refuseEarly(exchange, route, id, new GatewayError('GW_CLIENT_BAD_FRAMING', { message }), 'head');
      return;
    }
    const flow = route.kind === 'model' ? flows[route.operation.name] : EMPTY_FLOW;
    const opens = upgrade !== undefined && takesSockets(match.route);
    const admitted = opens
      ? admitSocket(match.route, head, origin, cors, this.#tickets)
      : this.#deps.uploads.redeem(head, match.params);
    const job = jobs?.around(route, exchange) ?? null;
    const call = new Call(
      id,
      admitted instanceof GatewayError ? head : admitted,
      route,
      match.params,
      match.prefix,
      job ?? exchange,
      snapshot,
      flow,
      startedAt,
    );
    exchange.call = call;
    // uWS 20.51.4 reads chunk framing laxly (any two bytes end a chunk). What stands behind such a body may be meant as
    // a request by one reader and not by another: it is never read as one.
    exchange.closeAfter = head.chunked || head.crowded === true;
    exchange.onGone = () => this.#left(call);
    const fault = opens && head.crowded !== true ? null : faultOf(match, head);
    const error = admitted instanceof GatewayError ? admitted : fault;
    if (head.method === 'OPTIONS' && origin !== undefined && !match.ambiguous) {
      const requested = head.headers.get('access-control-request-headers');
      exchange.setBaseHeaders(id, this.#baseHeaders(match.route, id, NO_HEADERS));
      exchange.replyEmpty(204, cors.preflight(origin, requested));
      this.#deps.settle(call, { status: 204, error: null, facts: null });
      return;
    }
    if (error !== null) {
      this.#refuseWithBody(call, exchange, head, error);
      return;
    }
    if (!match.route.open) {
      const refusal = this.#deps.pipeline.head(call);
      if (refusal !== null) {
        this.#refuseWithBody(call, exchange, head, refusal);
        return;
      }
    }
    if (opens) {
      // Who calls is known before there is a socket.
      this.#deps.pipeline.prove(call, () => this.#sockets.open(call, exchange, upgrade));
      return;
    }
    const { pipeline, refuse } = this.#deps;
    if (job !== null) this.#readBody(call, exchange, head, (whole) => job.begin(whole, pipeline, refuse));
    else if (match.route.kind !== 'local') this.#readBody(call, exchange, head, pipeline.body);
    else if (match.route.answer === 'admin') {
      // To be asked before this returns.
      const from = clientAddress(head, snapshot.proxies ?? null);
      this.#readBody(call, exchange, head, (whole) => this.#forward.ask(whole, from));
    } else {
      const local = match.route;
      const answer = (): void =>
        this.#deps.pipeline.prove(call, () => this.#answerHere(call, local, this.draining));
      if (local.takesBody === true && head.method === 'POST') this.#readBody(call, exchange, head, answer);
      else answer();
    }
  }

  /** `more`, and the id under the name that clients of the route's vendor look for. */
  #baseHeaders({ dialect }: Route, id: string, more: HeaderList): HeaderList {
    const { requestIdHeader } = this.#deps.dialect(dialect).manner;
    return requestIdHeader === undefined ? more : [...more, [requestIdHeader, id]];
  }

  #readBody(call: Call, exchange: Exchange, head: ArrivedHead, whole: (call: Call) => void): void {
    const { server } = call.snapshot.config;
    if (isHandedOn(call, head)) {
      if (head.contentLength > server.maxUploadBytes) {
        this.#refuseWithBody(call, exchange, head, tooLarge(server.maxUploadBytes));
        return;
      }
      call.upload = exchange.openBody(server.maxUploadBytes, head.contentLength, server.bodyTimeoutMs);
      call.bodyAt = this.now();
      this.#deps.pipeline.body(call);
      return;
    }
    if (head.contentLength > server.maxBodyBytes) {
      this.#refuseWithBody(call, exchange, head, tooLarge(server.maxBodyBytes));
      return;
    }
    let arrived = false;
    exchange.readBody(
      server.maxBodyBytes,
      head.contentLength,
      (body) => {
        arrived = true;
        exchange.bodyBy = 0;
        call.bodyAt = this.now();
        // The time a client takes to send is not ours.
        call.waitedMs += call.bodyAt - call.startedAt;
        call.body = body;
        whole(call);
      },
      () => this.#refuseWithBody(call, exchange, head, tooLarge(server.maxBodyBytes)),
    );
    if (!arrived) exchange.bodyBy = call.startedAt + server.bodyTimeoutMs;
  }

  /** Refuses a call whose body may still be on its way. */
  #refuseWithBody(call: Call, exchange: Exchange, head: ArrivedHead, error: GatewayError): void {
    if (error.kind === 'method_not_allowed') {
      const origin = originOf(call.route, head);
      const cors = origin === undefined ? NO_HEADERS : this.#compiled(call.snapshot).cors.answer(origin);
      const more: HeaderList = [
        ...cors,
        ['allow', call.route.methods.join(', ')],
        // What the caller is to speak instead (RFC 9110, 15.5.22).
        ...(error.status === 426 ? ([['upgrade', 'HTTP/1.1']] as const) : []),
      ];
      exchange.setBaseHeaders(call.id, this.#baseHeaders(call.route, call.id, more));
    }
    if (this.#endsBehindItsBody(head)) {
      this.#deps.refuse(call, error);
      return;
    }
    this.#refuseEarly(exchange, call.route, call.id, error, 'linger');
    this.#deps.settle(call, { status: error.status, error, facts: null });
  }

  /** An answer may come before the body: there is little left of it, and the connection stays. */
  #endsBehindItsBody({ chunked, contentLength, asksClose, crowded = false }: ArrivedHead): boolean {
    if (chunked || contentLength > SMALL_UPLOAD_BYTES) return false;
    if (contentLength <= 0) return true;
    return !this.draining && !asksClose && !crowded;
  }

  #refuseEarly(
    exchange: Exchange,
    route: Route,
    id: string,
    error: GatewayError,
    how: 'head' | 'linger',
  ): void {
    const { status, headers, body } = renderError(this.#deps.dialect(route.dialect), error, id);
    if (how === 'head') exchange.refuseHead(status, headers, body);
    else exchange.refuseAndLinger(status, headers, body);
  }

  #left(call: Call): void {
    if (call.settled || call.alone || call.sharing?.goesOn() === true) return;
    const error = new GatewayError('GW_CLIENT_GONE');
    call.work?.cancel(error);
    this.#deps.settle(call, { status: error.status, error, facts: null });
  }

  #sweepOpen(): void {
    const now = this.now();
    this.#open.forEach((exchange) => {
      const { call, bodyBy } = exchange;
      if (call === null) return;
      const { clientProgressMs } = call.snapshot.config.server;
      if (bodyBy !== 0 && now >= bodyBy && !exchange.committed) {
        const error = new GatewayError('GW_CLIENT_BODY_TIMEOUT');
        call.work?.cancel(error);
        if (call.settled) return;
        this.#refuseEarly(exchange, call.route, call.id, error, 'linger');
        this.#deps.settle(call, { status: error.status, error, facts: null });
      } else if (exchange.tend(now) >= clientProgressMs) exchange.cut();
      else keepAlive(exchange, call, this.#deps.dialect, now);
    });
  }

  #compiled(snapshot: Snapshot): CompiledRoutes {
    if (this.#routes === null || this.#routes.version !== snapshot.version)
      this.#routes = compileRoutes(snapshot, this.#deps.dialect);
    return this.#routes;
  }
}
