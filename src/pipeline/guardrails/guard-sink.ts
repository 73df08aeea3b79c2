// Stands between an answer and its client where guardrails do: holds back what nobody has judged yet, puts a refusal in the place
// of an answer that is refused, and says in a header what was decided. Of a call without guardrails it passes everything on.
import { holdBody, releaseBody } from '../../body/hold.ts';
import type { Call } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { checkAnswerBody } from '../../guardrails/answer-body.ts';
import { isPicture, mediaInAnswer, unreadType } from '../../guardrails/answer-media.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { clientFrames } from '../answer/open-relay.ts';
import { renderError } from '../refuse.ts';
import type { AnswerGuard } from './answer-guard.ts';
import { beginsAsText, isUntyped, noteUnseen } from './answer-media.ts';
import type { AskAgain } from './ask-again.ts';

export const GUARDRAILS_HEADER = 'x-headgate-guardrails';
/** Held of a stream before its source is paused. */
const PAUSE_BYTES = 256 * 1024;
/** Of an answer that is read as a whole before it goes on. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const TEXT = /^(?:application\/(?:[\w.+-]+\+)?json|text\/|application\/(?:xml|x-ndjson|x-subrip))/i;

interface Held {
  bytes: Buffer | string;
  /** Characters said by its end. */
  said: number;
}

export class GuardSink implements Sink {
  readonly #inner: Sink;
  readonly #call: Call;
  readonly #askAgain: AskAgain;
  #begun = false;
  #head: { status: number; headers: HeaderList } | null = null;
  #held: Held[] = [];
  #heldBytes = 0;
  /** The answer is complete, and waits for its judges. */
  #waits = false;
  /** It is read as a whole before it goes on. */
  #whole = false;
  /** Whether it is text is to be seen by its first bytes. */
  #sniffs = false;
  /** Nobody looks at what it is, and one insists. */
  #unread: GatewayError | null = null;
  #over = false;
  #onTaken: (() => void) | null = null;
  onDrain: (() => void) | null = null;

  constructor(inner: Sink, call: Call, askAgain: AskAgain) {
    this.#inner = inner;
    this.#call = call;
    this.#askAgain = askAgain;
  }

  get committed(): boolean {
    return this.#begun || this.#inner.committed;
  }

  get closed(): boolean {
    return this.#inner.closed;
  }

  get ending(): boolean {
    return this.#waits || this.#inner.ending;
  }

  get bytesOut(): number {
    return this.#inner.bytesOut;
  }

  get onTaken(): (() => void) | null {
    return this.#waits ? this.#onTaken : this.#inner.onTaken;
  }

  set onTaken(taken: (() => void) | null) {
    if (this.#waits) this.#onTaken = taken;
    else this.#inner.onTaken = taken;
  }

  get #guard(): AnswerGuard | null {
    // Nobody else leaves one (check-request.ts).
    return this.#call.guard as AnswerGuard | null;
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    const guard = this.#guard;
    if (guard === null || status >= 400 || this.#call.error !== null) {
      this.#inner.reply(status, this.#described(headers), body);
      return;
    }
    this.#begun = true;
    this.#reply(guard, status, headers, body);
  }

  #reply(guard: AnswerGuard, status: number, headers: HeaderList, body: Buffer | string): void {
    const bytes = this.#checked(guard, headers, body);
    const { monitor, run, beside } = guard;
    monitor?.end();
    const waits =
      run.refusal === null && (run.retry !== null || beside !== null || (monitor?.gates ?? false));
    if (!waits) {
      this.#answer(status, headers, bytes);
      return;
    }
    this.#waits = true;
    // Settling lets go of the request, which another answer may have to be made of.
    holdBody(this.#call);
    void this.#judged(guard).then((again) => {
      this.#waits = false;
      releaseBody(this.#call);
      if (this.#inner.closed || this.#over) return;
      if (again !== null) this.#answer(again.status, again.headers, again.body);
      else this.#answer(status, headers, bytes);
      this.#taken();
    });
  }

