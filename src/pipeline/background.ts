// Responses that run without their client: it is told at once that its response is queued, and the call goes on by itself,
// with the limits it took and one settlement at its end. Where the upstream runs them itself they are its own.
//
//   queued (told) ─► in progress ─► completed, incomplete        what it became is kept, and read from there
//                        └────────► failed, cancelled
import { parseLossless } from '../body/lossless.ts';
import type { BodyFacts } from '../contracts/body.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { KeptTurn, ResponseStore } from '../contracts/responses.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { objectAt, parseObject, stringAt } from '../dialects/lenient.ts';
import { remember } from '../dialects/openai-responses/remembered.ts';
import { ResponseWriter } from '../dialects/openai-responses/response-object.ts';
import { EventLog, followLog } from '../responses/event-log.ts';
import { startEvents } from '../responses/follow.ts';
import { withoutMembers } from '../responses/history.ts';
import { replayBegin } from '../responses/replay.ts';
import { responseIn } from '../responses/stored.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { BackgroundEvents } from './background-events.ts';
import { BackgroundSink } from './background-sink.ts';
import { turnOf } from './keep.ts';
import { keeps } from './recall.ts';

const JSON_TYPE: HeaderList = [['content-type', 'application/json']];
/** What a provider is not told of a response in the background: for it, it is an answer like any other. */
const OURS = ['background'];
/** A response whose worker died is not in progress for ever: it is gone so long after the longest that a call may take. */
const SPARE_MS = 60_000;
/** How often what was noted of a stream is put where other nodes find it. */
const SHARE_MS = 500;
/** How often it is asked whether another node wants a response stopped. */
const WISHES_MS = 1_000;

interface Run {
  readonly call: Call;
  readonly id: string;
  readonly sink: BackgroundSink;
  /** As it was told. */
  readonly begun: JsonObject;
  /** Its events; null = it is no stream. */
  readonly log: EventLog | null;
  sharedMs: number;
  cancelled: boolean;
}

export interface BackgroundDeps {
  store: ResponseStore;
  /** ms since 1970. */
  wall(): number;
  inspect(body: Buffer): BodyFacts;
}

export interface Background extends CallObserver {
  readonly stage: Stage;
  /** How many run. */
  readonly size: number;
  /** Stops one. @returns whether it ran here. */
  stop(owner: string, id: string): boolean;
  /** The events of one that runs here as a stream; null = there is none. */
  eventsOf(owner: string, id: string): EventLog | null;
  /** Ends all with `error`. @returns how many. */
  endAll(error: GatewayError): number;
  /** Resolves when none runs. */
  idle(): Promise<void>;
}

export function createBackground(deps: BackgroundDeps): Background {
  return new Runs(deps);
}

class Runs implements Background {
  readonly #deps: BackgroundDeps;
  readonly #runs = new Map<Call, Run>();
  #idleWaiters: (() => void)[] = [];
  #wishes: NodeJS.Timeout | null = null;

  constructor(deps: BackgroundDeps) {
    this.#deps = deps;
  }

  readonly stage: Stage = (call) => {
    const { kept } = call;
    if (kept === null || !kept.background) return 'continue';
    const able = call.plan!.targets.filter(keeps);
    if (able[0] === call.plan!.targets[0]) {
      call.plan = planOf(call.plan!.name, tiersInOrder(able));
      return 'continue';
    }
    return this.#begin(call, kept);
  };

  get size(): number {
    return this.#runs.size;
  }

  stop(owner: string, id: string): boolean {
    const run = this.#find(owner, id);
    if (run === null) return false;
    run.cancelled = true;
    run.call.work?.cancel(new GatewayError('GW_CLIENT_GONE', { message: 'The response was cancelled.' }));
    return true;
  }

  eventsOf(owner: string, id: string): EventLog | null {
    return this.#find(owner, id)?.log ?? null;
  }

