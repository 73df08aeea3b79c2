// Streams of the older completions: watched on the byte path, read into deltas and written from them.
import type { AnswerFacts, Delta, StopReason, TokenLogprob, Usage } from '../../contracts/chat.ts';
import type {
  AnswerContext,
  EventVerdict,
  StreamDecoder,
  StreamEncoder,
  StreamReader,
  StreamWatcher,
} from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, parseObject, stringAt } from '../lenient.ts';
import { mergeUsage } from '../merge-usage.ts';
import { isObject } from '../read.ts';
import { echoOf, namesOf, writeChances } from './completion-answer.ts';
import { faultIn, faultOfErrorEvent } from './faults.ts';
import { decodeStop, encodeStop, finishReasonOf } from './stop-reason.ts';
import { findUsage, writeUsage } from './usage.ts';

const PASS: EventVerdict = { verdict: 'pass', content: false, instead: null };
const CONTENT: EventVerdict = { verdict: 'pass', content: true, instead: null };
const HIDE: EventVerdict = { verdict: 'hide', content: false, instead: null };
const END: EventVerdict = { verdict: 'end', content: false, instead: null };
const DONE = 'data: [DONE]\n\n';

/** How far a stream has come: several answers to several prompts may be in it, each with its index. */
class Pieces implements StreamReader {
  readonly facts: AnswerFacts = { usage: null, stop: null, model: null, id: null };
  readonly #open = new Set<number>();
  /** Why each answer ended, by its index. */
  readonly stops = new Map<number, StopReason>();
  #finished = 0;
  ended = false;

  get complete(): boolean {
    return this.#open.size === 0 && this.#finished > 0;
  }

  get settled(): boolean {
    return this.complete && this.ended;
  }

  /** @returns the piece, and whether it says something. @throws GatewayError as a watcher. */
  read(event: string, data: string): { body: JsonObject; content: boolean } {
    if (event === 'error') throw faultError(faultOfErrorEvent(data));
    const body = parseObject(data);
    if (body === null) throw badOutput('A piece of a completion is no JSON object.');
    const fault = faultIn(body, data);
    if (fault !== null) throw faultError(fault);
    if (this.ended) throw badOutput('A piece came behind [DONE].');
    const { facts } = this;
    facts.id ??= stringAt(body, 'id') || null;
    facts.model ??= stringAt(body, 'model') || null;
    const usage = findUsage(body);
    if (usage !== null) facts.usage = mergeUsage(facts.usage, usage);
    let content = false;
    for (const choice of arrayAt(body, 'choices')) {
      if (!isObject(choice)) continue;
      const index = numberAt(choice, 'index') ?? 0;
      if ((stringAt(choice, 'text') ?? '') !== '') content = true;
      const reason = finishReasonOf(choice);
      if (reason === null) this.#open.add(index);
      else {
        this.#open.delete(index);
        this.#finished++;
        this.stops.set(index, decodeStop(reason));
        if (index === 0) facts.stop = decodeStop(reason);
      }
    }
    return { body, content };
  }
}

export function createWatcher({ includeUsage }: { includeUsage: boolean }): StreamWatcher {
  return new CompletionWatcher(includeUsage);
}

class CompletionWatcher extends Pieces implements StreamWatcher {
  readonly #includeUsage: boolean;
  #closed = false;

  constructor(includeUsage: boolean) {
    super();
    this.#includeUsage = includeUsage;
  }

  watch(event: string, data: string): EventVerdict {
    if (data.trim() === '[DONE]') {
      this.ended = true;
      if (!this.complete) return HIDE;
      this.#closed = true;
      return END;
    }
    const { body, content } = this.read(event, data);
    if (content) return CONTENT;
    const bare = arrayAt(body, 'choices').length === 0;
    return bare && !this.#includeUsage && isObject(body['usage']) ? HIDE : PASS;
  }

  closing(): string {
    return this.complete && !this.#closed ? DONE : '';
  }
}

