// The answer of one turn on a WebSocket: events of a stream, each as a text frame. To the pipeline it is an exchange like any.
import { stringifyJson } from '../../body/lossless.ts';
import type { Peer } from '../../contracts/call.ts';
import type { EventScanner } from '../../contracts/framing.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { sse } from '../../wire/sse.ts';
import { MessageAnswer } from '../exchange/message-answer.ts';
import { SteeredEnd } from './steered-end.ts';

/** What a turn needs of its connection. */
export interface TurnSocket {
  /** @returns false: the client reads slowly. */
  send(text: string): boolean;
  /** The turn is over. @param last data of its last event; '' = it ended in an error. */
  over(turn: SocketTurn, last: string): void;
  /** Ends the connection. */
  cut(): void;
}

/** An event of ours is never larger than what the byte path lets through. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;
const TERMINAL = /^response\.(completed|incomplete|failed)$/;

export class SocketTurn extends MessageAnswer {
  bytesOut = 0;
  readonly #socket: TurnSocket;
  readonly #scanner: EventScanner = sse.createScanner({ maxEventBytes: MAX_EVENT_BYTES });
  readonly #told = new SteeredEnd();
  #last = '';
  #steered = false;
  /** As its first event tells it; '' = it has not begun. */
  responseId = '';
  committed = false;
  /** Set by the server: it is over, however it ended. */
  onOver: (() => void) | null = null;

  /** @param peer of the connection, as it was when it was opened. */
  constructor(socket: TurnSocket, peer: Peer) {
    super(peer);
    this.#socket = socket;
  }

  /** An event, or events as a whole answer has them; an error is a frame of its own. */
  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    if (this.closed) return;
    const streamed = headers.some(
      ([name, value]) => name === 'content-type' && value.startsWith(sse.mediaType),
    );
    if (status < 400 && streamed) this.chunk(body);
    else this.#send(errorFrame(status, headers, body.toString()));
    this.end();
  }

  start(): void {
    this.committed = true;
  }

  chunk(bytes: Buffer | string): boolean {
    if (this.closed) return true;
    this.committed = true;
    let flows = true;
    const { count, event, data } = this.#scanner.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    for (let at = 0; at < count; at++) {
      const text = data[at];
      if (text === null || text === undefined) continue;
      if (this.responseId === '' && event[at] === 'response.created') this.responseId = idIn(text);
      if (TERMINAL.test(event[at]!)) this.#last = text;
      else this.#told.see(event[at]!, text);
      flows = this.#send(text);
      if (this.#steered && this.#last === '' && this.#told.possible) {
        this.#endEarly();
        return true;
      }
    }
    return flows;
  }

  /** Its client said more: it ends where it may, and what the model says behind that nobody hears. */
  steer(): void {
    this.#steered = true;
    if (!this.closed && this.#last === '' && this.#told.possible) this.#endEarly();
  }

  end(): void {
    if (this.closed) return;
    this.#close();
    this.#socket.over(this, this.#last);
    const taken = this.onTaken;
    this.onTaken = null;
    taken?.();
  }

  /** The connection is gone. */
  gone(): void {
    if (this.closed) return;
    this.#close();
    const left = this.onGone;
    this.onGone = null;
    this.#socket.over(this, '');
    left?.();
  }

  #endEarly(): void {
    for (const event of this.#told.events()) {
      this.#last = stringifyJson(event);
      this.#send(this.#last);
    }
    this.#close();
    const left = this.onGone;
    this.onGone = null;
    // Whoever writes the answer is not to be told within its writing that nobody reads it.
    if (left !== null) setImmediate(left);
    this.#socket.over(this, this.#last);
  }

  cut(): void {
    this.#socket.cut();
  }

  #send(text: string): boolean {
    this.bytesOut += text.length;
    return this.#socket.send(text);
  }

  #close(): void {
    this.closed = true;
    this.onDrain = null;
    this.#scanner.close();
    this.onOver?.();
  }
}

function idIn(text: string): string {
  return stringAt(objectAt(parseObject(text) ?? {}, 'response') ?? {}, 'id') ?? '';
}

/** An error as clients of the socket read it. */
export function errorFrame(status: number, headers: HeaderList, body: string): string {
  const told = parseObject(body) ?? {};
  const shown = Object.fromEntries(
    headers.filter(([name]) => /^(retry-after|x-should-retry|x-ratelimit)/.test(name)),
  );
  const error = told['error'] ?? { type: 'server_error', code: null, message: body, param: null };
  return JSON.stringify({ type: 'error', status, error: { ...(error as object), headers: shown } });
}
