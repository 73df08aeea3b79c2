// A client's WebSocket and a provider's, joined: what one says the other hears, as it comes. Each message is looked at only as
// far as it takes to count turns. A session holds its place in the lane, and what its key has of limits, as long as it lasts.
//
//   stage ─► queued --slot--> opening --opened--> joined --either closes, or cut--> over
//                 `--no place, refused, unreachable: the next target, else an error in the protocol
import type { TargetHold } from '../../contracts/admission.ts';
import type { AttemptRecord, Call, Stage } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { LaneSeat, RingKey } from '../../contracts/lane.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Price } from '../../contracts/price.ts';
import type { SessionGuard } from '../../contracts/session-guard.ts';
import {
  isTunnel,
  type SocketMessage,
  type TunnelSink,
  type UpstreamSocket,
} from '../../contracts/tunnel.ts';
import { chargeAttempt } from '../../prices/attempt-charge.ts';
import { noCredential, noKey, refusal } from '../dispatch/attempt-failures.ts';
import { newRecord } from '../dispatch/attempt-record.ts';
import { renderError } from '../refuse.ts';
import { BROKEN, GOING_AWAY, NO_STATUS, NORMAL, POLICY, sendable, TOO_BIG } from './close-codes.ts';
import { MessageQueue } from './message-queue.ts';
import { sessionFacts } from './realtime-usage.ts';
import { kindOf } from './kinds.ts';
import { resumed } from './session-handles.ts';
import type { HandleWords, SessionKind } from './session-kind.ts';
import { ofSocket, socketPath } from './socket-request.ts';
import type { TunnelDeps } from './tunnel-deps.ts';
import { Turns } from './turns.ts';

/** What waits for the provider. */
const MAX_HELD = 1_024;
const MAX_HELD_BYTES = 8 * 1024 * 1024;

/** Joins the client's socket to a target's. Takes the call. */
export function createTunnel(deps: TunnelDeps): Stage {
  return (call) => {
    if (!isTunnel(call.sink)) return new GatewayError('GW_CLIENT_UPGRADE');
    new Tunnel(deps, call, call.sink).begin();
    return 'taken';
  };
}

class Tunnel {
  readonly #deps: TunnelDeps;
  readonly #call: Call;
  readonly #client: TunnelSink;
  readonly #kind: SessionKind;
  /** What the provider does not take yet. */
  readonly #held = new MessageQueue(MAX_HELD, MAX_HELD_BYTES);
  #next = 0;
  #seat: LaneSeat | null = null;
  #socket: UpstreamSocket | null = null;
  #turns: Turns | null = null;
  #target: Target | null = null;
  /** What the session holds of that one's limits; with the call it is settled. */
  #hold: TargetHold | null = null;
  /** Of a message it is not known yet whether it may go, or a turn waits for its limits: what the client says behind it waits too. */
  #decides = false;
  /** The provider reads slowly. */
  #full = false;
  #leaving = false;
  #over = false;
  #joinedAt = 0;
  #last: JsonObject | null = null;
  /** What says it in the first message, until that has come; null = nothing does. */
  #first: HandleWords | null;
  /** The session said which it is, or it never does. */
  #begun: boolean;
  /** Of the model that it goes on with. */
  #inherited: Price | null = null;
  /** Looks at what is said, both ways; null = nobody does. */
  readonly #guard: SessionGuard | null;

  constructor(deps: TunnelDeps, call: Call, client: TunnelSink) {
    this.#deps = deps;
    this.#call = call;
    this.#client = client;
    this.#kind = kindOf(call.route.template);
    this.#begun = this.#kind.begunIn === undefined;
    this.#first = this.#kind.handles ?? null;
    this.#guard = call.guard?.session ?? null;
  }

