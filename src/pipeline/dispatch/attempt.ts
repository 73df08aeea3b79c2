// One upstream request of a call: its place in the lane, its key, its clocks, and what comes back.
//
//   queued --slot--> connecting --onSent--> head --onHead 2xx sse--> stream --relay done--> tail --onEnd--> done
//      |                 |                   |  `--other---------> body --onEnd-------------------------> done
//      `----- any failure, a deadline, or the client leaving: abort, leave the lane, tell the owner once --> done
//
// `tail`: the client has its whole answer; the socket may still get its last bytes and be used again.
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import { isSource } from '../../contracts/body-source.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { LaneSeat, LaneWaiter, RingKey } from '../../contracts/lane.ts';
import type { Target } from '../../contracts/plan.ts';
import type { UpstreamCall, UpstreamHandler, UpstreamHeaders } from '../../contracts/upstream.ts';
import type { Clocks, Timed } from '../clocks.ts';
import { rankOf } from '../overrides.ts';
import { asGatewayError } from '../pipeline.ts';
import type { StreamRelay } from '../answer/stream-relay.ts';
import type { UpstreamHeaderBuilder } from '../upstream-headers.ts';
import { AnswerBytes, MAX_ANSWER_BYTES, MAX_FAULT_BYTES } from './answer-bytes.ts';
import { answerKind, isBlank } from './answer-kind.ts';
import { account, served } from './attempt-accounts.ts';
import { type AttemptTimes, overdue, streamOverdue } from './attempt-clocks.ts';
import { atOnce, noCredential, noKey, refusal } from './attempt-failures.ts';
import type { AttemptInput } from './attempt-input.ts';
import type { AttemptOwner } from './attempt-owner.ts';
import { newRecord, noteKey } from './attempt-record.ts';
import { sendAttempt } from './attempt-send.ts';
import { paceOf, type StreamPace } from './stream-pace.ts';

/** After the end of an answer the upstream has so long to end its message, else the socket is given up. */
const TAIL_MS = 2_000;

export interface AttemptDeps {
  clocks: Clocks;
  headers: UpstreamHeaderBuilder;
}

/** So long the sweep need not look at a stream none of whose clocks can run out by then. */
const REST_MS = 250;

const NO_HEADERS: UpstreamHeaders = {};
/** One for all: the sweep asks thousands of attempts twenty times a second. */
const times: AttemptTimes = { startedAt: 0, since: 0, sentAt: 0, tokenAt: 0 };

type Phase = 'queued' | 'connecting' | 'head' | 'body' | 'stream' | 'tail' | 'done';

export class Attempt implements LaneWaiter, UpstreamHandler, Timed {
  readonly target: Target;
  readonly record: AttemptRecord;
  readonly rank: number;
  key: RingKey | null = null;
  /** Place among those the clocks watch. */
  slot = -1;

  readonly #deps: AttemptDeps;
  readonly #owner: AttemptOwner<Attempt>;
  readonly #call: Call;
  readonly #input: AttemptInput;
  #phase: Phase = 'queued';
  #seat: LaneSeat | null = null;
  #upstream: UpstreamCall | null = null;
  #relay: StreamRelay | null = null;
  #headers: UpstreamHeaders = NO_HEADERS;
  readonly #bytes = new AnswerBytes(MAX_ANSWER_BYTES);
  #paused = false;
  /** The beginning of the answer is still to be looked at. */
  #sniffs = false;
  /** Start of the running phase or last upstream byte: what the clocks count from. */
  #since: number;
  /** Last content event, or first byte of a whole answer: an upstream that only sends pings stands still. */
  #tokens = 0;
  #tokenAt = 0;
  #sentAt = 0;
  #pace: StreamPace | null = null;
  /** Until then no clock of its stream can run out, whatever comes: the sweep passes it by. */
  #restsUntil = 0;
  /** When we began to wait for someone else; 0 while we work. Sums up to `call.waitedMs`. */
  #waitFrom: number;

  constructor(deps: AttemptDeps, owner: AttemptOwner<Attempt>, input: AttemptInput) {
    this.#deps = deps;
    this.#owner = owner;
    this.#input = input;
    this.rank = rankOf(input.call);
    this.#call = input.call;
    this.target = input.target;
    const now = deps.clocks.now();
    this.#since = now;
    this.#waitFrom = now;
    this.record = newRecord(input.target, now - input.call.startedAt);
    input.call.attempted(this.record);
  }

