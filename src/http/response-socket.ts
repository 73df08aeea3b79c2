// One WebSocket on /v1/responses: turns one after another, each a call of its own. What was said on the socket can be built
// on there, also what is kept nowhere else.
//
//   idle ──response.create──► turn ──its last event──► idle          frames that come meanwhile wait, in order
//     `──drain, too old, gone──► closed ◄───────────────┘
import { parseLossless, stringifyJson } from '../body/lossless.ts';
import type { Peer } from '../contracts/call.ts';
import type { JsonObject } from '../contracts/json.ts';
import { arrayAt, objectAt, parseObject, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';
import { asInput } from '../responses/history.ts';
import type { SocketSession, SocketWire } from './exchange.ts';
import { errorFrame, SocketTurn } from './socket-turn.ts';

export interface ResponseSocketDeps {
  /** Begins a call whose answer is `turn`. */
  begin(turn: SocketTurn, body: Buffer): void;
  /** Who is at the other end. */
  peer: Peer;
  /** Of an answer that no model gives. */
  responseId(): string;
  /** Seconds since 1970. */
  now(): number;
  /** The connection is gone. */
  over(): void;
}

/** Frames that wait behind the turn that runs. */
const MAX_WAITING = 16;

export class ResponseSocket implements SocketSession {
  readonly #deps: ResponseSocketDeps;
  readonly #wire: SocketWire;
  readonly #waiting: string[] = [];
  #turn: SocketTurn | null = null;
  /** The turn that was over last: its id, and all items up to its end. */
  #last: { id: string; items: JsonObject[] } | null = null;
  /** Items of the turn that runs, where its frame says them all. */
  #items: JsonObject[] | null = null;
  #closing: { code: number; reason: string } | null = null;
  #closed = false;

  constructor(deps: ResponseSocketDeps, wire: SocketWire) {
    this.#deps = deps;
    this.#wire = wire;
  }

  /** A text frame came. */
  message(text: string): void {
    if (this.#closed || this.#closing !== null) return;
    if (this.#turn !== null) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(text);
      else this.#refuse('too many frames wait for their turn', null);
      return;
    }
    this.#take(text);
  }

  /** The client takes more. */
  drained(): void {
    this.#turn?.onDrain?.();
  }

  /** The connection is gone. */
  gone(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#deps.over();
    this.#turn?.gone();
  }

  /** Takes no further turn; ends behind the one that runs. */
  leave(code: number, reason: string): void {
    this.#closing ??= { code, reason };
    if (this.#turn === null) this.#close();
  }

  #take(text: string): void {
    const frame = frameOf(text);
    const type = frame === null ? null : stringAt(frame, 'type');
    if (frame === null || type === null) this.#refuse('a frame must be a JSON object with a `type`', null);
    else if (type !== 'response.create')
      this.#refuse(`frames of type '${type.slice(0, 64)}' are not served`, 'type');
    else this.#create(frame);
  }

  #create(frame: JsonObject): void {
    const { type: _, generate, stream: _stream, background: _background, response, ...flat } = frame;
    const request = isObject(response) ? { ...flat, ...response } : flat;
    const previous = stringAt(request, 'previous_response_id');
    const here = this.#last !== null && this.#last.id === previous ? this.#last.items : null;
    const own = inputItems(request);
    // Behind a turn that only other places know, nobody here knows all.
    this.#items = previous !== null && here === null ? null : [...(here ?? []), ...own];
    if (generate === false) {
      this.#warm(request, previous);
      return;
    }
    const { previous_response_id: _previous, ...alone } = request;
    const body = here === null ? request : { ...alone, input: this.#items! };
    const turn = new SocketTurn(
      {
        send: (text) => this.#wire.send(text),
        over: (_turn, last) => this.#over(last),
        cut: () => this.#wire.close(1011, 'cut'),
      },
      this.#deps.peer,
    );
    this.#turn = turn;
    this.#deps.begin(turn, Buffer.from(stringifyJson({ ...body, stream: true })));
  }

  /** A turn that asks no model: what it says is there for the next one. */
  #warm(request: JsonObject, previous: string | null): void {
    if (this.#items === null) {
      const error = {
        type: 'invalid_request_error',
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      };
      const message = `Previous response with id '${previous}' not found.`;
      this.#wire.send(errorFrame(404, [], JSON.stringify({ error: { ...error, message } })));
      return;
    }
    const begun = {
      id: this.#deps.responseId(),
      object: 'response',
      created_at: this.#deps.now(),
      status: 'in_progress',
      model: request['model'] ?? null,
      previous_response_id: previous,
      output: [],
      usage: null,
      error: null,
      incomplete_details: null,
    };
    const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
    const done = { ...begun, status: 'completed', usage };
    this.#wire.send(JSON.stringify({ type: 'response.created', sequence_number: 0, response: begun }));
    this.#wire.send(JSON.stringify({ type: 'response.completed', sequence_number: 1, response: done }));
    this.#last = { id: begun.id, items: this.#items };
  }

  #over(last: string): void {
    this.#turn = null;
    this.#remember(objectAt(parseObject(last) ?? {}, 'response'));
    if (this.#closing !== null) this.#close();
    // Not deeper with each frame that waits.
    else if (!this.#closed && this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #next(): void {
    if (this.#closed || this.#closing !== null || this.#turn !== null) return;
    const text = this.#waiting.shift();
    if (text !== undefined) this.#take(text);
    if (this.#turn === null && this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #remember(response: JsonObject | null): void {
    const id = response === null ? null : stringAt(response, 'id');
    if (id === null || this.#items === null) return;
    const output = arrayAt(response!, 'output').filter(isObject).map(asInput);
    this.#last = { id, items: [...this.#items, ...output] };
    this.#items = null;
  }

  #refuse(message: string, param: string | null): void {
    const error = { type: 'invalid_request_error', code: null, message, param };
    this.#wire.send(errorFrame(400, [], JSON.stringify({ error })));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { code, reason } = this.#closing!;
    this.#wire.close(code, reason);
  }
}

/** Numbers keep their digits. */
function frameOf(text: string): JsonObject | null {
  try {
    const frame = parseLossless(text, true);
    return isObject(frame) ? frame : null;
  } catch {
    return null;
  }
}

function inputItems(request: JsonObject): JsonObject[] {
  const { input } = request;
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return Array.isArray(input) ? input.filter(isObject) : [];
}