  /** An answer without deltas is read here. */
  #checked(guard: AnswerGuard, headers: HeaderList, body: Buffer | string): Buffer | string {
    if (!guard.looks || this.#call.operation?.answer === 'deltas') return body;
    const type = typeOf(headers);
    if (body.length === 0) return body;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const media = mediaInAnswer(bytes, type, this.#call.operation!.name);
    const isText = TEXT.test(type) || (isUntyped(type) && beginsAsText(bytes));
    if (!isText || media.images.length > 0) noteUnseen(guard, media);
    const monitor = guard.listen();
    if (media.images.length > 0) monitor?.showed(media.images);
    if (!isText || guard.run.refusal !== null) return body;
    const { body: clean, text } = checkAnswerBody(bytes, type, guard.run);
    monitor?.said(0, text);
    return clean;
  }

  /** Waits for all that judges the answer. @returns another one in its place, or null. */
  async #judged(guard: AnswerGuard): Promise<Awaited<ReturnType<AskAgain>>> {
    const { run } = guard;
    const from = this.#askAgain.now();
    run.refusal ??= (await guard.beside) ?? null;
    await this.#quiet(guard);
    run.refusal ??= guard.monitor?.refusal ?? null;
    let again: Awaited<ReturnType<AskAgain>> = null;
    if (run.refusal === null && run.retry !== null && !this.#call.settled) {
      again = await this.#askAgain(this.#call, run);
      if (again === null) run.refusal = run.refused(run.retry.guard, 'answer');
    }
    this.#call.waitedMs += this.#askAgain.now() - from;
    return again;
  }

