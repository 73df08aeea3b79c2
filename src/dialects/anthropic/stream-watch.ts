// Watches a same-dialect stream go by: tells what each event is and gathers usage and stop reason. It builds nothing.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt } from '../lenient.ts';
import { readEvent, StreamFacts } from './stream-event.ts';

const verdict = (
  kind: EventVerdict['verdict'],
  content: boolean,
  fault: UpstreamFault | null,
): EventVerdict => Object.freeze({ verdict: kind, content, fault });

const PASS = verdict('pass', false, null);
const CONTENT = verdict('pass', true, null);
const MALFORMED = verdict('malformed', false, null);
const END = verdict('end', false, null);

// A delta that is not empty, exactly as Anthropic writes it, and valid JSON by construction. Nearly every event of a
// stream is one, and testing it costs 0.05 µs where JSON.parse costs 0.44 µs (Node 22, 100 bytes). Longer ones are
// parsed: a regular expression keeps a stack of what it may take back.
const PLAIN_DELTA =
  /^\{"type":"content_block_delta","index":(?:0|[1-9]\d{0,5}),"delta":\{"type":"(?:text_delta","text|thinking_delta","thinking|input_json_delta","partial_json)":"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))+"\} *\}$/;
const PLAIN_DELTA_MAX = 4096;

/** One per stream. */
export function createWatcher(): StreamWatcher {
  return new Watcher();
}

class Watcher implements StreamWatcher {
  readonly #facts = new StreamFacts();
  #ended = false;

  get complete(): boolean {
    return this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  watch(event: string, data: string): EventVerdict {
    if (data.length <= PLAIN_DELTA_MAX && PLAIN_DELTA.test(data)) return CONTENT;
    const read = readEvent(event, data);
    if (read === null) return MALFORMED;
    switch (read.type) {
      case 'message_start':
        this.#facts.start(read.body);
        return PASS;
      case 'content_block_start':
        return startsWithContent(read.body) ? CONTENT : PASS;
      case 'content_block_delta':
        return holdsContent(objectAt(read.body, 'delta')) ? CONTENT : PASS;
      case 'message_delta':
        this.#facts.end(read.body);
        return PASS;
      case 'message_stop':
        this.#ended = true;
        return END;
      case 'error':
        return verdict('error', false, read.fault);
      default:
        return PASS;
    }
  }

  /** message_stop is both: the end and its marker. */
  closing(): string {
    return '';
  }
}

// Tool calls, redacted thinking and results of server tools say something by being there.
function startsWithContent(event: JsonObject): boolean {
  const block = objectAt(event, 'content_block');
  if (block === null) return false;
  return block.type === 'text' || block.type === 'thinking' ? holdsContent(block) : true;
}

function holdsContent(piece: JsonObject | null): boolean {
  if (piece === null) return false;
  const { text, thinking, partial_json: json, signature } = piece;
  return [text, thinking, json, signature].some((value) => typeof value === 'string' && value !== '');
}
