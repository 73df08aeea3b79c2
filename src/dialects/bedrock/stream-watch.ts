// Watches a same-dialect stream go by: tells what each event is and gathers usage and stop reason. It builds nothing but a
// messageStart that the upstream left out.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { eventStream } from '../../wire/event-stream.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { objectAt } from '../lenient.ts';
import { readEvent, StreamFacts } from './stream-event.ts';
import { StreamOrder } from './stream-order.ts';

const verdict = (kind: EventVerdict['verdict'], content: boolean): EventVerdict =>
  Object.freeze({ verdict: kind, content, instead: null });

const PASS = verdict('pass', false);
const CONTENT = verdict('pass', true);
const END = verdict('end', false);

// A piece of text that is not empty, exactly as Bedrock writes it, and valid JSON by construction: nearly every event of a
// stream is one. Longer ones are parsed: a regular expression keeps a stack of what it may take back.
const PLAIN_TEXT =
  /^\{"contentBlockIndex":(?:0|[1-9]\d{0,5}),"delta":\{"text":"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))+"\}(?:,"p":"[0-9A-Za-z]*")?\}$/;
const PLAIN_TEXT_MAX = 4096;
const INDEX_AT = '{"contentBlockIndex":'.length;
const START = '{"role":"assistant"}';

/** One per stream. */
export function createWatcher(): StreamWatcher {
  return new Watcher();
}

class Watcher implements StreamWatcher {
  readonly #facts = new StreamFacts();
  readonly #order = new StreamOrder();

  get complete(): boolean {
    return this.#order.over;
  }

  get settled(): boolean {
    return this.#order.over;
  }

  get ended(): boolean {
    return this.#order.over;
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  watch(event: string, data: string): EventVerdict {
    if (event === 'contentBlockDelta' && data.length <= PLAIN_TEXT_MAX && PLAIN_TEXT.test(data)) {
      this.#order.plainText(Number.parseInt(data.slice(INDEX_AT, INDEX_AT + 6), 10));
      return this.#order.begun ? CONTENT : this.#begun(CONTENT, event, data);
    }
    const body = readEvent(event, data);
    const begun = this.#order.begun;
    const found = this.#read(event, body);
    return begun || this.#order.begun || found === PASS ? found : this.#begun(found, event, data);
  }

  /** A stream without its terminal marker is no success: nothing is added. */
  closing(): string {
    return '';
  }

  #read(event: string, body: JsonObject): EventVerdict {
    switch (event) {
      case 'messageStart':
        this.#order.begin();
        return PASS;
      case 'contentBlockStart':
        // A tool call says something by being there.
        return this.#order.start(body).kind === 'toolUse' ? CONTENT : PASS;
      case 'contentBlockDelta':
        this.#order.delta(body);
        return saysSomething(objectAt(body, 'delta')!) ? CONTENT : PASS;
      case 'contentBlockStop':
        this.#order.stop(body);
        return PASS;
      case 'messageStop':
        this.#facts.stopped(body);
        this.#order.finish(this.#facts.stop);
        return PASS;
      case 'metadata':
        this.#facts.metadata(body);
        this.#order.end();
        return END;
      default: // what comes after this was written
        return PASS;
    }
  }

  // Clients take their message from the event that opens it.
  #begun(found: EventVerdict, event: string, data: string): EventVerdict {
    this.#order.begin();
    const frames = new FrameWriter(eventStream);
    frames.emit('messageStart', START);
    frames.emitLines(event, data);
    return { ...found, instead: frames.take() };
  }
}

function saysSomething(delta: JsonObject): boolean {
  const piece = objectAt(delta, 'toolUse') ?? objectAt(delta, 'reasoningContent') ?? delta;
  return Object.values(piece).some((value) => value !== '' && value !== null);
}
