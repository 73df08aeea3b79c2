// The client's side of an answer. It outlives legs: it owns the head of a stream until the first byte commits it, and says
// how a stream goes on, ends or breaks.
//
//   nothing --begin--> head held --write--> committed --end--> ended
//      |                  `--forget--> nothing     `--break (an error event)--> ended
//      `--answer (a whole one)--> ended
import type { Admission } from '../../contracts/admission.ts';
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { GatewayError, UpstreamFault } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Offload } from '../../contracts/ports.ts';
import type { EventRoom, UpstreamHeaders } from '../../contracts/upstream.ts';
import { faultError } from '../../dialects/fault-error.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import {
  describeCall,
  type Headers,
  passUpstreamHeaders,
  replaceLimits,
  streamHead,
  translateUpstreamHeaders,
} from '../answer-headers.ts';
import type { Clocks } from '../clocks.ts';
import { clientFrames, openRelay } from '../open-relay.ts';
import { deliverPair } from '../pair-answer.ts';
import { deliverRaw } from '../raw-answer.ts';
import { rawHead } from '../raw-head.ts';
import { RawRelay } from '../raw-relay.ts';
import type { StreamOut, StreamRelay } from '../stream-relay.ts';
import { deliverAnswer, type Delivery as WholeAnswer } from '../unary-answer.ts';
import type { Attempt } from './attempt.ts';
import type { Leg } from './leg.ts';

export interface DeliveryDeps {
  clocks: Clocks;
  admission: Pick<Admission, 'headers'>;
  offload: Offload | null;
  /** Value of the `server-timing` header. */
  serverTiming(call: Call, now: number): string;
  overheadMs(call: Call, now: number): number;
  /** Memory that large unfinished events share. */
  eventRoom: EventRoom;
  /** An upstream sent a stream that cannot be read. */
  malformed(target: Target): void;
}

/** A relay, and what is known of its answer. */
interface DeliveredRelay extends StreamRelay {
  readonly facts: AnswerFacts | null;
  readonly sequence: number;
}

export class Delivery implements StreamOut {
  /** Of an answer that is handed on while it comes. */
  status = 200;
  readonly #deps: DeliveryDeps;
  readonly #call: Call;
  readonly #client: Dialect;
  /** Work on a whole answer. */
  #thread: AbortController | null = null;
  /** Waiting for content before the head goes out only pays where another target could take over. */
  gated = false;
  /** The stream's head, until its first byte is written. */
  #head: Headers | null = null;
  #relay: DeliveredRelay | null = null;
  /** Who is paused when the client reads slowly. */
  #attempt: Attempt | null = null;

  constructor(deps: DeliveryDeps, call: Call, client: Dialect) {
    this.#deps = deps;
    this.#call = call;
    this.#client = client;
  }

  /** What is known of the answer so far; null before one began. */
  get facts(): AnswerFacts | null {
    return this.#relay?.facts ?? null;
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
    this.#relay = relay;
    return relay;
  }

  /** The attempt failed before anything of it reached the client. */
  forget(): void {
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
    if (call.operation!.answer !== 'json') {
      return this.#reply(
        leg,
        status,
        headers,
        deliverAnswer(call, this.#client, leg.target, leg.tools, body, wall),
      );
    }
    if (call.operation!.raw !== undefined) return this.#reply(leg, status, headers, deliverRaw(body));
    const thread = (this.#thread = new AbortController());
    const { offload } = this.#deps;
    const made = deliverPair(call, this.#client, leg, body, wall, offload, thread.signal);
    if (!(made instanceof Promise)) return this.#reply(leg, status, headers, made);
    return made.then((delivered) => (call.settled ? null : this.#reply(leg, status, headers, delivered)));
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    this.#thread?.abort();
  }

  #reply(leg: Leg, status: number, headers: UpstreamHeaders, delivered: WholeAnswer): AnswerFacts | null {
    const call = this.#call;
    const { clocks } = this.#deps;
    const list: Headers = [['content-type', delivered.contentType]];
    this.#describe(list, leg, headers);
    const now = clocks.now();
    call.firstByteAt = call.lastByteAt = now;
    list.push(
      ['x-headgate-overhead-us', String(Math.round(this.#deps.overheadMs(call, now) * 1000))],
      ['server-timing', this.#deps.serverTiming(call, now)],
    );
    call.sink.reply(status, list, delivered.body);
    return delivered.facts;
  }

  /** The stream reached its end and the client has it all. */
  end(): void {
    this.#call.lastByteAt = this.#deps.clocks.now();
    this.#call.sink.end();
  }

  /** Ends a stream that had begun with an error event; never with a clean end. */
  break(error: GatewayError): void {
    const call = this.#call;
    const frames = new FrameWriter(clientFrames(call, this.#client), true);
    this.#client.errors.encodeStream(error, call.id, frames, this.#relay?.sequence);
    frames.close();
    const masked = call.snapshot.mask(Buffer.from(frames.take()));
    call.lastByteAt = this.#deps.clocks.now();
    call.sink.chunk(masked);
    call.sink.end();
  }

  // -- StreamOut

  write(bytes: Buffer | string): void {
    const call = this.#call;
    if (this.#head !== null) this.#commit(this.#head);
    call.chunks++;
    call.contentEvents = this.#relay!.tokens;
    if (!call.sink.chunk(bytes)) this.#attempt!.pause();
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
    this.#head = list;
    this.#attempt = attempt;
    const relay = new RawRelay(attempt.status, headers, this);
    this.#relay = relay;
    return relay;
  }

  #commit(head: Headers): void {
    const call = this.#call;
    this.#head = null;
    const now = this.#deps.clocks.now();
    call.firstByteAt = now;
    head.push(['server-timing', this.#deps.serverTiming(call, now)]);
    call.sink.start(this.status, head);
    call.sink.onDrain = () => this.#attempt?.resume();
  }

  #describe(list: Headers, { target, translated }: Leg, headers: UpstreamHeaders): void {
    const { provider } = target;
    if (translated) translateUpstreamHeaders(list, headers, this.#client.manner.limitHeaders, provider);
    else passUpstreamHeaders(list, headers, provider);
    replaceLimits(list, this.#deps.admission.headers(this.#call));
    describeCall(list, this.#call, target);
  }
}
