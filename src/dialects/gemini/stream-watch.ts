// Watches a same-dialect stream, message by message, while its bytes go through untouched. Runs once per streamed piece: at
// most one JSON.parse, and shared verdict objects.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { isObject } from '../read.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import { candidatesOf, checkMessage, StreamFacts } from './stream-facts.ts';

const PASS: EventVerdict = { verdict: 'pass', content: false, instead: null };
const CONTENT: EventVerdict = { verdict: 'pass', content: true, instead: null };
const HIDE: EventVerdict = { verdict: 'hide', content: false, instead: null };

/** A watcher for one stream. */
export function createWatcher(): StreamWatcher {
  return new GeminiWatcher();
}

class GeminiWatcher implements StreamWatcher {
  readonly #facts = new StreamFacts();
  readonly #skeleton = new ChunkSkeleton();
  /** The last message that was known without being parsed: its usage is the newest. */
  #unread: string | null = null;
  /** Proxies put OpenAI's sentinel behind any stream. */
  ended = false;

  get complete(): boolean {
    return this.#facts.complete;
  }

  get settled(): boolean {
    return this.#facts.complete && (this.ended || !this.#facts.loose);
  }

  get facts(): AnswerFacts {
    const unread = this.#unread;
    this.#unread = null;
    if (unread !== null) this.#facts.read(JSON.parse(unread) as JsonObject);
    return this.#facts;
  }

  watch(_event: string, data: string): EventVerdict {
    if (!this.ended && this.#skeleton.matches(data)) {
      this.#unread = data;
      return CONTENT;
    }
    if (data.length < 16 && data.trim() === '[DONE]') {
      this.ended = true;
      return HIDE;
    }
    const message = checkMessage(parse(data), data);
    this.#unread = null;
    const content = this.#facts.read(message);
    if (this.ended) {
      if (content) throw badOutput('Content came behind [DONE].');
      return HIDE;
    }
    // Content behind a finishReason is to be noticed.
    if (this.#facts.complete) this.#skeleton.forget();
    else if (content && isTextAlone(message)) this.#skeleton.learn(data);
    return content ? CONTENT : PASS;
  }

  closing(): string {
    return '';
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw badOutput('A stream event is no JSON.');
  }
}

/** Whether a message's only candidate has one part, a text, and nothing else is told but usage. */
function isTextAlone(message: JsonObject): boolean {
  const candidates = candidatesOf(message);
  const [candidate] = candidates;
  if (candidates.length !== 1 || !isObject(candidate) || message['promptFeedback'] !== undefined)
    return false;
  const { content, finishReason } = candidate;
  if (finishReason !== undefined || !isObject(content) || !Array.isArray(content['parts'])) return false;
  const [part] = content['parts'];
  return content['parts'].length === 1 && isObject(part) && typeof part['text'] === 'string';
}
