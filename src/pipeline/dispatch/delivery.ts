// The client's side of an answer. It outlives legs: it owns the head of a stream until the first byte commits it, and says
// how a stream goes on, ends or breaks.
//
//   nothing --begin--> head held --write--> committed --end--> ended
//      |                  `--forget--> nothing     `--break (an error event)--> ended
//      `--answer (a whole one)--> ended
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts, ChatAnswer } from '../../contracts/chat.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { GatewayError, UpstreamFault } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { usageInHead } from '../../dialects/bedrock-metrics.ts';
import { faultError } from '../../dialects/fault-error.ts';
import { type Headers, streamHead } from '../answer/answer-headers.ts';
import { followCost } from '../answer/cost-header.ts';
import { answerContext, clientFrames, openFurtherRelay, openRelay } from '../answer/open-relay.ts';
import { noteMade, noteStoredChat } from '../made-objects.ts';
import { makesObjects } from '../forwarded-objects.ts';
import { deliverPair } from '../pair-answer.ts';
import { deliverRaw } from '../raw/raw-answer.ts';
import { located, rawHead } from '../raw/raw-head.ts';
import { RawRelay } from '../raw/raw-relay.ts';
import { type Position, readPosition } from '../rescue/position.ts';
import { Said } from '../rescue/said.ts';
import type { LateOut } from '../answer/aside-relay.ts';
import type { StreamRelay } from '../answer/stream-relay.ts';
import {
  deliverAnswer,
  deliverAside,
  readAnswer,
  readAside,
  type Delivery as WholeAnswer,
} from '../answer/unary-answer.ts';
import type { Attempt } from './attempt.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { type Joint, jointOf, restOf } from './further-answer.ts';
import type { Leg } from './leg.ts';
import { describeAnswer, replyWhole } from './reply-whole.ts';
import type { Rescue } from './rescue.ts';
import { errorEnd, noteBehind } from './stream-end.ts';

const NOTHING = Buffer.alloc(0);

/** A relay, and what is known of its answer. */
interface DeliveredRelay extends StreamRelay {
  readonly facts: AnswerFacts | null;
  readonly sequence: number;
}

export class Delivery implements LateOut {
  /** Of an answer that is handed on while it comes. */
  status = 200;
  readonly #deps: DeliveryDeps;
  readonly #call: Call;
  readonly #client: Dialect;
  /** Work on a whole answer. */
  #thread: AbortController | null = null;
  /** Waiting for content before the head goes out only pays where another target could take over. */
  gated = false;
  /** Hears that the first byte is about to be written; null = nobody has to. */
  committing: ((delivery: Delivery) => void) | null = null;
  /** The stream's head, until its first byte is written. */
  #head: Headers | null = null;
  #relay: DeliveredRelay | null = null;
  /** Of an answer that came whole and goes on with a stream. */
  #whole: AnswerFacts | null = null;
  /** Who is paused when the client reads slowly. */
  #attempt: Attempt | null = null;
  /** What the client was sent, where another answer may go on with it; null elsewhere. */
  #said: Said | null = null;
  /** The client slowed the stream down when nobody wrote it. */
  #slow = false;
  /** Pieces written of the answer of the moment. */
  #written = 0;
  /** What joins the answer of the moment to those before it; null = it is the first. */
  #joint: Joint | null = null;

  constructor(deps: DeliveryDeps, call: Call, client: Dialect) {
    this.#deps = deps;
    this.#call = call;
    this.#client = client;
  }

  /** What is known of the answer of the moment so far; null before one began. */
  get facts(): AnswerFacts | null {
    return this.#relay?.facts ?? this.#whole;
  }

