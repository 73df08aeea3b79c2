// What the chunks of a stream tell besides their content: which choices are finished, usage, model and id; and whether
// they are what a client of this dialect can read. Shared by the watcher (byte path) and the decoder (translated path).
//
//   choice: unseen ──chunk──► open ──finish_reason──► finished ──content──► finished, loose
import type { AnswerFacts, StopReason } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { mergeUsage } from '../merge-usage.ts';
import { isObject } from '../read.ts';
import { faultOfFinish } from './faults.ts';
import { decodeStop, finishReasonOf, isFaultReason } from './stop-reason.ts';
import { callEntries } from './stream-calls.ts';
import { findUsage } from './usage.ts';

const NO_CHOICES: readonly unknown[] = [];

export class StreamFacts implements AnswerFacts {
  usage: AnswerFacts['usage'] = null;
  stop: AnswerFacts['stop'] = null;
  model: string | null = null;
  id: string | null = null;
  /** Seconds since 1970. */
  created: number | null = null;
  /** Text or reasoning was seen. */
  spoke = false;
  /** Content came beside or behind a finish_reason, so the next one may not be the last either. */
  loose = false;
  /** Index of the choice that came first: the answer, where there is one. */
  #first = -1;
  readonly #open = new Set<number>();
  readonly #finished = new Set<number>();
  /** Why the choices behind the first stopped; null while there are none. */
  #otherStops: Map<number, StopReason> | null = null;

  /** A finish_reason was seen for every choice that was seen. */
  get complete(): boolean {
    return this.#open.size === 0 && this.#finished.size > 0;
  }

  /** A finish_reason was seen for one choice at least. */
  get ending(): boolean {
    return this.#finished.size > 0;
  }

  /** Whether a choice is the answer where only one is wanted. */
  isFirst(choice: JsonObject): boolean {
    return indexOf(choice) === this.#first;
  }

  /** Why the choice of that index stopped; null while it did not. */
  stopOf(index: number): StopReason | null {
    return index === this.#first ? this.stop : (this.#otherStops?.get(index) ?? null);
  }

  /**
   * Takes note of one chunk. @returns whether it holds content.
   *
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when its content cannot be read, or the fault its finish_reason reports.
   */
  read(chunk: JsonObject): boolean {
    if (this.id === null || this.model === null) this.#readNames(chunk);
    let content = false;
    let usage = hasUsage(chunk);
    for (const choice of choicesOf(chunk)) {
      if (!isObject(choice)) throw badOutput('A choice is no object.');
      if (this.#readChoice(choice)) content = true;
      usage ||= choice['usage'] !== undefined;
    }
    if (usage) this.usage = mergeUsage(this.usage, findUsage(chunk));
    return content;
  }

  // Azure's first chunk has both empty: wait for the real ones.
  #readNames(chunk: JsonObject): void {
    const { id, model, created } = chunk;
    if (typeof created === 'number' && created > 0) this.created ??= created;
    if (typeof id === 'string' && id !== '') this.id ??= id;
    if (typeof model === 'string' && model !== '') this.model ??= model;
  }