  begin(): void {
    this.#deps.clocks.watch(this);
    this.target.load?.began(this.#since);
    const seat = this.target.lane.enter(this, this.#since);
    // enter() may have run the whole way to a failure already.
    if (this.#phase === 'done') seat.leave();
    else this.#seat = seat;
  }

  // -- LaneWaiter

  onSlot(now: number): void {
    if (this.#phase !== 'queued') return;
    const { target } = this;
    this.#worked(now);
    this.#phase = 'connecting';
    this.#since = now;
    this.record.slotAt = now - this.#call.startedAt;
    const keyless = target.provider.keys.length === 0;
    this.key = keyless
      ? null
      : target.lane.keys.pick(target.model, this.#input.triedKeys, this.#input.choice);
    if (!keyless && this.key === null) {
      this.#fail(noKey(target.lane.keys.nextUsableInMs(target.model)));
      return;
    }
    noteKey(this.record, this.key);
    const { headers } = this.#deps;
    if (this.key !== null && !headers.holds(this.key)) {
      this.#fail(noCredential());
      return;
    }
    this.#upstream = sendAttempt(headers, this.#input, this.key, this, now);
    // For a connection; where one is there it is set once more when the request has left.
    this.#waitFrom = now;
  }

  onShed(error: GatewayError): void {
    this.#fail(error);
  }

  // -- UpstreamHandler

  onSent(atOnce: boolean): void {
    if (this.#phase !== 'connecting') return;
    this.#phase = 'head';
    this.#since = this.#deps.clocks.now();
    this.#sentAt = this.#since;
    this.record.sentAt = this.#since - this.#call.startedAt;
    // Until here it lay with us.
    if (atOnce) this.#waitFrom = this.#since;
    else this.record.connectMs = this.record.sentAt - this.record.slotAt;
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (this.#phase !== 'head' && this.#phase !== 'connecting') return;
    const now = this.#worked();
    if (this.#sentAt === 0) this.#sentAt = now;
    this.#since = now;
    this.record.headAt = now - this.#call.startedAt;
    this.record.status = status;
    this.#headers = headers;
    this.#seat?.began?.(this.target.model, status === 429 || status >= 500);
    const kind = answerKind(this.#call, this.target, status, headers['content-type']);
    this.#sniffs = kind === 'events' || kind === 'unsure';
    if (kind === 'bytes' || kind === 'events') {
      this.#openStream();
      this.#waitFrom = this.#deps.clocks.now();
    } else {
      this.#phase = 'body';
      this.#bytes.expect(headers);
      this.#waitFrom = now;
    }
  }

  onData(chunk: Buffer): void {
    if (this.#sniffs) chunk = this.#sniff(chunk);
    if (this.#phase === 'stream') {
      this.#since = this.#worked();
      const relay = this.#relay!;
      try {
        relay.data(chunk);
        if (relay.finished) this.#finishStream();
      } catch (cause) {
        this.#fail(asGatewayError(cause));
        return;
      }
      this.#waitFrom = this.#deps.clocks.now();
      return;
    }
    if (this.#phase === 'body') {
      this.#since = this.#worked();
      if (this.#tokenAt === 0 && !isBlank(chunk)) this.#tokenAt = this.#since;
      const cap = this.record.status >= 200 && this.record.status < 300 ? MAX_ANSWER_BYTES : MAX_FAULT_BYTES;
      if (this.#bytes.length + chunk.length > cap) {
        if (cap === MAX_FAULT_BYTES) this.#refused();
        else this.#fail(new GatewayError('GW_UPSTREAM_TOO_LARGE'));
        return;
      }
      this.#bytes.add(chunk);
      this.#waitFrom = this.#since;
    }
  }

  onEnd(): void {
    const phase = this.#phase;
    if (phase === 'tail') {
      this.#close();
      return;
    }
    if (phase === 'stream') {
      this.#worked();
      try {
        this.#relay!.ended();
      } catch (cause) {
        this.#fail(asGatewayError(cause));
        return;
      }
      // Of what is looked at elsewhere (aside-relay.ts) the client does not have all yet: this comes once more then.
      if (!this.#relay!.finished) {
        this.#waitFrom = this.#deps.clocks.now();
        return;
      }
      this.#finishStream();
      this.#close();
      return;
    }
    if (phase !== 'body') return;
    const now = this.#worked();
    if (this.record.status < 200 || this.record.status >= 300) {
      this.#refused();
      return;
    }
    const body = this.#bytes.whole();
    this.#upstream = null;
    this.#close(now);
    this.#owner.answered(this, this.#headers, body);
  }

  onError(error: GatewayError): void {
    if (this.#phase === 'tail') {
      this.#close();
      return;
    }
    this.#upstream = null;
    // The socket may close rudely behind an answer that was complete.
    if (this.#phase === 'stream' && this.#relay!.complete) this.onEnd();
    else this.#fail(error);
  }

  // -- Timed

  tick(now: number): void {
    // Streams that go well are nearly all there is, and to look through one is to fetch ten objects of it into the cache.
    if (now < this.#restsUntil) return;
    const phase = this.#phase;
    if (phase === 'done') return;
    const ended = phase === 'tail' || (phase === 'stream' && this.#relay!.complete && !this.#paused);
    if (ended && now - this.#since >= TAIL_MS) {
      // A finished answer without its sentinel is not waited for (wire.md 8, last line).
      if (phase === 'tail') this.#close();
      else this.onEnd();
      return;
    }
    if (phase === 'tail') return;
    const { body } = this.#input;
    // Nobody answers before it has the request.
    if (phase === 'head' && isSource(body) && !body.ended) this.#since = now;
    const clocks = this.#input.timeouts;
    const code =
      phase === 'stream'
        ? streamOverdue(clocks, this.#times(now), now, !ended && !this.#paused, this.#tokens)
        : overdue(phase, clocks, this.#times(now), now);
    if (code !== null) {
      // Of an answer that was ended here, nothing but its usage is missing.
      if (phase === 'stream' && this.#relay!.complete) this.onEnd();
      else this.#fail(new GatewayError(code));
    } else if (phase === 'stream' && this.#pace !== null)
      this.#judge(this.#pace, now, !ended && !this.#paused);
    else if (phase === 'stream' && !ended) {
      const until = now + REST_MS;
      if (streamOverdue(clocks, times, until, true, this.#tokens) === null) this.#restsUntil = until;
    }
  }

  #judge(pace: StreamPace, now: number, waits: boolean): void {
    if (pace.crawls(now, waits, this.#tokens)) this.#fail(new GatewayError('GW_UPSTREAM_TIMEOUT_RATE'));
    else if (pace.stands(times, now, waits, this.#tokens)) {
      const error = new GatewayError('GW_UPSTREAM_TIMEOUT_IDLE');
      if (this.#owner.stalled(error)) this.#fail(error);
      else pace.bePatient();
    }
  }

  #times(now: number): AttemptTimes {
    const tokens = this.#relay?.tokens ?? 0;
    if (tokens !== this.#tokens) {
      this.#tokens = tokens;
      this.#tokenAt = now;
      this.record.contentEvents = tokens;
    }
    times.startedAt = this.#call.startedAt;
    times.since = this.#since;
    times.sentAt = this.#sentAt;
    times.tokenAt = this.#tokenAt;
    return times;
  }

  // -- for the owner

  get status(): number {
    return this.record.status;
  }

  /** What it cost, as far as its answer told. */
  account(facts: AnswerFacts | null): void {
    this.record.contentEvents = this.#relay?.tokens ?? 0;
    account(this.target, this.record, this.#call, facts, this.#bytes.length, this.#deps.clocks);
  }

  /** Its answer was good. */
  served(): void {
    const { lane, model } = this.target;
    if (this.key !== null) lane.keys.served(this.key, model, lane.provider.breaker);
    served(this.target, this.#call, this.record, this.#sentAt, this.#deps.clocks);
  }

  /** The client reads slowly. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#upstream?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#since = this.#deps.clocks.now();
    this.#tokenAt = this.#since;
    this.#upstream?.resume();
  }

  /** Gives up without a word to the owner: the client left or the call is over. */
  cancel(errorType: string): void {
    if (this.#phase === 'done') return;
    this.#worked();
    this.record.errorType = errorType;
    this.#close();
  }

  // -- inside

  #openStream(): void {
    this.#phase = 'stream';
    this.#pace = paceOf(this.#input.stallMs, this.#input.timeouts);
    this.#relay = this.#owner.openStream(this, this.#headers);
  }

  /** Looks what the answer is, whatever it is labelled. @returns what is to be read now. */
  #sniff(chunk: Buffer): Buffer {
    const begun = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes.whole(), chunk]);
    const kind = this.target.dialect.chat.framing.kindOf(begun);
    this.#sniffs = kind === 'unknown' && this.#phase === 'body';
    if (kind === 'events' && this.#phase === 'body') {
      this.#openStream();
      return begun;
    }
    if (kind === 'json' && this.#phase === 'stream') {
      this.#phase = 'body';
      this.#relay = null;
    }
    return chunk;
  }

  #finishStream(): void {
    if (this.#phase !== 'stream') return;
    this.#phase = 'tail';
    this.#since = this.#deps.clocks.now();
    this.#owner.streamed(this);
  }

  #refused(): void {
    const { target, record } = this;
    const wallMs = this.#deps.clocks.wall();
    const { translated } = this.#input;
    const error = refusal(target, record.status, this.#headers, this.#bytes.whole(), wallMs, translated);
    this.#deps.headers.refused(this.key, error);
    const again = this.#deps.headers.isClockFault(this.target, this.key, this.#headers, error);
    this.#fail(again ? atOnce(error) : error);
  }

  #fail(error: GatewayError): void {
    if (this.#phase === 'done') return;
    this.#worked();
    this.record.errorType = error.errorType;
    if (error.kind === 'upstream_timeout') this.#seat?.began?.(this.target.model, true);
    this.#close();
    this.#owner.failed(this, error);
  }

  /** Ends the wait that was running and returns now. */
  #worked(now = this.#deps.clocks.now()): number {
    if (this.#waitFrom !== 0) {
      this.#call.waitedMs += now - this.#waitFrom;
      this.#waitFrom = 0;
    }
    return now;
  }

  /** Drops the socket unless its message ended, frees the lane slot. Exactly once. */
  #close(now = this.#deps.clocks.now()): void {
    if (this.#phase === 'done') return;
    this.#phase = 'done';
    this.record.endAt = now - this.#call.startedAt;
    this.#deps.clocks.unwatch(this);
    this.#relay?.close();
    this.#upstream?.abort();
    this.#upstream = null;
    this.#seat?.leave(now);
    this.#seat = null;
    this.target.load?.ended();
    this.#owner.closed();
  }
}
