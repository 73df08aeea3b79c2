// One WebSocket on /v1/responses: turns one after another, each a call of its own. What was said on the socket can be built
// on there, also what is kept nowhere else.
//
//   idle ──response.create──► turn ──its last event──► idle          frames that come meanwhile wait, in order,
//     `──drain, too old, gone──► closed ◄───────────────┘            but for those that steer the turn
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { Peer } from '../../contracts/call.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { asInput } from '../../responses/history.ts';
import type { SocketSession, SocketWire } from '../exchange/exchange.ts';
import { errorFrame, SocketTurn } from './socket-turn.ts';
import { Steering } from './steering.ts';

export interface ResponseSocketDeps {
  /** Begins a call whose answer is `turn`. */
  begin(turn: SocketTurn, body: Buffer): void;
  /** Who is at the other end. */
  peer: Peer;
  /** Of an answer that no model gives. */
  responseId(): string;
  /** Of input that steers a response. */
  steerId(): string;
  /** Seconds since 1970. */
  now(): number;
  /** The connection is gone. */
  over(): void;
}

/** Of RFC 6455, 7.4.1. */
const NORMAL = 1000;
/** Frames that wait behind the turn that runs. */
const MAX_WAITING = 16;

export class ResponseSocket implements SocketSession {
  readonly #deps: ResponseSocketDeps;
  readonly #wire: SocketWire;
  readonly #waiting: string[] = [];
  #turn: SocketTurn | null = null;
  /** The turn that was over last: its id, and all items up to its end; null = not all of them are known here. */
  #last: { id: string; items: JsonObject[] | null } | null = null;
  /** The settings of the turn that runs, or ran last. */
  #settings: JsonObject = {};
  /** Which of several lanes of the connection that turn's client meant it for. */
  #lane: string | null = null;
  readonly #steering: Steering;
  /** Items of the turn that runs, where its frame says them all. */
  #items: JsonObject[] | null = null;
  #closing: { code: number; reason: string } | null = null;
  #expired = false;
  #closed = false;

  constructor(deps: ResponseSocketDeps, wire: SocketWire) {
    this.#deps = deps;
    this.#wire = wire;
    this.#steering = new Steering((event) => this.#say(event), deps.steerId);
  }

  /** A text frame came. */
  message(text: string): void {
    if (this.#closed || this.#closing !== null) return;
    if (this.#turn !== null) {
      if (this.#steers(text)) return;
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

  /** It is as old as connections get: its client is told so, behind the turn that runs, and comes again. */
  expire(): void {
    this.#expired = true;
    this.leave(NORMAL, 'as old as connections get');
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
    else if (type === 'response.steer') this.#steer(frame);
    else if (type !== 'response.create')
      this.#refuse(`frames of type '${type.slice(0, 64)}' are not served`, 'type');
    else this.#create(frame);
  }

  #create(frame: JsonObject): void {
    const { type: _, generate, stream: _stream, background: _background, response, ...flat } = frame;
    const { stream_id: lane, ...stated } = isObject(response) ? { ...flat, ...response } : flat;
    const previous = stringAt(stated, 'previous_response_id');
    const steered = this.#steering.before(previous);
    const own = [...steered, ...inputItems(stated)];
    const request = steered.length === 0 ? stated : { ...stated, input: own };
    const here = this.#last !== null && this.#last.id === previous ? this.#last.items : null;
    this.#lane = typeof lane === 'string' ? lane : null;
    // Behind a turn that only other places know, nobody here knows all.
    this.#items = previous !== null && here === null ? null : [...(here ?? []), ...own];
    if (generate === false) {
      this.#warm(request, previous);
      return;
    }
    const { previous_response_id: _previous, ...alone } = request;
    const { input: _input, ...settings } = alone;
    this.#settings = settings;
    const body = here === null ? request : { ...alone, input: this.#items! };
    const turn = new SocketTurn(
      {
        send: (text) => this.#wire.send(inLane(text, this.#lane)),
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
      this.#wire.send(
        inLane(errorFrame(404, [], JSON.stringify({ error: { ...error, message } })), this.#lane),
      );
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
    this.#say({ type: 'response.created', sequence_number: 0, response: begun });
    this.#say({ type: 'response.completed', sequence_number: 1, response: done });
    this.#last = { id: begun.id, items: this.#items };
  }

  #over(last: string): void {
    const { responseId } = this.#turn!;
    this.#turn = null;
    const response = objectAt(parseObject(last) ?? {}, 'response');
    this.#remember(response);
    const input = this.#steering.over(responseId, response);
    if (this.#closing !== null) this.#close();
    else if (input !== null && !this.#closed) setImmediate(() => this.#goOn(responseId, input));
    // Not deeper with each frame that waits.
    else if (!this.#closed && this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  /** The successor of a response that was steered: with its settings, in its lane. */
  #goOn(previous: string, input: JsonObject[]): void {
    if (this.#closed || this.#closing !== null) return;
    const lane = this.#lane === null ? {} : { stream_id: this.#lane };
    this.#create({ ...this.#settings, ...lane, previous_response_id: previous, input });
  }

  /** Whether a frame is for the turn that runs, which is told of it. */
  #steers(text: string): boolean {
    if (!text.includes('"response.steer"')) return false;
    const frame = frameOf(text);
    if (frame === null || frame['type'] !== 'response.steer') return false;
    this.#steer(frame);
    return true;
  }

  #steer(frame: JsonObject): void {
    const taken = this.#steering.take(frame, (id) => {
      if (id !== '' && this.#turn?.responseId === id)
        return this.#settings['conversation'] === undefined ? 'running' : 'unsteerable';
      return id !== '' && this.#last?.id === id ? 'over' : 'unknown';
    });
    if (taken) this.#turn?.steer();
  }

  #next(): void {
    if (this.#closed || this.#closing !== null || this.#turn !== null) return;
    const text = this.#waiting.shift();
    if (text !== undefined) this.#take(text);
    if (this.#turn === null && this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #remember(response: JsonObject | null): void {
    const id = response === null ? null : stringAt(response, 'id');
    if (id === null) return;
    const output = arrayAt(response!, 'output').filter(isObject).map(asInput);
    this.#last = { id, items: this.#items === null ? null : [...this.#items, ...output] };
    this.#items = null;
  }

  /** In the lane of the turn that runs, or ran last. */
  #say(event: JsonObject): void {
    this.#wire.send(inLane(JSON.stringify(event), this.#lane));
  }

  #refuse(message: string, param: string | null): void {
    const error = { type: 'invalid_request_error', code: null, message, param };
    this.#wire.send(errorFrame(400, [], JSON.stringify({ error })));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#expired) {
      const error = {
        type: 'invalid_request_error',
        code: 'websocket_connection_limit_reached',
        message: 'This connection is 60 minutes old: open another one to go on.',
        param: null,
      };
      this.#wire.send(errorFrame(400, [], JSON.stringify({ error })));
    }
    const { code, reason } = this.#closing!;
    this.#wire.close(code, reason);
  }
}

/** Events of a turn say the lane that its client named. */
function inLane(text: string, lane: string | null): string {
  return lane === null ? text : `${text.trimEnd().slice(0, -1)},"stream_id":${JSON.stringify(lane)}}`;
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
