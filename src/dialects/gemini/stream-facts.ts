// What the messages of a stream tell besides their content: which candidates are finished, usage, model and id; and whether
// they are what a client of this dialect can read. Shared by the watcher (byte path) and the decoder (translated path).
//
//   candidate: unseen ──message──► open ──finishReason──► finished ──content──► finished, loose
import type { AnswerFacts, StopReason, Usage } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { stringAt } from '../lenient.ts';
import { mergeUsage } from '../merge-usage.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { blockReasonOf } from './answer.ts';
import { partsOf } from './answer-parts.ts';
import { faultIn, faultOfFinish } from './faults.ts';
import { decodeStop, finishReasonOf, isFaultReason } from './stop-reason.ts';
import { readUsage } from './usage.ts';

/** Members of a response; one that has none of them is none. */
const KNOWN = [
  'candidates',
  'usageMetadata',
  'promptFeedback',
  'modelVersion',
  'responseId',
  'createTime',
] as const;

export class StreamFacts implements AnswerFacts {
  model: string | null = null;
  id: string | null = null;
  /** Candidates in which a call of a function was seen, by index. */
  readonly #called = new Set<number>();
  /** Why the candidates behind the first stopped; null while there are none. */
  #otherStops: Map<number, StopReason> | null = null;
  #stop: StopReason | null = null;
  #usage: Usage | null = null;
  /** The last message, where it was known without being parsed: its usage is the newest. */
  #unread: string | null = null;
  /** The prompt was blocked: nothing was or will be said. */
  blocked = false;
  /** Content came behind a finishReason, so the next one may not be the last either. */
  loose = false;
  /** Index of the candidate that came first: the answer, where there is one. */
  #first = -1;
  readonly #open = new Set<number>();
  readonly #finished = new Set<number>();

  /** A finishReason was seen for every candidate that was seen. */
  get complete(): boolean {
    return this.blocked || (this.#open.size === 0 && this.#finished.size > 0);
  }

  get usage(): Usage | null {
    this.#catchUp();
    return this.#usage;
  }

  get stop(): StopReason | null {
    return this.stopOf(this.#first);
  }

  /** Why the candidate of that index stopped; null while it did not. */
  stopOf(index: number): StopReason | null {
    const stop = index === this.#first ? this.#stop : (this.#otherStops?.get(index) ?? null);
    return stop === null ? null : realStop(stop, { toolCall: this.#called.has(index), refusal: false });
  }

  /** Whether a candidate is the answer where only one is wanted. */
  isFirst(candidate: JsonObject): boolean {
    return indexOf(candidate) === this.#first;
  }

  /**
   * Takes note of one message. @returns whether it holds content.
   *
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when its content cannot be read, or the fault its finishReason reports.
   */
  read(message: JsonObject): boolean {
    if (this.id === null || this.model === null) {
      this.id ??= stringAt(message, 'responseId') || null;
      this.model ??= stringAt(message, 'modelVersion') || null;
    }
    this.#catchUp();
    this.#count(message);
    if (message['promptFeedback'] !== undefined && blockReasonOf(message) !== null) {
      this.blocked = true;
      this.#stop = 'content_filter';
    }
    let content = false;
    for (const candidate of candidatesOf(message)) {
      if (!isObject(candidate)) throw badOutput('A candidate is no object.');
      if (this.#readCandidate(candidate)) content = true;
    }
    return content;
  }

  /** A message that is another with other text and counters (chunk-skeleton.ts): it says nothing else that is new. */
  known(data: string): void {
    this.#unread = data;
  }

  #catchUp(): void {
    const unread = this.#unread;
    this.#unread = null;
    if (unread !== null) this.#count(JSON.parse(unread) as JsonObject);
  }

  // A running total.
  #count(message: JsonObject): void {
    if (message['usageMetadata'] !== undefined) this.#usage = mergeUsage(this.#usage, readUsage(message));
  }

  #readCandidate(candidate: JsonObject): boolean {
    const index = indexOf(candidate);
    if (this.#first < 0) this.#first = index;
    const content = holdsContent(candidate);
    if (content && partsOf(candidate).some(isCall)) this.#called.add(index);
    const reason = finishReasonOf(candidate);
    if (content && this.#finished.has(index)) this.loose = true;
    if (reason === null) {
      if (!this.#finished.has(index)) this.#open.add(index);
      return content;
    }
    if (isFaultReason(reason)) throw faultError(faultOfFinish(reason, stringAt(candidate, 'finishMessage')));
    this.#open.delete(index);
    this.#finished.add(index);
    // The last one counts: older models write one into each message.
    if (index === this.#first) this.#stop = decodeStop(reason);
    else {
      this.#otherStops ??= new Map();
      this.#otherStops.set(index, decodeStop(reason));
    }
    return content;
  }
}

/** The JSON of a message. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT. */
export function parseMessage(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw badOutput('A stream event is no JSON.');
  }
}

/** Whether a message's only candidate has one part, a text, and nothing else is told but usage. */
export function isTextAlone(message: JsonObject): boolean {
  const candidates = candidatesOf(message);
  const [candidate] = candidates;
  if (candidates.length !== 1 || !isObject(candidate) || message['promptFeedback'] !== undefined)
    return false;
  const { content, finishReason } = candidate;
  if (finishReason !== undefined || !isObject(content) || !Array.isArray(content['parts'])) return false;
  const [part] = content['parts'];
  return content['parts'].length === 1 && isObject(part) && typeof part['text'] === 'string';
}

/** A stream's message as an object. @throws GatewayError with the fault it reports, else GW_UPSTREAM_BAD_OUTPUT. */
export function checkMessage(value: unknown, data: string): JsonObject {
  if (!isObject(value)) throw badOutput('A stream event is no JSON object.');
  const fault = faultIn(value, data);
  if (fault !== null) throw faultError(fault);
  if (!KNOWN.some((name) => value[name] !== undefined))
    throw badOutput('A stream event is no part of an answer.');
  return value;
}

const NO_CANDIDATES: readonly unknown[] = [];

/** The candidates of a message; none where one of usage leaves them out. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT. */
export function candidatesOf(message: JsonObject): readonly unknown[] {
  const { candidates } = message;
  if (candidates === undefined || candidates === null) return NO_CANDIDATES;
  if (!Array.isArray(candidates)) throw badOutput('The candidates of an answer are no list.');
  return candidates;
}

/** The number of a candidate among several. */
export function indexOf(candidate: JsonObject): number {
  return typeof candidate['index'] === 'number' ? candidate['index'] : 0;
}

function isCall(part: Json): boolean {
  return isObject(part) && part['functionCall'] !== undefined;
}

// What clients read must be of the type they read it as.
function holdsContent(candidate: JsonObject): boolean {
  let content = false;
  for (const part of partsOf(candidate)) {
    if (!isObject(part)) throw badOutput('A part is no object.');
    const { text, functionCall } = part;
    if (typeof text === 'string') content ||= text !== '';
    else if (text !== undefined && text !== null) throw badOutput('The text of a part is no text.');
    else if (functionCall !== undefined) {
      if (!isObject(functionCall)) throw badOutput('A function call is no object.');
      content = true;
    } else content ||= Object.keys(part).length > 0;
    content ||= typeof part['thoughtSignature'] === 'string';
  }
  return content;
}
