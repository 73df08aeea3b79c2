// Watches a same-dialect stream, event by event, while its bytes go through untouched. Runs once per streamed token:
// at most one JSON.parse, and shared verdict objects.
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../read.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import { faultIn, faultOfErrorEvent, faultOfFinish } from './faults.ts';
import { parseChunk, reportsFault, StreamFacts } from './stream-facts.ts';

const PASS: EventVerdict = { verdict: 'pass', content: false, fault: null };
const CONTENT: EventVerdict = { verdict: 'pass', content: true, fault: null };
const HIDE: EventVerdict = { verdict: 'hide', content: false, fault: null };
const MALFORMED: EventVerdict = { verdict: 'malformed', content: false, fault: null };
const END: EventVerdict = { verdict: 'end', content: false, fault: null };

/** A watcher for one stream; `includeUsage`: the client asked for the usage chunk, so it is not hidden. */
export function createWatcher(options: { includeUsage: boolean }): StreamWatcher {
  return new ChatWatcher(options.includeUsage);
}

class ChatWatcher implements StreamWatcher {
  readonly facts = new StreamFacts();
  readonly #includeUsage: boolean;
  readonly #skeleton = new ChunkSkeleton();
  ended = false;

  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  get complete(): boolean {
    return this.facts.complete;
  }

  watch(event: string, data: string): EventVerdict {
    // What it would tell of the stream besides, the chunk it equals has told already.
    if (event !== 'error' && this.#skeleton.matches(data)) return CONTENT;
    if (data === '[DONE]' || data.trim() === '[DONE]') {
      this.ended = true;
      // The sentinel of an unfinished stream would make a cut answer look whole: it is kept back.
      return this.facts.complete ? END : HIDE;
    }
    if (event === 'error') return fault(faultOfErrorEvent(data));
    const chunk = parseChunk(data);
    if (chunk === null) return MALFORMED;
    if (reportsFault(chunk)) return fault(faultIn(chunk, data) ?? faultOfErrorEvent(data));
    this.facts.read(chunk);
    if (this.facts.faultReason !== null) return fault(faultOfFinish(this.facts.faultReason));
    const choices = chunk['choices'] as unknown[];
    if (choices.length > 0) {
      if (!holdsContent(choices)) return PASS;
      const content = contentAlone(chunk, choices);
      if (content !== '') this.#skeleton.learn(data, content);
      return CONTENT;
    }
    return !this.#includeUsage && isObject(chunk['usage']) && !chunk['prompt_filter_results'] ? HIDE : PASS;
  }

  closing(): string {
    return this.facts.complete && !this.ended ? 'data: [DONE]\n\n' : '';
  }
}

function fault(said: UpstreamFault): EventVerdict {
  return { verdict: 'error', content: false, fault: said };
}

/** The text of a chunk that tells nothing else than text; '' for any other. */
function contentAlone(chunk: JsonObject, choices: unknown[]): string {
  if (choices.length !== 1 || chunk['usage'] || chunk['x_groq'] || !isObject(choices[0])) return '';
  const delta = choices[0]['delta'];
  const content = isObject(delta) ? delta['content'] : '';
  return typeof content === 'string' ? content : '';
}

function holdsContent(choices: unknown[]): boolean {
  for (const choice of choices) {
    if (!isObject(choice)) continue;
    const delta = choice['delta'];
    if (isObject(delta) && deltaHoldsContent(delta)) return true;
  }
  return false;
}

function deltaHoldsContent(delta: JsonObject): boolean {
  return (
    filled(delta['content']) ||
    filled(delta['tool_calls']) ||
    filled(delta['reasoning_content']) ||
    filled(delta['reasoning']) ||
    filled(delta['reasoning_details']) ||
    filled(delta['refusal']) ||
    isObject(delta['function_call']) ||
    isObject(delta['audio'])
  );
}

// A string or a list (Mistral's content) that is not empty.
function filled(value: unknown): boolean {
  return (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
}