  #quiet({ monitor }: AnswerGuard): Promise<void> | null {
    if (monitor === null || !monitor.gates || !monitor.busy) return null;
    return new Promise((resolve) => {
      monitor.onNews = () => {
        if (!monitor.busy) resolve();
      };
    });
  }

  #answer(status: number, headers: HeaderList, body: Buffer | string): void {
    const { refusal } = this.#guard!.run;
    if (refusal !== null) this.#refuse(refusal);
    else this.#inner.reply(status, this.#described(headers), body);
  }

  #refuse(refusal: GatewayError): void {
    const { route, id } = this.#call;
    const rendered = renderError(dialectByName(route.dialect), refusal, id);
    this.#guard!.refusedWith = rendered.status;
    this.#inner.reply(rendered.status, this.#described(rendered.headers), rendered.body);
  }

  #taken(): void {
    const taken = this.#onTaken;
    this.#onTaken = null;
    if (taken === null) return;
    if (this.#inner.ending) this.#inner.onTaken = taken;
    else taken();
  }

  #described(headers: HeaderList): HeaderList {
    const guard = this.#guard;
    const said = guard?.run.header() ?? '';
    return said === '' ? headers : [...headers, [GUARDRAILS_HEADER, said]];
  }

  // -- streams

  start(status: number, headers: HeaderList): void {
    const guard = this.#guard;
    this.#begun = true;
    if (guard !== null) guard.begun = true;
    if (guard === null || status >= 400 || !this.#holds(guard, headers)) {
      this.#inner.start(status, this.#described(headers));
      this.#inner.onDrain = () => this.onDrain?.();
      return;
    }
    this.#head = { status, headers };
    if (this.#unread !== null) {
      this.#break(this.#unread);
      return;
    }
    void guard.beside?.then((refusal) => {
      guard.run.refusal ??= refusal;
      guard.beside = null;
      this.#pump();
    });
  }

  #holds(guard: AnswerGuard, headers: HeaderList): boolean {
    const { monitor, run, beside, looks } = guard;
    const retries = run.guards.some(({ config, output }) => config.action === 'retry' && output);
    const reads = looks && this.#call.operation?.answer !== 'deltas';
    this.#whole = retries || (reads && this.#isRead(guard, typeOf(headers)));
    if (monitor?.gates === true) monitor.onNews = () => this.#pump();
    return this.#whole || beside !== null || monitor?.gates === true || this.#unread !== null;
  }

  /** Whether what comes is read as a whole, by its type. Of what nobody reads that is said, or it is refused. */
  #isRead(guard: AnswerGuard, type: string): boolean {
    this.#sniffs = isUntyped(type);
    if (this.#sniffs || TEXT.test(type)) return true;
    if (isPicture(type) && guard.seesImages) return true;
    if (unreadType(type)) this.#unread = noteUnseen(guard, { images: [], others: 1 });
    return false;
  }

  /** The first of what did not say what it is. */
  #sniff(bytes: Buffer | string): void {
    this.#sniffs = false;
    if (typeof bytes === 'string' || beginsAsText(bytes)) return;
    this.#whole = false;
    noteUnseen(this.#guard!, { images: [], others: 1 });
  }

  chunk(bytes: Buffer | string): boolean {
    if (this.#head === null && this.#held.length === 0 && !this.#gated()) return this.#inner.chunk(bytes);
    if (this.#over) return true;
    if (this.#sniffs) this.#sniff(bytes);
    // The buffer it came in may be written over before it goes out.
    const kept = typeof bytes === 'string' ? bytes : Buffer.from(bytes);
    this.#held.push({ bytes: kept, said: this.#guard!.monitor?.length ?? 0 });
    this.#heldBytes += kept.length;
    if (this.#whole && this.#heldBytes > MAX_WHOLE_BYTES) {
      const { run } = this.#guard!;
      const guard = run.guards.find(({ output }) => output) ?? run.guards[0]!;
      run.refusal ??= run.failed(guard, 'answer', new Error('larger than what is read'));
      this.#whole = false;
    }
    this.#pump();
    return this.#whole || this.#heldBytes < PAUSE_BYTES;
  }

  #gated(): boolean {
    const guard = this.#guard;
    return (
      guard !== null && (guard.beside !== null || guard.monitor?.gates === true) && this.#begun && !this.#over
    );
  }

  /** Lets go what is judged. */
  #pump(): void {
    const guard = this.#guard!;
    if (this.#over || this.#inner.closed) return;
    const { monitor, run } = guard;
    run.refusal ??= monitor?.refusal ?? null;
    if (run.refusal !== null && (this.#held.length > 0 || monitor?.refusal != null)) {
      // What the filter refused ends its own stream; what others refuse ends here.
      if (monitor?.refusal === run.refusal || this.#head !== null) {
        this.#break(run.refusal);
        return;
      }
    }
    if (this.#whole || guard.beside !== null) return;
    const limit = monitor?.gates === true ? monitor.cleared + monitor.allowance : Number.POSITIVE_INFINITY;
    while (this.#held.length > 0 && this.#held[0]!.said <= limit) {
      const { bytes } = this.#held.shift()!;
      this.#heldBytes -= bytes.length;
      this.#open();
      this.#inner.chunk(bytes);
    }
    if (this.#held.length > 0) return;
    if (this.#waits && !(monitor?.gates === true && monitor.busy)) this.#close();
    else this.onDrain?.();
  }

  #open(): void {
    if (this.#head === null) return;
    const { status, headers } = this.#head;
    this.#head = null;
    this.#inner.start(status, this.#described(headers));
    this.#inner.onDrain = () => this.onDrain?.();
  }

  #close(): void {
    this.#open();
    this.#waits = false;
    this.#over = true;
    this.#inner.end();
    this.#taken();
  }

  /** Ends a stream that others refuse. */
  #break(refusal: GatewayError): void {
    this.#over = true;
    this.#held = [];
    const call = this.#call;
    if (this.#head !== null) this.#refuse(refusal);
    else {
      const dialect = dialectByName(call.route.dialect);
      const frames = new FrameWriter(clientFrames(call, dialect), true);
      dialect.errors.encodeStream(refusal, call.id, frames);
      frames.close();
      this.#inner.chunk(frames.take());
      this.#inner.end();
    }
    if (!this.#waits) return;
    this.#waits = false;
    this.#taken();
  }

  end(): void {
    if (this.#over) return;
    const guard = this.#guard;
    if (guard === null || (this.#head === null && this.#held.length === 0 && !this.#gated())) {
      guard?.monitor?.end();
      this.#inner.end();
      return;
    }
    if (this.#whole) this.#replyWhole(guard);
    else {
      this.#waits = true;
      guard.monitor?.end();
      this.#pump();
    }
  }

  /** All of a stream that is read as a whole came. */
  #replyWhole(guard: AnswerGuard): void {
    const { status, headers } = this.#head!;
    this.#head = null;
    const body = Buffer.concat(this.#held.map(({ bytes }) => Buffer.from(bytes)));
    this.#held = [];
    this.#reply(guard, status, headers, body);
  }

  cut(): void {
    this.#over = true;
    this.#inner.cut();
  }
}

function typeOf(headers: HeaderList): string {
  return headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
}
