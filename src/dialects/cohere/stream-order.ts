// What must come in which order in a v2 chat stream, and so what is missing when it does not. One per stream, for watcher and
// decoder alike:
//
//   message-start ─► [ content-start i ─► content-delta i … ─► content-end i │ tool-plan-delta
//                    │ tool-call-start i ─► tool-call-delta i … ─► tool-call-end i ] … ─► message-end ─► [DONE]
//
// Contents and calls are counted apart, each without gaps. Citations stand anywhere.
import type { AnswerFacts, StopReason, Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { numberAt, objectAt, parseObject, stringAt } from '../lenient.ts';
import { cutsShort } from '../real-stop.ts';
import { ArgumentRoom, checkArguments } from '../tool-arguments.ts';
import { faultIn, faultOfFinish } from './faults.ts';
import { decodeStop, isFaultReason } from './stop-reason.ts';
import { readUsage } from './usage.ts';

/** What an event means, whoever asks. Reused: read it before the next event. */
export interface Step {
  kind:
    | 'start'
    | 'open-text'
    | 'open-thinking'
    | 'open-call'
    | 'text'
    | 'plan'
    | 'arguments'
    | 'close'
    /** Whether or not it is about what is open. */
    | 'citation'
    | 'end'
    | 'done'
    /** Known, and of no meaning here; or unknown to clients of this dialect. */
    | 'other';
  /** Text of a piece, or what its block starts with. */
  text: string;
  /** Of a call. */
  id: string;
  name: string;
  /** As JSON; null where there is none. */
  body: JsonObject | null;
}

interface OpenCall {
  at: number;
  /** Null = too long to be checked. */
  input: string | null;
}

const MEANT: ReadonlySet<string> = new Set([
  'message-start',
  'content-start',
  'content-delta',
  'content-end',
  'tool-plan-delta',
  'tool-call-start',
  'tool-call-delta',
  'tool-call-end',
  'message-end',
]);

export class StreamOrder implements AnswerFacts {
  usage: Usage | null = null;
  stop: StopReason | null = null;
  readonly model: string | null = null;
  id: string | null = null;
  /** A message-end was seen. */
  over = false;
  /** [DONE] was seen. */
  done = false;
  calledTool = false;
  #begun = false;
  #contents = 0;
  /** Index of the content that is open; -1 = none. */
  #content = -1;
  #thinking = false;
  #calls = 0;
  /** Where calls began to count: at 0, or behind the contents. */
  #firstCall = 0;
  #call: OpenCall | null = null;
  /** Arguments that a call ended with. */
  readonly #inputs: string[] = [];
  readonly #room = new ArgumentRoom();
  readonly #step: Step = { kind: 'other', text: '', id: '', name: '', body: null };

  /** @throws GatewayError with the fault that the event reports, else GW_UPSTREAM_BAD_OUTPUT: events are missing or broken. */
  read(event: string, data: string): Step {
    const step = this.#step;
    step.kind = 'other';
    step.text = '';
    step.body = null;
    if (data.length < 16 && data.trim() === '[DONE]') {
      this.done = true;
      step.kind = 'done';
      return step;
    }
    const body = parseObject(data);
    if (body === null) throw badOutput('A stream event is no JSON object.');
    const fault = faultIn(body, data);
    if (fault !== null) throw faultError(fault);
    const type = stringAt(body, 'type');
    if (type === null) throw badOutput('A stream event has no type.');
    if (event !== '' && event !== type && (MEANT.has(event) || MEANT.has(type))) {
      throw badOutput('A stream event is not of the type it is named.');
    }
    step.body = body;
    if (type === 'citation-start') step.kind = 'citation';
    if (!MEANT.has(type)) return step;
    if (this.over && type !== 'message-end') throw badOutput('An event came behind message-end.');
    this.#take(type, body, step);
    return step;
  }

  #take(type: string, body: JsonObject, step: Step): void {
    const delta = objectAt(body, 'delta');
    const message = delta && objectAt(delta, 'message');
    switch (type) {
      case 'message-start':
        if (this.#begun) throw badOutput('A second message-start.');
        this.#begun = true;
        this.id = stringAt(body, 'id') || null;
        step.kind = 'start';
        return;
      case 'content-start':
        this.#openContent(indexOf(body), needPiece(message, 'content'), step);
        return;
      case 'content-delta': {
        const piece = needPiece(message, 'content');
        if (indexOf(body) !== this.#content) throw badOutput('A piece of a content that is not open.');
        const text = stringAt(piece, this.#thinking ? 'thinking' : 'text');
        if (text === null) throw badOutput('A content-delta without its text.');
        step.kind = 'text';
        step.text = text;
        return;
      }
      case 'content-end':
        if (indexOf(body) !== this.#content) throw badOutput('The end of a content that is not open.');
        this.#content = -1;
        step.kind = 'close';
        return;
      case 'tool-plan-delta': {
        if (this.#content >= 0 || this.#call !== null) throw badOutput('A plan inside another block.');
        const text = message && stringAt(message, 'tool_plan');
        if (text === null) throw badOutput('A tool-plan-delta without its text.');
        step.kind = 'plan';
        step.text = text;
        return;
      }
      case 'tool-call-start':
        this.#openCall(indexOf(body), needPiece(message, 'tool_calls'), step);
        return;
      case 'tool-call-delta': {
        const fn = objectAt(needPiece(message, 'tool_calls'), 'function');
        const text = fn && stringAt(fn, 'arguments');
        if (text === null) throw badOutput('A tool-call-delta without arguments.');
        this.#grow(this.#openAt(indexOf(body)), text);
        step.kind = 'arguments';
        step.text = text;
        return;
      }
      case 'tool-call-end':
        this.#closeCall(this.#openAt(indexOf(body)));
        step.kind = 'close';
        return;
      default:
        this.#finish(delta ?? {}, step);
    }
  }

  #openContent(at: number, content: JsonObject, step: Step): void {
    if (this.#content >= 0 || this.#call !== null) throw badOutput('A content starts inside another block.');
    if (at !== this.#contents)
      throw badOutput(`Content ${at} starts where content ${this.#contents} should.`);
    this.#contents++;
    this.#content = at;
    this.#thinking = stringAt(content, 'type') === 'thinking';
    step.kind = this.#thinking ? 'open-thinking' : 'open-text';
    step.text = stringAt(content, this.#thinking ? 'thinking' : 'text') ?? '';
  }

  #openCall(at: number, call: JsonObject, step: Step): void {
    if (this.#content >= 0 || this.#call !== null)
      throw badOutput('A tool call starts inside another block.');
    if (this.#calls === 0 && at === this.#contents) this.#firstCall = at;
    if (at !== this.#firstCall + this.#calls) throw badOutput(`Tool call ${at} starts where another should.`);
    const fn = objectAt(call, 'function');
    const id = stringAt(call, 'id');
    const name = fn && stringAt(fn, 'name');
    if (!id || !name) throw badOutput('A tool call without id or name.');
    this.#calls++;
    this.calledTool = true;
    this.#call = { at, input: '' };
    step.kind = 'open-call';
    step.id = id;
    step.name = name;
    step.text = (fn && stringAt(fn, 'arguments')) ?? '';
    if (step.text !== '') this.#grow(this.#call, step.text);
  }

  #openAt(at: number): OpenCall {
    const call = this.#call;
    if (call?.at !== at) throw badOutput(`An event of tool call ${at}, which is not open.`);
    return call;
  }

  #grow(call: OpenCall, text: string): void {
    if (call.input === null) return;
    if (this.#room.take(text)) call.input += text;
    else call.input = null;
  }

  #closeCall({ input }: OpenCall): void {
    this.#call = null;
    if (input !== null) this.#inputs.push(input);
  }

  #finish(delta: JsonObject, step: Step): void {
    const reason = stringAt(delta, 'finish_reason');
    const told = stringAt(delta, 'error');
    if (told || (reason !== null && isFaultReason(reason))) {
      throw faultError(faultOfFinish(reason ?? 'ERROR', told));
    }
    if (reason === null) throw badOutput('A message-end without a finish_reason.');
    if (this.over) throw badOutput('A second message-end.');
    this.stop = decodeStop(reason);
    this.usage = readUsage(objectAt(delta, 'usage')) ?? this.usage;
    if (this.#content >= 0) this.#content = -1;
    if (this.#call !== null) this.#closeCall(this.#call);
    const cut = cutsShort(this.stop);
    for (const input of this.#inputs) checkArguments(input, cut);
    this.over = true;
    step.kind = 'end';
  }
}

function needPiece(message: JsonObject | null, key: string): JsonObject {
  const piece = message && objectAt(message, key);
  if (piece === null) throw badOutput(`A stream event without its ${key}.`);
  return piece;
}

function indexOf(event: JsonObject): number {
  const index = numberAt(event, 'index');
  if (index === null) throw badOutput('A block event without an index.');
  return index;
}
