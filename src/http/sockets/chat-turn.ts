// One conversation on the chat socket: a call's answer as numbered frames. It outlives a socket that broke, for a while.
//
//   running ──end, refusal, cancel──► over ──resumeMs──► forgotten
//      `──its socket breaks──► alone ──resume──► running            alone ──resumeMs──► cancelled
import type { Peer } from '../../contracts/call.ts';
import type { EventScanner, Framing } from '../../contracts/framing.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { parseObject } from '../../dialects/lenient.ts';
import type { ChatId } from './chat-frames.ts';
import { FrameLog } from './frame-log.ts';
import { MessageAnswer } from '../exchange/message-answer.ts';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from '../exchange/socket-bounds.ts';

/** The socket that a conversation is on. */
export interface ChatLine {
  /** Something waits, or the conversation is over. */
  stirred(turn: ChatTurn): void;
  /** Its client takes nothing. */
  cut(): void;
  /** A conversation went to another socket. */
  lost(turn: ChatTurn): void;
}

export interface ChatTurnOptions {
  id: ChatId;
  /** What its client shows to go on with it elsewhere; '' = it cannot. */
  token: string;
  framing: Framing;
  /** Of what was sent, kept for who comes back; as FrameLog counts. */
  maxKept: number;
}

/** An event of ours is never larger than what the byte path lets through. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;

export class ChatTurn extends MessageAnswer {
  bytesOut = 0;
  readonly id: ChatId;
  readonly token: string;
  readonly log: FrameLog;
  readonly #idText: string;
  readonly #framing: Framing;
  #scanner: EventScanner | null = null;
  #line: ChatLine | null;
  /** Its source was told to wait. */
  #held = false;
  /** Where it stood when it was last looked after, and since when. */
  #seen = { next: 0, since: 0 };
  committed = false;
  /** Its client asked to be told nothing for now. */
  paused = false;
  /** Its last frame was said. */
  over = false;
  /** Set by the server: it is over, however it ended. */
  onOver: (() => void) | null = null;
  /** Set by the book of conversations: the last frame was said. */
  onKept: (() => void) | null = null;

  /** @param peer of the connection, as it was when it was opened. */
  constructor({ id, token, framing, maxKept }: ChatTurnOptions, line: ChatLine, peer: Peer) {
    super(peer);
    this.id = id;
    this.token = token;
    this.#idText = JSON.stringify(id);
    this.#framing = framing;
    this.log = new FrameLog(maxKept);
    this.#line = line;
  }

  /** It is one of the server's open exchanges now, and has its call. */
  began(): void {
    const { id } = this.call!;
    const resume = this.token === '' ? '' : `,"resume":${JSON.stringify(this.token)}`;
    this.#say('started', `"request_id":${JSON.stringify(id)}${resume}`);
  }

  get line(): ChatLine | null {
    return this.#line;
  }

  /** From now on on this socket; null = on none. */
  move(line: ChatLine | null): void {
    this.#line = line;
    this.paused = false;
  }

  /** The next frame for its client, where one may go. */
  take(): string | null {
    if (this.paused || !this.log.waits) return null;
    const frame = this.log.take();
    if (this.#held && this.log.waiting < LOW_WATER_BYTES) {
      this.#held = false;
      this.onDrain?.();
    }
    return frame;
  }

  /** A whole answer, events as a whole, or an error. */
  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    if (this.closed) return;
    if (status >= 400) {
      this.#close();
      this.#last('error', errorMembers(status, headers, body.toString(), this.call?.id ?? ''));
      return;
    }
    const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
    if (type.startsWith(this.#framing.mediaType)) this.chunk(body);
    else this.#say('answer', `"data":${oneLine(body.toString())}`);
    this.end();
  }

  start(): void {
    this.committed = true;
  }

  chunk(bytes: Buffer | string): boolean {
    if (this.closed) return true;
    this.committed = true;
    this.#scanner ??= this.#framing.createScanner({ maxEventBytes: MAX_EVENT_BYTES });
    const batch = this.#scanner.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    for (let at = 0; at < batch.count; at++) {
      const text = batch.data[at];
      // What ends a stream of Chat Completions is no JSON, and has a frame of its own here.
      if (text === null || text === undefined || text === '[DONE]') continue;
      const name = batch.event[at]!;
      const event = name === '' ? '' : `"event":${JSON.stringify(name)},`;
      this.#say('delta', `${event}"data":${oneLine(text)}`);
    }
    this.#held = this.log.waiting >= HIGH_WATER_BYTES;
    return !this.#held;
  }

  end(): void {
    if (this.closed) return;
    this.#close();
    // What became of the call is known behind its last byte.
    queueMicrotask(() => {
      const { error, usage, id } = this.call!;
      if (error === null) this.#last('done', usage === null ? '' : `"usage":${JSON.stringify(usage)}`);
      else {
        const { code, publicMessage: message, status } = error;
        const told = JSON.stringify({ code, message });
        this.#last('error', `"status":${status},"request_id":${JSON.stringify(id)},"error":${told}`);
      }
    });
    const taken = this.onTaken;
    this.onTaken = null;
    taken?.();
  }

  /** Its client wants no more of it, or is gone for good. */
  cancel(): void {
    if (this.closed) return;
    this.#close();
    const left = this.onGone;
    this.onGone = null;
    left?.();
    this.#last('cancelled', '');
  }

  override tend(now: number): number {
    const { log } = this;
    if (!log.waits || this.#line === null || log.next !== this.#seen.next) {
      this.#seen = { next: log.next, since: now };
      return 0;
    }
    return now - this.#seen.since;
  }

  cut(): void {
    if (this.paused || this.#line === null) this.cancel();
    else this.#line.cut();
  }

  #say(type: string, members: string): void {
    const frame = `{"type":"${type}","id":${this.#idText},"seq":${this.log.end}${members === '' ? '' : `,${members}`}}`;
    this.bytesOut += frame.length;
    this.log.put(frame);
    this.#line?.stirred(this);
  }

  #last(type: string, members: string): void {
    this.over = true;
    this.#say(type, members);
    this.onKept?.();
    this.onOver?.();
  }

  #close(): void {
    this.closed = true;
    this.onDrain = null;
    this.#scanner?.close();
  }
}

/** An error of the dialect as members of a frame: what it wraps, and what its head says. */
export function errorMembers(status: number, headers: HeaderList, body: string, requestId: string): string {
  const told = parseObject(body);
  const shown = Object.fromEntries(
    headers.filter(([name]) => /^(retry-after|x-should-retry|x-ratelimit)/.test(name)),
  );
  const error = told === null ? { message: body } : (told['error'] ?? told);
  return [
    `"status":${status}`,
    `"request_id":${JSON.stringify(requestId)}`,
    ...(Object.keys(shown).length === 0 ? [] : [`"headers":${JSON.stringify(shown)}`]),
    `"error":${JSON.stringify(error)}`,
  ].join(',');
}

/** What is JSON already goes into a frame as it is; line ends between its tokens are no part of it. */
const oneLine = (json: string): string => (json.includes('\n') ? json.replaceAll(/[\r\n]+/g, ' ') : json);