  begin(): void {
    this.#guard?.attach({
      tell: (message) => this.#tell(message),
      ask: (message) => this.#send(message),
      stop: (answer) => this.#stop(answer),
      refuse: (error, answer) => this.#refuse(error, answer),
    });
    this.#call.begin({ cancel: (reason) => this.#close(reason) });
    this.#client.attach({
      message: (message) => this.#heard(message),
      drained: () => this.#socket?.resume(),
      leave: () => this.#leave(),
      left: () => this.#end(null, NORMAL, ''),
    });
    this.#tryNext(null);
  }

  // -- towards the provider

  #tryNext(failed: GatewayError | null): void {
    if (this.#over) return;
    const { plan, keptAt } = this.#call;
    let target = plan!.targets[this.#next++];
    // A call under way is where it is.
    while (target !== undefined && keptAt !== null && target.provider.name !== keptAt)
      target = plan!.targets[this.#next++];
    if (target === undefined) {
      this.#over = true;
      const none = keptAt === null ? 'GW_UPSTREAM_CONNECT' : 'GW_CLIENT_OBJECT_NOT_FOUND';
      this.#deps.refuse(this.#call, failed ?? new GatewayError(none));
      return;
    }
    this.#target = target;
    const record = newRecord(target, this.#deps.clock.now() - this.#call.startedAt);
    this.#call.attempts.push(record);
    const admitted = this.#deps.admission.admitTarget(this.#call, target);
    if (!(admitted instanceof Promise)) this.#admitted(target, record, admitted);
    else void admitted.then((later) => this.#admitted(target, record, later));
  }

  /** The provider's own limits have room for a session, or not. */
  #admitted(target: Target, record: AttemptRecord, result: TargetHold | GatewayError | null): void {
    if (result instanceof GatewayError) {
      this.#missed(target, result);
      return;
    }
    this.#hold = result;
    if (result !== null) result.record = record;
    if (this.#over || this.#target !== target) return;
    const seat = target.lane.enter({
      onSlot: () => this.#open(target),
      onShed: (error) => this.#missed(target, error),
    });
    // enter() may have run the whole way to a failure already.
    if (this.#target === target && !this.#over) this.#seat = seat;
    else seat.leave();
  }

  #open(target: Target): void {
    const { headers, clock } = this.#deps;
    const call = this.#call;
    const record = call.attempts.at(-1)!;
    const key: RingKey | null =
      target.provider.keys.length === 0 ? null : target.lane.keys.pick(target.model, []);
    if (target.provider.keys.length > 0 && key === null) {
      this.#missed(target, noKey(target.lane.keys.nextUsableInMs(target.model)));
      return;
    }
    record.keyAlias = key?.config.alias ?? '';
    if (key !== null && !headers.holds(key)) {
      this.#missed(target, noCredential());
      return;
    }
    const { upstream } = target.lane;
    if (upstream.openSocket === undefined) {
      const message = 'This provider takes no WebSockets.';
      this.#missed(target, new GatewayError('GW_CLIENT_UNSUPPORTED', { message }));
      return;
    }
    record.sentAt = clock.now() - call.startedAt;
    this.#socket = upstream.openSocket(
      {
        path: socketPath(call, target, this.#kind),
        headers: ofSocket(headers.build(call, target, key)),
        protocols: this.#client.protocols,
        besideVersion: this.#kind.besideVersion,
      },
      {
        opened: () => this.#joined(target),
        refused: (status, answered, body) => {
          record.status = status;
          this.#missed(target, refusal(target, status, answered, body, clock.wall(), false));
        },
        message: (message) => this.#told(message),
        drained: () => {
          this.#full = false;
          this.#goOn();
        },
        closed: (code, reason) => this.#hungUp(target, code, reason),
        failed: (cause) => {
          if (this.#joinedAt === 0) this.#missed(target, new GatewayError('GW_UPSTREAM_CONNECT', { cause }));
          else
            this.#end(new GatewayError('GW_UPSTREAM_TRUNCATED', { cause }), BROKEN, 'the provider is gone');
        },
      },
    );
  }

  /** This target takes no session: the next. */
  #missed(target: Target, error: GatewayError): void {
    if (this.#over || this.#target !== target) return;
    const record = this.#call.attempts.at(-1)!;
    record.errorType = error.errorType;
    record.endAt = this.#deps.clock.now() - this.#call.startedAt;
    record.costNano = 0;
    this.#target = null;
    this.#socket = null;
    this.#seat?.leave();
    this.#seat = null;
    if (this.#hold !== null) this.#deps.admission.leaveTarget(this.#hold);
    this.#hold = null;
    this.#tryNext(error);
  }

  #joined(target: Target): void {
    if (this.#over) return;
    const call = this.#call;
    const record = call.attempts.at(-1)!;
    this.#joinedAt = this.#deps.clock.now();
    record.status = 101;
    record.headAt = this.#joinedAt - call.startedAt;
    call.provider = target.provider.name;
    call.upstreamModel = target.model;
    if (this.#kind.turns) this.#turns = new Turns(this.#deps, call, target, record.keyAlias);
    this.#goOn();
  }

  #hungUp(target: Target, code: number, reason: string): void {
    if (this.#joinedAt === 0) this.#missed(target, new GatewayError('GW_UPSTREAM_RESET'));
    else if (code === NORMAL || code === GOING_AWAY || code === NO_STATUS) this.#end(null, NORMAL, reason);
    else this.#end(new GatewayError('GW_UPSTREAM_TRUNCATED'), sendable(code), reason);
  }

  // -- what the client says

  #heard(message: SocketMessage): void {
    if (this.#over) return;
    const first = this.#first;
    this.#first = null;
    const said = first === null ? message : resumed(this.#call, first, this.#deps.handles, message);
    if (said instanceof GatewayError) {
      this.#over = true;
      this.#deps.refuse(this.#call, said);
    } else this.#take(said);
  }

  #take(message: SocketMessage): void {
    if (this.#joinedAt !== 0 && !this.#decides && !this.#full && this.#held.empty) this.#pass(message);
    else if (!this.#held.push(message))
      this.#end(new GatewayError('GW_CLIENT_TOO_LARGE'), TOO_BIG, 'too much waits for the provider');
  }

  #goOn(): void {
    while (!this.#over && !this.#decides && !this.#full) {
      const message = this.#held.shift();
      if (message === null) return;
      this.#pass(message);
    }
  }

  #pass(message: SocketMessage): void {
    const may = this.#deps.rights(this.#call, message);
    if (may === null) this.#guarded(message);
    else
      this.#when(may, (owned) =>
        owned ? this.#guarded(message) : this.#refuse(new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND'), null),
      );
  }

  #guarded(message: SocketMessage): void {
    if (this.#guard === null) {
      this.#go(message);
      return;
    }
    this.#when(this.#guard.heard(message), (said) =>
      said instanceof GatewayError ? this.#refuse(said, null) : this.#go(said),
    );
  }

  #go(message: SocketMessage): void {
    // A turn that is asked for needs its place in the limits.
    if (this.#turns !== null && this.#kind.asks(message))
      this.#when(this.#turns.want(), (error) => (error === null ? this.#send(message) : this.#say(error)));
    else this.#send(this.#kind.modelInFirst ? this.#kind.renamed(message, this.#target!) : message);
  }

  /** Until it is known, what is said behind it waits. */
  #when<T>(result: T | Promise<T>, decide: (value: T) => void): void {
    if (!(result instanceof Promise)) {
      decide(result);
      return;
    }
    this.#decides = true;
    void result.then((later) => {
      if (this.#over) return;
      this.#decides = false;
      decide(later);
      this.#goOn();
    });
  }

  #send(message: SocketMessage): void {
    if (this.#socket?.send(message) === false) this.#full = true;
  }

  // -- what the provider says

  #told(message: SocketMessage): void {
    if (this.#over) return;
    if (!this.#begun) this.#begins(message);
    const shown =
      this.#kind.handles?.telling(message, (handle) =>
        this.#deps.handles.given(this.#call, this.#target!.provider.name, handle),
      ) ?? message;
    if (this.#guard === null) this.#tell(shown);
    else this.#guard.told(shown);
    this.#count(message);
  }

  /** Whose it is is known before its client hears of it. */
  #begins(message: SocketMessage): void {
    const begun = this.#kind.begunIn?.(message) ?? null;
    if (begun === null) return;
    this.#begun = true;
    const { provider } = this.#target!;
    if (this.#kind.counted) this.#deps.made(this.#call, provider.name, begun.id);
    if (this.#kind.inherits && begun.model !== null) {
      this.#call.upstreamModel = begun.model;
      this.#inherited = this.#call.snapshot.models.priceOf(provider.name, begun.model);
    }
  }

  #tell(message: SocketMessage): void {
    if (!this.#client.send(message)) this.#socket?.pause();
  }

  /** Guardrails refuse what was said. @param answer that is to end; null = none is under way. */
  #refuse(error: GatewayError, answer: { readonly id: string } | null): void {
    if (this.#over) return;
    const stopped = answer === null || this.#stop(answer);
    if (this.#kind.saysErrors) this.#say(error);
    // Nothing less would stop it, or say why.
    if (!this.#kind.saysErrors || !stopped) this.#end(error, POLICY, error.publicMessage);
  }

  #stop({ id }: { readonly id: string }): boolean {
    const cancel = this.#kind.cancels(id === '' ? null : id);
    if (cancel !== null) this.#send(cancel);
    return cancel !== null;
  }

  #count(message: SocketMessage): void {
    const turns = this.#turns;
    if (turns === null) {
      this.#last = this.#kind.lastOf?.(message) ?? this.#last;
      return;
    }
    const told = this.#kind.tells(message, turns.running);
    switch (told?.kind) {
      case 'begun': {
        const { id } = told;
        const result = turns.begins();
        if (result instanceof Promise) void result.then((error) => this.#cancel(id, error));
        else this.#cancel(id, result);
        return;
      }
      case 'heard':
        turns.heard(told.facts, told.model);
        return;
      case 'done': {
        const { facts } = told;
        const begun = told.alone && !turns.running ? turns.begins() : null;
        if (begun instanceof Promise) void begun.then((error) => this.#done(facts, error));
        else this.#done(facts, begun);
      }
    }
  }

  /** @param refused why a turn of which nothing else was told had no place in the limits. */
  #done(facts: AnswerFacts, refused: GatewayError | null): void {
    if (this.#over) return;
    this.#turns!.done(facts, this.#guard?.takeOutcomes() ?? null);
    if (refused !== null) this.#cancel(null, refused);
    else if (this.#leaving && !this.#turns!.running)
      this.#end(null, GOING_AWAY, 'the gateway is shutting down');
  }

  /** The provider answers by itself, as it does to speech, and the turn has no place in the limits. */
  #cancel(id: string | null, error: GatewayError | null): void {
    if (error === null || this.#over) return;
    const cancel = this.#kind.cancels(id);
    if (cancel === null) {
      this.#end(error, POLICY, error.publicMessage);
      return;
    }
    this.#send(cancel);
    this.#say(error);
  }

  #say(error: GatewayError): void {
    const { dialect } = this.#target!;
    const { status, body } = renderError(dialect, error, this.#call.id);
    this.#client.sayError(status, body);
  }

  // -- the end

  #leave(): void {
    this.#leaving = true;
    if (this.#turns?.running !== true) this.#end(null, GOING_AWAY, 'the gateway is shutting down');
  }

  #end(error: GatewayError | null, code: number, reason: string): void {
    if (this.#over) return;
    const call = this.#call;
    const facts = this.#facts();
    this.#close(error ?? new GatewayError('GW_CLIENT_GONE'));
    this.#client.close(code, reason);
    const record = call.attempts.at(-1);
    if (record !== undefined) {
      record.endAt = this.#deps.clock.now() - call.startedAt;
      record.errorType = error?.errorType ?? '';
      record.quantities = facts?.quantities ?? null;
      chargeAttempt(record, this.#target?.price ?? this.#inherited, call, 0);
    }
    // All of it but the handshake was others' time.
    call.waitedMs = this.#deps.clock.now() - call.startedAt;
    if (this.#guard !== null) call.guardrails = this.#guard.takeOutcomes();
    this.#deps.settle(call, { status: error === null ? 101 : error.status, error, facts });
  }

  #facts(): AnswerFacts | null {
    if (this.#kind.turns || !this.#kind.counted || this.#joinedAt === 0) return null;
    return sessionFacts(this.#last, this.#deps.clock.now() - this.#joinedAt);
  }

  /** Lets go of everything but the client. @param reason of turns that run. */
  #close(reason: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#turns?.endAll(reason);
    this.#seat?.leave();
    this.#seat = null;
    this.#held.clear();
    this.#guard?.close();
    this.#socket?.close(NORMAL, '');
    this.#socket = null;
  }
}
