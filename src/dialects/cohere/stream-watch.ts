// Watches a same-dialect stream go by: tells what each event is and gathers usage and stop reason.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import { sse } from '../../wire/sse.ts';
import { StreamOrder } from './stream-order.ts';

const verdict = (kind: EventVerdict['verdict'], content: boolean): EventVerdict =>
  Object.freeze({ verdict: kind, content, instead: null });

const PASS = verdict('pass', false);
const CONTENT = verdict('pass', true);
const HIDE = verdict('hide', false);
const END = verdict('end', false);

/** One per stream. */
export function createWatcher(): StreamWatcher {
  return new Watcher();
}

class Watcher implements StreamWatcher {
  readonly #order = new StreamOrder();
  /** [DONE] came before the end. */
  #cut = false;
  #closed = false;

  get facts(): AnswerFacts {
    return this.#order;
  }

  get complete(): boolean {
    return this.#order.over && !this.#cut;
  }

  get settled(): boolean {
    return this.complete;
  }

  get ended(): boolean {
    return this.#order.done;
  }

  watch(event: string, data: string): EventVerdict {
    const { kind, text } = this.#order.read(event, data);
    switch (kind) {
      case 'text':
      case 'plan':
      case 'arguments':
      case 'open-text':
      case 'open-thinking':
        return text === '' ? PASS : CONTENT;
      case 'open-call':
        return CONTENT;
      case 'done':
        this.#cut = !this.#order.over;
        this.#closed = true;
        return this.#cut ? HIDE : END;
      default:
        return PASS;
    }
  }

  closing(): Buffer | string {
    return this.complete && !this.#closed ? sse.frame('', '[DONE]') : '';
  }
}