  /** What is known of all that the client received. */
  get received(): AnswerFacts | null {
    const { facts } = this;
    if (facts === null || this.#joint === null || facts.usage === null) return facts;
    const { stop, model, id } = facts;
    return { stop, model, id, usage: this.#joint.usage(facts.usage) };
  }

  /** Something of the answer of the moment reached the client. */
  get moved(): boolean {
    return this.#written > 0;
  }

  /** What the client has is kept. */
  get keeps(): boolean {
    return this.#said !== null;
  }

  /** Number of the next event, where the dialect numbers them and somebody writes them. */
  get sequence(): number | undefined {
    return this.#relay?.sequence;
  }

  /** From now on what the client is sent is kept, up to a bound. */
  keep(maxBytes: number): void {
    this.#said ??= new Said(maxBytes);
  }

  /** Where the client's stream stands; null where nobody may go on with it. */
  position(target: Target): Position | null {
    const said = this.#said;
    if (said === null || said.over) return null;
    const call = this.#call;
    const context = answerContext(call, target, this.#deps.clocks.wall(), null);
    return readPosition(said.whole(), this.#client, clientFrames(call, this.#client), context);
  }

  /** Another answer goes on with the client's stream. */
  goOn(leg: Leg, attempt: Attempt, rescue: Rescue): StreamRelay {
    this.gated = false;
    this.#attempt = attempt;
    followCost(this.#call, attempt, () => this.facts);
    const { goOn } = this.#join(leg, rescue);
    this.#relay = openFurtherRelay(
      this.#call,
      this.#client,
      leg.target,
      leg.tools,
      this,
      this.#deps.clocks.wall(),
      this.#deps.eventRoom,
      rescue.position,
      goOn,
    );
    if (this.#slow) attempt.pause();
    return this.#relay;
  }

  /** As `goOn`, with an answer that came whole. @throws GatewayError (or rejects with it) when it does not; nothing was written then. */
  goOnWhole(leg: Leg, rescue: Rescue, body: Buffer): AnswerFacts | null | Promise<AnswerFacts | null> {
    const call = this.#call;
    const { target, tools } = leg;
    const aside = call.plugins?.deltas ?? null;
    if (aside === null)
      return this.#goOnWith(leg, rescue, readAnswer(call, this.#client, target, tools, body));
    const from = this.#deps.clocks.now();
    return readAside(call, this.#client, target, tools, body, aside).then((read) => {
      call.waitedMs += this.#deps.clocks.now() - from;
      return call.settled ? null : this.#goOnWith(leg, rescue, read);
    });
  }

  #goOnWith(
    leg: Leg,
    rescue: Rescue,
    { facts, answer }: { facts: AnswerFacts; answer: ChatAnswer },
  ): AnswerFacts {
    const call = this.#call;
    const joint = this.#join(leg, rescue);
    const rest = restOf(call, this.#client, leg, rescue, joint, this.#deps.clocks.wall(), answer);
    call.chunks++;
    call.sink.chunk(rest);
    this.#whole = facts;
    return this.received!;
  }

  #join({ target }: Leg, rescue: Rescue): Joint {
    const joint = jointOf(rescue, target);
    this.#written = 0;
    this.#joint = joint;
    return joint;
  }

  /** A stream begins. @param gated hold it back until content comes. */
  begin(leg: Leg, attempt: Attempt, headers: UpstreamHeaders, gated: boolean): StreamRelay {
    if (this.#call.operation!.answer === 'bytes') return this.#pass(leg, attempt, headers);
    this.gated = gated;
    const relay = openRelay(
      this.#call,
      this.#client,
      leg.target,
      leg.tools,
      this,
      this.#deps.clocks.wall(),
      this.#deps.eventRoom,
    );
    this.#head = streamHead(clientFrames(this.#call, this.#client));
    this.#describe(this.#head, leg, headers);
    this.#attempt = attempt;
    followCost(this.#call, attempt, () => this.facts);
    this.#relay = relay;
    return relay;
  }

  /** The attempt failed; what of it reached the client stays there. */
  forget(): void {
    this.#written = 0;
    this.#head = null;
    this.#relay = null;
    this.#attempt = null;
  }

  /**
   * A whole answer, made in a thread where that takes long: then nothing is done once the call has settled.
   *
   * @throws GatewayError (or rejects with it) when it is none; nothing was written then.
   */
  answer(
    leg: Leg,
    status: number,
    headers: UpstreamHeaders,
    body: Buffer,
  ): AnswerFacts | null | Promise<AnswerFacts | null> {
    const call = this.#call;
    const wall = this.#deps.clocks.wall();
    const aside = call.plugins?.deltas ?? null;
    if (aside !== null && call.operation!.answer === 'deltas') {
      const from = this.#deps.clocks.now();
      return deliverAside(call, this.#client, leg.target, leg.tools, body, wall, aside).then((delivered) => {
        call.waitedMs += this.#deps.clocks.now() - from;
        return call.settled ? null : this.#reply(leg, status, headers, delivered, body.length);
      });
    }
    const { answer, raw } = call.operation!;
    if (answer !== 'json' && answer !== 'bytes') {
      return this.#reply(
        leg,
        status,
        headers,
        deliverAnswer(call, this.#client, leg.target, leg.tools, body, wall),
        body.length,
      );
    }
    if (raw !== undefined)
      return this.#replyObjects(leg, status, headers, deliverRaw(body, raw.verbatim), body.length);
    const thread = (this.#thread = new AbortController());
    const { offload } = this.#deps;
    const told = usageInHead(headers);
    const made = deliverPair(call, this.#client, leg, body, wall, offload, thread.signal, told);
    if (!(made instanceof Promise)) return this.#reply(leg, status, headers, made, body.length);
    return made.then((delivered) =>
      call.settled ? null : this.#reply(leg, status, headers, delivered, body.length),
    );
  }

  #replyObjects(
    leg: Leg,
    status: number,
    headers: UpstreamHeaders,
    delivered: WholeAnswer,
    length: number,
  ): AnswerFacts | null | Promise<AnswerFacts | null> {
    const call = this.#call;
    const made = this.#deps.ownObjects(call, leg.target.provider.name, delivered);
    if (!(made instanceof Promise)) return this.#reply(leg, status, headers, made, length);
    return made.then((own) => (call.settled ? null : this.#reply(leg, status, headers, own, length)));
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    this.#thread?.abort();
  }

  #reply(
    leg: Leg,
    status: number,
    headers: UpstreamHeaders,
    delivered: WholeAnswer,
    length: number,
  ): AnswerFacts | null {
    if (delivered.facts !== null) delivered.facts.usage ??= usageInHead(headers);
    noteStoredChat(this.#deps, this.#call, leg.target.provider, delivered.facts);
    return replyWhole(this.#deps, this.#call, this.#client, leg, status, headers, delivered, length);
  }

  /**
   * The stream reached its end and the client has it all.
   * @param note what to say of it, where clients of the dialect read past it; null = nothing.
   */
  end(note: string | null = null): void {
    const behind = note === null ? null : noteBehind(this.#call, this.#client, note);
    if (behind !== null) this.#call.sink.chunk(behind);
    // None: an answer that came whole went on with the stream, under the id of the one that broke off.
    if (this.#attempt !== null)
      noteStoredChat(this.#deps, this.#call, this.#attempt.target.provider, this.facts);
    this.#call.lastByteAt = this.#deps.clocks.now();
    this.#call.sink.end();
  }

  /**
   * Ends a stream that had begun with an error event; never with a clean end.
   * @param sequence number of the event, where nobody writes the stream.
   */
  break(error: GatewayError, sequence = this.sequence): void {
    const call = this.#call;
    call.lastByteAt = this.#deps.clocks.now();
    call.sink.chunk(errorEnd(call, this.#client, error, sequence));
    call.sink.end();
  }

  // -- LateOut

  write(bytes: Buffer | string): void {
    const call = this.#call;
    if (this.#head !== null) this.#commit(this.#head);
    call.chunks++;
    this.#written++;
    call.contentEvents = (this.#joint?.before ?? 0) + this.#relay!.tokens;
    if (call.contentEvents >= call.moreAt) call.more!();
    if (this.#said !== null) this.#said.add(bytes);
    if (!call.sink.chunk(bytes)) {
      this.#slow = true;
      this.#attempt!.pause();
    }
  }

  hold(full: boolean): void {
    if (full) this.#attempt!.pause();
    else if (!this.#slow) this.#attempt!.resume();
  }

  late(ended: boolean): void {
    const attempt = this.#attempt!;
    attempt.onData(NOTHING);
    if (ended) attempt.onEnd();
  }

  faulted(fault: UpstreamFault): GatewayError {
    return faultError(fault, this.#deps.clocks.wall());
  }

  malformed(): void {
    this.#deps.malformed(this.#attempt!.target);
  }

  /** The whole of an answer that was to be handed on. */
  whole(bytes: Buffer): void {
    const call = this.#call;
    const list = this.#head!;
    this.#head = null;
    call.firstByteAt = this.#deps.clocks.now();
    list.push(['server-timing', this.#deps.serverTiming(call, call.firstByteAt)]);
    call.sink.reply(this.status, list, this.status < 400 ? bytes : call.snapshot.mask(bytes));
  }

  // -- inside

  /** An answer is handed on as it comes, whatever it is. */
  #pass(leg: Leg, attempt: Attempt, headers: UpstreamHeaders): StreamRelay {
    const { head, operation } = this.#call;
    this.status = attempt.status;
    const list = rawHead(headers, leg.target.provider, operation!.raw!.headers === 'all');
    this.#describe(list, leg, headers);
    // Nothing else says how long what a HEAD asks for is.
    const length = headers['content-length'];
    if (head.method === 'HEAD' && typeof length === 'string') list.push(['content-length', length]);
    if (operation!.raw!.makes === 'location') this.made(located(headers, list));
    this.#head = list;
    this.#attempt = attempt;
    return (this.#relay = new RawRelay(attempt.status, headers, this));
  }

  made(id: string | null): void {
    const call = this.#call;
    if (id !== null && makesObjects(call)) noteMade(this.#deps, call, call.provider, id);
  }

  /** The call's answer is this one: once, with the first that is heard of it. */
  claim(): void {
    const { committing } = this;
    this.committing = null;
    committing?.(this);
  }

  #commit(head: Headers): void {
    const call = this.#call;
    this.#head = null;
    this.claim();
    const now = this.#deps.clocks.now();
    call.firstByteAt = now;
    head.push(['server-timing', this.#deps.serverTiming(call, now)]);
    call.sink.start(this.status, head);
    call.sink.onDrain = () => {
      this.#slow = false;
      this.#attempt?.resume();
    };
  }

  #describe(list: Headers, leg: Leg, headers: UpstreamHeaders): void {
    describeAnswer(list, this.#deps.admission, this.#call, this.#client, leg, headers);
  }
}