export function createDecoder(): StreamDecoder {
  return new CompletionDecoder();
}

class CompletionDecoder extends Pieces implements StreamDecoder {
  #started = false;
  /** Answers that have said something, each one block under its index. */
  readonly #blocks = new Set<number>();

  decode(event: string, data: string): Delta[] {
    if (data.trim() === '[DONE]') return this.finish();
    const { body } = this.read(event, data);
    const out: Delta[] = [];
    if (!this.#started) {
      this.#started = true;
      const { id, model } = this.facts;
      const created = numberAt(body, 'created');
      out.push({ kind: 'start', id: id ?? '', model: model ?? '', created, usage: null });
      this.#begin(0, out);
    }
    for (const choice of arrayAt(body, 'choices')) {
      if (!isObject(choice)) continue;
      const index = numberAt(choice, 'index') ?? 0;
      this.#begin(index, out);
      const text = stringAt(choice, 'text');
      if (text) out.push({ kind: 'text', index, text });
    }
    return out;
  }

  #begin(index: number, out: Delta[]): void {
    if (this.#blocks.has(index)) return;
    this.#blocks.add(index);
    out.push({ kind: 'open', index, block: 'text', ...choiceOf(index) });
  }

  finish(): Delta[] {
    if (this.ended) return [];
    this.ended = true;
    if (!this.complete) return [];
    const { usage } = this.facts;
    const out: Delta[] = [];
    for (const index of [...this.#blocks].sort((a, b) => a - b)) {
      out.push({ kind: 'close', index });
      const reason = this.stops.get(index);
      if (reason !== undefined) out.push({ kind: 'stop', reason, stopSequence: null, ...choiceOf(index) });
    }
    if (usage !== null) out.push({ kind: 'usage', usage });
    out.push({ kind: 'end' });
    return out;
  }
}

/** The first of several answers is not numbered. */
function choiceOf(index: number): { choice?: number } {
  return index === 0 ? {} : { choice: index };
}

export function createEncoder(context: AnswerContext): StreamEncoder {
  return new CompletionEncoder(context);
}

class CompletionEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  #names: JsonObject | null = null;
  /** Blocks whose text is said, not what was only thought, with the answer that each is of. */
  readonly #said = new Map<number, number>();
  /** Characters that each answer has so far. */
  readonly #offsets = new Map<number, number>();
  #usage: Usage | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  encode(delta: Delta, out: EventOut): void {
    switch (delta.kind) {
      case 'start':
        this.#names ??= namesOf(delta, this.#context);
        this.#usage = mergeUsage(this.#usage, delta.usage);
        return;
      case 'open':
        if (delta.block === 'text' || delta.block === 'refusal')
          this.#said.set(delta.index, delta.choice ?? 0);
        return;
      case 'text': {
        const index = this.#said.get(delta.index);
        if (index !== undefined) this.#piece(index, delta.text, null, out, delta.logprobs);
        return;
      }
      case 'stop':
        this.#piece(delta.choice ?? 0, '', encodeStop(delta.reason, false), out);
        return;
      case 'usage':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        return;
      case 'end':
        if (this.#context.includeUsage && this.#usage !== null)
          out.emit('', JSON.stringify({ ...this.#head(), choices: [], usage: writeUsage(this.#usage) }));
        out.emit('', '[DONE]');
    }
  }

  #piece(
    index: number,
    said: string,
    reason: string | null,
    out: EventOut,
    chances: readonly TokenLogprob[] = [],
  ): void {
    const at = this.#offsets.get(index);
    // What was asked is said again in front of each answer.
    const text = at === undefined ? echoOf(this.#context) + said : said;
    this.#offsets.set(index, (at ?? 0) + text.length);
    const choice = { text, index, logprobs: writeChances(chances, at ?? 0), finish_reason: reason };
    out.emit('', JSON.stringify({ ...this.#head(), choices: [choice] }));
  }

  #head(): JsonObject {
    return (this.#names ??= namesOf({ id: '', model: '', created: null }, this.#context));
  }
}