  endAll(error: GatewayError): number {
    const runs = [...this.#runs.values()];
    for (const { call } of runs) call.work?.cancel(error);
    return runs.length;
  }

  idle(): Promise<void> {
    if (this.#runs.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Before the turn is kept: says what became of a run. */
  settled(call: Call): void {
    const run = this.#runs.get(call);
    if (run === undefined) return;
    this.#runs.delete(call);
    this.#conclude(run, call.kept!);
    if (this.#runs.size > 0) return;
    if (this.#wishes !== null) clearInterval(this.#wishes);
    this.#wishes = null;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  #begin(call: Call, kept: KeptTurn): StageResult {
    if (this.#runs.size >= call.snapshot.config.responses.maxBackground) {
      return new GatewayError('GW_GATEWAY_BUSY', {
        message: 'Too many responses run in the background of this gateway.',
        retryAfterMs: 1_000,
      });
    }
    const { store } = this.#deps;
    const streamed = call.stream;
    const now = Math.floor(this.#deps.wall() / 1000);
    const request = parseLossless(call.body!.toString('utf8'), false) as JsonObject; // an object: it was inspected
    const context = { requestId: call.id, model: call.facts!.model!, now, includeUsage: true, kept };
    const writer = new ResponseWriter({ ...context, remembered: remember(request) }, '', '', now);
    const begun = parseObject(writer.begun())!;
    const log = streamed ? new EventLog() : null;
    const sink =
      log === null ? new BackgroundSink() : new BackgroundEvents(log, ownOf(kept), () => this.#share(run));
    const run: Run = { call, id: kept.id, sink, begun, log, sharedMs: 0, cancelled: false };
    if (log !== null) {
      kept.events = log.frames;
      replayBegin(begun, (type, members) => log.add(type, members));
    }
    call.body = withoutMembers(call.body!, call.facts!, OURS);
    call.facts = this.#deps.inspect(call.body);
    this.#runs.set(call, run);
    this.#put(run, begun);
    if (store.shared) this.#wishes ??= setInterval(() => void this.#heed(), WISHES_MS).unref();
    const client = call.sink;
    call.goOn(run.sink);
    if (log === null) client.reply(200, JSON_TYPE, writer.begun('queued'));
    else {
      startEvents(client);
      void followLog(client, log, -1);
    }
    return 'continue';
  }

  #find(owner: string, id: string): Run | null {
    for (const run of this.#runs.values()) if (run.id === id && run.call.principal!.id === owner) return run;
    return null;
  }

  /** Now and then, so that who asks another node finds what there is. */
  #share(run: Run): void {
    const now = this.#deps.wall();
    if (now - run.sharedMs < SHARE_MS) return;
    run.sharedMs = now;
    this.#put(run, run.begun);
  }

  /** Stops those that other nodes were asked to stop. */
  async #heed(): Promise<void> {
    const runs = [...this.#runs.values()];
    const stops = await this.#deps.store.stopsWished(
      runs.map(({ call, id }) => ({ owner: call.principal!.id, id })),
    );
    for (const [at, run] of runs.entries()) if (stops[at] === true) this.stop(run.call.principal!.id, run.id);
  }

  #conclude(run: Run, kept: KeptTurn): void {
    const { call, id, sink, begun, log } = run;
    kept.id = id;
    const answer = sink.status === 200 && call.error === null ? responseIn(kept.answer ?? '') : null;
    if (answer !== null) {
      const response = { ...answer, ...ownOf(kept) };
      kept.answer = JSON.stringify(response);
      log?.end(`response.${stringAt(response, 'status') === 'incomplete' ? 'incomplete' : 'completed'}`, {
        response,
      });
      return;
    }
    kept.answer = null;
    const status = run.cancelled ? 'cancelled' : 'failed';
    const response: JsonObject = run.cancelled
      ? { ...begun, status }
      : {
          ...begun,
          status,
          error: call.error === null || sink.body !== '' ? errorOf(sink.body) : saidOf(call.error),
        };
    log?.end('response.failed', { response });
    this.#put(run, response, this.#deps.store.ttlMs);
  }

  #put({ call, id }: Run, response: JsonObject, forMs = this.#longestMs(call)): void {
    const kept = { ...call.kept!, id, answer: JSON.stringify(response) };
    this.#deps.store.put({ ...turnOf(call, kept, this.#deps.wall() + forMs), upstream: false });
  }

  #longestMs(call: Call): number {
    const { ttlMs } = this.#deps.store;
    const longest = Math.max(...call.plan!.targets.map(({ timeouts }) => timeouts.totalMs || ttlMs));
    return Math.min(ttlMs, longest + SPARE_MS);
  }
}

/** What a response says of itself, whoever made it: an upstream whose bytes went through knows none of it. */
function ownOf({ id, previous }: KeptTurn): JsonObject {
  return { id, background: true, store: true, previous_response_id: previous };
}

function saidOf({ code, publicMessage }: GatewayError): JsonObject {
  return {
    code: code === 'GW_UPSTREAM_RATE_LIMIT' ? 'rate_limit_exceeded' : 'server_error',
    message: publicMessage,
  };
}

/** What a response says of the error that an answer was. */
function errorOf(body: string): JsonObject {
  const error = objectAt(parseObject(body) ?? {}, 'error') ?? {};
  const code = stringAt(error, 'code') ?? stringAt(error, 'type') ?? 'server_error';
  return { code, message: stringAt(error, 'message') ?? 'The response failed.' };
}