  #readChoice(choice: JsonObject): boolean {
    const index = indexOf(choice);
    if (this.#first < 0) this.#first = index;
    const delta = deltaOf(choice);
    const reason = finishReasonOf(choice);
    if (delta === undefined && reason === null)
      throw badOutput('A choice has neither delta nor finish_reason.');
    const content = isObject(delta) && holdsContent(delta);
    if (content && callEntries(delta).length === 0) this.spoke = true;
    if (content && (reason !== null || this.#finished.has(index))) this.loose = true;
    if (reason === null) {
      if (!this.#finished.has(index)) this.#open.add(index);
      return content;
    }
    if (isFaultReason(reason)) throw faultError(faultOfFinish(reason));
    this.#open.delete(index);
    this.#finished.add(index);
    // The last one counts: some upstreams write one into each chunk.
    if (index === this.#first) this.stop = decodeStop(reason);
    else {
      this.#otherStops ??= new Map();
      this.#otherStops.set(index, decodeStop(reason));
    }
    return content;
  }
}

/**
 * An SSE message's data as an object that has choices or usage, or reports a fault; `ping` or `other` when it
 * is plainly none: a sign of life, or a named event of a type this dialect does not have.
 *
 * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT.
 */
export function readChunk(event: string, data: string): JsonObject | 'ping' | 'other' {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    // What looks like JSON and is none may be two events that ran together.
    if (PINGS.has(event) && !data.includes('{"')) return 'ping';
    throw badOutput('A stream event is no JSON.');
  }
  if (!isObject(value)) throw badOutput('A stream event is no JSON object.');
  const { choices } = value;
  if (Array.isArray(choices) || choices === null || reportsFault(value) || hasUsage(value)) return value;
  if (PINGS.has(event) || value['type'] === 'ping') return 'ping';
  if (choices === undefined && event !== '' && event !== 'message') return 'other';
  throw badOutput('A stream event is not a chat completion chunk.');
}

const PINGS: ReadonlySet<string> = new Set(['ping', 'keepalive', 'keep-alive', 'heartbeat']);

/** True for `{"error": …}`, for the bare error object older vLLM sends, and for a bare message. */
export function reportsFault(chunk: JsonObject): boolean {
  if (chunk['error'] || chunk['object'] === 'error') return true;
  return chunk['choices'] === undefined && (typeof chunk['message'] === 'string' || 'detail' in chunk);
}

/** The choices of a chunk; none where a chunk of usage leaves them out or has null. */
export function choicesOf(chunk: JsonObject): readonly unknown[] {
  const choices = chunk['choices'];
  return Array.isArray(choices) ? choices : NO_CHOICES;
}

/** What a choice adds; a whole message is what proxies send that only play at streaming. Undefined: it says nothing. */
export function deltaOf(choice: JsonObject): JsonObject[string] | undefined {
  return choice['delta'] === undefined ? choice['message'] : choice['delta'];
}

/** The number of a choice among several. */
export function indexOf(choice: JsonObject): number {
  return typeof choice['index'] === 'number' ? choice['index'] : 0;
}

/** Whether a chunk tells the usage in a place of its own, and not in a choice. */
export function hasUsage(chunk: JsonObject): boolean {
  return (
    isObject(chunk['usage']) ||
    isObject(chunk['x_groq']) ||
    chunk['amazon-bedrock-invocationMetrics'] !== undefined
  );
}

// What clients read must be of the type they read it as: a text that is a number is lost without a word.
function holdsContent(delta: JsonObject): boolean {
  const { content, refusal } = delta;
  const calls = callEntries(delta);
  if (content !== undefined && content !== null && typeof content !== 'string' && !Array.isArray(content)) {
    throw badOutput('The content of a delta is no text.');
  }
  if (refusal !== undefined && refusal !== null && typeof refusal !== 'string') {
    throw badOutput('The refusal of a delta is no text.');
  }
  return (
    filled(content) ||
    calls.length > 0 ||
    filled(delta['reasoning_content']) ||
    filled(delta['reasoning']) ||
    filled(delta['reasoning_details']) ||
    filled(refusal) ||
    isObject(delta['audio'])
  );
}

// A string or a list (Mistral's content) that is not empty.
function filled(value: unknown): boolean {
  return (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
}

/** The text of a chunk that tells nothing else than text; '' for any other. */
export function contentAlone(chunk: JsonObject, choices: readonly unknown[]): string {
  if (choices.length !== 1 || chunk['usage'] || chunk['x_groq'] || !isObject(choices[0])) return '';
  const { delta } = choices[0];
  if (!isObject(delta) || callEntries(delta).length > 0) return '';
  const { content } = delta;
  return typeof content === 'string' ? content : '';
}
