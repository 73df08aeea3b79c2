// Watches a same-dialect stream, event by event, while its bytes go through untouched. Runs once per streamed token:
// at most one JSON.parse, and shared verdict objects.
import type { AnswerContext, EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { sse } from '../../wire/sse.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import { faultIn, faultOfErrorEvent } from './faults.ts';
import { callEntries, StreamedCalls } from './stream-calls.ts';
import { choicesOf, contentAlone, deltaOf, readChunk, reportsFault, StreamFacts } from './stream-facts.ts';
import { usageAtEnd } from './usage-at-end.ts';
import { UsageAtEndWatcher } from './usage-at-end-watch.ts';
import { writeUsage } from './usage.ts';

const PASS: EventVerdict = { verdict: 'pass', content: false, instead: null };
const CONTENT: EventVerdict = { verdict: 'pass', content: true, instead: null };
const HIDE: EventVerdict = { verdict: 'hide', content: false, instead: null };
const END: EventVerdict = { verdict: 'end', content: false, instead: null };

/** A watcher for one stream; `includeUsage`: the client asked for the usage chunk, so it is not hidden. */
export function createWatcher(
  told: Pick<AnswerContext, 'includeUsage'> & Partial<Pick<AnswerContext, 'habits' | 'requestId'>>,
): StreamWatcher {
  const watcher = new ChatWatcher(told.includeUsage);
  const atEnd = usageAtEnd(told);
  return atEnd === null ? watcher : new UsageAtEndWatcher(watcher, atEnd);
}

class ChatWatcher implements StreamWatcher {
  readonly facts = new StreamFacts();
  readonly #includeUsage: boolean;
  /** The client asked for usage and has not been told any where it looks. */
  #owesUsage: boolean;
  readonly #skeleton = new ChunkSkeleton();
  /** Tool calls by choice; null while there are none. */
  #calls: Map<unknown, StreamedCalls> | null = null;
  ended = false;
  /** What the answer holds, the first where there are several. */
  readonly #held = { toolCall: false, refusal: false };
  /** The sentinel went out: nothing is owed. */
  #closed = false;

  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
    this.#owesUsage = includeUsage;
  }

  get complete(): boolean {
    return this.facts.complete;
  }

  get settled(): boolean {
    return this.facts.complete && (this.ended || !this.facts.loose);
  }

  watch(event: string, data: string): EventVerdict {
    // What it would tell of the stream besides, the chunk it equals has told already.
    if (event !== 'error' && !this.ended && this.#skeleton.matches(data)) return CONTENT;
    if (data === '[DONE]' || data.trim() === '[DONE]') return this.#sentinel();
    if (event === 'error') throw faultError(faultOfErrorEvent(data));
    const chunk = readChunk(event, data);
    if (chunk === 'ping') return HIDE;
    if (chunk === 'other') return PASS;
    if (reportsFault(chunk)) throw faultError(faultIn(chunk, data) ?? faultOfErrorEvent(data));
    const choices = choicesOf(chunk);
    const content = this.facts.read(chunk);
    if (this.ended) return late(content);
    if (isObject(chunk['usage'])) this.#owesUsage = false;
    if (content) {
      const text = contentAlone(chunk, choices);
      if (text !== '') this.#skeleton.learn(data, text);
      else for (const choice of choices) this.#look(choice as JsonObject);
      return CONTENT;
    }
    // Content behind a finish_reason is to be noticed.
    if (this.facts.ending) this.#skeleton.forget();
    if (choices.length > 0) return PASS;
    if (!this.#includeUsage && isObject(chunk['usage']) && !chunk['prompt_filter_results']) return HIDE;
    return chunk['choices'] === undefined ? withChoices(data) : PASS;
  }

  closing(): Buffer | string {
    if (!this.facts.complete || this.#closed) return '';
    this.#settle();
    return this.#ending(this.#usageChunk());
  }

  #sentinel(): EventVerdict {
    if (this.ended) return HIDE;
    this.ended = true;
    // The sentinel of an unfinished stream would make a cut answer look whole: it is kept back. So is one whose
    // finish_reasons are no sure sign, until the upstream closes: another event may follow it.
    if (!this.facts.complete || this.facts.loose) return HIDE;
    this.#settle();
    this.#closed = true;
    const usage = this.#usageChunk();
    return usage === '' ? END : { ...END, instead: this.#ending(usage) };
  }

  #ending(usage: string): Buffer | string {
    const frames = new FrameWriter(sse);
    if (usage !== '') frames.emit('', usage);
    frames.emit('', '[DONE]');
    return frames.take();
  }

  /** What a vendor told in a place of its own, where clients look for it; '' when they have it, or nobody told. */
  #usageChunk(): string {
    const { id, model, created, usage } = this.facts;
    if (!this.#owesUsage || usage === null) return '';
    this.#owesUsage = false;
    const names = {
      id: id ?? '',
      object: 'chat.completion.chunk',
      created: created ?? 0,
      model: model ?? '',
    };
    return JSON.stringify({ ...names, choices: [], usage: writeUsage(usage) });
  }

  /** What a choice says besides text: its calls, a refusal. */
  #look(choice: JsonObject): void {
    const delta = deltaOf(choice);
    if (!isObject(delta)) return;
    const { refusal } = delta;
    const entries = callEntries(delta);
    if (this.facts.isFirst(choice)) {
      if (entries.length > 0) this.#held.toolCall = true;
      if (typeof refusal === 'string' && refusal !== '') this.#held.refusal = true;
    }
    for (const entry of entries) {
      this.#calls ??= new Map();
      let calls = this.#calls.get(choice['index']);
      if (calls === undefined) this.#calls.set(choice['index'], (calls = new StreamedCalls()));
      calls.take(entry, this.facts.spoke);
    }
  }

  /** All is told: the calls are whole, and why it ended is known. @throws GatewayError as `closing`. */
  #settle(): void {
    const { facts } = this;
    if (this.#calls !== null) for (const calls of this.#calls.values()) calls.check(facts.stop);
    facts.stop = realStop(facts.stop, this.#held);
  }
}

function late(content: boolean): EventVerdict {
  if (content) throw badOutput('Content came behind [DONE].');
  return HIDE;
}

// The SDKs read `choices` of each chunk, that of usage too.
function withChoices(data: string): EventVerdict {
  const mended = `{"choices":[],${data.slice(data.indexOf('{') + 1).replaceAll('\n', ' ')}`;
  const instead = sse.frame('', mended);
  return { verdict: 'pass', content: false, instead };
}
