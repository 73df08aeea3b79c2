// Watches a same-dialect stream, message by message, while its bytes go through untouched. Runs once per streamed piece: at
// most one JSON.parse, and shared verdict objects.
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import { badOutput } from '../bad-output.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import { checkMessage, isTextAlone, parseMessage, StreamFacts } from './stream-facts.ts';

const PASS: EventVerdict = { verdict: 'pass', content: false, instead: null };
const CONTENT: EventVerdict = { verdict: 'pass', content: true, instead: null };
const HIDE: EventVerdict = { verdict: 'hide', content: false, instead: null };

/** A watcher for one stream. */
export function createWatcher(): StreamWatcher {
  return new GeminiWatcher();
}

class GeminiWatcher implements StreamWatcher {
  readonly facts = new StreamFacts();
  readonly #skeleton = new ChunkSkeleton();
  /** Proxies put OpenAI's sentinel behind any stream. */
  ended = false;

  get complete(): boolean {
    return this.facts.complete;
  }

  get settled(): boolean {
    return this.facts.complete && (this.ended || !this.facts.loose);
  }

  watch(_event: string, data: string): EventVerdict {
    if (!this.ended && this.#skeleton.matches(data)) {
      this.facts.known(data);
      return CONTENT;
    }
    if (data.length < 16 && data.trim() === '[DONE]') {
      this.ended = true;
      return HIDE;
    }
    const message = checkMessage(parseMessage(data), data);
    const content = this.facts.read(message);
    if (this.ended) {
      if (content) throw badOutput('Content came behind [DONE].');
      return HIDE;
    }
    // Content behind a finishReason is to be noticed.
    if (this.facts.complete) this.#skeleton.forget();
    else if (content && isTextAlone(message)) this.#skeleton.learn(data);
    return content ? CONTENT : PASS;
  }

  closing(): string {
    return '';
  }
}
